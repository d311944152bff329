//! What an answer is cut into: "by region and bundle", "each department's", "weekly", "over time".

use contract::{
    catalog::Kind,
    query::{Grain, GroupBy},
};

use super::{Doubt, Head, Ranking, Reader};
use crate::{
    catalog::TAG_PREFIX,
    questions::link::{Keyword, Meaning},
};

impl Reader<'_> {
    pub(super) fn find_groups(&mut self) {
        for n in self.live() {
            match self.keyword(n) {
                Some(Keyword::By) => self.groups_after(n),
                // "5 most expensive users of each department"
                Some(Keyword::Separately)
                    if self.text(n) == "of each"
                        && !self.edits
                        && !self.asks_for_average()
                        && self.next(n).is_some_and(|it| self.groupable_at(it).is_some()) =>
                {
                    self.groups_after(n);
                }
                Some(Keyword::Each) => {
                    let next = self.next(n).filter(|it| {
                        let steps =
                            matches!(self.meaning(*it), Meaning::Grain(..)) || self.own_grain(*it).is_some();
                        self.groupable_at(*it).is_some() || steps
                    });
                    if next.is_some() {
                        self.groups_after(n);
                    } else {
                        // "every desktop" is all of them.
                        self.take(n);
                    }
                }
                Some(Keyword::Breakdown) => {
                    self.take(n);
                    let by_follows =
                        self.find(|it| it == Keyword::By).is_some() || !self.plan.group_by.is_empty();
                    let next = self.next(n).filter(|it| self.groupable_at(*it).is_some());
                    // "the bundle mix", "OS breakdown"
                    let before = self.previous(n).filter(|it| it + 1 == n && !self.is_used(*it));
                    let before = before.and_then(|it| Some((it, self.groupable_at(it)?.name)));
                    if next.is_some() && !by_follows {
                        self.groups_after(n);
                    } else if let Some((at, name)) = before.filter(|_| !by_follows) {
                        self.take(at);
                        self.plan.group_by.push(GroupBy::values(name));
                    }
                }
                Some(Keyword::OverTime) => {
                    self.take(n);
                    if !self.live().iter().any(|it| matches!(self.meaning(*it), Meaning::Grain(..)))
                        && !self.plan.group_by.iter().any(|it| it.grain.is_some())
                    {
                        let grain = self.usual_grain();
                        self.group_time(n, grain);
                    }
                }
                _ => {}
            }
        }
        for n in self.live() {
            if let Meaning::Grain(grain, true) = self.meaning(n) {
                let grain = *grain;
                self.take(n);
                self.group_time(n, grain);
            }
        }
        if let Some(n) = (0..self.len()).find(|it| self.is_asked_too(*it)) {
            self.groups_after(n);
        }
        self.find_times_asked();
        self.group_ranked();
        // Of "which error codes" those are none that have no error.
        let errors: Vec<String> = self
            .plan
            .group_by
            .iter()
            .filter(|it| self.entity.dimension(&it.dimension).is_some_and(|it| it.exceptional))
            .map(|it| it.dimension.clone())
            .collect();
        for dimension in errors {
            if self.ranking.is_some() || matches!(self.head, Head::Which(_)) {
                self.plan.filters.push(contract::query::Filter {
                    dimension,
                    op: contract::query::Op::NotEmpty,
                    values: Vec::new(),
                });
            }
        }
        // "users, billable hours": a share of what, where nothing is said but a dimension ("OS share").
        if self.share && self.plan.group_by.is_empty() && self.part_from.is_none() {
            let conditions = self.live().iter().any(|n| {
                matches!(
                    self.meaning(*n),
                    Meaning::Value(_)
                        | Meaning::Condition { .. }
                        | Meaning::Idle(..)
                        | Meaning::Never(_)
                        | Meaning::Happened(..)
                )
            });
            let field = self
                .live()
                .into_iter()
                .find(|n| self.groupable_at(*n).is_some_and(|it| it.name != "workspace_id"));
            if let (false, Some(n)) = (conditions, field)
                && let Some(field) = self.groupable_at(n)
            {
                self.take(n);
                self.plan.group_by.push(GroupBy::values(field.name));
            }
        }
    }

    /// "by last login" at the end, where nothing is counted, measured or cut up.
    fn lists(&self, n: usize) -> bool {
        let figure = |n: usize| {
            self.meaning(n).is_figure()
                || matches!(
                    self.keyword(n),
                    Some(Keyword::Figure(_) | Keyword::Share | Keyword::Breakdown | Keyword::OverTime)
                )
        };
        let last = self.ends(n) && self.text(n).starts_with("last");
        last && !matches!(self.head, Head::HowMany(_) | Head::HowMuch(_)) && !(0..self.len()).any(figure)
    }

    /// "changes by who made them"
    fn is_made(&self, who: usize) -> bool {
        self.text(who + 1) == "made" && self.entity.tells_changes()
    }

    fn verb_after(&self, who: usize) -> Option<usize> {
        if self.is_made(who) { Some(who + 1) } else { self.next(who) }
    }

    /// "owned by Teresa according to the Owner tag": what has its value already is no group.
    fn is_according(&mut self, n: usize) -> bool {
        let field = self.next(n).filter(|_| self.text(n) == "according to");
        let Some((at, name)) = field.and_then(|it| Some((it, self.field_at(it)?.name))) else { return false };
        let valued = (0..n).any(|it| self.meaning(it).dimensions().contains(&name.as_str()));
        if valued {
            self.take(n);
            self.take(at);
            let tag = self.next(at).filter(|it| self.field_at(*it).is_some_and(|it| it.kind == Kind::Tags));
            if let Some(tag) = tag {
                self.take(tag);
            }
        }
        valued
    }

    /// Takes the dimensions that follow, joined by "and" and commas.
    fn groups_after(&mut self, n: usize) {
        if self.is_slice(n) || self.is_according(n) {
            return;
        }
        let counts = matches!(self.head, Head::HowMany(_));
        // Whose a desktop is, is not who did something to it.
        let who = self.entity.words.who.filter(|_| self.entity.words.deeds);
        let whom = self.doer().or(who);
        let mut found = false;
        let mut at = n;
        let mut joint = None;
        while let Some(next) = self.next(at) {
            let meaning = self.meaning(next).clone();
            match meaning {
                _ if self.is_used(next)
                    && !matches!(meaning, Meaning::Time(_) | Meaning::Keyword(Keyword::Who)) =>
                {
                    break;
                }
                Meaning::Keyword(
                    Keyword::And | Keyword::Or | Keyword::By | Keyword::Each | Keyword::Also | Keyword::Too,
                ) if found => {
                    joint = Some(next);
                }
                // "how many were rejected, by whom"
                Meaning::Keyword(Keyword::Who) if !found && counts && self.ends(next) && whom.is_some() => {
                    self.take(next);
                    self.plan.group_by.extend(whom.map(GroupBy::values));
                    found = true;
                }
                // "by who approved"
                Meaning::Keyword(Keyword::Who) if !found && (self.doer().is_some() || self.is_made(next)) => {
                    self.take(next);
                    if let (Some(doer), Some(verb)) =
                        (self.doer().or(self.entity.words.who), self.verb_after(next))
                    {
                        self.take(verb);
                        self.plan.group_by.push(GroupBy::values(doer));
                        self.head = if matches!(self.head, Head::Who(_)) { Head::None } else { self.head };
                    }
                    found = true;
                }
                Meaning::Keyword(Keyword::Each | Keyword::Who | Keyword::Which) if !found => self.take(next),
                // Of accounts and users "by hours" is no step of time, but what they used.
                Meaning::Grain(Grain::Hour, _)
                    if self.entity.of_house && matches!(self.text(next), "hours" | "hrs") =>
                {
                    break;
                }
                Meaning::Grain(grain, _) => {
                    self.take(next);
                    found = true;
                    self.group_time(next, grain);
                }
                // "by report format"
                Meaning::Entity
                    if !found
                        && self.next(next) == Some(next + 1)
                        && self.groupable_at(next + 1).is_some() => {}
                // "average number of regions per account": of those rows.
                Meaning::Entity if !found && self.asks_for_average() => {
                    self.take(next);
                    found = true;
                }
                Meaning::Entity
                    if !found
                        && !self.entity.of_house
                        && self.entity.activity.is_some()
                        && self.ranking.is_none() =>
                {
                    // "per desktop" of desktops is no group that says anything.
                    self.take(next);
                    self.doubt(Doubt::PerRow);
                    found = true;
                }
                // "per Legal user"
                Meaning::Value(them)
                    if !found
                        && self.next(next) == Some(next + 1)
                        && self.groupable_at(next + 1).is_some_and(|it| {
                            matches!(it.name.as_str(), "user_name" | "workspace_id")
                                && them.iter().all(|(name, _)| name.contains(TAG_PREFIX))
                        }) => {}
                // Of changes "by directory" is by where the desktop is, not those of the field "directory".
                Meaning::Value(them) if joint.is_some() || !found => {
                    let Some(name) = self.desktop_dimension(&them) else { break };
                    self.take(next);
                    self.plan.group_by.push(GroupBy::values(name));
                    found = true;
                }
                Meaning::Field(name) => {
                    let Some(field) = self.field(&name) else { break };
                    match field.kind {
                        Kind::Time | Kind::Date if self.own_grain(next).is_some() => {
                            let grain = self.own_grain(next).unwrap_or(Grain::Day);
                            self.take(next);
                            self.plan.group_by.push(GroupBy { dimension: field.name, grain: Some(grain) });
                            found = true;
                        }
                        Kind::Number => {
                            self.order_by_number(next, &name);
                            found = true;
                        }
                        Kind::Time | Kind::Date
                            if self.ranking.is_some()
                                && !self
                                    .next(next)
                                    .is_some_and(|it| matches!(self.meaning(it), Meaning::Grain(..))) =>
                        {
                            self.order_by_number(next, &name);
                            found = true;
                        }
                        // "skydesk users by last login"
                        Kind::Time if !found && self.text(n) == "by" && self.lists(next) => {
                            self.take(next);
                            let by = Some(field.name);
                            self.ranking = Some(Ranking { by, descending: true, ..Ranking::default() });
                            found = true;
                        }
                        Kind::Time | Kind::Date => {
                            let grain = self.next(next).and_then(|it| match self.meaning(it) {
                                Meaning::Grain(grain, _) if !self.is_used(it) => Some((it, *grain)),
                                _ => None,
                            });
                            let Some((at, grain)) = grain else { break };
                            self.take(at);
                            self.take(next);
                            self.plan.group_by.push(GroupBy { dimension: field.name, grain: Some(grain) });
                            found = true;
                        }
                        Kind::Tags => break,
                        _ => {
                            // "by desktop cost": an order.
                            if !found
                                && field.name == "workspace_id"
                                && self.meaning(next + 1).is_figure()
                                && !super::ranks::is_plural(self.text(next))
                            {
                                self.take(next);
                                self.desktops_service();
                                break;
                            }
                            // "by owner marco": what is followed by its own value is no group.
                            let value = self.next(next).filter(|it| {
                                matches!(self.meaning(*it), Meaning::Value(them) if them.iter().any(|(it, _)| *it == name))
                            });
                            if value.is_some() && joint.is_none() && !self.is_after_comma(next) {
                                break;
                            }
                            self.take(next);
                            // "by directory of the desktop"
                            let of = (at + 1..next).any(|it| self.text(it).split(' ').any(|it| it == "of"));
                            let whose =
                                matches!(field.name.as_str(), "workspace_id" | "user_name" | "computer_name");
                            if found && joint.is_none() && of && whose {
                                break;
                            }
                            if field.name == "workspace_id" {
                                self.desktops_service();
                            }
                            if !self.plan.group_by.iter().any(|it| it.dimension == field.name) {
                                self.plan.group_by.push(GroupBy::values(field.name));
                            }
                            found = true;
                        }
                    }
                }
                // "by cost" is an order, and found as a figure.
                _ => break,
            }
            if let Some(joint) =
                joint.take().filter(|_| found && !matches!(meaning_of_join(self, next), Some(true)))
            {
                self.take(joint);
            } else if matches!(
                self.keyword(next),
                Some(Keyword::And | Keyword::Or | Keyword::Also | Keyword::Too | Keyword::By | Keyword::Each)
            ) {
                joint = Some(next);
            }
            at = next;
        }
        // "by marco": what is by a value says who.
        let value = self.next(n).is_some_and(|it| {
            matches!(self.meaning(it), Meaning::Value(_) | Meaning::Figure(_) | Meaning::Time(_))
        });
        if found || value || self.ranking.is_some() {
            self.take(n);
        }
    }

    /// Of the names of fields that are values, that which is a dimension of desktops too.
    fn desktop_dimension(&self, them: &[(String, contract::query::Value)]) -> Option<String> {
        let [(field, contract::query::Value::Text(name))] = them else { return None };
        let it = self.field(name).or_else(|| self.field(&format!("desktop.{name}")))?;
        (field == "field" && it.groupable() && it.kind == Kind::Choice).then_some(it.name)
    }

    fn is_after_comma(&self, n: usize) -> bool {
        n.checked_sub(1).is_some_and(|it| self.text(it) == ",")
    }

    /// "top 5 desktops by root volume"
    fn order_by_number(&mut self, n: usize, name: &str) {
        if let Some(ranking) = &mut self.ranking {
            ranking.by = Some(name.to_owned());
            self.take(n);
        }
    }
}

fn meaning_of_join(reader: &Reader<'_>, n: usize) -> Option<bool> {
    reader.keyword(n).map(|it| {
        matches!(it, Keyword::And | Keyword::Or | Keyword::Also | Keyword::Too | Keyword::By | Keyword::Each)
    })
}

//! Dimensions that are left: columns of a list, or what a list or a count is made of.

use contract::{
    catalog::Kind,
    query::{Filter, GroupBy, Op},
};

use super::{Doubt, Head, Reader, ranks::is_plural};
use crate::questions::link::{Keyword, Meaning};

impl Reader<'_> {
    pub(super) fn find_columns(&mut self) {
        self.explain_words();
        let who = matches!(self.head, Head::Who(_));
        let counts = !self.plan.measures.is_empty() || self.share;
        let times_asked =
            self.plan.measures.iter().any(|it| it.function == contract::query::Aggregate::Count);
        if matches!(self.head, Head::Who(_))
            && self.entity.activity.is_some()
            && !self.entity.of_house
            && (0..self.len()).any(|n| {
                // "who started the machine of …": a state says not who brought it about.
                let verb = n > 0 && matches!(self.head, Head::Who(head) if head + 1 == n);
                matches!(self.meaning(n), Meaning::TimeOf(_)) || verb && self.is_result(n)
            })
        {
            self.doubt(Doubt::WhoUnknown);
        }
        // "everything about marco since Monday": what he did, or what befell his desktop?
        let about = (0..self.len()).any(|n| self.text(n).ends_with("thing about"));
        if about && self.plan.filters.iter().any(|it| it.dimension == "actor") {
            self.doubt(Doubt::WhoUnknown);
        }
        if let (Head::Who(_), Some(who)) = (self.head, self.who()) {
            let several = self.ranking.as_ref().is_some_and(|it| !it.dated) || counts && times_asked;
            if several && self.plan.group_by.is_empty() {
                self.plan.group_by.push(GroupBy::values(who));
            } else if !counts && !self.plan.columns.iter().any(|it| it == who) {
                self.plan.columns.push(who.to_owned());
            }
        }
        let target = match self.head {
            Head::Which(n) | Head::List(n) | Head::Any(n) => self.target(n),
            _ => None,
        };
        for n in self.live() {
            let Some(field) = self.field_at(n) else { continue };
            let is_target = target == Some(n);
            // The noun of rows that are about desktops: it narrows nothing, or to desktops alone.
            if field.name == "workspace_id" {
                let shown = !counts && self.is_column_place(n) && self.text(n).contains("id");
                self.take(n);
                self.desktops_service();
                if shown || is_target && !counts && self.entity.words.sliced && self.plan.group_by.is_empty()
                {
                    self.plan.columns.push(field.name);
                }
                continue;
            }
            let listed = self.plan.group_by.is_empty() && !counts;
            match field.kind {
                // "the errors since yesterday" are the rows that have one.
                _ if listed
                    && (is_target && matches!(self.head, Head::List(_) | Head::Any(_))
                        || self.head == Head::None && self.previous(n).is_none())
                    && self.is_exceptional(&field.name)
                    && !self.has_failed() =>
                {
                    self.take(n);
                    self.file(n, Filter { dimension: field.name, op: Op::NotEmpty, values: Vec::new() });
                }
                Kind::Tags if listed && is_target && self.plan.columns.is_empty() => {
                    self.take(n);
                    self.plan.columns.push(field.name);
                }
                Kind::Tags => self.take(n),
                // "all distros together"
                _ if counts && n.checked_sub(1).is_some_and(|it| self.keyword(it) == Some(Keyword::All)) => {
                    self.take(n)
                }
                _ if counts && self.plan.group_by.iter().any(|it| it.dimension == field.name) => self.take(n),
                // "which regions do we use", "regions": each once, with how many.
                _ if listed
                    && (field.kind == Kind::Choice || field.tag.is_some())
                    && (is_target || self.is_all(n))
                    && self.is_inventory() =>
                {
                    self.take(n);
                    self.plan.group_by.push(GroupBy::values(field.name));
                }
                _ if listed && (is_target || self.is_column_place(n)) => {
                    self.take(n);
                    // "who is the owner": the user, or what a tag says?
                    let who_is = self.entity.words.who.and_then(|it| self.entity.dimension(it));
                    if field.tag.is_some() && who_is.is_some_and(|it| it.synonyms.contains(&self.text(n))) {
                        self.doubt(Doubt::BestOfWhat);
                    }
                    if !self.plan.columns.contains(&field.name) {
                        self.plan.columns.push(field.name);
                    }
                }
                // "people" of a list of desktops are their users.
                Kind::Text if listed && self.entity.words.who == Some(field.name.as_str()) && !who => {
                    self.take(n);
                    if !self.plan.columns.contains(&field.name) {
                        self.plan.columns.push(field.name);
                    }
                }
                // "graphics bundles" are desktops of that kind.
                _ if listed
                    && self.entity.activity.is_some()
                    && n > 0
                    && matches!(self.meaning(n - 1), Meaning::Condition { .. }) =>
                {
                    self.take(n);
                    self.doubt(Doubt::Likely);
                }
                // "which users", of which a figure is asked.
                _ if counts
                    && is_target
                    && self.plan.group_by.is_empty()
                    && self.groupable_at(n).is_some() =>
                {
                    self.take(n);
                    self.plan.group_by.push(GroupBy::values(field.name));
                }
                _ => {}
            }
        }
    }

    /// They are narrowed to those with an error already, or to one: the error is what is asked for.
    fn has_failed(&self) -> bool {
        let tells = |it: &str| it == self.entity.key || it == "state";
        self.plan.filters.iter().any(|it| it.op == Op::Is && tells(&it.dimension))
    }

    fn is_exceptional(&self, name: &str) -> bool {
        self.entity.dimension(name).is_some_and(|it| it.exceptional)
    }

    /// A value that somebody brought about.
    fn is_result(&self, n: usize) -> bool {
        let result = self.entity.words.result;
        matches!(self.meaning(n), Meaning::Value(them) if them.iter().any(|(it, _)| Some(it.as_str()) == result))
    }

    /// The desktops are not narrowed to one: what is asked for is which values there are.
    fn is_inventory(&self) -> bool {
        const SINGLE: &[&str] = &["id", "user_name", "computer_name", "ip_address"];
        self.entity.activity.is_some()
            && !self.entity.of_house
            && !self.plan.filters.iter().any(|it| SINGLE.contains(&it.dimension.as_str()))
            && !self.live().iter().any(|n| {
                matches!(self.meaning(*n), Meaning::Field(_))
                    && Some(*n) != self.target_of_head()
                    && !self.is_all(*n)
            })
    }

    /// Nothing else is said.
    fn is_all(&self, n: usize) -> bool {
        let says = |it: usize| !self.is_silent(it) && it != n;
        is_plural(self.text(n)) && self.head == Head::None && !(0..self.len()).any(says)
    }

    fn target_of_head(&self) -> Option<usize> {
        match self.head {
            Head::Which(n) | Head::List(n) | Head::Any(n) => self.target(n),
            _ => None,
        }
    }

    /// Joined to another dimension, before "of", after "with" or "show": a column.
    fn is_column_place(&self, n: usize) -> bool {
        let after = self.text(n + 1);
        let of = matches!(after.split(' ').next(), Some("of" | "for")) || after.starts_with("'s");
        let before = self.previous(n);
        let shown = before.is_some_and(|it| {
            matches!(
                self.keyword(it),
                Some(Keyword::List | Keyword::Which | Keyword::Also | Keyword::And | Keyword::With)
            )
        });
        let beside =
            |it: usize| self.field_at(it).is_some() || matches!(self.keyword(it), Some(Keyword::And));
        let joined = before.is_some_and(beside) || self.next(n).is_some_and(beside);
        let alone = before.is_none();
        let with = n.checked_sub(1).is_some_and(|it| {
            matches!(self.text(it), "with" | "their" | "its" | "the" | "my" | "is" | "show")
        });
        of || shown || joined || alone || with
    }

    /// Words whose meaning lies in another mark by now.
    fn explain_words(&mut self) {
        for n in self.live() {
            let explained = match self.meaning(n) {
                Meaning::Keyword(
                    Keyword::And
                    | Keyword::Or
                    | Keyword::It
                    | Keyword::Ones
                    | Keyword::Too
                    | Keyword::All
                    | Keyword::Any
                    | Keyword::Also
                    | Keyword::Only
                    | Keyword::Tagged
                    | Keyword::With
                    | Keyword::FollowUp
                    | Keyword::Each
                    | Keyword::Make
                    | Keyword::Filled,
                ) => true,
                Meaning::Keyword(Keyword::Times) => true,
                // "running over WSP", "under the identity of": it compares nothing.
                Meaning::Keyword(Keyword::Compare(_)) => {
                    !(0..self.len()).any(|it| matches!(self.meaning(it), Meaning::Number(..)))
                }
                Meaning::Keyword(Keyword::Instead) => self.edits,
                Meaning::Entity => true,
                Meaning::Hint | Meaning::Noise | Meaning::Break => true,
                // The verb of a time that is not said: "approved operations" says something, "changed" of changes does not.
                Meaning::TimeOf(name) => {
                    let name = name.clone();
                    self.plan.filters.iter().any(|it| it.dimension == name)
                        || self.plan.group_by.iter().any(|it| it.dimension == name)
                        || self.entity.words.times.len() == 1
                        // "who approved operation 12"
                        || matches!(self.head, Head::Who(_))
                            && self.entity.words.doers.iter().any(|(time, _)| *time == name)
                }
                _ => false,
            };
            if explained {
                self.take(n);
            }
        }
    }
}

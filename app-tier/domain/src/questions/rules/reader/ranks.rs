//! The highest and the lowest, the newest and the oldest, and orders without a limit.

use contract::{catalog::Kind, query::GroupBy};

use super::{Doubt, Head, Reader, whole};
use crate::questions::{
    link::{Keyword, Meaning},
    words::{singular, squash},
};

/// How an answer is ordered and cut.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::questions::rules) struct Ranking {
    pub(in crate::questions::rules) descending: bool,
    pub(in crate::questions::rules) limit: Option<u32>,
    /// What it is ordered by, where that was said: a dimension.
    pub(in crate::questions::rules) by: Option<String>,
    /// By time.
    pub(in crate::questions::rules) dated: bool,
    /// By how the figure moved.
    pub(in crate::questions::rules) moved: bool,
    /// The word for it is of size, and says not of what.
    pub(in crate::questions::rules) size: bool,
    /// The word for it is of activity, and says not of which.
    pub(in crate::questions::rules) vague: bool,
    /// What is ranked.
    pub(in crate::questions::rules) target: Option<usize>,
}

impl Ranking {
    /// The one that rose or fell the most, or all by that.
    pub(super) fn moved(up: bool, one: bool) -> Self {
        Self { descending: up, limit: one.then_some(1), moved: true, ..Self::default() }
    }
}

impl Reader<'_> {
    pub(super) fn find_ranking(&mut self) {
        self.find_joined_functions();
        for n in self.live() {
            let Some(keyword) = self.keyword(n).filter(|_| !self.is_used(n)) else { continue };
            // "first termination this year": deeds come one after the other.
            let deed = |it: usize| matches!(self.meaning(it), Meaning::Value(_) | Meaning::Entity);
            let earliest = matches!(self.text(n), "first" | "the first")
                && self.entity.words.deeds
                && self.next(n).is_some_and(|it| it <= n + 3 && deed(it) && !is_plural(self.text(it)))
                && self.ranking.is_none();
            let (descending, limited, dated) = match keyword {
                Keyword::Top if earliest => (false, true, true),
                Keyword::Top | Keyword::Most => (true, true, false),
                Keyword::Bottom | Keyword::Fewest => (false, true, false),
                Keyword::Latest => (true, true, true),
                Keyword::Oldest => (false, true, true),
                Keyword::Sorted(descending) => (descending, false, false),
                // "session time per person, longest first"
                Keyword::Dated(false) if self.text(n) == "longest first" && self.is_about_a_number() => {
                    (true, false, false)
                }
                Keyword::Dated(descending) => (descending, false, true),
                Keyword::Sort => (true, false, false),
                _ => continue,
            };
            self.take(n);
            // "more this month than last"
            let other = self.previous(n).is_some_and(|it| matches!(self.keyword(it), Some(Keyword::Versus)));
            let counted = self.next(n).is_some_and(|it| matches!(self.meaning(it), Meaning::Number(..)));
            if other && matches!(self.text(n), "last" | "last one" | "the last") && !counted {
                continue;
            }
            // "biggest bucket first", "most important at the top": an order, not one.
            let sorted = matches!(keyword, Keyword::Most | Keyword::Fewest | Keyword::Top | Keyword::Bottom);
            // "biggest drop first": by the change, which is filed with the times.
            let moved = self.previous(n).filter(|it| matches!(self.keyword(*it), Some(Keyword::Moved(_))));
            if moved.is_some() && keyword == Keyword::Top && matches!(self.text(n), "first" | "the top") {
                self.ranking.get_or_insert_with(|| Ranking::moved(true, false)).moved = true;
                continue;
            }
            let first = self.first_after(n).filter(|_| sorted);
            if let Some(at) = first {
                self.take(at);
                self.ranking.get_or_insert_default().descending = descending;
                continue;
            }
            if matches!(keyword, Keyword::Most | Keyword::Fewest) && self.is_extreme(n) {
                continue;
            }
            let number = if limited { self.rank_number(n) } else { None };
            let text = self.text(n).to_owned();
            let size = matches!(keyword, Keyword::Most | Keyword::Fewest)
                && ["biggest", "largest", "smallest", "greatest"].iter().any(|it| text.contains(it))
                && !["number", "count", "amount", "total"].iter().any(|it| text.contains(it));
            // "the day with the most active users" has the most of them.
            let counted = n.checked_sub(1).is_some_and(|it| {
                matches!(self.text(it).split(' ').next(), Some("with" | "had" | "has" | "have"))
            });
            let vague = text.split(' ').any(|it| matches!(it, "used" | "active" | "busiest" | "popular"))
                && !(counted && text.ends_with("active"));
            let target = if limited { self.rank_target(n) } else { None };
            // "10 oldest desktops by first seen"
            let by_time = (n..self.len()).find(|it| {
                self.keyword(*it) == Some(Keyword::By)
                    && self.next(*it).is_some_and(|it| matches!(self.meaning(it), Meaning::TimeOf(_)))
            });
            if let Some(by) = by_time.filter(|_| dated) {
                self.take(by);
            }
            // "sorted by the difference"
            let moves = |it: usize| matches!(self.keyword(it), Some(Keyword::Comparison | Keyword::Moved(_)));
            let difference = self.next(n).filter(|it| keyword == Keyword::Sort && moves(*it));
            if let Some(at) = difference {
                self.take(at);
            }
            let by = match keyword {
                Keyword::Sort => self.sort_key(n),
                // "highest saving first", where a confidence is told of, too.
                Keyword::Sorted(_) if text.contains("saving") => {
                    let usual =
                        self.entity.words.measures.iter().find(|it| it.usual && !self.entity.words.sliced);
                    usual.and_then(|it| it.of).map(str::to_owned)
                }
                _ if dated => self.dated_by(n),
                _ => None,
            };
            // Names are put in the order of the alphabet.
            let named = by
                .as_ref()
                .and_then(|it| self.field(it))
                .is_some_and(|it| keyword == Keyword::Sort && matches!(it.kind, Kind::Text | Kind::Choice));
            let descending = descending && !named;
            let extreme =
                matches!(keyword, Keyword::Most | Keyword::Fewest | Keyword::Latest | Keyword::Oldest);
            let order = number.is_none() && extreme && self.is_an_order(n);
            // "first call of each actor": one of each is more than one order can say.
            let of_each = dated && limited && (0..self.len()).any(|it| self.says_each(it));
            if of_each {
                self.doubt(Doubt::PerRow);
            }
            let limit = match (limited, number, keyword) {
                (false, ..) => None,
                _ if order => None,
                (true, Some(number), _) => Some(number),
                (true, None, Keyword::Top | Keyword::Bottom) => {
                    let plural = target.is_some_and(|it| is_plural(self.text(it)));
                    Some(if plural { 10 } else { 1 })
                }
                (true, None, Keyword::Latest)
                    if text.contains("recent") && target.is_some_and(|it| is_plural(self.text(it))) =>
                {
                    None
                }
                // "newest desktops", "the most expensive users": several, in that order.
                (true, None, _) if self.leads(n, target) => None,
                // "which fields change most": all of them, in that order.
                (true, None, Keyword::Most | Keyword::Fewest) if self.asks_for_several() => None,
                (true, None, _) => Some(1),
            };
            match &mut self.ranking {
                // "top 10 most expensive", "top 3, highest first"
                Some(earlier) => {
                    if number.is_some() || earlier.limit.is_none() {
                        earlier.limit = limit.or(earlier.limit);
                    }
                    earlier.by = by.or(earlier.by.take());
                    earlier.target = earlier.target.or(target);
                    earlier.size |= size;
                    earlier.dated |= dated;
                    earlier.moved |= difference.is_some();
                    // "oldest first, first 20": a limit says nothing of the direction.
                    if !matches!(keyword, Keyword::Sort | Keyword::Top) {
                        earlier.descending = descending;
                    }
                }
                None => {
                    let moved = difference.is_some();
                    self.ranking = Some(Ranking { descending, limit, by, dated, moved, size, vague, target });
                }
            }
        }
    }

    /// It comes first, right before several of something.
    fn leads(&self, n: usize, target: Option<usize>) -> bool {
        let shows = |it: usize| matches!(self.keyword(it), Some(Keyword::List | Keyword::Which));
        self.previous(n).is_none_or(|it| shows(it) && self.previous(it).is_none())
            && target.is_some_and(|it| self.next(n) == Some(it) && is_plural(self.text(it)))
            && !matches!(
                self.text(n).trim_start_matches("the "),
                "best" | "worst" | "most" | "fewest" | "least"
            )
    }

    /// "of each", "for every".
    fn says_each(&self, n: usize) -> bool {
        self.keyword(n) == Some(Keyword::Each)
            || self.text(n).split(' ').any(|it| matches!(it, "each" | "every"))
    }

    /// "which fields", not "which field".
    fn asks_for_several(&self) -> bool {
        let Head::Which(head) = self.head else { return false };
        let field = self.next(head).filter(|it| self.groupable_at(*it).is_some());
        field.is_some_and(|it| is_plural(self.text(it)))
    }

    fn is_about_a_number(&self) -> bool {
        (0..self.len()).any(|it| {
            matches!(self.meaning(it), Meaning::Figure(_))
                || self.field_at(it).is_some_and(|it| it.kind == Kind::Number)
        })
    }

    /// "first" or "at the top" after "biggest", with nothing between that says something.
    pub(super) fn first_after(&self, n: usize) -> Option<usize> {
        let at = (n + 1..self.len()).find(|it| !self.is_silent(*it))?;
        let leads = matches!(self.keyword(at), Some(Keyword::Top)) || self.text(at) == "on top";
        let leads = leads && at - n <= 3;
        let alone = !self.next(at).is_some_and(|it| {
            matches!(self.meaning(it), Meaning::Number(..) | Meaning::Field(_) | Meaning::Entity)
        });
        (leads && alone && !self.is_used(at)).then_some(at)
    }

    /// "biggest safe saving first", "from the smallest confidence up": an order of all, not the one.
    fn is_an_order(&mut self, n: usize) -> bool {
        let named = |reader: &Self, it: usize| {
            reader.is_silent(it)
                || matches!(reader.meaning(it), Meaning::Field(_) | Meaning::Figure(_) | Meaning::Entity)
                || reader.keyword(it) == Some(Keyword::Share)
        };
        let at = (n + 1..self.len()).find(|it| !named(self, *it));
        let leads = |it: usize| {
            self.keyword(it) == Some(Keyword::Top) || matches!(self.text(it), "on top" | "leading" | "ahead")
        };
        let first = at.filter(|it| leads(*it) && !self.is_used(*it));
        let ends = |it: usize| self.next(it).is_none_or(|it| self.keyword(it) == Some(Keyword::And));
        match first.filter(|it| it - n <= 3 && ends(*it)) {
            Some(at) => {
                self.take(at);
                true
            }
            None => n.checked_sub(1).is_some_and(|it| self.text(it) == "from"),
        }
    }

    /// The time that "oldest" and "latest" are said of: "connected the longest time ago", "with the oldest login".
    fn dated_by(&mut self, n: usize) -> Option<String> {
        let activity = self.entity.activity.as_ref()?;
        let said = |reader: &Self, it: usize| {
            let text = squash(reader.text(it));
            activity.happened.iter().any(|word| squash(word) == text)
                || matches!(reader.meaning(it), Meaning::Field(name) if name == activity.dimension)
        };
        let near = n.saturating_sub(3)..(n + 4).min(self.len());
        let at = near.into_iter().filter(|it| *it != n).find(|it| !self.is_used(*it) && said(self, *it))?;
        self.take(at);
        Some(activity.dimension.to_owned())
    }

    /// "top 5", "5 biggest", "the 5 desktops with the most".
    fn rank_number(&mut self, n: usize) -> Option<u32> {
        let limit = |it: usize| match self.meaning(it) {
            // "20+ desktops" is no limit.
            Meaning::Number(number, None) if !self.is_used(it) && !self.is_least(it) => {
                whole(*number).filter(|it| *it > 0)
            }
            _ => None,
        };
        let next = (n + 1 < self.len()).then_some(n + 1).filter(|it| limit(*it).is_some());
        let before = n.checked_sub(1).filter(|it| limit(*it).is_some());
        // "the 5 desktops that …"
        let leading = (0..n).find(|it| {
            limit(*it).is_some()
                && !self.previous(*it).is_some_and(|it| {
                    matches!(self.keyword(it), Some(Keyword::Compare(_) | Keyword::Between))
                })
                && self.next(*it).is_some_and(|next| {
                    matches!(self.meaning(next), Meaning::Entity)
                        || self.groupable_at(next).is_some()
                        || self.own_grain(next).is_some()
                })
                && (*it <= 3 || (it - 2..*it).any(|it| self.text(it) == ","))
        });
        let at = next.or(before).or(leading)?;
        let found = limit(at);
        self.take(at);
        found
    }

    /// "20+", "20 or more".
    fn is_least(&self, n: usize) -> bool {
        let after = |it: usize| matches!(self.keyword(it), Some(Keyword::After(_)));
        self.mark(n).is_some_and(|it| it.raw.ends_with('+')) || self.next(n).is_some_and(after)
    }

    /// What is ranked: the next thing that can be.
    fn rank_target(&self, n: usize) -> Option<usize> {
        let mut at = n;
        for _ in 0..4 {
            at = self.next(at)?;
            match self.meaning(at) {
                Meaning::Entity => return Some(at),
                Meaning::Field(_) if self.groupable_at(at).is_some() => return Some(at),
                Meaning::Number(..)
                | Meaning::Value(_)
                | Meaning::Condition { .. }
                | Meaning::TimeOf(_)
                | Meaning::Keyword(Keyword::Most | Keyword::Fewest | Keyword::Top | Keyword::Distinct) => {}
                _ => return None,
            }
        }
        None
    }

    /// "sorted by root volume".
    fn sort_key(&mut self, n: usize) -> Option<String> {
        let mut at = self.next(n)?;
        if self.keyword(at) == Some(Keyword::By) {
            self.take(at);
            at = self.next(at)?;
        }
        match self.meaning(at) {
            Meaning::Field(name) => {
                let name = name.clone();
                self.take(at);
                Some(name)
            }
            // A figure that is sorted by is a figure of the answer.
            _ => None,
        }
    }

    /// Makes groups of what is ranked, once the groups that are named are known.
    pub(super) fn group_ranked(&mut self) {
        let Some(ranking) = self.ranking.clone() else { return };
        if ranking.dated && !self.entity.words.sliced {
            return;
        }
        let asked = match self.head {
            Head::Which(n) | Head::List(n) | Head::Any(n) => self.target(n),
            _ => None,
        };
        // "3 regions with the fewest desktops"
        let before = (0..self.len()).find(|n| {
            !self.is_used(*n)
                && self.groupable_at(*n).is_some()
                && n.checked_sub(1)
                    .is_some_and(|it| self.is_used(it) && matches!(self.meaning(it), Meaning::Number(..)))
        });
        // "who asked for the most reports"
        let several = ranking.target.is_some_and(|it| is_plural(self.text(it)));
        let who = (0..self.len())
            .find(|n| several && self.text(*n).starts_with("who ") && self.groupable_at(*n).is_some());
        // "departments ranked by connected time"
        let sorted = (0..self.len()).find(|n| {
            let first = self.previous(*n).is_none() && is_plural(self.text(*n));
            let sort = self.next(*n).filter(|it| self.keyword(*it) == Some(Keyword::Sort));
            let names = |it: usize| matches!(self.meaning(it), Meaning::Field(_) | Meaning::Entity);
            let sorts = sort.is_some_and(|it| !self.next(it).is_some_and(names));
            first && sorts && self.groupable_at(*n).is_some() && !self.names_rows(*n)
        });
        // "user with the most changes"
        let lead = (0..self.len()).find(|n| {
            let most = self
                .next(*n)
                .is_some_and(|it| matches!(self.keyword(it), Some(Keyword::Most | Keyword::Fewest)));
            self.previous(*n).is_none() && most && self.groupable_at(*n).is_some()
        });
        let rows = |it: usize| *self.meaning(it) == Meaning::Entity && is_plural(self.text(it));
        let lead =
            lead.filter(|_| self.entity.words.stands_for.is_some() && ranking.target.is_some_and(rows));
        let is_plural_lead = lead.is_some_and(|it| is_plural(self.text(it)));
        let candidates = [before, ranking.target, asked, who, sorted, lead];
        // "top 3 desktops by expected saving in each region": of rows that are of desktops.
        let of_each = ranking.limit.is_some() && self.plan.group_by.len() == 1;
        let found = candidates.into_iter().flatten().find(|it| {
            // "5 desktops with the most changes"
            let other = is_plural(self.text(*it))
                && ranking.target.is_some_and(|rows| rows != *it && *self.meaning(rows) == Meaning::Entity);
            let ranked = !self.names_rows(*it) || of_each && ranking.target == Some(*it) || other;
            !self.is_used(*it) && self.groupable_at(*it).is_some() && ranked
        });
        let Some(n) = found else { return };
        let Some(field) = self.groupable_at(n) else { return };
        // "desktops with the most changes" are several.
        if let Some(it) =
            self.ranking.as_mut().filter(|it| Some(n) == lead && is_plural_lead && it.limit == Some(1))
        {
            it.limit = None;
        }
        // "what did ledger desktops cost by compute type, cheapest first"
        if ranking.limit.is_none() && field.name == "workspace_id" && !self.plan.group_by.is_empty() {
            self.desktops_service();
            return self.take(n);
        }
        // "who rebooted the most desktops": one for each who did.
        if matches!(self.head, Head::Who(_)) && field.name == "workspace_id" {
            return self.take(n);
        }
        let led = ranking.target == Some(n) && self.previous(n).is_some_and(|it| self.leads(it, Some(n)));
        if ranking.limit.is_none() && asked != Some(n) && sorted != Some(n) && !led {
            return;
        }
        if field.kind == Kind::Tags {
            return;
        }
        self.take(n);
        if field.name == "workspace_id" {
            self.desktops_service();
        }
        if !self.plan.group_by.iter().any(|it| it.dimension == field.name) {
            if ranking.limit.is_some()
                && let [group] = self.plan.group_by.as_slice()
            {
                self.plan.limit_per = Some(group.dimension.clone());
            }
            self.plan.group_by.push(GroupBy::values(field.name));
        }
    }
}

pub(super) fn is_plural(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default();
    last == "people" || singular(last).len() < last.len() && last.ends_with('s')
}

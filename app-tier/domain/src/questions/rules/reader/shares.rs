//! Shares: "what percentage of desktops in Frankfurt is AlwaysOn", "share of cost by service", "in percent".

use contract::query::{Aggregate, Measure};

use super::{Doubt, Reader};
use crate::questions::{
    conditions,
    link::{Keyword, Meaning, Unit},
};

impl Reader<'_> {
    pub(super) fn find_share(&mut self) {
        let all: Vec<usize> =
            self.live().into_iter().filter(|n| self.keyword(*n) == Some(Keyword::Share)).collect();
        let Some(at) = all.first().copied() else { return self.find_bounded_share() };
        if self.is_growth(&all) {
            all.iter().for_each(|it| self.take(*it));
            self.in_percent = true;
            return;
        }
        // "how much of" is a share only where a part is said.
        let weak = self.text(at) == "how much of" || self.text(at) == "part of";
        let limit_like = self.previous(at).is_some_and(|it| matches!(self.meaning(it), Meaning::Number(..)));
        if limit_like {
            return;
        }
        // "the rejection rate"; a rate of anything else is no share, and of what is said elsewhere nobody knows.
        if self.text(at).starts_with("rate") && all.len() == 1 {
            let beside = [self.previous(at), self.next(at)].into_iter().flatten().any(|it| self.narrows(it));
            if !beside {
                if !(0..self.len()).any(|it| self.narrows(it)) {
                    self.take(at);
                }
                return;
            }
        }
        for n in &all {
            self.take(*n);
        }
        // "share of the 10 most expensive users", "ratio of connected time to billable hours"
        let counted = self.next(at).is_some_and(|it| matches!(self.meaning(it), Meaning::Number(_, None)));
        let figures = (at..self.len()).filter(|it| self.meaning(*it).is_figure()).count();
        if counted || figures > 1 && self.text(at).contains("ratio") {
            self.doubt(Doubt::ShareOfWhat);
        }
        self.share = true;
        let whole = self.next(at).or_else(|| (0..at).find(|it| *self.meaning(*it) == Meaning::Entity));
        // "of the machines in the lab, what share is stopped"
        let first = self.text(0).split(' ').next().unwrap_or_default();
        let ahead = (0..at).any(|it| *self.meaning(it) == Meaning::Break || self.text(it) == ",");
        let base = matches!(first, "of" | "out" | "among") || ahead;
        let narrowed =
            (1..at).any(|it| matches!(self.meaning(it), Meaning::Value(_) | Meaning::Condition { .. }));
        // Where it is, or whose, bounds the whole; what it is may be the part.
        let bounds = |it: &str| it.contains("tags.") || it.ends_with("account") || it.ends_with("directory");
        let bounded = (0..at).any(|it| self.meaning(it).dimensions().iter().any(|it| bounds(it)));
        // "AlwaysOn desktops: what part is in Dublin", but "AlwaysOn: percentage by region"
        let alone = self.narrows(0) && (at + 1..self.len()).any(|it| self.narrows(it));
        let narrowed = narrowed || ahead && (bounded || alone);
        // "the RDS share of the bill", "contractors as a percentage of Q3's costs"
        let of = ["share of", "percentage of", "proportion of", "fraction of"];
        let asked = self.text(at).starts_with("what") || self.text(at).starts_with("how") || base;
        let of = of.iter().any(|it| self.text(at).trim_end_matches(" the").ends_with(it)) && !asked;
        let owns = self.previous(at).is_some_and(|it| matches!(self.meaning(it), Meaning::Value(_)));
        if of && owns && !ahead {
            self.part_until = Some(at);
            return;
        }
        // "the share of AlwaysOn among the graphics machines"
        let among =
            (at + 1..self.len()).find(|it| matches!(self.text(*it), "among" | "amongst" | "among the"));
        if let Some(among) = among.filter(|it| (at + 1..*it).any(|n| self.narrows(n))) {
            self.part_until = Some(among);
            return;
        }
        // "share of each OS in the lab", "the lab: percent by OS": the whole is cut up, and conditions bound it.
        let cuts = self.next(at).and_then(|it| self.keyword(it));
        self.cut = cuts == Some(Keyword::Each)
            || ahead
                && (first == "of" || bounded || !(0..at).any(|it| self.narrows(it)) && self.leaves_out(at))
                && cuts == Some(Keyword::By)
            || self.is_of_each(at)
            || self.is_bounded_after_groups(at);
        self.part_from = if base && narrowed { Some(at) } else { whole.and_then(|it| self.part_begins(it)) };
        // "how much of the bill is estimated" is an amount.
        let percent =
            (0..self.len()).any(|it| self.text(it).contains('%') || self.text(it).contains("percent"));
        if weak && all.len() == 1 && !percent {
            self.share = false;
            self.part_from = None;
        }
    }

    /// "by how many percent did costs rise", "percentage increase": of what it was, and no share of anything.
    fn is_growth(&self, all: &[usize]) -> bool {
        let of_nothing = |it: &usize| {
            let words: Vec<&str> = self.text(*it).split(' ').collect();
            let percent =
                words.iter().any(|it| it.starts_with("percent") || matches!(*it, "pct" | "cent" | "%"));
            percent && !words.contains(&"of")
        };
        let moves = |it: Keyword| matches!(it, Keyword::Moved(_) | Keyword::Developed);
        all.iter().all(of_nothing) && self.find(moves).is_some()
    }

    /// "directories where more than half of the desktops are stopped": a share, since a percentage of rows or of a figure
    /// bounds groups.
    fn find_bounded_share(&mut self) {
        let percent = |n: &usize| matches!(self.meaning(*n), Meaning::Number(_, Some(Unit::Percent)));
        let bound = |n: &usize| matches!(self.sign(*n), Some((Keyword::Compare(_), _)));
        let Some(at) = self.live().into_iter().find(|it| percent(it) && bound(it)) else { return };
        let grouped = (0..at).any(|it| self.groupable_at(it).is_some() && !self.names_rows(it));
        let of = self.next(at).filter(|it| {
            *self.meaning(*it) == Meaning::Entity
                || matches!(self.meaning(*it), Meaning::Figure(it) if it.function == Aggregate::Sum)
        });
        if let Some(whole) = of.filter(|_| grouped) {
            self.share = true;
            self.part_from = self.part_begins(whole);
        }
    }

    /// The share that is told.
    pub(super) fn shared(&self) -> Measure {
        let of = (0..self.len()).find_map(|n| match self.meaning(n) {
            Meaning::Figure(it) if it.function == Aggregate::Sum => it.of.map(str::to_owned),
            _ => None,
        });
        Measure { function: Aggregate::Share, of }
    }

    /// It is a condition.
    pub(super) fn narrows(&self, n: usize) -> bool {
        matches!(
            self.meaning(n),
            Meaning::Value(_)
                | Meaning::Condition { .. }
                | Meaning::Idle(..)
                | Meaning::Never(_)
                | Meaning::Happened(..)
        )
    }

    /// "each operating system's share of the desktops in Dublin"
    fn is_of_each(&self, at: usize) -> bool {
        let of = self.text(at).split(' ').any(|it| it == "of") || self.text(at.saturating_sub(1)) == "'s";
        let field = self.previous(at).filter(|it| of && self.groupable_at(*it).is_some());
        field.and_then(|it| self.previous(it)).is_some_and(|it| self.keyword(it) == Some(Keyword::Each))
    }

    /// "share of desktops per compute type in the contractors directory": what stands after the groups bounds the whole.
    fn is_bounded_after_groups(&self, at: usize) -> bool {
        let rows =
            self.next(at).filter(|it| matches!(self.meaning(*it), Meaning::Entity | Meaning::Figure(_)));
        let by = rows.and_then(|it| self.next(it)).filter(|it| self.keyword(*it) == Some(Keyword::By));
        let group = by.and_then(|it| self.next(it)).filter(|it| self.groupable_at(*it).is_some());
        let within = |it: usize| {
            matches!(self.text(it).split(' ').next(), Some("in" | "within" | "for" | "at" | "of"))
        };
        let place = |it: &str| {
            it.contains("tags.") || ["account", "directory", "region"].iter().any(|name| it.ends_with(name))
        };
        let bound = group.and_then(|it| (it + 1..self.len()).find(|it| self.narrows(*it)));
        let bounds = bound.is_some_and(|it| self.meaning(it).dimensions().iter().any(|it| place(it)));
        bounds && group.is_some_and(|it| within(it + 1))
    }

    /// "share per directory, without the contractors"
    fn leaves_out(&self, at: usize) -> bool {
        (at..self.len()).any(|it| matches!(self.keyword(it), Some(Keyword::Not | Keyword::Without)))
    }

    /// Where the part is said: after the verb that follows the whole.
    fn part_begins(&mut self, whole: usize) -> Option<usize> {
        const VERBS: &[&str] = &[
            "is", "are", "was", "were", "has", "have", "had", "run", "runs", "use", "uses", "using", "that",
            "which", "who", "still", "belongs", "belong", "comes", "goes", "sits", "live", "lives", "being",
            "be", "been", "having", "do", "does", "did", "on", "get",
        ];
        let says = |n: usize| {
            matches!(
                self.meaning(n),
                Meaning::Entity
                    | Meaning::Field(_)
                    | Meaning::Figure(_)
                    | Meaning::Value(_)
                    | Meaning::Condition { .. }
                    | Meaning::Time(_)
            )
        };
        // "what share of zombies is in Dublin"
        let noun = matches!(self.meaning(whole), Meaning::Idle(..) | Meaning::Never(_));
        let subject = (whole..self.len()).find(|n| says(*n)).filter(|_| !noun).or(Some(whole))?;
        for n in subject + 1..self.len() {
            let mark = self.mark(n)?;
            if self.keyword(n) == Some(Keyword::PartIs) {
                self.take(n);
                return Some(n);
            }
            // "of the desktops in each directory, has been unused"
            let each = mark.text.ends_with("each") && mark.text.starts_with("in");
            if matches!(mark.meaning, Meaning::Keyword(Keyword::By)) && mark.text != "across" && !each {
                return None;
            }
            let first = mark.text.split(' ').next().unwrap_or_default();
            let verb = VERBS.contains(&first)
                && matches!(
                    mark.meaning,
                    Meaning::Noise
                        | Meaning::Hint
                        | Meaning::Keyword(
                            Keyword::It
                                | Keyword::Ones
                                | Keyword::Which
                                | Keyword::Not
                                | Keyword::Who
                                | Keyword::With
                                | Keyword::Without
                                | Keyword::Any
                        )
                );
            let activity =
                matches!(mark.meaning, Meaning::Idle(..) | Meaning::Never(_) | Meaning::Happened(..));
            // "the portion that each service makes up"
            if verb && self.next(n).is_some_and(|it| self.keyword(it) == Some(Keyword::Each)) {
                return None;
            }
            if verb || activity {
                let next = self.next(n).filter(|it| self.keyword(*it) == Some(Keyword::PartIs));
                if let Some(it) = next {
                    self.take(it);
                }
                return Some(n);
            }
        }
        // "what percentage of rebuild operations failed": what stands before the rows bounds them.
        let narrows = |n: &usize| matches!(self.meaning(*n), Meaning::Value(_) | Meaning::Condition { .. });
        let rows = (subject..self.len()).find(|n| *self.meaning(*n) == Meaning::Entity)?;
        ((whole..rows).any(|n| narrows(&n)) && (rows + 1..self.len()).any(|n| narrows(&n)))
            .then_some(rows + 1)
    }

    /// Without a verb the conditions themselves are the part: "the percentage of stopped desktops by region".
    pub(super) fn close_share(&mut self) {
        // "how often do jobs fail: share dead by kind": what is the part does not narrow the whole.
        let part = &self.plan.part;
        self.plan.filters.retain(|it| !part.contains(it));
        // "stopped in Production compared with Development": the two are wholes, and no part.
        let groups: Vec<_> = self.plan.group_by.iter().map(|it| it.dimension.clone()).collect();
        let whole = |it: &contract::query::Filter| it.values.len() > 1 && groups.contains(&it.dimension);
        if !self.plan.part.iter().all(whole) {
            let (wholes, part) = std::mem::take(&mut self.plan.part).into_iter().partition(whole);
            self.plan.part = part;
            self.plan.filters.extend::<Vec<_>>(wholes);
        }
        // Of a plan that was there before, its conditions stay what they were.
        let kept = self.edits && !self.plan.group_by.is_empty();
        if !self.share
            || kept
            || !self.plan.part.is_empty()
            || (self.part_from.is_some() && !self.choices.is_empty())
        {
            return;
        }
        // When a desktop was used last is a condition like others.
        let active = self.entity.activity.as_ref().is_some_and(|it| it.dimension == self.entity.time);
        let time = |it: &contract::query::Filter| it.dimension == self.entity.time && !active;
        // "What part of the bill is desktops"
        let desktops = conditions::of_desktops(self.entity).filter(|it| self.plan.filters.contains(it));
        if let Some(it) = desktops.filter(|_| self.part_from.is_some()) {
            self.plan.filters.retain(|other| *other != it);
            self.plan.part = vec![it];
            return;
        }
        let (times, others): (Vec<_>, Vec<_>) = self.plan.filters.clone().into_iter().partition(time);
        // "The share of cost by service in Production": of a figure that is cut up, conditions bound the whole.
        let of_figure = self.plan.measures.iter().chain(&self.figures).any(|it| it.of.is_some())
            && self.plan.group_by.iter().any(|it| it.grain.is_none());
        let grouped_shares = !self.plan.group_by.is_empty() && (others.is_empty() || of_figure || self.cut);
        if grouped_shares {
            if !others.is_empty() {
                self.doubt(Doubt::Likely);
            }
            return;
        }
        if others.is_empty() && self.choices.is_empty() {
            self.doubt(Doubt::ShareOfWhat);
            return;
        }
        self.plan.filters = times;
        self.plan.part = others;
    }
}

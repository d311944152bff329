//! Steps of time that an answer is cut into: "which month", "weekly", "over time".

use contract::{
    catalog::Kind,
    query::{Grain, GroupBy},
};

use super::{Doubt, Head, Reader, ranks::is_plural, slices::AVERAGE_OF_SUMS};
use crate::questions::link::{Keyword, Meaning};

impl Reader<'_> {
    /// "which month was the most expensive", "the busiest day", "months above 1000": one group for each.
    pub(super) fn find_times_asked(&mut self) {
        let ranked = self.ranking.as_ref().is_some_and(|it| !it.dated);
        let bounded = (0..self.len()).any(|it| matches!(self.keyword(it), Some(Keyword::Compare(_))));
        for n in
            (0..self.len()).filter(|it| !self.aside.get(*it).copied().unwrap_or(false)).collect::<Vec<_>>()
        {
            let grain = match *self.meaning(n) {
                Meaning::Grain(grain, false) => Some(grain),
                Meaning::Field(_) => {
                    self.field_at(n).filter(|it| it.kind == Kind::Time).and_then(|_| self.own_grain(n))
                }
                _ => None,
            };
            let Some(grain) = grain else { continue };
            let before = self.previous(n);
            let asked = match before.and_then(|it| self.keyword(it)) {
                // "which day in October": the stretch has taken it as what it bounds.
                Some(Keyword::Which) => {
                    let bounds = self.next(n).is_some_and(|it| matches!(self.meaning(it), Meaning::Time(_)));
                    ranked && bounds || (ranked || bounded) && !self.is_used(n)
                }
                Some(Keyword::Most | Keyword::Fewest | Keyword::Top | Keyword::Bottom) => true,
                // "top 10 days by billable hours"
                None if before.is_some_and(|it| matches!(self.meaning(it), Meaning::Number(_, None))) => {
                    ranked && before.is_some_and(|it| self.is_used(it))
                }
                // "day with the most active users"
                None if before.is_none() && ranked => self
                    .next(n)
                    .is_some_and(|it| matches!(self.keyword(it), Some(Keyword::Most | Keyword::Fewest))),
                None => before.is_none() && bounded && is_plural(self.text(n)),
                _ => false,
            };
            if asked && self.plan.group_by.iter().all(|it| it.grain.is_none()) {
                self.take(n);
                self.group_time(n, grain);
            }
        }
    }

    pub(super) fn usual_grain(&self) -> Grain {
        match self.field(self.entity.time).map(|it| it.finest) {
            Some(Grain::Month) => Grain::Month,
            _ => match &self.stretch {
                Some(it) if it.unit >= Grain::Quarter => Grain::Month,
                _ => Grain::Day,
            },
        }
    }

    /// "per month" where the dimension itself is called so.
    pub(super) fn own_grain(&self, n: usize) -> Option<Grain> {
        match self.text(n) {
            "day" | "days" | "date" => Some(Grain::Day),
            "month" | "months" | "mth" => Some(Grain::Month),
            _ => None,
        }
    }

    /// One group per stretch of the time that the question is about.
    pub(super) fn group_time(&mut self, n: usize, grain: Grain) {
        let of_rows = self.averages_slices(n, grain);
        if self.averages_coarser(n, grain) || of_rows && self.averages_sums(grain) {
            if !self.divide_by(grain) {
                self.refused = Some(AVERAGE_OF_SUMS);
            }
            return;
        }
        if of_rows {
            return;
        }
        if self.entity.words.monthly && grain == Grain::Month {
            return;
        }
        let Some((dimension, named)) = self.time_dimension(n) else { return self.doubt(Doubt::StepOfNoTime) };
        if let Some(at) = named {
            self.take(at);
        }
        let Some(field) = self.field(&dimension) else { return };
        if !field.grains().contains(&grain) {
            // "by hours" may be what was used.
            if field.finest >= Grain::Month && !matches!(self.text(n), "hours" | "hrs") {
                self.refused = Some("costs are known by month: ask for a month, a quarter or a year");
            } else {
                self.doubt(Doubt::TooFine);
            }
            return;
        }
        if !self.plan.group_by.iter().any(|it| it.grain.is_some()) {
            // Time comes first: it is the axis of a chart.
            self.plan.group_by.insert(0, GroupBy { dimension, grain: Some(grain) });
        }
        if matches!(self.head, Head::HowMuch(_)) && self.plan.measures.is_empty() {
            self.rows = false;
        }
    }
}

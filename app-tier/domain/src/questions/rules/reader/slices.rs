//! Entities whose rows are a day's or a month's each, and figures of such rows: "the average a day".

use contract::query::{
    Aggregate::{self, Average, Maximum, Minimum},
    Grain, GroupBy, Measure,
};

use super::{Doubt, Head, Reader, ranks::is_plural};
use crate::questions::link::{Keyword, Meaning};

/// Why there is none.
pub(super) const AVERAGE_OF_SUMS: &str =
    "an average of totals cannot be told yet: ask for the totals themselves, or for an average desktop";

impl Reader<'_> {
    /// "the average per active day" of what has a row for each day.
    pub(super) fn is_slice(&mut self, n: usize) -> bool {
        let averages = self.asks_for_average();
        let Some(active) = self.next(n).filter(|it| matches!(self.meaning(*it), Meaning::TimeOf(_))) else {
            return false;
        };
        let finest = self.field(self.entity.time).map(|it| it.finest);
        let day = self.next(active).filter(|it| match self.meaning(*it) {
            Meaning::Grain(grain, _) => Some(*grain) == finest,
            Meaning::Field(_) => self.own_grain(*it).is_some() && self.own_grain(*it) == finest,
            _ => false,
        });
        let Some(day) = day.filter(|_| averages && self.entity.words.sliced) else { return false };
        for it in [n, active, day] {
            self.take(it);
        }
        true
    }

    /// "the average monthly cost", "the most minutes in a day" are those of the rows, each of which is of a month or a day.
    pub(super) fn averages_slices(&self, n: usize, grain: Grain) -> bool {
        let of_rows =
            |it: usize| matches!(self.keyword(it), Some(Keyword::Figure(Average | Maximum | Minimum)));
        let averages = (0..self.len()).any(of_rows);
        let finest = self.field(self.entity.time).map(|it| it.finest);
        let alone = matches!(self.meaning(n), Meaning::Grain(_, true))
            || self.previous(n).is_some_and(|it| matches!(self.meaning(it), Meaning::TimeOf(_)));
        averages && self.entity.words.sliced && finest == Some(grain) && alone
    }

    /// "the average monthly cost per account": an average of sums, unless a row is what is asked for, which is one desktop's.
    pub(super) fn averages_sums(&self, grain: Grain) -> bool {
        grain == Grain::Month && self.asks_for_average() && !self.is_of_one_desktop()
    }

    /// "average monthly hours", of what has a row for each day.
    pub(super) fn averages_coarser(&self, n: usize, grain: Grain) -> bool {
        let coarser = self.field(self.entity.time).is_some_and(|it| it.finest < grain);
        let adjective = matches!(self.meaning(n), Meaning::Grain(_, true)) && self.text(n).ends_with("ly");
        coarser && adjective && self.entity.words.sliced && self.asks_for_average()
    }

    /// Averages and ratios that are none of rows: one can be had of these alone.
    pub(super) fn doubt_averages(&mut self) {
        let grouped = |names: &[&str]| {
            let by = |it: &GroupBy| names.contains(&it.dimension.as_str());
            self.plan.group_by.iter().any(by)
        };
        let averages = self.entity.words.sliced && self.asks_for_average();
        let several = self.plan.group_by.len() > 1;
        // "average cost per desktop and department": of a desktop's rows, or of desktops; so of a user's.
        let of_desktops = averages && several && grouped(&["workspace_id", "user_name"]);
        // "average hours per user last month": of sums, where no day is spoken of.
        let daily = (0..self.len()).any(|n| self.text(n).contains("day") || self.text(n).contains("daily"));
        let days = self.field(self.entity.time).is_some_and(|it| it.finest == Grain::Day);
        let of_sums = averages && days && !daily && grouped(&["user_name", "workspace_id"]);
        // "cost per head by department": a ratio, and not both groups.
        let head = |n: usize| {
            matches!(self.text(n), "head" | "capita" | "seat") && n > 0 && self.text(n - 1) == "per"
        };
        let ratio = several && (0..self.len()).any(head);
        if of_desktops || of_sums || ratio {
            self.doubt(Doubt::PerRow);
        }
    }

    pub(super) fn asks_for_average(&self) -> bool {
        (0..self.len()).any(|it| self.keyword(it) == Some(Keyword::Figure(Average)))
    }

    /// A row of costs is one desktop's of a month: "of a Power desktop". Those "of the sales desktops" add up first.
    fn is_of_one_desktop(&self) -> bool {
        let desktop = |n: usize| matches!(self.meaning(n), Meaning::Field(name) if name == "workspace_id");
        (0..self.len()).any(|n| desktop(n) && !is_plural(self.text(n)))
    }

    /// Desktops are counted that have one row each in the time that is asked about.
    pub(super) fn counts_slices(&self, measure: &Measure) -> bool {
        let Head::HowMany(head) = self.head else { return false };
        let desktops = self
            .target(head)
            .and_then(|it| self.field_at(it))
            .is_some_and(|it| it.name == "workspace_id" && self.entity.words.sliced);
        let finest = self.field(self.entity.time).map(|it| it.finest);
        let whole =
            self.stretch.as_ref().is_some_and(|it| Some(it.unit) == finest && it.is_one(self.at.today()));
        desktops && whole && measure.function == Aggregate::Sum
    }
}

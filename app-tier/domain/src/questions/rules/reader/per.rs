//! Averages per something: "average cost per user" is the total, divided by how many users there are.
//!
//! Not what is average of rows: "average root volume per bundle" is one for each bundle. Only of what adds up, or is counted, and
//! per desktop, person, or month.

use contract::query::{Aggregate, Grain, GroupBy};

use super::{Doubt, Reader, slices::AVERAGE_OF_SUMS};
use crate::questions::{
    link::{Keyword, Meaning},
    times::Stretch,
};

impl Reader<'_> {
    /// What was found as groups, "per user", becomes what the average is per.
    pub(super) fn divide(&mut self) {
        // "our average monthly bill"
        let monthly =
            |n: usize| matches!(self.meaning(n), Meaning::Figure(_)) && self.text(n).starts_with("monthly ");
        let of_sums = self.entity.words.sliced && self.averages_sums(Grain::Month);
        if of_sums && (0..self.len()).any(monthly) && !self.divide_by(Grain::Month) {
            self.refused = Some(AVERAGE_OF_SUMS);
        }
        let [measure] = self.plan.measures.as_slice() else { return };
        let unsaid = self.doubts.iter().position(|it| *it == Doubt::FigureOfNothing);
        let counts = measure.function == Aggregate::Count && unsaid.is_some();
        let adds_up = measure.function == Aggregate::Average && self.entity.words.sliced;
        if self.edits || !self.asks_for_average() || !(counts || adds_up) || self.plan.per.is_some() {
            return;
        }
        let steps = (0..self.len())
            .any(|n| matches!(self.meaning(n), Meaning::Grain(..)) || self.own_grain(n).is_some());
        let named: Vec<String> = (0..self.len()).filter_map(|n| self.per(n)).collect();
        let [dimension] = named.as_slice() else { return };
        let Some(at) =
            self.plan.group_by.iter().position(|it| it.dimension == *dimension && it.grain.is_none())
        else {
            return;
        };
        let ranked = self.plan.order.is_some() || self.plan.limit.is_some() || !self.plan.having.is_empty();
        if steps || ranked && self.plan.group_by.len() == 1 || !self.is_single(dimension) {
            return;
        }
        let per = self.plan.group_by.remove(at);
        // A row of costs is one desktop's of a month: of one month, those of the rows.
        let finest = self.field(self.entity.time).map(|it| it.finest);
        let one = |it: &Stretch| Some(it.unit) == finest && it.is_one(self.at.today());
        let of_rows = adds_up && per.dimension == "workspace_id" && self.stretch.as_ref().is_some_and(one);
        self.plan.per = Some(per).filter(|_| !of_rows);
        if let [measure] = self.plan.measures.as_mut_slice() {
            measure.function = Aggregate::Average;
        }
        // The average is of how many there are.
        if let (true, Some(at)) = (counts, unsaid) {
            self.doubts.remove(at);
        }
    }

    /// "average monthly cost", "average cost per month": nothing else may be what it is per.
    pub(super) fn divide_by(&mut self, grain: Grain) -> bool {
        let others = (0..self.len()).any(|n| self.per(n).is_some_and(|it| self.is_single(&it)));
        let fits = grain == Grain::Month && self.entity.words.sliced && !others && !self.edits;
        if fits {
            self.plan.per = Some(GroupBy { dimension: self.entity.time.to_owned(), grain: Some(grain) });
        }
        fits
    }

    /// What stands after a "per".
    fn per(&self, n: usize) -> Option<String> {
        let says = matches!(self.keyword(n), Some(Keyword::By | Keyword::Each))
            && self.text(n).split(' ').any(|it| matches!(it, "per" | "each" | "every"));
        let next = self.next(n).filter(|_| says)?;
        // "per desktop and department": of each together.
        let joined = self.next(next).is_some_and(|it| self.keyword(it) == Some(Keyword::And));
        self.groupable_at(next).filter(|_| !joined).map(|it| it.name)
    }

    /// A desktop, or somebody.
    fn is_single(&self, dimension: &str) -> bool {
        matches!(dimension, "workspace_id" | "user_name") || self.entity.words.who == Some(dimension)
    }
}

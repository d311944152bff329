//! Parts of a time that come again, of the time that is meant: "created on a Friday", "approvals by weekday".

use contract::query::{Aggregate, GroupBy};

use super::{Doubt, Reader};
use crate::questions::link::{Keyword, Meaning};

/// More often than at other times.
const HABIT: &[&str] = &["mostly", "usually", "mainly", "typically", "normally", "generally", "often"];

impl Reader<'_> {
    /// They are linked as parts of the rows' own time; where another one is named, they are that one's.
    pub(super) fn find_clocks(&mut self) {
        for n in self.live() {
            let named = match self.meaning(n) {
                Meaning::Field(name) => Some(name.as_str()),
                Meaning::Condition { filters, .. } => filters.first().map(|it| it.dimension.as_str()),
                _ => None,
            };
            let Some(clock) = named.and_then(|it| self.field(it)?.clock) else { continue };
            // Of those who use Skydesk, and of what it watches, only the beginning is known; advice is what holds now.
            let stands = self.entity.words.stands_for == Some("workspace_id") && !self.entity.tells_changes();
            let known = !stands && (!self.entity.of_house || self.entity.words.deeds);
            let Some((time, said)) = self.time_dimension(n).filter(|_| known) else {
                self.doubt(Doubt::TimeOfNothing);
                continue;
            };
            let name = clock.of(&time);
            if self.field(&name).is_none() {
                self.doubt(Doubt::TooFine);
                continue;
            }
            if let Some(at) = said {
                self.take(at);
            }
            self.recurs = true;
            self.doubt_clock(n);
            let asked = self.previous(n).is_some_and(|it| self.keyword(it) == Some(Keyword::Which));
            if asked && self.ranking.is_none() && matches!(self.meaning(n), Meaning::Field(_)) {
                // "on which weekdays do jobs fail"
                self.take(n);
                self.plan.group_by.push(GroupBy::values(name.clone()));
            }
            match self.linked.marks.get_mut(n).map(|it| &mut it.meaning) {
                Some(Meaning::Field(it)) => *it = name,
                Some(Meaning::Condition { filters, .. }) => {
                    filters.iter_mut().for_each(|it| it.dimension.clone_from(&name));
                }
                _ => {}
            }
        }
    }
    /// "weekends vs weekdays" are no groups of one dimension, "which Mondays" are days, "between 2 and 4 at night" is another
    /// time, "used only at weekends" says that on other days they were not, and what is done "mostly at night" is done at other
    /// times, too. Of connections only the days are known.
    fn doubt_clock(&mut self, n: usize) {
        let is_condition = matches!(self.meaning(n), Meaning::Condition { .. });
        let beside = [self.previous(n), self.next(n)];
        let versus = beside.into_iter().flatten().any(|it| self.keyword(it) == Some(Keyword::Versus));
        let of_days = self.previous(n).is_some_and(|it| {
            self.keyword(it) == Some(Keyword::Which) || matches!(self.meaning(it), Meaning::Number(..))
        });
        let only = (n.saturating_sub(2)..n + 2).any(|it| self.keyword(it) == Some(Keyword::Only));
        let adds_up = |it: &Meaning| matches!(it, Meaning::Figure(it) if it.function == Aggregate::Sum);
        let measured =
            (0..self.len()).any(|it| adds_up(self.meaning(it)) && !self.text(it).starts_with("use"));
        let habit = (0..self.len()).any(|it| HABIT.contains(&self.text(it)));
        let connects = !self.entity.words.sliced
            && (0..self.len())
                .any(|it| self.meaning(it).dimensions().iter().any(|it| it.ends_with("connection")));
        if versus
            || habit
            || connects
            || is_condition && (of_days || only && self.entity.words.sliced && !measured)
        {
            self.doubt(Doubt::NoPlan);
        }
    }
}

//! The times that a question is about, and those that it compares with.

use chrono::TimeDelta;
use contract::query::{Filter, Grain, GroupBy, Op, Value};

use super::{Doubt, Head, Reader, ranks::is_plural};
use crate::catalog::check::instant;
use crate::questions::{
    conditions,
    link::{Keyword, Meaning},
    times::Stretch,
};

/// What is asked of the future is of this time.
const SOON: TimeDelta = TimeDelta::days(3 * 366);

impl Reader<'_> {
    /// Files times: as the question's own, or as the one to compare with.
    pub(super) fn find_stretches(&mut self) {
        self.find_sides();
        let comparing = self.find(|it| matches!(it, Keyword::Comparison));
        // "EC2 vs S3" are no times, also where nothing tells which of them make groups.
        let versus = self.find(|it| it == Keyword::Versus).filter(|it| !self.is_between_conditions(*it));
        // "drop tax" after an answer
        let leaves_out = |n: &usize| self.edits && self.text(*n) == "drop";
        let moved = self.find(|it| matches!(it, Keyword::Moved(_))).filter(|it| !leaves_out(it));
        let developed = self.find(|it| it == Keyword::Developed);
        let times: Vec<usize> =
            self.live().into_iter().filter(|n| matches!(self.meaning(*n), Meaning::Time(_))).collect();
        let stretch_at = |reader: &Self, n: usize| match reader.meaning(n) {
            Meaning::Time(it) => Some(it.clone()),
            _ => None,
        };
        let before = self.find(|it| it == Keyword::OneBefore);
        // "projects up by more than 500 dollars from September to October"
        let bounded = |n: usize| {
            let number = |it: usize| matches!(self.meaning(it), Meaning::Number(..));
            let sign = |it: usize| matches!(self.keyword(it), Some(Keyword::Compare(_)));
            self.is_up_by(n).is_some() && self.next(n).is_some_and(|it| number(it) || sign(it))
        };
        let rises = self.live().into_iter().any(|n| self.keyword(n) == Some(Keyword::By) && bounded(n));
        let compares =
            comparing.is_some() || versus.is_some() || moved.is_some() || before.is_some() || rises;
        let over = comparing.and_then(|n| Some((n, Stretch::compared(self.text(n))?)));
        if let Some((n, unit)) = &over
            && versus.or(before).is_none()
            && (!times.is_empty() || moved.or(developed).is_none())
            && self.is_one_by_one(*n, unit, &times)
        {
            self.take(*n);
            for at in &times {
                if let Some(it) = stretch_at(self, *at) {
                    self.file_time(*at, &it);
                }
            }
            return self.group_time(*n, unit.unit);
        }
        // "Linux vs Windows" with no times and no two values of one kind: nothing says what is compared.
        let idle = times.is_empty() && before.is_none() && comparing.is_none() && !self.edits;
        for n in [comparing, versus.filter(|_| !idle), moved, before].into_iter().flatten() {
            self.take(n);
        }
        if let Some((n, unit)) = over.filter(|_| times.is_empty() && !self.edits) {
            self.file_time(n, &unit);
            self.compared = unit.one_before();
        }
        if versus.is_some_and(|it| self.text(it) == "than")
            && let Some(n) = self.find(|it| matches!(it, Keyword::More(_)))
            && let Some(Keyword::More(up)) = self.keyword(n)
        {
            self.take(n);
            // Those that cost more; "do they cost more" wants both figures.
            self.more = matches!(self.head, Head::Which(_) | Head::List(_)).then_some(up);
        }
        match times.as_slice() {
            [] => {}
            [only] => {
                let Some(own) = stretch_at(self, *only) else { return };
                if self.edits && (versus.is_some() || comparing.is_some()) {
                    // "vs last month": the other side is the plan's own.
                    self.take(*only);
                    self.compared = Some(own);
                } else if compares {
                    let of_year = before.is_some_and(|it| self.text(it).ends_with("last year"));
                    let earlier =
                        || if of_year { own.year_before(self.at.today()) } else { own.one_before() };
                    let split = self.split(*only).filter(|_| !of_year);
                    let Some((later, earlier)) = split.or_else(|| Some((own.clone(), earlier()?))) else {
                        return self.doubt(Doubt::NothingToCompare);
                    };
                    let sided = before.is_some() || self.split(*only).is_some();
                    if let Some(n) = developed.filter(|_| sided && !self.share) {
                        self.take(n);
                    }
                    self.file_time(*only, &later);
                    self.compared = Some(earlier);
                } else if developed.is_some()
                    && let Some((later, earlier)) = self.split(*only)
                {
                    self.file_time(*only, &later);
                    self.compared = Some(earlier);
                } else {
                    self.file_time(*only, &own);
                }
            }
            [first, second] if compares => {
                let (Some(a), Some(b)) = (stretch_at(self, *first), stretch_at(self, *second)) else {
                    return;
                };
                let (own, other, at) = if self.is_later(&b, &a) { (b, a, *second) } else { (a, b, *first) };
                self.take(*first);
                self.take(*second);
                // "change in spend per directory, last quarter against the quarter before"
                let ranks = |it: usize| matches!(self.keyword(it), Some(Keyword::Most | Keyword::Fewest));
                let plain = developed.filter(|it| !self.share && !self.previous(*it).is_some_and(ranks));
                if let Some(n) = plain {
                    self.take(n);
                }
                self.file_time(at, &own);
                self.compared = Some(other);
            }
            several => {
                for n in several {
                    if let Some(it) = stretch_at(self, *n) {
                        self.file_time(*n, &it);
                    }
                }
            }
        }
        if let Some(n) = moved
            && let Some(Keyword::Moved(up)) = self.keyword(n)
        {
            if self.compared.is_none() && !self.edits {
                self.doubt(Doubt::ChangeOfNoTime);
            }
            let whose = self.whose(n);
            if let Some(name) = whose.clone() {
                let all = self.ranking.as_ref().is_none_or(|it| it.limit.is_none());
                self.more = all.then_some(up);
                self.plan.group_by.push(GroupBy::values(name));
            }
            match &mut self.ranking {
                // "whose cost fell, sorted by cost"
                Some(ranking) if whose.is_some() && ranking.limit.is_none() => {}
                Some(ranking) => {
                    ranking.moved = true;
                    ranking.descending = up;
                }
                None => {
                    let text = self.text(n);
                    if text.contains("biggest") || text.contains("largest") {
                        let first = self.first_after(n);
                        self.ranking = Some(super::Ranking::moved(up, first.is_none()));
                        if let Some(at) = first {
                            self.take(at);
                        }
                    }
                }
            }
        }
    }

    /// "directories whose cost fell": of those before, each.
    fn whose(&mut self, moved: usize) -> Option<String> {
        let Head::Who(head) = self.head else { return None };
        let before = self.previous(head).filter(|_| head < moved && self.text(head) == "whose")?;
        let field = self.groupable_at(before).filter(|_| is_plural(self.text(before)))?;
        self.take(before);
        Some(field.name)
    }

    /// "month over month this year": each month of it, since it is longer than the two that would be beside each other.
    /// Without a time the short forms are of the latest two, and the long ones of weeks and months of all.
    fn is_one_by_one(&self, n: usize, unit: &Stretch, times: &[usize]) -> bool {
        let today = self.at.today();
        let is_short = matches!(self.text(n), "yoy" | "qoq" | "mom");
        match times {
            _ if self.edits => false,
            [] => !is_short && unit.unit < Grain::Quarter,
            [only] => match self.meaning(*only) {
                Meaning::Time(it) if it.unit == unit.unit => !it.is_one(today),
                Meaning::Time(it) if it.unit < unit.unit => it.days(today) > 45 && unit.unit < Grain::Quarter,
                Meaning::Time(_) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// "from September to October": the later and the earlier.
    fn split(&self, n: usize) -> Option<(Stretch, Stretch)> {
        let Meaning::Time(it) = self.meaning(n) else { return None };
        it.halves(&self.mark(n)?.text, self.at.today())
    }

    fn is_later(&self, one: &Stretch, other: &Stretch) -> bool {
        one.first_day(self.at.today()) > other.first_day(self.at.today())
    }

    /// "finished"
    pub(super) fn is_done(&self, n: usize) -> bool {
        match self.meaning(n) {
            Meaning::Value(them) => {
                them.iter().any(|(name, value)| name == "state" && *value == Value::text("done"))
            }
            _ => false,
        }
    }

    /// A time of the question: a filter on the dimension that it is about.
    pub(super) fn file_time(&mut self, n: usize, stretch: &Stretch) {
        self.take(n);
        let Some((dimension, named)) = self.time_dimension(n) else {
            return self.doubt(Doubt::TimeOfNothing);
        };
        // "the day with the most users" is none on which they were registered.
        if named.is_none()
            && self.entity.of_house
            && !self.entity.words.deeds
            && self.ranking.as_ref().is_some_and(|it| !it.dated)
        {
            self.doubt(Doubt::TimeOfNothing);
        }
        if self.is_to_come(&dimension, stretch) {
            self.refused = Some("that time has not come yet, and Skydesk knows what has been");
        }
        let finest = self.field(&dimension).map_or(Grain::Hour, |it| it.finest);
        if conditions::is_too_fine(stretch, finest) {
            self.refused = Some("costs are known by month: ask for a month, a quarter or a year");
        }
        if finest == Grain::Day && stretch.unit == Grain::Hour {
            self.doubt(Doubt::HoursOfDay);
        }
        if let Some(at) = named {
            self.take(at);
            // "not synced in the last 24 hours"
            let negated = self.previous(at).filter(|it| {
                !self.is_used(*it) && matches!(self.keyword(*it), Some(Keyword::Not | Keyword::Without))
            });
            if let Some(not) = negated {
                self.take(not);
                // "hours yesterday but nobody connected": of days there is none before.
                match stretch
                    .since
                    .as_ref()
                    .filter(|_| !self.entity.words.sliced && !self.entity.tells_changes())
                {
                    Some(since) => self.plan.filters.push(Filter::new(dimension, Op::Before, since.clone())),
                    None => self.doubt(Doubt::NotBefore),
                }
                return;
            }
        }
        if self.stretch.is_some() {
            self.doubt(Doubt::SeveralTimes);
        }
        self.stretch = Some(stretch.clone());
        self.plan.filters.extend(conditions::of_stretch(&dimension, stretch));
    }

    /// It begins in the next years; "job 2041" is of no year.
    fn is_to_come(&self, dimension: &str, stretch: &Stretch) -> bool {
        let begins = self.field(dimension).zip(stretch.since.as_ref());
        let begins = begins.and_then(|(field, it)| instant(it, &field, self.at));
        begins.is_some_and(|it| it > self.at.now && it < self.at.now + SOON)
    }

    /// "by account and month": after "by", among others that are joined.
    fn is_grouped(&self, n: usize) -> bool {
        let mut at = n;
        for _ in 0..6 {
            let Some(before) = self.previous(at) else { return false };
            match (self.keyword(before), self.meaning(before)) {
                (Some(Keyword::By | Keyword::Each), _) => return true,
                (Some(Keyword::And), _) | (_, Meaning::Field(_)) => at = before,
                _ => return false,
            }
        }
        false
    }

    /// Which time is meant, and the mark that says so. A desktop has several; without a word for one none is meant.
    pub(super) fn time_dimension(&self, n: usize) -> Option<(String, Option<usize>)> {
        let names = |it: &usize| match self.meaning(*it) {
            Meaning::TimeOf(name) => Some(name.clone()),
            Meaning::Field(name) => self
                .field(name)
                .filter(|it| matches!(it.kind, contract::catalog::Kind::Time))
                .map(|it| it.name),
            _ => None,
        };
        // A dimension is meant where it stands next to the time; a verb wherever it stands.
        let beside = |it: usize| match self.meaning(it) {
            Meaning::Field(_) => {
                !self.is_grouped(it) && (self.next(it) == Some(n) || self.previous(it) == Some(n))
            }
            _ => true,
        };
        let mut near: Vec<usize> = (0..self.len())
            .filter(|it| names(it).is_some() && beside(*it) && !self.aside.get(*it).copied().unwrap_or(false))
            .collect();
        near.sort_by_key(|it| it.abs_diff(n));
        if let Some(at) = near.first() {
            return names(at).map(|name| (name, Some(*at)));
        }
        // "decided by Marco in October": when he did.
        let doers = self.entity.words.doers;
        let deed = (0..self.len()).filter(|it| !self.is_grouped(*it)).find_map(|it| match self.meaning(it) {
            Meaning::Field(name) => doers.iter().find(|(_, doer)| doer == name).map(|(time, _)| *time),
            _ => None,
        });
        let rejected = || Some("decided_at").filter(|_| self.who_rejected().is_some());
        if let Some(time) = deed.or_else(rejected).filter(|it| self.entity.dimension(it).is_some()) {
            return Some((time.to_owned(), None));
        }
        // "completed this week": when it ended, which says that it did; an operation ends in several ways.
        let done = self.previous(n).filter(|it| self.is_done(*it));
        if let Some(at) = done {
            if self.entity.dimension("finished_at").is_some() {
                let says_so = self.text(at).contains("done");
                return Some(("finished_at".to_owned(), (!says_so).then_some(at)));
            }
            if self.entity.dimension("ended_at").is_some() {
                return Some(("ended_at".to_owned(), None));
            }
        }
        (self.entity.activity.is_none()
            || self.entity.time != self.entity.activity.as_ref().map_or("", |it| it.dimension))
        .then(|| (self.entity.time.to_owned(), None))
    }
}

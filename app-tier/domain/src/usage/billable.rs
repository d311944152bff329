//! Billable hours, as AWS's running-mode billing rules count them: whole hours, as long as AutoStop keeps a desktop on.
//!
//! An hour is a block of sixty minutes that begins with the first minute which is to be billed and is in no block before it.
//! That is the smallest number of hours that cover what is to be billed: for a session alone, its length rounded up; for two
//! sessions within one hour, one. So no day has more than the wall's hours, and a longer timeout never has fewer.
//!
//! A month begins afresh: at its first midnight (UTC) a block ends, and a session that goes on begins another. So a month's
//! hours follow from its own observations and [`Timeout::reach`] on either side, whatever else was loaded, and the price of
//! that is at most one hour a month. AWS closes its bills by months in UTC.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{Series, Session, Span, Timeout, instant};

const HOUR_SECONDS: i64 = 3600;

/// The hours that were begun up to a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Billable {
    /// In order of time.
    hours: Vec<Hour>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hour {
    began: DateTime<Utc>,
    estimated: bool,
}

/// How many hours, and whether one of them rests on a session that is an estimate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub hours: u32,
    pub estimated: bool,
}

/// A month of the bill, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    /// 1 to 12.
    month: u32,
}

impl Month {
    /// The month that an instant is in.
    #[must_use]
    pub fn of(at: DateTime<Utc>) -> Self {
        Self { year: at.year(), month: at.month() }
    }

    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }

    #[must_use]
    pub fn next(self) -> Self {
        let first = self.first_day().checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
        Self { year: first.year(), month: first.month() }
    }

    /// 28 to 31.
    #[must_use]
    pub fn days(self) -> u32 {
        u32::try_from((self.next().first_day() - self.first_day()).num_days()).unwrap_or(0)
    }

    #[must_use]
    pub fn span(self) -> Span {
        let midnight = |it: NaiveDate| it.and_time(NaiveTime::MIN).and_utc();
        Span::new(midnight(self.first_day()), midnight(self.next().first_day()))
    }
}

impl Series {
    /// The hours that AutoStop with this timeout is billed for up to `now`: those that have begun, the current one included.
    #[must_use]
    pub fn billable(&self, timeout: Timeout, now: DateTime<Utc>) -> Billable {
        Billable::of(&self.sessions(timeout, now), now)
    }

    /// What each timeout that AWS offers up to four hours would have been billed in a span, had everybody connected as he
    /// did. Who has to wait for a start more often may connect otherwise; nothing here knows that.
    #[must_use]
    pub fn simulate(&self, span: Span, now: DateTime<Utc>) -> [(Timeout, u32); 4] {
        Timeout::CHOICES.map(|it| (it, self.billable(it, now).within(span).hours))
    }
}

impl Billable {
    /// The hours of sessions that are in order and apart, as [`Series::sessions`] gives them.
    #[must_use]
    pub fn of(sessions: &[Session], now: DateTime<Utc>) -> Self {
        let mut hours = Vec::new();
        let mut covered_until = i64::MIN;
        let mut month_ends = i64::MIN;
        for session in sessions {
            let mut at = session.began.timestamp().max(covered_until);
            let end = session.billed_until.min(now).timestamp();
            while at < end {
                if at >= month_ends {
                    month_ends = Month::of(instant(at)).span().until.timestamp();
                }
                hours.push(Hour { began: instant(at), estimated: session.estimated });
                covered_until = (at + HOUR_SECONDS).min(month_ends);
                at = covered_until;
            }
        }
        Self { hours }
    }

    #[must_use]
    pub fn total(&self) -> u32 {
        u32::try_from(self.hours.len()).unwrap_or(u32::MAX)
    }

    /// Those that begin in a span.
    #[must_use]
    pub fn within(&self, span: Span) -> Tally {
        let from = self.hours.partition_point(|it| it.began < span.from);
        let until = self.hours.partition_point(|it| it.began < span.until);
        let mut tally = Tally::default();
        for hour in self.hours.get(from..until).unwrap_or_default() {
            tally.count(*hour);
        }
        tally
    }

    /// By the day on which they begin, where the clocks show `zone`. Days without any are left out. The bill's own days are
    /// those of [`Tz::UTC`]; in any zone the days of all time add up to the same.
    #[must_use]
    pub fn by_day(&self, zone: Tz) -> BTreeMap<NaiveDate, Tally> {
        self.by(|at| at.with_timezone(&zone).date_naive())
    }

    /// By the month of the bill in which they begin. Months without any are left out.
    #[must_use]
    pub fn by_month(&self) -> BTreeMap<Month, Tally> {
        self.by(Month::of)
    }

    fn by<K: Ord>(&self, key: impl Fn(DateTime<Utc>) -> K) -> BTreeMap<K, Tally> {
        let mut all = BTreeMap::<K, Tally>::new();
        for hour in &self.hours {
            all.entry(key(hour.began)).or_default().count(*hour);
        }
        all
    }
}

impl Tally {
    fn count(&mut self, hour: Hour) {
        self.hours = self.hours.saturating_add(1);
        self.estimated |= hour.estimated;
    }
}

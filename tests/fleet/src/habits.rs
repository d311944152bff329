//! How one person works: which days, from when, how long, with what breaks, and how that changes over the year.

use std::collections::BTreeSet;
use std::ops::Range;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday};
use chrono_tz::Tz;

use crate::{Connection, absence, calendar, chance::Chance, kind::Kind};

/// Minutes of a local day, from its midnight; beyond 1440 is the next day.
type Minutes = f64;

/// What stays the same of a person, and what changes slowly.
#[derive(Debug)]
pub(crate) struct Habits {
    kind: Kind,
    /// Probability of working, Monday first.
    week: [f64; 7],
    /// When the day begins.
    begins: Minutes,
    /// How long it takes.
    length: Minutes,
    /// Probability of disconnecting for lunch.
    lunch: f64,
    /// Probability, each hour, that the line drops or the person walks away for some minutes.
    drops: f64,
    /// Probability that nobody disconnects in the evening.
    forgets: f64,
    trend: Trend,
    /// Whether nobody is there any more, or not yet.
    employed: Range<NaiveDate>,
    away: BTreeSet<NaiveDate>,
}

/// How use changes from the first to the last day.
#[derive(Debug, Clone, Copy)]
enum Trend {
    Steady,
    /// Evenly from one factor to the other.
    Sloping(f64, f64),
    /// A new role, on one day: from one factor to the other.
    Stepping(NaiveDate, f64, f64),
}

impl Habits {
    pub(crate) fn of(kind: Kind, days: &Range<NaiveDate>, chance: &mut Chance) -> Self {
        let (week, begins, length) = routine(kind, chance);
        Self {
            kind,
            week,
            begins,
            length,
            lunch: chance.between(0.2, 0.95),
            drops: chance.between(0.0, 0.15),
            forgets: if kind == Kind::Heavy { chance.between(0.0, 0.08) } else { 0.004 },
            trend: Trend::of(days, chance),
            employed: employed(kind, days, chance),
            away: absence::days(days, chance),
        }
    }

    /// All connections that begin on one of the days; they may overlap.
    pub(crate) fn connections(
        &self,
        days: &Range<NaiveDate>,
        zone: Tz,
        chance: &mut Chance,
    ) -> Vec<Connection> {
        let mut all = Vec::new();
        let length = (days.end - days.start).num_days();
        for (date, number) in days.start.iter_days().zip(0..length) {
            let use_now = self.trend.on(date, number, length);
            // Its own stream: who is on leave one day works the others as he would have.
            let mut today = chance.branch();
            if self.is_there(date, use_now, &mut today) {
                let spans = self.day(use_now, &mut today);
                all.extend(spans.into_iter().filter_map(|it| placed(date, &it, zone)));
            }
        }
        all
    }

    fn is_there(&self, date: NaiveDate, use_now: f64, chance: &mut Chance) -> bool {
        if !self.employed.contains(&date) || self.away.contains(&date) {
            return false;
        }
        let usual =
            usize::try_from(date.weekday().num_days_from_monday()).ok().and_then(|it| self.week.get(it));
        let probability = match self.kind {
            Kind::NeverConnected => 0.0,
            Kind::MonthEnd if calendar::is_turn_of_month(date) => 0.95,
            // Shifts know no holiday.
            Kind::NightAndWeekend => usual.copied().unwrap_or(0.0),
            _ if calendar::is_holiday(date) => 0.01,
            _ => usual.copied().unwrap_or(0.0),
        };
        chance.happens(probability * use_now)
    }

    /// The connections of a day on which the person works.
    fn day(&self, use_now: f64, chance: &mut Chance) -> Vec<Range<Minutes>> {
        let begins = chance.around(self.begins, 18.0).max(0.0);
        let usual = self.length * use_now.clamp(0.4, 1.15);
        let ends = begins + chance.around(usual, usual * 0.15).max(6.0);
        let mut spans = Vec::new();
        let mut from = begins;
        if ends - begins > 300.0 && chance.happens(self.lunch) {
            let leaves = begins + (ends - begins) * chance.between(0.4, 0.6);
            self.without_drops(from..leaves, &mut spans, chance);
            from = leaves + chance.between(25.0, 80.0);
        }
        self.without_drops(from..ends, &mut spans, chance);
        if self.kind == Kind::Heavy && chance.happens(0.35) {
            let evening = chance.between(1200.0, 1290.0);
            spans.push(evening..evening + chance.between(20.0, 130.0));
        }
        if chance.happens(self.forgets)
            && let Some(last) = spans.last_mut()
        {
            last.end = begins + 1440.0;
        }
        spans
    }

    /// Cuts short pauses out of a stretch of work.
    fn without_drops(&self, work: Range<Minutes>, spans: &mut Vec<Range<Minutes>>, chance: &mut Chance) {
        let mut from = work.start;
        let mut at = work.start + 60.0;
        while at < work.end {
            if chance.happens(self.drops) {
                let drops = at - chance.between(0.0, 55.0);
                spans.push(from..drops);
                // Mostly a hiccup, sometimes a meeting.
                from = drops
                    + if chance.happens(0.7) {
                        chance.between(0.5, 12.0)
                    } else {
                        chance.between(20.0, 110.0)
                    };
                at = at.max(from);
            }
            at += 60.0;
        }
        if from < work.end {
            spans.push(from..work.end);
        }
    }
}

/// Days of the week, begin and length of a day, in minutes.
fn routine(kind: Kind, chance: &mut Chance) -> ([f64; 7], Minutes, Minutes) {
    let on = |working: f64, weekend: f64| [working, working, working, working, working, weekend, weekend];
    match kind {
        Kind::Office | Kind::Contractor => {
            (on(chance.between(0.88, 0.99), 0.01), chance.between(420.0, 570.0), chance.between(400.0, 520.0))
        }
        Kind::PartTime if chance.happens(0.5) => {
            (on(0.95, 0.0), chance.between(450.0, 560.0), chance.between(150.0, 300.0))
        }
        Kind::PartTime => {
            let mut week = on(0.03, 0.0);
            let first = chance.whole(0, 4);
            for day in 0..chance.whole(2, 3) {
                let day = usize::try_from((first + day) % 5).unwrap_or(0);
                if let Some(it) = week.get_mut(day) {
                    *it = 0.95;
                }
            }
            (week, chance.between(450.0, 600.0), chance.between(300.0, 480.0))
        }
        Kind::Heavy => {
            let mut week = on(0.98, 0.05);
            if let Some(saturday) =
                week.get_mut(usize::try_from(Weekday::Sat.num_days_from_monday()).unwrap_or(5))
            {
                *saturday = chance.between(0.05, 0.45);
            }
            (week, chance.between(390.0, 540.0), chance.between(560.0, 720.0))
        }
        Kind::Occasional => {
            (on(chance.between(0.04, 0.3), 0.02), chance.between(480.0, 840.0), chance.between(15.0, 130.0))
        }
        Kind::NightAndWeekend => (
            on(chance.between(0.25, 0.6), chance.between(0.6, 0.9)),
            chance.between(1180.0, 1340.0),
            chance.between(360.0, 500.0),
        ),
        Kind::MonthEnd => {
            (on(chance.between(0.02, 0.12), 0.03), chance.between(440.0, 540.0), chance.between(480.0, 640.0))
        }
        Kind::NeverConnected => ([0.0; 7], 540.0, 60.0),
    }
}

fn employed(kind: Kind, days: &Range<NaiveDate>, chance: &mut Chance) -> Range<NaiveDate> {
    let day = |number: i64| days.start + TimeDelta::days(number);
    if kind == Kind::Contractor {
        let begins = chance.whole(-120, 150);
        return day(begins)..day(begins + chance.whole(90, 210));
    }
    // Some of the others come or go in the course of a year, too.
    match chance.part() {
        it if it < 0.06 => day(chance.whole(20, 300))..days.end,
        it if it < 0.12 => days.start..day(chance.whole(60, 345)),
        _ => days.clone(),
    }
}

impl Trend {
    fn of(days: &Range<NaiveDate>, chance: &mut Chance) -> Self {
        match chance.part() {
            it if it < 0.6 => Self::Steady,
            it if it < 0.75 => Self::Sloping(chance.between(0.3, 0.7), chance.between(0.9, 1.1)),
            it if it < 0.9 => Self::Sloping(chance.between(0.9, 1.1), chance.between(0.2, 0.6)),
            _ => {
                let length = (days.end - days.start).num_days();
                let from = chance.between(0.3, 1.1);
                Self::Stepping(days.start + TimeDelta::days(chance.whole(0, length)), from, 1.35 - from)
            }
        }
    }

    fn on(self, date: NaiveDate, number: i64, length: i64) -> f64 {
        let whole = |it: i64| f64::from(i32::try_from(it).unwrap_or(i32::MAX));
        match self {
            Self::Steady => 1.0,
            Self::Sloping(from, to) => from + (to - from) * whole(number) / whole(length.max(1)),
            Self::Stepping(day, before, after) => {
                if date < day {
                    before
                } else {
                    after
                }
            }
        }
    }
}

/// Minutes of a local day as an instant's range. A time that the clocks skip is as much later as they are put forward.
fn placed(date: NaiveDate, span: &Range<Minutes>, zone: Tz) -> Option<Connection> {
    let instant = |minutes: Minutes| -> Option<DateTime<Utc>> {
        let local = date.and_time(NaiveTime::MIN) + TimeDelta::seconds(whole_seconds(minutes));
        let found = zone.from_local_datetime(&local).earliest();
        let found = found.or_else(|| zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest());
        Some(found?.to_utc())
    };
    Some(Connection { began: instant(span.start)?, ended: instant(span.end)? })
}

fn whole_seconds(minutes: Minutes) -> i64 {
    #[expect(
        clippy::as_conversions,
        reason = "the standard library has no other way from a float; a day or two fit"
    )]
    let seconds = (minutes * 60.0) as i64;
    seconds
}

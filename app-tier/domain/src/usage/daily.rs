//! Days of the bill: how long a user was connected on each, and what AutoStop bills of it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{Billable, Series, Span, Timeout};

/// A day in UTC on which somebody was connected or hours are billable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub day: NaiveDate,
    pub connected_minutes: u32,
    /// Those that began on that day, as [`Series::sessions`] tells them apart.
    pub sessions: u32,
    /// Of AutoStop, begun on that day.
    pub hours: u32,
    /// Of the hours.
    pub estimated: bool,
}

impl Series {
    /// The days of a span up to `now`, those on which nothing was left out. Exact for days of months whose beginning, and
    /// [`Timeout::reach`] before it, are in the series.
    #[must_use]
    pub fn days(&self, span: Span, timeout: Timeout, now: DateTime<Utc>) -> Vec<Day> {
        let mut days: BTreeMap<NaiveDate, Day> = BTreeMap::new();
        let blank = |day| Day { day, connected_minutes: 0, sessions: 0, hours: 0, estimated: false };
        for connected in self.within(span).connected() {
            let mut at = connected.from;
            while at < connected.until {
                let day = at.date_naive();
                let midnight =
                    day.succ_opt().map_or(connected.until, |it| it.and_time(NaiveTime::MIN).and_utc());
                let until = midnight.min(connected.until);
                let minutes = u32::try_from((until - at).num_minutes()).unwrap_or(0);
                days.entry(day).or_insert_with(|| blank(day)).connected_minutes += minutes;
                at = until;
            }
        }
        // Of the whole series: what only reaches into the span began before it.
        let sessions = self.sessions(timeout, now);
        for day in sessions.iter().filter(|it| span.contains(it.began)).map(|it| it.began.date_naive()) {
            days.entry(day).or_insert_with(|| blank(day)).sessions += 1;
        }
        let covered = span.from.date_naive()..=span.until.date_naive();
        for (day, tally) in Billable::of(&sessions, now).by_day(Tz::UTC) {
            let begins = day.and_time(NaiveTime::MIN).and_utc();
            if covered.contains(&day) && begins < span.until {
                let it = days.entry(day).or_insert_with(|| blank(day));
                (it.hours, it.estimated) = (tally.hours, tally.estimated);
            }
        }
        days.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone};

    use super::*;

    #[test]
    fn a_night_at_work_is_two_days() {
        let midnight = Utc.with_ymd_and_hms(2026, 3, 4, 0, 0, 0).unwrap();
        let span = Span::new(midnight - TimeDelta::days(1), midnight + TimeDelta::days(1));
        let connected = Span::new(midnight - TimeDelta::minutes(90), midnight + TimeDelta::minutes(30));
        let series = Series::from_stored(span, [], [connected]);
        let days = series.days(span, Timeout::HOUR, span.until);
        let told: Vec<_> =
            days.iter().map(|it| (it.day, it.connected_minutes, it.sessions, it.hours)).collect();
        // From 22:30 to the last point at 00:25 and an hour more: three hours, of which the second ends at 00:30.
        let date = midnight.date_naive();
        assert_eq!(told, [(date.pred_opt().unwrap(), 90, 1, 2), (date, 30, 0, 1)]);
    }
    #[test]
    fn a_session_is_of_the_day_on_which_it_began() {
        let midnight = Utc.with_ymd_and_hms(2026, 3, 4, 0, 0, 0).unwrap();
        let span = Span::new(midnight - TimeDelta::days(1), midnight + TimeDelta::days(1));
        let run = |from, until| {
            Span::new(midnight + TimeDelta::minutes(from), midnight + TimeDelta::minutes(until))
        };
        // A pause of an hour is within the timeout, as is the one over midnight; one of two hours is not.
        let runs =
            [run(-300, -270), run(-210, -180), run(-60, -30), run(10, 20), run(140, 150), run(600, 610)];
        let series = Series::from_stored(span, [], runs);
        let sessions = |timeout| -> Vec<_> {
            series.days(span, timeout, span.until).iter().map(|it| it.sessions).collect()
        };
        assert_eq!(sessions(Timeout::HOUR), [2, 2]);
        assert_eq!(sessions(Timeout::from_minutes(120)), [1, 1]);
        // The span alone counts: what began before it is another's, and no part of it begins anew.
        assert_eq!(series.days(Span::new(midnight, span.until), Timeout::HOUR, span.until)[0].sessions, 2);
    }
}

//! Sessions, hours and pictures of single desktops, with their figures: the cases that others got wrong, and those that a
//! rule alone does not show.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute only")]

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use domain::usage::{Activity, Month, Profile, Series, Span, Timeout};
use fleet::{Faults, Fleet, Kind};

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}:00Z").parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Observed all the time between two moments, with a user in the given ones.
fn observed(span: Range<&str>, connected: &[Range<&str>]) -> Series {
    let spans = connected.iter().map(|it| Span::new(at(it.start), at(it.end)));
    Series::from_stored(Span::new(at(span.start), at(span.end)), [], spans)
}

fn hours(series: &Series, minutes: u16) -> u32 {
    series.billable(Timeout::from_minutes(minutes), at("2026-12-31T00:00")).total()
}

/// Reported to AWS's Cost Optimizer: <https://github.com/aws-solutions/cost-optimizer-for-amazon-workspaces/issues/17>.
#[test]
fn three_connected_hours_are_four_or_seven_billed_ones() {
    let series = observed("2026-03-02T00:00".."2026-03-03T00:00", &["2026-03-02T09:00".."2026-03-02T12:00"]);
    assert_eq!([60, 120, 180, 240].map(|it| hours(&series, it)), [4, 5, 6, 7]);
    let span = Month::of(at("2026-03-02T00:00")).span();
    assert_eq!(series.simulate(span, span.until).map(|it| it.1), [4, 5, 6, 7]);
}

/// <https://github.com/aws-solutions/cost-optimizer-for-amazon-workspaces/issues/23>: three days of ten, eight and ten hours
/// with a flaky line. Sampled every hour that was 28 hours of use and 31 billed ones; sampled every five minutes, with each
/// of 46 connections taken for a session that ends with an idle hour, 92.
#[test]
fn reconnects_are_no_new_sessions() {
    let mut points = Vec::new();
    let mut connections = 0;
    for (date, length, count) in [("2021-06-29", 10, 16), ("2021-06-30", 8, 14), ("2021-07-01", 10, 16)] {
        let begin = at(&format!("{date}T08:00"));
        for slot in 0..24 * 12 {
            // Three points with a user, a pause, and so on evenly until the evening.
            let position = slot * count * 10 / (length * 12);
            let connected = slot < length * 12 && position % 10 < 4;
            points.push((begin + TimeDelta::minutes(5 * slot), connected));
        }
    }
    let mut was = false;
    for (_, connected) in &points {
        connections += u32::from(*connected && !was);
        was = *connected;
    }
    assert_eq!((connections, 2 * connections), (46, 92), "as the tool counted");
    let series: Series = points.into_iter().collect();
    let now = at("2021-08-01T00:00");
    assert_eq!(series.sessions(Timeout::HOUR, now).len(), 3);
    let hours = series.billable(Timeout::HOUR, now).total();
    assert!((28..=31).contains(&hours), "{hours}");
}

/// <https://github.com/aws-solutions/cost-optimizer-for-amazon-workspaces/issues/67>: 526 hours by the 20th of a month.
#[test]
fn who_is_always_connected_pays_the_hours_that_were() {
    let series = observed("2024-04-01T00:00".."2024-04-21T00:00", &["2024-04-01T00:00".."2024-04-21T00:00"]);
    let now = at("2024-04-21T00:00");
    assert_eq!(series.billable(Timeout::from_minutes(240), now).total(), 480);
    // Points that come and go with the timer's time are the worst case.
    let slots = (0..20 * 288).map(|it| (at("2024-04-01T00:00") + TimeDelta::minutes(5 * it), it % 14 == 0));
    let flapping: Series = slots.collect();
    assert!(flapping.billable(Timeout::HOUR, now).total() <= 480);
}

#[test]
fn two_sessions_within_an_hour_are_one_hour() {
    let connected = ["2026-03-02T09:00".."2026-03-02T09:05", "2026-03-02T09:30".."2026-03-02T09:35"];
    let series = observed("2026-03-02T00:00".."2026-03-03T00:00", &connected);
    let now = at("2026-03-03T00:00");
    let sessions = series.sessions(Timeout::from_minutes(15), now);
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0].billed_minutes() + sessions[1].billed_minutes(), 30);
    assert_eq!(hours(&series, 15), 1);
}

#[test]
fn the_timer_forgives_a_pause_of_its_own_length_and_a_slot() {
    let sessions = |reconnected: &str| {
        let connected = ["2026-03-02T09:00".."2026-03-02T09:05", reconnected.."2026-03-02T11:00"];
        let series = observed("2026-03-02T00:00".."2026-03-03T00:00", &connected);
        series.sessions(Timeout::HOUR, at("2026-03-03T00:00")).len()
    };
    assert_eq!([sessions("2026-03-02T10:05"), sessions("2026-03-02T10:10")], [1, 2]);
}

#[test]
fn an_open_session_is_carried_over() {
    let mut series =
        observed("2026-03-02T00:00".."2026-03-02T23:00", &["2026-03-02T22:00".."2026-03-02T23:00"]);
    let now = at("2026-03-02T23:00");
    let open = series.sessions(Timeout::HOUR, now)[0];
    assert!(open.open && !open.estimated);
    assert_eq!(open.billed_until, at("2026-03-02T23:55"));
    assert_eq!(series.billable(Timeout::HOUR, now).total(), 1, "the second hour has not begun");
    // The next day's run continues it; AWS's own tool makes two sessions of it.
    series = series
        .union(&observed("2026-03-02T23:00".."2026-03-03T12:00", &["2026-03-02T23:00".."2026-03-03T01:00"]));
    let sessions = series.sessions(Timeout::HOUR, at("2026-03-03T12:00"));
    assert_eq!((sessions.len(), sessions[0].open), (1, false));
    assert_eq!((sessions[0].began, sessions[0].connected), (at("2026-03-02T22:00"), TimeDelta::hours(3)));
    let days = series.billable(Timeout::HOUR, at("2026-03-03T12:00")).by_day(Tz::UTC);
    let days: Vec<_> = days.iter().map(|(date, it)| (*date, it.hours)).collect();
    assert_eq!(days, [(day("2026-03-02"), 2), (day("2026-03-03"), 2)]);
}

#[test]
fn a_gap_longer_than_the_timer_ends_a_session_and_both_ends_are_estimates() {
    let day = Span::new(at("2026-03-02T00:00"), at("2026-03-03T00:00"));
    let series = |gap: Range<&str>, connected: &[Range<&str>]| {
        let connected = connected.iter().map(|it| Span::new(at(it.start), at(it.end)));
        let series = Series::from_stored(day, [Span::new(at(gap.start), at(gap.end))], connected);
        let sessions = series.sessions(Timeout::HOUR, day.until);
        sessions.iter().map(|it| it.estimated).collect::<Vec<_>>()
    };
    let connected = ["2026-03-02T09:00".."2026-03-02T10:00", "2026-03-02T12:00".."2026-03-02T13:00"];
    assert_eq!(series("2026-03-02T10:00".."2026-03-02T12:00", &connected), [true, true]);
    // Seen without a user before it went on: its begin is known.
    assert_eq!(series("2026-03-02T10:00".."2026-03-02T11:30", &connected), [true, false]);
    // As a stopped desktop may look: the timer had ended.
    assert_eq!(series("2026-03-02T10:55".."2026-03-02T12:00", &connected), [false, false]);
    // Within the timer, so the session goes on; three slots are tolerated, four are not.
    let near = ["2026-03-02T09:00".."2026-03-02T10:00", "2026-03-02T10:20".."2026-03-02T11:00"];
    assert_eq!(series("2026-03-02T10:00".."2026-03-02T10:15", &near), [false]);
    assert_eq!(series("2026-03-02T10:00".."2026-03-02T10:20", &near), [true]);
}

#[test]
fn a_session_that_nobody_followed_to_its_end_is_an_estimate() {
    let series = observed("2026-03-02T00:00".."2026-03-02T10:00", &["2026-03-02T09:00".."2026-03-02T10:00"]);
    let at_time = |now: &str| {
        let session = series.sessions(Timeout::HOUR, at(now))[0];
        (session.open, session.estimated)
    };
    // The metric is some minutes behind.
    assert_eq!(at_time("2026-03-02T10:15"), (true, false));
    assert_eq!(at_time("2026-03-02T10:20"), (true, true));
    // The timer ends with this moment, and a user who comes in it is still in time.
    assert_eq!(at_time("2026-03-02T10:55"), (true, true));
    assert_eq!(at_time("2026-03-02T10:56"), (false, true));
    assert_eq!(at_time("2026-03-09T00:00"), (false, true));
}

#[test]
fn a_month_begins_its_hours_afresh() {
    let series = observed("2026-03-31T00:00".."2026-04-02T00:00", &["2026-03-31T22:30".."2026-04-01T01:30"]);
    let now = at("2026-04-02T00:00");
    let months: Vec<u32> =
        series.billable(Timeout::HOUR, now).by_month().values().map(|it| it.hours).collect();
    // 22:30, 23:30 | 00:00, 01:00, 02:00 until 02:25.
    assert_eq!(months, [2, 3]);
}

#[test]
fn whoever_was_connected_was_observed() {
    // A moment of a slot is enough for all of it.
    let connected = Span::new(at("2026-03-02T08:02"), at("2026-03-02T11:55") + TimeDelta::nanoseconds(1));
    let observed = Span::new(at("2026-03-02T09:00"), at("2026-03-02T11:00"));
    let gap = Span::new(at("2026-03-02T10:00"), at("2026-03-02T10:30"));
    let series = Series::from_stored(observed, [gap], [connected]);
    // Rounded out to the slots that it touches.
    let whole = Span::new(at("2026-03-02T08:00"), at("2026-03-02T12:00"));
    assert_eq!((series.observed(), series.gaps().count()), (Some(whole), 0));
    assert_eq!(series.connected().collect::<Vec<_>>(), [whole]);
}

/// Five-minute points are kept for 63 days: what comes late from there joins what is stored.
#[test]
fn a_point_63_days_old_still_counts() {
    let mut series =
        observed("2026-05-01T00:00".."2026-07-02T00:00", &["2026-06-30T09:00".."2026-06-30T10:00"]);
    let old = at("2026-07-02T00:00") - TimeDelta::days(63);
    series.add(old, true);
    let now = at("2026-07-02T00:00");
    assert_eq!(series.billable(Timeout::HOUR, now).by_day(Tz::UTC)[&old.date_naive()].hours, 1);
    assert_eq!(series.observed().unwrap().from, old);
    assert_eq!(
        series.gaps().map(|it| it.length()).sum::<TimeDelta>(),
        TimeDelta::days(1) - TimeDelta::minutes(5)
    );
    assert_eq!(series.points(), 62 * 288 + 1);
}

/// Clocks go forward on 29 March and back on 25 October in Berlin.
#[test]
fn clocks_that_change_move_hours_and_lose_none() {
    let zone = Tz::Europe__Berlin;
    // 01:00 to 04:00 on the wall, two hours; in autumn 01:00 to 04:00 are four.
    for (from, until, minutes, second) in
        [("2026-03-29T00:00", "2026-03-29T02:00", 120, 0), ("2026-10-24T23:00", "2026-10-25T03:00", 240, 120)]
    {
        let series = observed(from..until, &[from..until]);
        let map = series.heat_map(Span::new(at(from), at(until)), zone);
        assert_eq!(map.rows().iter().flatten().sum::<u32>(), minutes);
        assert_eq!([1, 2, 3].map(|hour| map.minutes(Weekday::Sun, hour)), [60, second, 60], "{from}");
        let hours = series.billable(Timeout::HOUR, at("2026-12-01T00:00"));
        assert_eq!(i64::from(hours.total()), i64::from(minutes) / 60 + 1);
        assert_eq!(hours.by_day(zone).len(), 1);
    }
}

#[test]
fn a_profile_has_eight_of_each_weekday_and_leaves_out_what_nobody_saw() {
    let zone = Tz::Europe__Berlin;
    let now = at("2026-04-22T10:00");
    let mondays = (0..20).map(|week| at("2026-01-05T08:00") + TimeDelta::weeks(week));
    let spans = mondays.filter(|it| *it < now).map(|it| Span::new(it, it + TimeDelta::hours(3)));
    let silent = Span::new(at("2026-03-15T23:00"), at("2026-03-16T21:00"));
    let spans: Vec<Span> = spans.filter(|it| !silent.contains(it.from)).collect();
    let series = Series::from_stored(Span::new(at("2026-01-01T00:00"), now), [silent], spans);
    let profile = Profile::of(&series, &series.billable(Timeout::HOUR, now), zone, now);
    assert_eq!(profile.hours(Weekday::Mon), [4; 7], "16 March was not observed");
    assert_eq!(profile.mean(Weekday::Mon), Some(4.0));
    assert_eq!((profile.hours(Weekday::Tue), profile.mean(Weekday::Tue)), (&[0; 8][..], Some(0.0)));
    assert_eq!(profile.observed_days(), 55);
    let nothing = Profile::of(&Series::new(), &Default::default(), zone, now);
    assert_eq!((nothing.observed_days(), nothing.mean(Weekday::Mon)), (0, None));
}

/// Days of 23 and 25 hours, and one that begins at one o'clock: in Santiago clocks skip midnight, on 6 September.
#[test]
fn a_profile_has_the_days_as_the_wall_has_them() {
    let year = "2026-01-01T00:00".."2026-12-31T00:00";
    let always = observed(year.clone(), &[year]);
    let desktop = Fleet::mixed(3, 1, 2026).only(Kind::Heavy).desktops().next().unwrap();
    let zones = [Tz::America__Santiago, Tz::Europe__Berlin, Tz::Australia__Lord_Howe, Tz::Asia__Kathmandu];
    for series in [always, desktop.points().collect()] {
        for (zone, now) in
            zones.iter().flat_map(|it| ["2026-04-20T03:00", "2026-10-30T13:00"].map(|now| (*it, now)))
        {
            let now = at(now);
            let hours = series.billable(Timeout::HOUR, now);
            let profile = Profile::of(&series, &hours, zone, now);
            let (by_day, today) = (hours.by_day(zone), now.with_timezone(&zone).date_naive());
            let mut expected: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for date in (1..=56).rev().map(|it| today - TimeDelta::days(it)) {
                let hours = by_day.get(&date).map_or(0, |it| it.hours);
                expected.entry(date.weekday().num_days_from_monday()).or_default().push(hours);
            }
            for weekday in [Weekday::Mon, Weekday::Wed, Weekday::Sat, Weekday::Sun] {
                let expected = &expected[&weekday.num_days_from_monday()];
                assert_eq!(profile.hours(weekday), expected, "{zone} {now} {weekday}");
            }
            assert!(profile.mean(Weekday::Wed).unwrap() > 1.0);
        }
    }
}

#[test]
fn never_abandoned_and_unknown_are_three_things() {
    let (now, patience) = (at("2026-06-01T00:00"), TimeDelta::days(30));
    let idle = observed("2026-03-01T00:00".."2026-06-01T00:00", &[]);
    let used = observed("2026-03-01T00:00".."2026-06-01T00:00", &["2026-04-01T09:00".."2026-04-01T10:00"]);
    let of = |series: &Series, last| Activity::of(series, last, patience, now);
    assert_eq!(of(&Series::new(), None), Activity::Unknown);
    assert_eq!(of(&idle, None), Activity::Never { since: at("2026-03-01T00:00") });
    assert_eq!(of(&idle, None).idle(now), Some(TimeDelta::days(92)));
    let last_used = at("2026-04-01T09:55");
    assert_eq!(of(&used, None), Activity::Abandoned { last_used });
    let just = Activity::of(&used, None, now - last_used, now);
    assert_eq!(just, Activity::Used { last_used }, "just as long as was asked about");
    // Nothing was observed of a desktop whose points are all of the future.
    let future = observed("2026-06-02T00:00".."2026-06-03T00:00", &["2026-06-02T00:00".."2026-06-02T09:00"]);
    assert_eq!(of(&future, None), Activity::Unknown);
    // AWS knows of one that is older than the metric, of a newer one, and of one that is yet to come.
    let older = at("2025-01-01T00:00");
    assert_eq!(of(&idle, Some(older)), Activity::Abandoned { last_used: older });
    let newer = at("2026-05-20T00:00");
    assert_eq!(of(&used, Some(newer)), Activity::Used { last_used: newer });
    assert_eq!(of(&used, Some(at("2026-07-01T00:00"))), Activity::Abandoned { last_used });
}

/// A year of a fleet, once as it was and once as it arrives: the figures stay near, and what is not exact says so.
#[test]
fn a_rough_year_is_a_little_less_of_the_same() {
    for desktop in Fleet::mixed(4, 12, 2026).desktops() {
        let truth: Series = desktop.points().collect();
        let arrived: Series = desktop.reported(Faults::ROUGH).into_iter().collect();
        assert_eq!(truth.union(&arrived), truth, "{}: nothing is made up", desktop.id);
        let now = desktop.span.end;
        let (exact, seen) = (truth.billable(Timeout::HOUR, now), arrived.billable(Timeout::HOUR, now));
        assert!(truth.sessions(Timeout::HOUR, now).iter().all(|it| !it.estimated));
        assert!(seen.total() <= exact.total());
        assert!(
            f64::from(seen.total()) >= 0.95 * f64::from(exact.total()) - 3.0,
            "{} of {}",
            seen.total(),
            exact.total()
        );
        assert_eq!(exact.total() == 0, desktop.connections.is_empty());
        let never = Activity::of(&truth, None, TimeDelta::days(30), now)
            == Activity::Never { since: desktop.span.start };
        assert_eq!(never, desktop.connections.is_empty());
        if desktop.kind == Kind::Office {
            let map = truth.heat_map(Span::new(desktop.span.start, now), desktop.zone);
            let weekend: u32 = [Weekday::Sat, Weekday::Sun]
                .map(|it| (0..24).map(|hour| map.minutes(it, hour)).sum())
                .iter()
                .sum();
            let tuesday: u32 = (8..17).map(|hour| map.minutes(Weekday::Tue, hour)).sum();
            assert!(tuesday > 5 * weekend, "{tuesday} {weekend}");
        }
    }
}

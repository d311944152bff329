//! Laws of sessions and billable hours that hold for every series: what may not depend on how observations came, and what
//! no bill may exceed.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute only")]

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::usage::{Activity, Month, Profile, SLOT, Series, Session, Span, Timeout};
use proptest::prelude::*;

type Point = (DateTime<Utc>, bool);

/// 29 February, so that two turns of a month are near.
const BEGIN: &str = "2028-02-27T21:00:00Z";
const SLOTS: i64 = 4 * 288;

fn at(minutes: i64) -> DateTime<Utc> {
    BEGIN.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

/// Four days of points in order: stretches with a user, without one, and without observations.
fn points() -> impl Strategy<Value = Vec<Point>> {
    let stretch = (0..5_u8, prop_oneof![1..4_i64, 1..40_i64, 10..16_i64]);
    prop::collection::vec(stretch, 1..60).prop_map(|stretches| {
        let mut points = Vec::new();
        let mut slot = 0;
        for (kind, length) in stretches {
            let seen = (slot..(slot + length).min(SLOTS)).map(|it| at(5 * it));
            match kind {
                0 => {}
                1 | 2 => points.extend(seen.map(|it| (it, true))),
                _ => points.extend(seen.map(|it| (it, false))),
            }
            slot += length;
        }
        points
    })
}

fn timeout() -> impl Strategy<Value = Timeout> {
    prop_oneof![
        Just(Timeout::HOUR),
        prop::sample::select(Timeout::CHOICES.to_vec()),
        (0..300_u16).prop_map(Timeout::from_minutes),
    ]
}

/// A moment in or after the four days, to the second.
fn now() -> impl Strategy<Value = DateTime<Utc>> {
    (0..6 * 86_400_i64).prop_map(|it| at(0) + TimeDelta::seconds(it))
}

fn series(points: &[Point]) -> Series {
    points.iter().copied().collect()
}

/// Sessions by the rule as one says it, point by point.
fn by_the_rule(
    points: &[Point],
    timeout: Timeout,
    now: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut sessions: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for (at, _) in points.iter().filter(|(at, connected)| *connected && *at <= now) {
        match sessions.last_mut() {
            Some((_, last)) if (*at - *last).num_minutes() <= i64::from(timeout.minutes()) + 5 => *last = *at,
            _ => sessions.push((*at, *at)),
        }
    }
    sessions
}

/// The smallest number of hours that cover what is billed, month by month, minute by minute.
fn hours_by_the_minute(sessions: &[Session], month: Month, now: DateTime<Utc>) -> u32 {
    let mut hours = 0;
    let mut covered_until = month.span().from;
    for session in sessions {
        let mut minute = session.began;
        while minute < session.billed_until.min(now) {
            if month.span().contains(minute) && minute >= covered_until {
                hours += 1;
                covered_until = minute + TimeDelta::hours(1);
            }
            minute += TimeDelta::minutes(1);
        }
    }
    hours
}

fn hours_of(series: &Series, month: Month, timeout: Timeout, now: DateTime<Utc>) -> u32 {
    series.billable(timeout, now).by_month().get(&month).copied().unwrap_or_default().hours
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn order_runs_and_repetition_leave_no_trace(
        points in points(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        seed in any::<u64>(), late in 0..300_i64,
    ) {
        let whole = series(&points);
        // In any order, each twice, the second time late within its slot.
        let mut shuffled: Vec<Point> = points.iter().copied()
            .chain(points.iter().map(|(at, it)| (*at + TimeDelta::seconds(late), *it))).collect();
        let mut state = seed | 1;
        shuffled.sort_by_cached_key(|_| { state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); state >> 20 });
        prop_assert_eq!(&series(&shuffled), &whole);
        // In runs, which may share points, stored and loaded between, and put together from the end.
        let mut bounds: Vec<usize> = cuts.iter().map(|it| it.index(points.len() + 1)).collect();
        bounds.extend([0, points.len()]);
        bounds.sort_unstable();
        let mut together = Series::new();
        for run in bounds.windows(2).rev() {
            let run = series(&points[run[0].saturating_sub(3)..run[1]]);
            together = stored_and_loaded(&run).union(&together);
        }
        prop_assert_eq!(&together, &whole);
        prop_assert_eq!(&whole.union(&together), &whole);
        prop_assert_eq!(stored_and_loaded(&whole), whole);
    }

    #[test]
    fn union_is_commutative_and_associative(a in points(), b in points(), c in points()) {
        let (a, b, c) = (series(&a), series(&b), series(&c));
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert_eq!(a.union(&b).union(&c), a.union(&b.union(&c)));
        prop_assert_eq!(a.union(&a), a);
    }

    #[test]
    fn sessions_are_those_of_the_rule(points in points(), timeout in timeout(), now in now()) {
        let sessions = series(&points).sessions(timeout, now);
        let timer = TimeDelta::minutes(timeout.minutes().into());
        let pairs: Vec<_> = sessions.iter().map(|it| (it.began, it.last_seen)).collect();
        prop_assert_eq!(pairs, by_the_rule(&points, timeout, now));
        for (number, it) in sessions.iter().enumerate() {
            prop_assert_eq!(it.billed_until, it.last_seen + timer);
            prop_assert_eq!(it.open, number + 1 == sessions.len() && now - it.last_seen <= timer);
            let seen = points.iter().filter(|(at, user)| *user && *at >= it.began && *at <= it.last_seen).count();
            prop_assert_eq!(it.connected, SLOT * i32::try_from(seen).unwrap());
        }
        prop_assert!(sessions.windows(2).all(|it| it[0].billed_until < it[1].began));
    }

    #[test]
    fn a_session_is_estimated_where_too_little_was_seen(points in points(), timeout in timeout()) {
        // An hour after the last point nothing is known either.
        let Some((last, _)) = points.last() else { return Ok(()) };
        let now = *last + TimeDelta::hours(1);
        let sessions = series(&points).sessions(timeout, now);
        let ends: Vec<DateTime<Utc>> = points.iter().map(|(at, _)| *at).chain([now]).collect();
        // Stretches without a point: from the end of a slot to the next one.
        let gaps = ends.windows(2).map(|it| (it[0] + SLOT, it[1])).filter(|it| it.1 - it.0 > TimeDelta::minutes(15));
        let gaps: Vec<_> = gaps.collect();
        let within = |it: &Session| gaps.iter().any(|gap| gap.0 >= it.began && gap.0 < it.billed_until);
        for (number, it) in sessions.iter().enumerate() {
            let after = number > 0 && gaps.iter().any(|gap| {
                gap.1 == it.began && gap.0 < sessions[number - 1].billed_until && gap.0 > sessions[number - 1].began
            });
            prop_assert_eq!(it.estimated, within(it) || after, "{:?} {:?}", it, gaps);
        }
    }

    #[test]
    fn hours_are_the_fewest_that_cover_the_bill(points in points(), timeout in timeout(), now in now()) {
        let series = series(&points);
        let sessions = series.sessions(timeout, now);
        let billable = series.billable(timeout, now);
        let mut months = 0;
        for month in [Month::of(at(0)), Month::of(at(0)).next()] {
            let hours = hours_of(&series, month, timeout, now);
            prop_assert_eq!(hours, hours_by_the_minute(&sessions, month, now));
            months += hours;
        }
        prop_assert_eq!(billable.total(), months);
        for zone in [Tz::UTC, Tz::Pacific__Auckland, Tz::America__St_Johns] {
            prop_assert_eq!(billable.by_day(zone).values().map(|it| it.hours).sum::<u32>(), months);
        }
    }

    #[test]
    fn a_lone_session_is_billed_its_length_rounded_up(length in 1..250_i64, timeout in 1..300_u16) {
        let march = 5 * 24 * 60;
        let series: Series = (0..length).map(|it| (at(march + 5 * it), true)).collect();
        let minutes = 5 * (length - 1) + i64::from(timeout);
        let hours = series.billable(Timeout::from_minutes(timeout), at(40 * 24 * 60)).total();
        prop_assert_eq!(i64::from(hours), (minutes + 59) / 60);
    }

    #[test]
    fn no_more_hours_than_the_wall_has(points in points(), timeout in timeout(), now in now()) {
        let series = series(&points);
        for (month, tally) in series.billable(timeout, now).by_month() {
            let from = month.span().from.max(at(0));
            let elapsed = (month.span().until.min(now) - from).num_seconds();
            prop_assert!(i64::from(tally.hours) <= (elapsed + 3599) / 3600, "{:?} {:?}", month, tally);
        }
        prop_assert!(series.billable(timeout, now).by_day(Tz::UTC).values().all(|it| it.hours <= 24));
    }

    #[test]
    fn a_longer_timeout_never_costs_less(points in points(), minutes in 0..300_u16, more in 1..200_u16, now in now()) {
        let series = series(&points);
        let (short, long) = (Timeout::from_minutes(minutes), Timeout::from_minutes(minutes + more));
        for month in [Month::of(at(0)), Month::of(at(0)).next()] {
            prop_assert!(hours_of(&series, month, short, now) <= hours_of(&series, month, long, now));
        }
        let simulated = series.simulate(Span::new(at(0), at(6 * 24 * 60)), now).map(|it| it.1);
        prop_assert!(simulated.is_sorted());
    }

    #[test]
    fn a_month_follows_from_its_neighbourhood(points in points(), timeout in timeout(), now in now()) {
        let whole = series(&points);
        for month in [Month::of(at(0)), Month::of(at(0)).next()] {
            let span = month.span();
            let near = whole.within(Span::new(span.from - timeout.reach(), span.until + timeout.reach()));
            let of_month = |it: &Series| it.billable(timeout, now).within(span).hours;
            prop_assert_eq!(of_month(&near), of_month(&whole));
        }
    }

    #[test]
    fn time_that_passes_takes_no_hour_back(points in points(), timeout in timeout(), now in now(), later in 0..200_000_i64) {
        let series = series(&points);
        let later = now + TimeDelta::seconds(later);
        prop_assert!(series.billable(timeout, now).total() <= series.billable(timeout, later).total());
    }

    #[test]
    fn points_of_the_future_are_ignored_and_can_be_dropped(points in points(), timeout in timeout(), now in now()) {
        let whole = series(&points);
        let mut past = whole.clone();
        let claimed = points.iter().filter(|(at, _)| *at > now).count();
        prop_assert_eq!(past.drop_after(now), u64::try_from(claimed).unwrap());
        prop_assert_eq!(past.drop_after(now), 0);
        prop_assert_eq!(past.sessions(timeout, now), whole.sessions(timeout, now));
        prop_assert_eq!(past.billable(timeout, now), whole.billable(timeout, now));
        prop_assert_eq!(past.last_connected(now), whole.last_connected(now));
        let activity = |it: &Series| Activity::of(it, Some(now + TimeDelta::days(1)), TimeDelta::days(30), now);
        prop_assert_eq!(activity(&past), activity(&whole));
    }

    #[test]
    fn the_week_has_what_was_connected(points in points(), now in now()) {
        let series = series(&points);
        let minutes: i64 = series.connected().map(|it| it.length().num_minutes()).sum();
        let all = Span::new(at(0), at(10 * 24 * 60));
        for zone in [Tz::UTC, Tz::Asia__Kathmandu, Tz::America__New_York] {
            let map = series.heat_map(all, zone);
            prop_assert_eq!(i64::from(map.rows().iter().flatten().sum::<u32>()), minutes);
            let profile = Profile::of(&series, &series.billable(Timeout::HOUR, now), zone, now);
            prop_assert!(profile.observed_days() <= 5);
        }
    }
}

fn stored_and_loaded(series: &Series) -> Series {
    let Some(observed) = series.observed() else { return Series::new() };
    let (gaps, connected): (Vec<Span>, Vec<Span>) = (series.gaps().collect(), series.connected().collect());
    assert!(gaps.iter().all(|gap| gap.from > observed.from && gap.until < observed.until));
    Series::from_stored(observed, gaps, connected)
}

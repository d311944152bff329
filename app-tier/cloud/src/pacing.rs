//! How fast one may ask: a token bucket per (account, region, operation), which learns from being told to slow down.
//!
//! Buckets live in this process. That is enough because jobs are unique per (account, region, capability): no two
//! processes page through the same operation at once. AWS's own throttling is the backstop where they do.
//!
//! A throttled call is repeated here and not by the SDK, whose retries would neither wait for the bucket nor teach it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::Api;

/// How often a call is sent while AWS throttles it. With three in ten refused at random, twelve in a row are one
/// call in two million; where AWS means it, the waits add up to about a minute.
pub(crate) const THROTTLE_ATTEMPTS: u32 = 12;

/// The most `LookupEvents` a second that AWS allows in an account and region, whatever the setting says.
pub(crate) const LOOKUPS_PER_SECOND: f64 = 2.0;

/// AWS allows less of it than of others, and no burst: these go one by one.
fn is_scarce(api: Api) -> bool {
    api == Api::EVENTS
}

/// What a throttle leaves of the rate.
const CUT: f64 = 0.7;

/// What an answer adds to the rate, as a part of the full one. With [`CUT`], three throttles in ten settle at about
/// 40 % of the full rate.
const RECOVERY: f64 = 0.05;

/// The slowest rate, as a part of the full one.
const SLOWEST: f64 = 0.05;

/// Calls that were under way together are throttled together; that is one reason to slow down, not several.
const CUT_AT_MOST_EVERY: Duration = Duration::from_millis(250);

/// So much of the present rate's worth of calls may go at once after a rest.
const BURST: Duration = Duration::from_secs(1);

/// Nobody is refused for lack of a rate: zero, negative and absurd settings are pulled into this range (calls/s).
const RATES: std::ops::RangeInclusive<f64> = 0.1..=1000.0;

/// The (account, region) pairs that are remembered. Idle ones are forgotten beyond it.
const MAX_PACERS: usize = 1024;

/// The buckets of every account and region.
#[derive(Debug)]
pub(crate) struct Pacers {
    known: Mutex<HashMap<(String, String), Arc<Pacer>>>,
    lookups_per_second: f64,
}

impl Pacers {
    pub(crate) fn new(lookups_per_second: f64) -> Self {
        Self { known: Mutex::default(), lookups_per_second }
    }

    /// The buckets of one account and region, from now on at this rate.
    pub(crate) fn of(&self, account_id: &str, region: &str, calls_per_second: f64) -> Arc<Pacer> {
        let mut pacers = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account_id.to_owned(), region.to_owned());
        if !pacers.contains_key(&key) && pacers.len() >= MAX_PACERS {
            pacers.retain(|_, pacer| Arc::strong_count(pacer) > 1);
        }
        let pacer = Arc::clone(pacers.entry(key).or_default());
        drop(pacers);
        pacer.set_rates(calls_per_second, self.lookups_per_second);
        pacer
    }
}

/// The buckets of one account and region, by operation.
#[derive(Debug, Default)]
pub(crate) struct Pacer(Mutex<Lanes>);

#[derive(Debug, Default)]
struct Lanes {
    full_rate: f64,
    /// Of what [is scarce](is_scarce), if that is less.
    ceiling: f64,
    lanes: HashMap<Api, Lane>,
}

/// The rate of an operation where the setting is `full_rate`.
fn allowed(api: Api, full_rate: f64, ceiling: f64) -> f64 {
    if is_scarce(api) { full_rate.min(ceiling) } else { full_rate }
}

#[derive(Debug)]
struct Lane {
    /// Calls per second, now.
    rate: f64,
    /// When the bucket is full again. The further ahead, the emptier it is.
    full_at: Instant,
    last_cut: Option<Instant>,
}

impl Pacer {
    fn set_rates(&self, calls_per_second: f64, ceiling: f64) {
        let wanted = if calls_per_second.is_finite() { calls_per_second } else { *RATES.end() };
        let full_rate = wanted.clamp(*RATES.start(), *RATES.end());
        let mut it = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        it.ceiling = ceiling;
        let Lanes { full_rate: known, lanes, .. } = &mut *it;
        if *known > 0.0 {
            // What was learned stays, in proportion.
            for (api, lane) in lanes.iter_mut() {
                lane.rate = lane.rate / allowed(*api, *known, ceiling) * allowed(*api, full_rate, ceiling);
            }
        }
        *known = full_rate;
    }

    /// Waits until one more call may be sent. A caller that gives up meanwhile has used its turn.
    pub(crate) async fn turn(&self, api: Api) {
        tokio::time::sleep_until(self.reserve(api, Instant::now())).await;
    }

    /// Takes the next turn and tells when it is.
    fn reserve(&self, api: Api, now: Instant) -> Instant {
        self.with(api, now, |lane, _| {
            let full_at = lane.full_at.max(now);
            lane.full_at = full_at + Duration::from_secs_f64(1.0 / lane.rate);
            let burst = if is_scarce(api) { Duration::ZERO } else { BURST };
            full_at.checked_sub(burst).map_or(now, |it| it.max(now))
        })
    }

    /// AWS answered: a little faster from here.
    pub(crate) fn answered(&self, api: Api) {
        self.with(api, Instant::now(), |lane, full_rate| {
            lane.rate = (lane.rate + full_rate * RECOVERY).min(full_rate);
        });
    }

    /// AWS throttled: slower from here.
    pub(crate) fn throttled(&self, api: Api) {
        self.throttled_at(api, Instant::now());
    }

    fn throttled_at(&self, api: Api, now: Instant) {
        self.with(api, now, |lane, full_rate| {
            if lane.last_cut.is_none_or(|last| now.duration_since(last) >= CUT_AT_MOST_EVERY) {
                lane.rate = (lane.rate * CUT).max(full_rate * SLOWEST);
                lane.last_cut = Some(now);
            }
        });
    }

    fn with<T>(&self, api: Api, now: Instant, change: impl FnOnce(&mut Lane, f64) -> T) -> T {
        let mut it = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full_rate = allowed(api, it.full_rate, it.ceiling);
        let lane =
            it.lanes.entry(api).or_insert_with(|| Lane { rate: full_rate, full_at: now, last_cut: None });
        change(lane, full_rate)
    }

    #[cfg(test)]
    fn rate(&self, api: Api) -> f64 {
        self.with(api, Instant::now(), |lane, _| lane.rate)
    }
}

/// How long a throttled call rests before its next try: doubling from 100 ms to 8 s, with half of it by chance so that
/// calls throttled together do not come back together.
pub(crate) fn rest(throttled_times: u32) -> Duration {
    let longest = Duration::from_millis(100 << throttled_times.min(6)).min(Duration::from_secs(8));
    longest.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long the last of so many calls waits when all are made at once.
    fn seconds_for(pacer: &Pacer, api: Api, calls: u32, now: Instant) -> f64 {
        let last = (0..calls).map(|_| pacer.reserve(api, now)).last().unwrap();
        last.duration_since(now).as_secs_f64()
    }

    #[test]
    fn calls_go_at_the_set_rate_after_a_burst_of_one_second() {
        let pacer = Pacers::new(LOOKUPS_PER_SECOND).of("1", "eu-west-1", 10.0);
        let now = Instant::now();
        let took = seconds_for(&pacer, Api::WORKSPACES, 111, now);
        assert!((took - 10.0).abs() < 1e-6, "{took}");
        let later = now + Duration::from_secs(60);
        assert_eq!(seconds_for(&pacer, Api::WORKSPACES, 10, later), 0.0, "a rest fills the bucket");
    }

    #[test]
    fn operations_accounts_and_regions_do_not_wait_for_each_other() {
        let (pacers, now) = (Pacers::new(LOOKUPS_PER_SECOND), Instant::now());
        let here = pacers.of("1", "eu-west-1", 1.0);
        assert!(seconds_for(&here, Api::WORKSPACES, 5, now) > 2.0);
        assert_eq!(seconds_for(&here, Api::TAGS, 1, now), 0.0);
        assert_eq!(seconds_for(&pacers.of("1", "us-east-1", 1.0), Api::WORKSPACES, 1, now), 0.0);
        assert_eq!(seconds_for(&pacers.of("2", "eu-west-1", 1.0), Api::WORKSPACES, 1, now), 0.0);
        let again = pacers.of("1", "eu-west-1", 1.0);
        assert!(seconds_for(&again, Api::WORKSPACES, 1, now) > 2.0, "the first bucket is known still");
    }

    #[test]
    fn throttles_slow_down_to_a_floor_and_answers_recover_to_the_full_rate() {
        let pacer = Pacers::new(LOOKUPS_PER_SECOND).of("1", "eu-west-1", 10.0);
        let mut now = Instant::now();
        pacer.throttled_at(Api::WORKSPACES, now);
        pacer.throttled_at(Api::WORKSPACES, now);
        assert!((pacer.rate(Api::WORKSPACES) - 7.0).abs() < 1e-9, "throttles at the same time count once");
        for _ in 0..100 {
            now += CUT_AT_MOST_EVERY;
            pacer.throttled_at(Api::WORKSPACES, now);
        }
        assert!((pacer.rate(Api::WORKSPACES) - 0.5).abs() < 1e-9);
        for _ in 0..19 {
            pacer.answered(Api::WORKSPACES);
        }
        assert!((pacer.rate(Api::WORKSPACES) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_changed_setting_keeps_what_was_learned_and_an_odd_one_stops_nobody() {
        let pacers = Pacers::new(LOOKUPS_PER_SECOND);
        let pacer = pacers.of("1", "eu-west-1", 10.0);
        pacer.throttled(Api::WORKSPACES);
        pacers.of("1", "eu-west-1", 20.0);
        assert!((pacer.rate(Api::WORKSPACES) - 14.0).abs() < 1e-9);
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let pacer = pacers.of("1", "eu-west-1", odd);
            assert!(RATES.contains(&pacer.rate(Api::TAGS)), "{odd}");
        }
    }

    #[test]
    fn what_aws_allows_less_of_goes_slower_whatever_the_setting_says() {
        let (pacers, now) = (Pacers::new(LOOKUPS_PER_SECOND), Instant::now());
        let pacer = pacers.of("1", "eu-west-1", 500.0);
        let took = seconds_for(&pacer, Api::EVENTS, 21, now);
        assert!((took - 10.0).abs() < 1e-6, "one each half of a second: {took}");
        for _ in 0..100 {
            pacer.answered(Api::EVENTS);
        }
        assert!((pacer.rate(Api::EVENTS) - 2.0).abs() < 1e-9, "answers do not make it faster");
        pacer.throttled(Api::EVENTS);
        pacers.of("1", "eu-west-1", 1000.0);
        assert!((pacer.rate(Api::EVENTS) - 1.4).abs() < 1e-9, "above the ceiling a setting changes nothing");
        pacers.of("1", "eu-west-1", 1.0);
        assert!((pacer.rate(Api::EVENTS) - 0.7).abs() < 1e-9, "below it, it does");
        assert!(seconds_for(&pacer, Api::WORKSPACES, 3, now) > 0.9, "others go by the setting");
    }

    #[test]
    fn idle_buckets_are_forgotten_when_there_are_too_many() {
        let pacers = Pacers::new(LOOKUPS_PER_SECOND);
        let held = pacers.of("held", "eu-west-1", 1.0);
        for n in 0..MAX_PACERS * 2 {
            pacers.of(&n.to_string(), "eu-west-1", 1.0);
        }
        assert!(pacers.known.lock().unwrap().len() <= MAX_PACERS + 1);
        assert!(Arc::ptr_eq(&held, &pacers.of("held", "eu-west-1", 1.0)));
    }

    #[test]
    fn rests_grow_and_end() {
        assert!(rest(0) <= Duration::from_millis(100) && rest(0) >= Duration::from_millis(50));
        assert!(rest(40) <= Duration::from_secs(8) && rest(40) >= Duration::from_secs(3));
    }
}

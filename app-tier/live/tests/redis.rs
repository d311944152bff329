//! On a real Redis, named by `SKYDESK_TEST_REDIS_URL`. Each test has a prefix of its own.
#![expect(clippy::disallowed_methods, reason = "tests have no configuration but their environment")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "clippy knows tests by their attribute only")]

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use deadpool_redis::redis;
use futures::{Stream, StreamExt};
use live::{CacheKey, EventId, Limit, Live, LiveError, Notice, Verdict};
use secrecy::SecretString;

const MINUTE: Duration = Duration::from_secs(60);

fn url() -> String {
    std::env::var("SKYDESK_TEST_REDIS_URL").expect("SKYDESK_TEST_REDIS_URL names a Redis for tests")
}

/// Host and port: what is between a password, if there is one, and the number of the database.
fn address() -> String {
    let url = url();
    let place = url.trim_start_matches("redis://").split('/').next().unwrap();
    place.rsplit('@').next().unwrap().to_owned()
}

struct Test {
    live: Live,
    prefix: String,
}

impl Test {
    fn new() -> Self {
        let prefix = format!("test-{}", uuid::Uuid::new_v4());
        let live = Live::connect(&SecretString::from(url()), prefix.clone()).unwrap();
        Self { live, prefix }
    }

    /// What `FLUSHALL` would do, to this test alone.
    async fn lose_everything(&self) {
        let client = redis::Client::open(url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        for key in self.keys().await {
            let () = redis::cmd("DEL").arg(key).query_async(&mut connection).await.unwrap();
        }
        // Ids are Redis's milliseconds: a stream made anew within the same one would repeat them.
        let mut milliseconds = async || {
            let time: (u64, u64) = redis::cmd("TIME").query_async(&mut connection).await.unwrap();
            time.0 * 1000 + time.1 / 1000
        };
        let lost_at = milliseconds().await;
        while milliseconds().await == lost_at {}
    }

    async fn keys(&self) -> Vec<String> {
        let client = redis::Client::open(url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd("KEYS").arg(format!("{}:*", self.prefix)).query_async(&mut connection).await.unwrap()
    }
}

/// The next notice as text; a listener that gets none in time fails the test.
async fn next(listener: &mut (impl Stream<Item = Notice<String>> + Unpin)) -> String {
    let notice = tokio::time::timeout(Duration::from_secs(10), listener.next()).await;
    match notice.expect("nothing was heard").expect("the events ended") {
        Notice::Event(event) => event.body.clone(),
        Notice::Resync => "RESYNC".to_owned(),
    }
}

/// Publishes until the listener hears: the reader of a new process begins at an unknown moment.
/// Returns the last greeting.
async fn wait_until_heard(
    live: &Live,
    listener: &mut (impl Stream<Item = Notice<String>> + Unpin),
) -> String {
    for _ in 0..200 {
        live.publish(&"hello").await.unwrap();
        if tokio::time::timeout(Duration::from_millis(50), listener.next()).await.is_ok() {
            break;
        }
    }
    let last = format!("end of greetings {}", uuid::Uuid::new_v4());
    live.publish(&last).await.unwrap();
    while next(listener).await != last {}
    last
}

/// A wire to Redis that can be cut.
struct Wire {
    port: u16,
    /// Held by every connection that may live.
    alive: tokio::sync::watch::Sender<bool>,
}

impl Wire {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let redis = address();
        let (alive, state) = tokio::sync::watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (redis, mut state) = (redis.clone(), state.clone());
                tokio::spawn(async move {
                    let Ok(mut far) = tokio::net::TcpStream::connect(redis).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = state.wait_for(|alive| !alive) => {}
                    }
                });
            }
        });
        Self { port, alive }
    }

    fn cut(&self) {
        self.alive.send_replace(false);
    }

    fn mend(&self) {
        self.alive.send_replace(true);
    }

    fn live(&self, test: &Test) -> Live {
        let url = url().replacen(&address(), &format!("127.0.0.1:{}", self.port), 1);
        Live::connect(&SecretString::from(url), test.prefix.clone()).unwrap()
    }
}

#[tokio::test]
async fn a_limit_lets_a_burst_through_and_then_tells_how_long_to_wait() {
    let test = Test::new();
    let limit = Limit { name: "sign-in", burst: 3, per: MINUTE };
    for _ in 0..3 {
        assert_eq!(test.live.limit(limit, "ada").await.unwrap(), Verdict::Allowed);
    }
    for _ in 0..2 {
        let verdict = test.live.limit(limit, "ada").await.unwrap();
        let Verdict::Wait(wait) = verdict else { panic!("{verdict:?}") };
        assert!(wait > Duration::from_secs(15) && wait <= Duration::from_secs(20), "{wait:?}");
    }
    assert_eq!(
        test.live.limit(limit, "bob").await.unwrap(),
        Verdict::Allowed,
        "others have their own bucket"
    );
    let other = Limit { name: "questions", ..limit };
    assert_eq!(test.live.limit(other, "ada").await.unwrap(), Verdict::Allowed, "as has everything else");
}

#[tokio::test]
async fn a_bucket_fills_again_and_is_forgotten_when_full() {
    let test = Test::new();
    let limit = Limit { name: "fast", burst: 1, per: Duration::from_millis(60) };
    assert_eq!(test.live.limit(limit, "ada").await.unwrap(), Verdict::Allowed);
    let begun = Instant::now();
    while test.live.limit(limit, "ada").await.unwrap() != Verdict::Allowed {
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    while !test.keys().await.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn tokens_are_not_handed_out_twice_to_requests_at_the_same_time() {
    let test = Test::new();
    let limit = Limit { name: "race", burst: 10, per: MINUTE };
    let verdicts = futures::future::join_all((0..40).map(|_| test.live.limit(limit, "ada"))).await;
    let allowed = verdicts.into_iter().filter(|it| matches!(it, Ok(Verdict::Allowed))).count();
    assert_eq!(allowed, 10);
}

#[tokio::test]
async fn keys_do_not_tell_who_somebody_is() {
    let test = Test::new();
    let limit = Limit { name: "sign-in", burst: 3, per: MINUTE };
    test.live.limit(limit, "ada@example.org").await.unwrap();
    let keys = test.keys().await;
    assert_eq!(keys.len(), 1);
    assert!(!keys[0].contains("ada"), "{keys:?}");
}

#[tokio::test]
async fn an_answer_is_computed_once_until_it_is_forgotten_or_lost() {
    let test = Test::new();
    let key = CacheKey::new("stats", &["admin"]);
    let computed = std::sync::atomic::AtomicU32::new(0);
    let ask = || {
        test.live.cached(&key, MINUTE, || async {
            Ok::<u32, ()>(computed.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
        })
    };
    assert_eq!((ask().await, ask().await), (Ok(0), Ok(0)));
    test.live.forget(&key).await.unwrap();
    assert_eq!((ask().await, ask().await), (Ok(1), Ok(1)));
    test.lose_everything().await;
    assert_eq!(ask().await, Ok(2));
    let as_text: Result<String, ()> = test.live.cached(&key, MINUTE, || async { Ok("new".into()) }).await;
    assert_eq!(as_text, Ok("new".into()), "an entry of another form is computed anew");
}

#[tokio::test]
async fn failures_are_not_cached() {
    let test = Test::new();
    let key = CacheKey::new("stats", &[]);
    let failed: Result<u32, &str> = test.live.cached(&key, MINUTE, || async { Err("no") }).await;
    assert_eq!(failed, Err("no"));
    let computed: Result<u32, &str> = test.live.cached(&key, MINUTE, || async { Ok(7) }).await;
    assert_eq!(computed, Ok(7));
}

#[tokio::test]
async fn listeners_of_all_processes_hear_events_in_order() {
    let test = Test::new();
    let other_process = Live::connect(&SecretString::from(url()), test.prefix.clone()).unwrap();
    let (here, there) = (test.live.events::<String>(), other_process.events::<String>());
    let (mut a, mut b) = (pin!(here.listen(None)), pin!(there.listen(None)));
    wait_until_heard(&test.live, &mut a).await;
    let last = wait_until_heard(&test.live, &mut b).await;
    while next(&mut a).await != last {}
    let mut ids: Vec<EventId> = Vec::new();
    for n in 0..20 {
        ids.push(other_process.publish(&n.to_string()).await.unwrap());
    }
    assert!(ids.is_sorted());
    for n in 0..20 {
        assert_eq!((next(&mut a).await, next(&mut b).await), (n.to_string(), n.to_string()));
    }
}

#[tokio::test]
async fn a_listener_that_was_away_goes_on_after_the_last_event_it_saw() {
    let test = Test::new();
    let last = test.live.publish(&"seen").await.unwrap();
    test.live.publish(&"missed 1").await.unwrap();
    test.live.publish(&"missed 2").await.unwrap();
    let events = test.live.events::<String>();
    let mut listener = pin!(events.listen(Some(last)));
    assert_eq!(next(&mut listener).await, "missed 1");
    assert_eq!(next(&mut listener).await, "missed 2");
    wait_until_heard(&test.live, &mut listener).await;
    test.live.publish(&"news").await.unwrap();
    assert_eq!(next(&mut listener).await, "news");
}

#[tokio::test]
async fn a_listener_whose_last_event_is_gone_looks_anew() {
    let test = Test::new();
    let last = test.live.publish(&"seen").await.unwrap();
    test.lose_everything().await;
    test.live.publish(&"later").await.unwrap();
    let events = test.live.events::<String>();
    let mut listener = pin!(events.listen(Some(last)));
    assert_eq!(next(&mut listener).await, "RESYNC");
    wait_until_heard(&test.live, &mut listener).await;
}

#[tokio::test]
async fn what_happened_while_redis_was_away_is_heard_when_it_is_back() {
    let (test, wire) = (Test::new(), Wire::new().await);
    let events = wire.live(&test).events::<String>();
    let mut listener = pin!(events.listen(None));
    wait_until_heard(&test.live, &mut listener).await;
    wire.cut();
    test.live.publish(&"meanwhile").await.unwrap();
    wire.mend();
    assert_eq!(next(&mut listener).await, "meanwhile");
}

#[tokio::test]
async fn a_redis_that_comes_back_empty_makes_every_listener_look_anew() {
    let (test, wire) = (Test::new(), Wire::new().await);
    let events = wire.live(&test).events::<String>();
    let mut listener = pin!(events.listen(None));
    wait_until_heard(&test.live, &mut listener).await;
    wire.cut();
    test.lose_everything().await;
    test.live.publish(&"lost to the reader").await.unwrap();
    wire.mend();
    assert_eq!(next(&mut listener).await, "RESYNC");
    wait_until_heard(&test.live, &mut listener).await;
}

#[tokio::test]
async fn the_stream_keeps_a_bounded_number_of_events() {
    let test = Test::new();
    let client = redis::Client::open(url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for _ in 0..60 {
        futures::future::join_all((0..100).map(|n| {
            let live = &test.live;
            async move { live.publish(&n).await.unwrap() }
        }))
        .await;
    }
    let key = format!("{}:events:stream", test.prefix);
    let kept: usize = redis::cmd("XLEN").arg(key).query_async(&mut connection).await.unwrap();
    assert!((4096..5000).contains(&kept), "{kept}");
}

#[tokio::test]
async fn events_that_cannot_be_read_are_passed_over() {
    let test = Test::new();
    let last = test.live.publish(&"seen").await.unwrap();
    test.live.publish(&serde_json::json!({"of": "another version"})).await.unwrap();
    test.live.publish(&"readable").await.unwrap();
    let events = test.live.events::<String>();
    let mut listener = pin!(events.listen(Some(last)));
    assert_eq!(next(&mut listener).await, "readable");
}

#[tokio::test]
async fn a_slow_listener_is_told_that_it_missed_some() {
    let test = Test::new();
    let events = test.live.events::<String>();
    let mut quick = pin!(events.listen(None));
    wait_until_heard(&test.live, &mut quick).await;
    let mut slow = pin!(events.listen(None));
    for n in 0..600 {
        test.live.publish(&n.to_string()).await.unwrap();
        // It keeps up, so that all are known to have been read.
        assert_eq!(next(&mut quick).await, n.to_string());
    }
    assert_eq!(next(&mut slow).await, "RESYNC");
}

#[tokio::test]
async fn a_dead_port_is_an_error_quickly_and_stops_nobody_from_starting() {
    let live = Live::connect(&SecretString::from("redis://127.0.0.1:1/0"), "test").unwrap();
    let begun = Instant::now();
    assert!(matches!(live.ping().await, Err(LiveError::Unreachable(_))));
    assert!(live.limit(Limit { name: "x", burst: 1, per: MINUTE }, "ada").await.is_err());
    assert!(live.publish(&"x").await.is_err());
    let computed: Result<u32, ()> = live.cached(&CacheKey::new("x", &[]), MINUTE, || async { Ok(7) }).await;
    assert_eq!(computed, Ok(7), "without a cache everything is computed");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let events = live.events::<String>();
    let mut listener = pin!(events.listen(Some("1-1".parse().unwrap())));
    assert_eq!(next(&mut listener).await, "RESYNC");
}

#[tokio::test]
async fn a_redis_that_accepts_and_says_nothing_is_an_error_in_time() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}/0", silent.local_addr().unwrap());
    let live = Live::connect(&SecretString::from(url), "test").unwrap();
    let begun = Instant::now();
    live.ping().await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_living_redis_answers() {
    Test::new().live.ping().await.unwrap();
}

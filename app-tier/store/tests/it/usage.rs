//! Runs of points, as they are stored and put together.

use chrono::{DateTime, TimeDelta, Utc};
use contract::ids::AccountId;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use domain::usage::{SLOT, Series, Span};
use store::usage::{Known, read, targets, write};

use crate::harness::{Database, REGION, at, desktop};

/// What was read of a span: `#` connected, `.` nobody, a space: nothing told. A character is five minutes after `at(0)`.
fn told(from: i64, picture: &str) -> (Span, Series) {
    let slot = |it: i64| at(0) + SLOT * i32::try_from(it).unwrap();
    let mut series = Series::new();
    for (place, sign) in (from..).zip(picture.chars()) {
        if sign != ' ' {
            series.add(slot(place), sign == '#');
        }
    }
    let until = from + i64::try_from(picture.len()).unwrap();
    (Span::new(slot(from), slot(until)), series)
}

/// As a sync does.
async fn put(conn: &mut AsyncPgConnection, id: &str, (span, series): (Span, Series)) {
    // The context that is loaded is wider than what was read, as for the hours of a month.
    let context = Span::new(span.from - TimeDelta::hours(1), span.until + TimeDelta::hours(1));
    let known = match read(conn, &[id], context).await.unwrap().remove(id) {
        None => (series, span, span),
        Some(it) => (
            it.series.union(&series),
            Span::new(it.window.from.min(span.from), it.window.until.max(span.until)),
            Span::new(it.observed.from.min(span.from), it.observed.until.max(span.until)),
        ),
    };
    let (series, window, observed) = known;
    let days_span = Span::new(at(-10 * 60), at(14 * 60));
    let days = series.days(days_span, domain::usage::Timeout::HOUR, span.until);
    let known = Known { id: id.into(), series, window, read: span, observed, days, days_span };
    write(conn, &[known]).await.unwrap();
}

/// All that is stored.
async fn all(conn: &mut AsyncPgConnection, id: &str) -> Series {
    let ever = Span::new(at(-100_000), at(100_000));
    read(conn, &[id], ever).await.unwrap().remove(id).unwrap().series
}

async fn house() -> (Database, AccountId) {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &["ws-1", "ws-2", "ws-3"].map(desktop)).await;
    (db, account)
}

const DAY: &str = "..####.#  ##....  ......####....#..##   .#";

#[tokio::test(flavor = "multi_thread")]
async fn however_it_is_cut_the_same_is_stored() {
    let (db, _) = house().await;
    let mut conn = db.conn().await;
    let whole = told(0, DAY).1;
    put(&mut conn, "ws-1", told(0, DAY)).await;
    assert_eq!(all(&mut conn, "ws-1").await, whole);

    // In pieces of every length, that overlap, forwards and backwards, twice.
    for (length, overlap, backwards) in [
        (1, 0, false),
        (2, 1, false),
        (3, 0, true),
        (5, 2, true),
        (7, 3, false),
        (11, 4, true),
        (40, 0, false),
    ] {
        db.run_sql("DELETE FROM usage_marks; DELETE FROM usage_connections; DELETE FROM usage_gaps").await;
        let mut starts: Vec<usize> = (0..DAY.len()).step_by(length).collect();
        if backwards {
            starts.reverse();
        }
        for _ in 0..2 {
            for start in &starts {
                let (from, until) = (start.saturating_sub(overlap), (start + length).min(DAY.len()));
                put(&mut conn, "ws-2", told(i64::try_from(from).unwrap(), DAY.get(from..until).unwrap()))
                    .await;
            }
        }
        assert_eq!(all(&mut conn, "ws-2").await, whole, "{length} {overlap} {backwards}");
        let sound = "SELECT count(*)::text AS value FROM usage_connections a JOIN usage_connections b
            ON a.workspace_id = b.workspace_id AND a.began_at < b.began_at AND a.ended_at >= b.began_at";
        assert_eq!(db.text(sound).await, "0", "no two runs touch");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_told_is_a_gap_until_it_is() {
    let (db, _) = house().await;
    let mut conn = db.conn().await;
    put(&mut conn, "ws-1", told(0, "##  ..")).await;
    put(&mut conn, "ws-1", told(10, "..#")).await;
    let gaps = "SELECT string_agg(to_char(began_at AT TIME ZONE 'UTC', 'HH24:MI') || '-' || to_char(ended_at AT TIME ZONE 'UTC', 'HH24:MI'), ' ' ORDER BY began_at)
        AS value FROM usage_gaps";
    assert_eq!(db.text(gaps).await, "10:10-10:20 10:30-10:50");
    put(&mut conn, "ws-1", told(2, "#.")).await;
    assert_eq!(db.text(gaps).await, "10:30-10:50");
    // Nothing at all is an answer, too: it was asked for.
    put(&mut conn, "ws-2", told(0, "    ")).await;
    assert!(all(&mut conn, "ws-2").await.observed().is_none());
    let until = "SELECT to_char(observed_until AT TIME ZONE 'UTC', 'HH24:MI') AS value FROM usage_marks WHERE workspace_id = 'ws-2'";
    assert_eq!(db.text(until).await, "10:20");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_replaced_and_those_least_looked_at_come_first() {
    let (db, account) = house().await;
    let mut conn = db.conn().await;
    put(&mut conn, "ws-2", told(0, "##")).await;
    put(&mut conn, "ws-1", told(0, "####")).await;
    put(&mut conn, "ws-1", told(2, "##")).await;
    let since: DateTime<Utc> = at(-1);
    let order: Vec<_> = targets(&mut conn, account, REGION, since).await.unwrap();
    assert_eq!(order.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["ws-3", "ws-2", "ws-1"]);
    assert_eq!(order[1].observed.map(|it| it.until), Some(at(10)));
    let days = "SELECT string_agg(workspace_id || ' ' || day || ' ' || connected_minutes || ' ' || sessions, ', ' ORDER BY workspace_id) AS value FROM usage_days";
    assert_eq!(db.text(days).await, "ws-1 2026-11-21 20 1, ws-2 2026-11-21 10 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_old_days_are_counted_as_those_of_new_ones() {
    const MIGRATION: &str = include_str!("../../migrations/2026-11-23-000200_sessions_of_days/up.sql");
    const DAYS: &str = "SELECT string_agg(workspace_id || ' ' || day || ' ' || sessions, ', ' ORDER BY workspace_id, day) AS value
        FROM usage_days";
    let (db, _) = house().await;
    let mut conn = db.conn().await;
    let hour = ".".repeat(12);
    // A pause of an hour belongs to a session, and one of five minutes more does not.
    let day = format!("#{hour}#{hour}.##");
    put(&mut conn, "ws-1", told(0, &day)).await;
    // Over the midnight at the day's beginning.
    put(&mut conn, "ws-2", told(-121, "##")).await;
    let counted = db.text(DAYS).await;
    assert_eq!(counted, "ws-1 2026-11-21 2, ws-2 2026-11-21 0");
    conn.batch_execute("UPDATE usage_days SET sessions = 99").await.unwrap();
    conn.batch_execute(MIGRATION).await.unwrap();
    assert_eq!(db.text(DAYS).await, counted);
    conn.batch_execute("UPDATE workspaces SET auto_stop_minutes = 120").await.unwrap();
    conn.batch_execute(MIGRATION).await.unwrap();
    assert_eq!(db.text(DAYS).await, "ws-1 2026-11-21 1, ws-2 2026-11-21 0");
}

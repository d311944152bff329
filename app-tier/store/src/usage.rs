//! When desktops were used: runs of points, and the days that follow from them.
//!
//! Invariant: the runs of a desktop do not overlap and do not touch. What a sync read is put together with what is stored
//! by [`domain::usage::Series::union`]; what is replaced is a window that no run crosses. Reading twice changes nothing.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use contract::ids::AccountId;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::usage::{Day, Series, Span};

use crate::Result;

/// A desktop whose usage is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub id: String,
    /// From the first to the last point that was ever asked for.
    pub observed: Option<Span>,
    pub auto_stop_minutes: Option<i32>,
}

#[derive(QueryableByName)]
struct TargetRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    observed_from: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    observed_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Integer>)]
    auto_stop_minutes: Option<i32>,
}

/// Desktops of an account-region that exist, or were there after `since`; those least looked at first.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn targets(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    region: &str,
    since: DateTime<Utc>,
) -> Result<Vec<Target>> {
    let rows: Vec<TargetRow> = sql_query(
        "SELECT w.id, m.observed_from, m.observed_until, w.auto_stop_minutes FROM workspaces w LEFT JOIN usage_marks m ON m.workspace_id = w.id
         WHERE w.account = $1 AND w.region = $2 AND (w.gone_at IS NULL OR w.gone_at > $3)
         ORDER BY m.observed_until NULLS FIRST, w.id",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Text, _>(region)
    .bind::<Timestamptz, _>(since)
    .load(conn)
    .await?;
    let target = |row: TargetRow| Target {
        id: row.id,
        observed: row.observed_from.zip(row.observed_until).map(|(from, until)| Span::new(from, until)),
        auto_stop_minutes: row.auto_stop_minutes,
    };
    Ok(rows.into_iter().map(target).collect())
}

/// What is known of a desktop in a window that no stored run crosses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub series: Series,
    pub window: Span,
    /// From the first to the last point that was ever asked for, whatever the window is.
    pub observed: Span,
}

#[derive(QueryableByName)]
struct Run {
    #[diesel(sql_type = Text)]
    workspace_id: String,
    /// A connection; otherwise a gap.
    #[diesel(sql_type = Bool)]
    connected: bool,
    #[diesel(sql_type = Timestamptz)]
    began_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ended_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Mark {
    #[diesel(sql_type = Text)]
    workspace_id: String,
    #[diesel(sql_type = Timestamptz)]
    observed_from: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    observed_until: DateTime<Utc>,
}

/// What is known of these desktops in a span, and of the runs that reach into it.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn read(conn: &mut AsyncPgConnection, ids: &[&str], span: Span) -> Result<HashMap<String, Stored>> {
    // Of the runs that begin before the span only the last one can reach it. Those that touch it would be one with its own.
    let runs_of = |table: &str, connected: bool| {
        format!(
            "SELECT r.workspace_id, {connected} AS connected, r.began_at, r.ended_at FROM unnest($1::text[]) AS a(id)
             CROSS JOIN LATERAL (
                (SELECT * FROM {table} WHERE workspace_id = a.id AND began_at < $2 ORDER BY began_at DESC LIMIT 1)
                UNION ALL SELECT * FROM {table} WHERE workspace_id = a.id AND began_at >= $2 AND began_at <= $3) r
             WHERE r.ended_at >= $2"
        )
    };
    let statement =
        format!("{} UNION ALL {}", runs_of("usage_connections", true), runs_of("usage_gaps", false));
    let runs: Vec<Run> = sql_query(statement)
        .bind::<Array<Text>, _>(ids)
        .bind::<Timestamptz, _>(span.from)
        .bind::<Timestamptz, _>(span.until)
        .load(conn)
        .await?;
    let marks: Vec<Mark> = sql_query("SELECT * FROM usage_marks WHERE workspace_id = ANY ($1)")
        .bind::<Array<Text>, _>(ids)
        .load(conn)
        .await?;
    let mut runs_by_id: HashMap<String, Vec<Run>> = HashMap::new();
    for run in runs {
        runs_by_id.entry(run.workspace_id.clone()).or_default().push(run);
    }
    let stored = marks.into_iter().map(|mark| {
        let runs = runs_by_id.remove(&mark.workspace_id).unwrap_or_default();
        let observed = Span::new(mark.observed_from, mark.observed_until);
        (mark.workspace_id, stored(observed, span, &runs))
    });
    Ok(stored.collect())
}

fn stored(observed: Span, span: Span, runs: &[Run]) -> Stored {
    // What lies between what is stored and a span apart from it is a gap to be stored with either.
    let joined = Span::new(span.from.min(observed.until), span.until.max(observed.from));
    let window = runs
        .iter()
        .fold(joined, |window, run| Span::new(window.from.min(run.began_at), window.until.max(run.ended_at)));
    let known = Span::new(window.from.max(observed.from), window.until.min(observed.until));
    let of = |connected: bool| {
        let runs = runs.iter().filter(move |it| it.connected == connected);
        runs.map(|it| Span::new(it.began_at, it.ended_at))
    };
    let series = match known.from < known.until {
        true => Series::from_stored(known, of(false), of(true)),
        false => Series::new(),
    };
    Stored { series, window, observed }
}

/// What is to be stored of one desktop.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: String,
    /// Everything that is known of `window`, with what was read of `read`.
    pub series: Series,
    pub window: Span,
    /// What of the window is new.
    pub read: Span,
    /// From the first to the last point of all that was ever asked for.
    pub observed: Span,
    /// All days of `days_span`; what was stored of it is replaced.
    pub days: Vec<Day>,
    pub days_span: Span,
}

impl Known {
    /// What of the window was asked for and not answered.
    fn gaps(&self) -> Vec<Span> {
        let asked =
            Span::new(self.window.from.max(self.observed.from), self.window.until.min(self.observed.until));
        let Some(seen) = self.series.observed() else {
            return if asked.from < asked.until { vec![asked] } else { Vec::new() };
        };
        let before = (asked.from < seen.from).then(|| Span::new(asked.from, seen.from));
        let after = (seen.until < asked.until).then(|| Span::new(seen.until, asked.until));
        before.into_iter().chain(self.series.gaps()).chain(after).collect()
    }
}

/// The runs of one desktop that what was read may have changed, and the window that they fill.
struct Runs<'a> {
    id: &'a str,
    connections: Vec<Span>,
    gaps: Vec<Span>,
    window: Span,
}

impl<'a> Runs<'a> {
    fn of(known: &'a Known) -> Self {
        let touches = |it: &Span| it.until >= known.read.from && it.from <= known.read.until;
        let connections: Vec<_> = known.series.connected().filter(touches).collect();
        let gaps: Vec<_> = known.gaps().into_iter().filter(touches).collect();
        let window = connections.iter().chain(&gaps).fold(known.read, |window, run| {
            Span::new(window.from.min(run.from), window.until.max(run.until))
        });
        Self { id: &known.id, connections, gaps, window }
    }
}

/// Puts away what is known of some desktops. To be called in a transaction.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn write(conn: &mut AsyncPgConnection, known: &[Known]) -> Result<()> {
    let ids: Vec<&str> = known.iter().map(|it| it.id.as_str()).collect();
    sql_query(
        "INSERT INTO usage_marks (workspace_id, observed_from, observed_until)
         SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
         ON CONFLICT (workspace_id) DO UPDATE SET observed_from = least(usage_marks.observed_from, excluded.observed_from),
             observed_until = greatest(usage_marks.observed_until, excluded.observed_until)",
    )
    .bind::<Array<Text>, _>(&ids)
    .bind::<Array<Timestamptz>, _>(known.iter().map(|it| it.observed.from).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(known.iter().map(|it| it.observed.until).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    let runs: Vec<_> = known.iter().map(Runs::of).collect();
    replace(conn, "usage_connections", &runs, |it| &it.connections).await?;
    replace(conn, "usage_gaps", &runs, |it| &it.gaps).await?;
    write_days(conn, known, &ids).await
}

async fn replace(
    conn: &mut AsyncPgConnection,
    table: &str,
    all: &[Runs<'_>],
    runs_of: impl for<'b> Fn(&'b Runs<'_>) -> &'b [Span],
) -> Result<()> {
    sql_query(format!(
        "DELETE FROM {table} r USING unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS w(id, began_at, ended_at)
         WHERE r.workspace_id = w.id AND r.began_at >= w.began_at AND r.began_at < w.ended_at"
    ))
    .bind::<Array<Text>, _>(all.iter().map(|it| it.id).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(all.iter().map(|it| it.window.from).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(all.iter().map(|it| it.window.until).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    let (mut ids, mut began, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    for of_one in all {
        for run in runs_of(of_one) {
            ids.push(of_one.id);
            began.push(run.from);
            ended.push(run.until);
        }
    }
    sql_query(format!(
        "INSERT INTO {table} (workspace_id, began_at, ended_at)
         SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])"
    ))
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Timestamptz>, _>(began)
    .bind::<Array<Timestamptz>, _>(ended)
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_days(conn: &mut AsyncPgConnection, known: &[Known], ids: &[&str]) -> Result<()> {
    sql_query(
        "DELETE FROM usage_days d USING unnest($1::text[], $2::date[], $3::date[]) AS w(id, first, end_)
         WHERE d.workspace_id = w.id AND d.day >= w.first AND d.day < w.end_",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Date>, _>(known.iter().map(|it| it.days_span.from.date_naive()).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(known.iter().map(|it| it.days_span.until.date_naive()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    let days: Vec<(&str, &Day)> =
        known.iter().flat_map(|it| it.days.iter().map(|day| (it.id.as_str(), day))).collect();
    let whole = |it: u32| i32::try_from(it).unwrap_or(i32::MAX);
    sql_query(
        "INSERT INTO usage_days (workspace_id, day, connected_minutes, billable_hours, estimated, sessions)
         SELECT * FROM unnest($1::text[], $2::date[], $3::int[], $4::int[], $5::bool[], $6::int[])",
    )
    .bind::<Array<Text>, _>(days.iter().map(|it| it.0).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(days.iter().map(|it| it.1.day).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(days.iter().map(|it| whole(it.1.connected_minutes)).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(days.iter().map(|it| whole(it.1.hours)).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(days.iter().map(|it| it.1.estimated).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(days.iter().map(|it| whole(it.1.sessions)).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Billable hours of the days of some desktops from `from` on, those that have any.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn hours(
    conn: &mut AsyncPgConnection,
    ids: &[&str],
    from: NaiveDate,
) -> Result<HashMap<String, Vec<(NaiveDate, i32)>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        workspace_id: String,
        #[diesel(sql_type = Date)]
        day: NaiveDate,
        #[diesel(sql_type = Integer)]
        billable_hours: i32,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT workspace_id, day, billable_hours FROM usage_days WHERE workspace_id = ANY ($1) AND day >= $2",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Date, _>(from)
    .load(conn)
    .await?;
    let mut by_id: HashMap<String, Vec<_>> = HashMap::new();
    for row in rows {
        by_id.entry(row.workspace_id).or_default().push((row.day, row.billable_hours));
    }
    Ok(by_id)
}

//! When a desktop was used.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use contract::{
    ids::WorkspaceId,
    problem::FieldError,
    usage::{Activity, TimeoutHours, Usage, UsageDay, UsageMonth, UsageSession},
};
use domain::usage::{self, Month, Series, Span, Timeout};
use serde::Deserialize;

use crate::{Error, OpCx, Result};

/// How far back one may look at once.
const MOST_DAYS: u32 = 400;
/// As long as AWS keeps the points.
const USUAL_DAYS: u32 = 63;

/// What the query string may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageQuery {
    days: Option<u32>,
    time_zone: Option<String>,
}

impl UsageQuery {
    fn read(&self) -> Result<(u32, Tz)> {
        let mut errors = Vec::new();
        let days = self.days.unwrap_or(USUAL_DAYS);
        if !(1..=MOST_DAYS).contains(&days) {
            errors.push(FieldError::new("/days", format!("takes 1 to {MOST_DAYS}")));
        }
        let zone = self.time_zone.as_deref().unwrap_or("UTC").parse::<Tz>();
        if zone.is_err() {
            errors.push(FieldError::new("/time_zone", "is no IANA time zone, such as Europe/Berlin"));
        }
        match zone {
            Ok(zone) if errors.is_empty() => Ok((days, zone)),
            _ => Err(Error::invalid(errors)),
        }
    }
}

/// `GET /api/workspaces/{id}/usage`
///
/// # Errors
/// There is no such desktop, or the query string is not understood.
pub async fn of_workspace(cx: &OpCx, id: &WorkspaceId, query: &UsageQuery) -> Result<Usage> {
    let (days, zone) = query.read()?;
    let now = cx.app.now();
    let span = Span::new(now - TimeDelta::days(i64::from(days)), now);
    let mut conn = cx.app.conn().await?;
    let workspace = store::workspaces::find(&mut conn, id)
        .await?
        .ok_or_else(|| Error::not_found(format_args!("desktop {id}")))?;
    let timeout = Timeout::of_desktop(workspace.auto_stop_minutes);
    // Hours hang together over a month.
    let context = Span::new(Month::of(span.from).span().from - Timeout::longest([timeout]).reach(), now);
    let idle_days = store::settings::read(&mut conn).await?.idle_days;
    let stored = store::usage::read(&mut conn, &[&id.0], context).await?.remove(&id.0);
    drop(conn);
    let observed = stored.as_ref().map(|it| it.observed);
    let series = stored.map(|it| it.series).unwrap_or_default();
    let patience = TimeDelta::days(i64::from(idle_days));
    let (activity, last_used_at) =
        match usage::Activity::of(&series, workspace.last_connected_at, patience, now) {
            usage::Activity::Unknown => (Activity::Unknown, None),
            usage::Activity::Never { .. } => (Activity::Never, None),
            usage::Activity::Abandoned { last_used } => (Activity::Abandoned, Some(last_used)),
            usage::Activity::Used { last_used } => (Activity::Used, Some(last_used)),
        };
    let sessions = series.sessions(timeout, now).into_iter().filter(|it| it.billed_until > span.from);
    Ok(Usage {
        workspace_id: id.clone(),
        from: span.from,
        until: span.until,
        observed_from: observed.map(|it| it.from),
        observed_until: observed.map(|it| it.until),
        observed_percent: percent(series.observed_part(span)),
        activity,
        last_used_at,
        timeout_minutes: timeout.minutes(),
        sessions: sessions.map(session).collect(),
        days: series.days(span, timeout, now).into_iter().map(day).collect(),
        months: months(&series, span, timeout, now),
        by_timeout: series
            .simulate(span, now)
            .map(|(timeout, billable_hours)| TimeoutHours {
                timeout_minutes: timeout.minutes(),
                billable_hours,
            })
            .to_vec(),
        week: series.heat_map(span, zone).rows().iter().map(|it| it.to_vec()).collect(),
        time_zone: zone.name().to_owned(),
    })
}

fn percent(part: f64) -> u8 {
    (0..=100).rev().find(|it| f64::from(*it) <= part * 100.0).unwrap_or(0)
}

fn session(it: usage::Session) -> UsageSession {
    UsageSession {
        began_at: it.began,
        last_seen_at: it.last_seen,
        billed_until: it.billed_until,
        connected_minutes: u32::try_from(it.connected.num_minutes()).unwrap_or(0),
        estimated: it.estimated,
        open: it.open,
    }
}

fn day(it: usage::Day) -> UsageDay {
    UsageDay {
        day: it.day,
        connected_minutes: it.connected_minutes,
        billable_hours: it.hours,
        estimated: it.estimated,
    }
}

/// The months that the span touches, from the beginning of the first one: people compare whole months.
fn months(series: &Series, span: Span, timeout: Timeout, now: DateTime<Utc>) -> Vec<UsageMonth> {
    let first = Month::of(span.from);
    let days = series.days(Span::new(first.span().from, now), timeout, now);
    let all = std::iter::successors(Some(first), |it| Some(it.next()));
    all.take_while(|it| it.span().from < now)
        .map(|month| {
            let last = month.next().first_day();
            let within = || days.iter().filter(|it| it.day >= month.first_day() && it.day < last);
            UsageMonth {
                month: month.first_day(),
                connected_minutes: within().map(|it| it.connected_minutes).sum(),
                billable_hours: within().map(|it| it.hours).sum(),
                estimated: within().any(|it| it.estimated),
            }
        })
        .collect()
}

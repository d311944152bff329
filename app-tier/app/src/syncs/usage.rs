//! Reading usage: one metric of every desktop, from where it was last read to now.
//!
//! A desktop that is new begins with its last week, so that there is something to see soon; what AWS has kept from before
//! follows when everybody's week is there. How far each desktop was read is in the database, so a sweep goes on where it
//! stopped. Some hours are read again each time, because AWS delivers points late; what is known already stays known.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use cloud::{Api, UsageBatch, desktops_per_call};
use diesel_async::AsyncConnection;
use domain::usage::{Month, SLOT, Span, Timeout};
use futures::{StreamExt, TryStreamExt, stream};
use queue::{EnqueueOptions, enqueue};
use store::usage::{Known, Target};

use super::{Sweep, SweepError, Swept, billing::after_usage, saved};
use crate::{App, Error, Result, recommendations::Advise, spend};

/// AWS keeps points of five minutes for 63 days; the last of them may go while we ask.
const KEPT: TimeDelta = TimeDelta::hours(63 * 24 - 1);
/// What is read of a desktop first.
const LATEST: TimeDelta = TimeDelta::days(7);
/// Read again each time.
const OVERLAP: TimeDelta = TimeDelta::hours(3);
/// A desktop that is gone was in use until then, and its last hours are not known yet.
const AFTERWARDS: TimeDelta = TimeDelta::days(2);
const CALLS_AT_A_TIME: usize = 4;

pub(super) async fn sweep_usage(sweep: &Sweep) -> Swept {
    // One end for all runs of this sweep: each later one would be asked for, and charged, once more.
    let began = saved::<Option<DateTime<Utc>>>(&sweep.run).flatten().unwrap_or_else(|| sweep.app.now());
    sweep.run.save(&Some(began)).await.map_err(Error::internal)?;
    let until = began.duration_trunc(SLOT).unwrap_or(began);
    read_portions(sweep, began, |targets| latest(targets, until)).await?;
    read_portions(sweep, began, |targets| earlier(targets, until)).await
}

/// Reads what is to be read of which desktops, and has the engine look at them; how many desktops are up to date then.
async fn read_portions(
    sweep: &Sweep,
    began: DateTime<Utc>,
    portions: impl FnOnce(Vec<Target>) -> Vec<Portion>,
) -> Swept {
    let place = &sweep.place;
    let mut conn = sweep.app.conn().await?;
    let targets = store::usage::targets(&mut conn, place.account, &place.region, began - AFTERWARDS)
        .await
        .map_err(Error::from)?;
    drop(conn);
    let total = i64::try_from(targets.len()).unwrap_or(i64::MAX);
    let portions = portions(targets);
    if portions.is_empty() {
        return Ok(total);
    }
    let mut done =
        total - portions.iter().map(|it| i64::try_from(it.1.len()).unwrap_or_default()).sum::<i64>();
    sweep.progress(done, Some(total));
    // What was paid for is put away also when the turn is over; only the next ones wait.
    let mut ended = stream::iter(portions)
        .take_while(|_| std::future::ready(sweep.pause().is_ok()))
        .map(|(span, targets)| read_portion(sweep, span, targets))
        .buffer_unordered(CALLS_AT_A_TIME);
    while let Some(desktops) = ended.try_next().await? {
        done += desktops;
        sweep.progress(done, Some(total));
    }
    if done < total {
        sweep.pause()?;
    }
    let mut conn = sweep.app.conn().await?;
    enqueue(&mut conn, &Advise {}, EnqueueOptions::default()).await.map_err(Error::from)?;
    Ok(total)
}

/// Desktops that are asked about in one call, and from when to when.
type Portion = (Span, Vec<Target>);

/// From where each desktop was read up to. Those that are up to date are in none.
fn latest(targets: Vec<Target>, until: DateTime<Utc>) -> Vec<Portion> {
    let begin = |it: &Target| match it.observed {
        None => Some(until - LATEST),
        Some(seen) => (seen.until < until).then(|| (seen.until - OVERLAP).max(until - KEPT)),
    };
    by_call(targets, |it| begin(it).map(|from| Span::new(from, until)))
}

/// What AWS has kept from before each desktop was first read.
fn earlier(targets: Vec<Target>, until: DateTime<Utc>) -> Vec<Portion> {
    let horizon = until - KEPT;
    by_call(targets, |it| {
        it.observed.filter(|seen| seen.from > horizon).map(|seen| Span::new(horizon, seen.from))
    })
}

fn by_call(targets: Vec<Target>, span: impl Fn(&Target) -> Option<Span>) -> Vec<Portion> {
    let mut by_span: BTreeMap<Span, Vec<Target>> = BTreeMap::new();
    for target in targets {
        if let Some(span) = span(&target) {
            by_span.entry(span).or_default().push(target);
        }
    }
    let portions = by_span.into_iter().flat_map(|(span, targets)| {
        let chunks: Vec<_> = targets.chunks(desktops_per_call(span)).map(|it| (span, it.to_vec())).collect();
        chunks
    });
    portions.collect()
}

/// Asks for one portion and puts it away; how many desktops it was.
async fn read_portion(
    sweep: &Sweep,
    span: Span,
    targets: Vec<Target>,
) -> std::result::Result<i64, SweepError> {
    let desktops = i64::try_from(targets.len()).unwrap_or(i64::MAX);
    let action = Api::METRIC_DATA.action();
    if !spend::allows(&sweep.app, sweep.place.account, action, 1, desktops, spend::METRIC).await? {
        return Err(SweepError::Capped);
    }
    let ids: Vec<&str> = targets.iter().map(|it| it.id.as_str()).collect();
    let batch = sweep.session.usage(&ids, span).await?;
    if batch.calls > 1 {
        // AWS made more pages of it than it had to, and charges for them, whether they fit or not.
        let (calls, metrics) = (batch.calls - 1, batch.metrics - desktops);
        spend::count(&sweep.app, sweep.place.account, action, calls, metrics, spend::METRIC).await?;
    }
    write(&sweep.app, sweep, span, &targets, batch).await?;
    Ok(desktops)
}

async fn write(app: &App, sweep: &Sweep, span: Span, targets: &[Target], batch: UsageBatch) -> Result<()> {
    let now = app.now();
    // Hours of a month hang together; those of the month before depend on the first ones of this one.
    let month = Month::of(span.from).span();
    let timeouts = targets.iter().map(|it| Timeout::of_desktop(it.auto_stop_minutes));
    let reach = Timeout::longest(timeouts).reach();
    let tomorrow = (now + TimeDelta::days(1)).duration_trunc(TimeDelta::days(1)).unwrap_or(now);
    let days_span = Span::new(month.from, Month::of(span.until).span().until.min(tomorrow));
    let context = Span::new(month.from - reach, days_span.until + reach);
    let ids: Vec<&str> = targets.iter().map(|it| it.id.as_str()).collect();
    let mut conn = app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        sweep.run.fence(conn).await.map_err(Error::internal)?;
        let mut stored = store::usage::read(conn, &ids, context).await?;
        let mut known = Vec::with_capacity(batch.seen.len());
        for mut seen in batch.seen {
            // What AWS did not answer is asked for again by the next sweep.
            let Some(target) = targets.iter().find(|it| it.id == seen.workspace_id && seen.complete) else {
                continue;
            };
            let from_the_future = seen.series.drop_after(now);
            if from_the_future > 0 {
                tracing::warn!(
                    desktop = target.id,
                    points = from_the_future,
                    "AWS tells of the future: a clock is wrong"
                );
            }
            let (series, window, observed) = match stored.remove(&target.id) {
                None => (seen.series, span, span),
                Some(it) => (
                    it.series.union(&seen.series),
                    Span::new(it.window.from.min(span.from), it.window.until.max(span.until)),
                    Span::new(it.observed.from.min(span.from), it.observed.until.max(span.until)),
                ),
            };
            let timeout = Timeout::of_desktop(target.auto_stop_minutes);
            let days = series.days(Span::new(days_span.from, now.min(days_span.until)), timeout, now);
            known.push(Known {
                id: target.id.clone(),
                series,
                window,
                read: span,
                observed,
                days,
                days_span,
            });
        }
        store::usage::write(conn, &known).await?;
        after_usage(conn, sweep.place.account, now).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn target(id: usize, observed: Option<Span>) -> Target {
        Target { id: format!("ws-{id}"), observed, auto_stop_minutes: Some(60) }
    }

    #[test]
    fn a_daily_reading_makes_as_few_calls_as_aws_allows() {
        let until = Utc.with_ymd_and_hms(2026, 3, 3, 0, 0, 0).unwrap();
        let yesterday = until - TimeDelta::days(1);
        let known = |read| Some(Span::new(until - TimeDelta::days(90), read));
        let targets = (0..20_000).map(|it| target(it, known(yesterday + OVERLAP))).collect();
        assert_eq!(latest(targets, until).len(), 20_000_usize.div_ceil(350), "24 hours of each");
        let targets = (0..20_000).map(|it| target(it, known(yesterday))).collect();
        let points = 20_000_usize * 27 * 12;
        // 311 desktops of 324 points are what fits on a page.
        assert_eq!(latest(targets, until).len(), points.div_ceil(311 * 324));
    }

    #[test]
    fn what_is_up_to_date_is_not_asked_for_and_what_is_too_old_is_gone() {
        let until = Utc.with_ymd_and_hms(2026, 3, 3, 0, 0, 0).unwrap();
        let long_ago = until - TimeDelta::days(90);
        let known = |read| Some(Span::new(long_ago - TimeDelta::days(1), read));
        let asked = latest(vec![target(1, known(until)), target(3, known(long_ago))], until);
        assert_eq!(asked.len(), 1);
        let (span, targets) = &asked[0];
        assert_eq!((span.from, targets[0].id.as_str()), (until - KEPT, "ws-3"));
    }

    #[test]
    fn a_new_desktop_begins_with_its_last_week_and_what_was_before_is_asked_for_once() {
        let until = Utc.with_ymd_and_hms(2026, 3, 3, 0, 0, 0).unwrap();
        let week = Span::new(until - LATEST, until);
        assert_eq!(latest(vec![target(1, None)], until), [(week, vec![target(1, None)])]);
        assert_eq!(earlier(vec![target(1, None)], until), [], "first the week");

        let begun = target(1, Some(week));
        let before = Span::new(until - KEPT, week.from);
        assert_eq!(earlier(vec![begun.clone()], until), [(before, vec![begun])]);
        let whole = target(1, Some(Span::new(until - KEPT, until)));
        assert_eq!(earlier(vec![whole], until + TimeDelta::days(1)), []);
    }
}

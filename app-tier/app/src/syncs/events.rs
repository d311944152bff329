//! Reading who did what: CloudTrail's history, portion by portion, from where it was last read to now, and once as far
//! back as AWS keeps it.
//!
//! AWS allows two pages a second and lists newest first. So the latest portion is read first, what lies before it
//! afterwards, and each portion that is complete stays read, whatever becomes of the token of the next one.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use domain::usage::Span;
use queue::{EnqueueOptions, enqueue};
use serde::{Deserialize, Serialize};

use super::{Sweep, SweepError, Swept, saved};
use crate::{Error, questions::RefreshKnownValues};

/// AWS keeps events for 90 days; the last of them may go while we ask.
const KEPT: TimeDelta = TimeDelta::hours(90 * 24 - 1);
/// Read again each time, because AWS delivers events up to a quarter of an hour late, and sometimes later.
const OVERLAP: TimeDelta = TimeDelta::minutes(30);
/// What is read at once, and again where AWS no longer takes a token.
const PORTION: TimeDelta = TimeDelta::days(5);

/// What a killed run leaves for the next.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    /// When the sweep began: it reads up to there.
    began: DateTime<Utc>,
    /// Events read.
    done: i64,
    /// Of those the ones that were not known.
    new: i64,
    /// The portion that was being read, and the token of its next page.
    portion: Option<(DateTime<Utc>, DateTime<Utc>, String)>,
}

pub(super) async fn sweep_events(sweep: &Sweep) -> Swept {
    // AWS takes whole seconds; and what PostgreSQL keeps of a time has to be the same time when it is read.
    let now = sweep.app.now().trunc_subsecs(0);
    let fresh = || Place { began: now, done: 0, new: 0, portion: None };
    let mut at = saved::<Option<Place>>(&sweep.run).flatten().unwrap_or_else(fresh);
    sweep.progress(at.done, None);
    loop {
        let (span, token) = match at.portion.take() {
            Some((from, until, token)) => (Span::new(from, until), Some(token)),
            None => {
                let place = &sweep.place;
                let mut conn = sweep.app.conn().await?;
                let covered = store::events::covered(&mut conn, place.account, &place.region);
                match next_portion(covered.await.map_err(Error::from)?, at.began) {
                    Some(span) => (span, None),
                    None => break,
                }
            }
        };
        read_portion(sweep, &mut at, span, token).await?;
    }
    if at.new > 0 {
        // New names can be asked for.
        let mut conn = sweep.app.conn().await?;
        conn.transaction::<_, Error, _>(async |conn| {
            sweep.run.fence(conn).await.map_err(Error::internal)?;
            enqueue(conn, &RefreshKnownValues {}, EnqueueOptions::default()).await?;
            Ok(())
        })
        .await?;
    }
    sweep.progress(at.done, Some(at.done));
    Ok(at.done)
}

/// What is to be read next: what is new, then what is old. `None` when all has been read.
fn next_portion(covered: Option<Span>, now: DateTime<Utc>) -> Option<Span> {
    let horizon = now - KEPT;
    let Some(covered) = covered else { return Some(Span::new(now - PORTION, now)) };
    if covered.until < now {
        let from = (covered.until - OVERLAP).max(horizon);
        return Some(Span::new(from, (from + PORTION).min(now)));
    }
    (covered.from > horizon).then(|| Span::new((covered.from - PORTION).max(horizon), covered.from))
}

/// Reads the pages of a portion from a token on. Each is written in one transaction with the place after it.
async fn read_portion(
    sweep: &Sweep,
    at: &mut Place,
    span: Span,
    token: Option<String>,
) -> Result<(), SweepError> {
    let mut pages = sweep.session.events(span, token);
    loop {
        sweep.pause()?;
        let Some(page) = pages.next_page().await? else { return Ok(()) };
        at.done += i64::try_from(page.items.len()).unwrap_or_default();
        at.portion = page.next_token.map(|token| (span.from, span.until, token));
        let (account, region) = (sweep.place.account, sweep.place.region.as_str());
        let mut conn = sweep.app.conn().await?;
        conn.transaction::<_, Error, _>(async |conn| {
            at.new += store::events::insert(conn, account, region, &page.items).await?;
            if at.portion.is_none() {
                store::events::cover(conn, account, region, span).await?;
            }
            sweep.run.save_on(conn, &Some(&*at)).await.map_err(Error::internal)
        })
        .await?;
        sweep.progress(at.done, None);
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    /// The spans read until there is nothing left to read, and what is covered by then.
    fn sweep(mut covered: Option<Span>, now: DateTime<Utc>) -> (Vec<Span>, Span) {
        let mut read = Vec::new();
        while let Some(next) = next_portion(covered, now) {
            read.push(next);
            covered = Some(match covered {
                Some(it) if next.from <= it.until => {
                    Span::new(it.from.min(next.from), it.until.max(next.until))
                }
                _ => next,
            });
            assert!(read.len() < 100, "a sweep ends");
        }
        (read, covered.unwrap())
    }

    #[test]
    fn the_first_sweep_looks_back_90_days_the_latest_first_and_the_next_half_an_hour() {
        let now = Utc.with_ymd_and_hms(2026, 3, 3, 12, 0, 0).unwrap();
        let (read, covered) = sweep(None, now);
        assert_eq!(covered, Span::new(now - KEPT, now));
        assert_eq!((read.len(), read[0]), (18, Span::new(now - PORTION, now)));
        assert!(read.windows(2).all(|it| it[1].until == it[0].from));

        let later = now + TimeDelta::minutes(15);
        let (read, covered) = sweep(Some(covered), later);
        assert_eq!(read, [Span::new(now - OVERLAP, later)]);
        assert_eq!(covered, Span::new(now - KEPT, later), "what AWS has forgotten is not asked for");
        assert_eq!(sweep(Some(covered), later).0, []);
    }

    #[test]
    fn after_a_rest_everything_since_is_read_as_far_as_aws_still_has_it() {
        let now = Utc.with_ymd_and_hms(2026, 3, 3, 12, 0, 0).unwrap();
        let known = |days| Some(Span::new(now - TimeDelta::days(300), now - TimeDelta::days(days)));
        let (read, covered) = sweep(known(25), now);
        assert_eq!((read.len(), covered), (6, Span::new(now - TimeDelta::days(300), now)));
        assert_eq!(read[0].from, now - TimeDelta::days(25) - OVERLAP);
        let (read, covered) = sweep(known(200), now);
        assert_eq!((read[0].from, covered), (now - KEPT, Span::new(now - KEPT, now)));
        // An interrupted look back goes on where it was.
        let half = Some(Span::new(now - TimeDelta::days(40), now));
        assert_eq!(sweep(half, now).0[0].until, now - TimeDelta::days(40));
    }
}

//! What the engine advises: prices are read, every desktop is looked at, and what would save money is put away.

mod prices;
pub(crate) mod subject;

use std::sync::Arc;

use chrono::{Days, NaiveTime, TimeDelta};
use contract::{page::Page, recommendations::Recommendation};
use diesel_async::AsyncConnection;
use domain::{
    catalog::select::list as select_list,
    prices::PriceList,
    running_mode::{Policy, advise},
    usage::{Month, Span},
};
use queue::{Job, JobError, Run};
use serde::{Deserialize, Serialize};
use store::recommendations::Which;

use self::subject::Basis;
use crate::{App, Error, OpCx, Result, lists::Pairs, workspaces::request};

/// Desktops looked at in one transaction.
const BATCH: i64 = 500;
/// Whole weeks that timeouts are simulated on.
const TIMEOUT_WEEKS: i64 = 8;

/// `GET /api/recommendations`
///
/// # Errors
/// The query string is not understood.
pub async fn list(cx: &OpCx, pairs: &Pairs) -> Result<Page<Recommendation>> {
    let request = request(cx, "recommendations", pairs)?;
    let mut conn = cx.app.conn().await?;
    let select = select_list(&request.page, store::recommendations::COLUMNS);
    let (rows, total) = store::recommendations::list(&mut conn, select).await?;
    let total = request.total(&mut conn, total).await?;
    Ok(request.answer(rows, total, |it| it.id.to_string()))
}

/// Looks at every desktop. Made when usage was read; those that wait are one.
#[derive(Debug, Serialize, Deserialize)]
pub struct Advise {}

impl Job for Advise {
    const KIND: &'static str = "advise";
    type Ctx = Arc<App>;

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, app: Arc<App>, run: Run) -> std::result::Result<(), JobError> {
        prices::read(&app, &run).await?;
        let (prices, contradictions) = PriceList::new(store::prices::all(&mut *app.conn().await?).await?);
        for it in contradictions {
            tracing::warn!("{it}");
        }
        let mut after = String::new();
        while let Some(last) = advise_batch(&app, &run, &prices, &after).await? {
            if run.cancelled().is_cancelled() {
                return Err(JobError::snooze(std::time::Duration::ZERO));
            }
            after = last;
        }
        Ok(())
    }
}

/// Looks at the desktops after `after`; the last of them, or `None` when there are no more.
async fn advise_batch(app: &App, run: &Run, prices: &PriceList, after: &str) -> Result<Option<String>> {
    let now = app.now();
    let today = now.date_naive();
    let policy = Policy::default();
    let midnight = today.and_time(NaiveTime::MIN).and_utc();
    let mut conn = app.conn().await?;
    let opt_out_tag = store::settings::read(&mut conn).await?.opt_out_tag;
    let month = Month::of(now).span().from;
    let subjects = store::recommendations::subjects(&mut conn, Which::After(after, BATCH), month).await?;
    let Some(last) = subjects.last().map(|it| it.id.clone()) else { return Ok(None) };
    let ids: Vec<&str> = subjects.iter().map(|it| it.id.as_str()).collect();
    let first_day = today.checked_sub_days(Days::new(u64::from(policy.weeks) * 7)).unwrap_or(today);
    let mut hours = store::usage::hours(&mut conn, &ids, first_day).await?;
    let weeks = Span::new(midnight - TimeDelta::weeks(TIMEOUT_WEEKS), midnight);
    let mut usage = store::usage::read(&mut conn, &ids, weeks).await?;
    let mut advice = Vec::new();
    for subject in &subjects {
        let basis = Basis {
            subject,
            hours: hours.remove(&subject.id).unwrap_or_default(),
            usage: usage.remove(&subject.id),
            first_day,
            weeks,
            now,
            opt_out_tag: &opt_out_tag,
        };
        let Some(ready) = basis.ready(prices) else { continue };
        let advised = advise(&ready.desktop(), &policy);
        advice.extend(advised.recommendations.into_iter().map(|it| (subject.id.as_str(), it)));
    }
    conn.transaction::<_, Error, _>(async |conn| {
        run.fence(conn).await.map_err(Error::internal)?;
        Ok(store::recommendations::replace(conn, &ids, &advice, now).await?)
    })
    .await?;
    Ok(Some(last))
}

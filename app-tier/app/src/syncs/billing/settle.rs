//! Putting together what each desktop costs in a month, of all sources. Asks AWS nothing.
//!
//! The desktops of an account's month are written in one transaction with their sums, so that whoever reads sees either
//! those before or those after. A month that is closed is put together once more only if something of it was read since.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Months, NaiveDate, SubsecRound, TimeDelta, Utc};
use contract::{
    accounts::Capability,
    billing::CostSource,
    ids::AccountId,
    money::{Currency, Money},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::{
    billing::{
        calendar::{MONTHS_KEPT, may_close},
        choose::{Sources, by_tag_status, choose},
    },
    prices::PriceList,
    usage::Month,
};
use queue::{EnqueueOptions, Job, JobError, Run, enqueue};
use serde::{Deserialize, Serialize};
use store::billing::{Desktop, DesktopDays, MonthCost};

use crate::{
    App, Error, Result, billing::desktop::modelled, questions::LONGEST_LOOK, recommendations::Advise,
    syncs::behind,
};

/// Desktops looked at together.
const BATCH: usize = 500;
/// For other regions of the account, whose usage is read at the same time.
const SOON: TimeDelta = TimeDelta::minutes(1);
/// Where something is shown already, account-regions that end one after the other are put together together.
const APART: TimeDelta = TimeDelta::minutes(10);
/// How long it waits for the first price list.
const UNTIL_PRICED: Duration = Duration::from_secs(10);
/// Usage of a month that has been over for so long can no longer become known.
const USAGE_IS_KNOWN: TimeDelta = TimeDelta::days(80);

/// Puts together what desktops of an account cost, from what is known by now.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettleBilling {
    pub(super) account: AccountId,
}

impl Job for SettleBilling {
    const KIND: &'static str = "settle_billing";
    type Ctx = Arc<App>;

    fn unique_key(&self) -> Option<String> {
        Some(self.account.to_string())
    }

    async fn run(self, app: Arc<App>, run: Run) -> std::result::Result<(), JobError> {
        if prices_are_on_their_way(&app).await? {
            return Err(JobError::snooze(UNTIL_PRICED));
        }
        let cost_tag = app.settings().await?.cost_tag;
        let now = app.now().trunc_subsecs(6);
        all(&app, &run, self.account, now, &cost_tag).await?;
        // Usage that was written meanwhile found this run in the way of another one.
        let (usage, lost) = ([Capability::Usage], app.now() - LONGEST_LOOK);
        let mut conn = app.conn().await?;
        match store::syncs::stirred(&mut conn, &usage, Some(self.account), now, lost).await? {
            true => Err(JobError::snooze(APART.to_std().unwrap_or_default())),
            false => Ok(()),
        }
    }
}

/// A portion of the account's usage was written, and what is modelled rests on it: once for all that are written meanwhile.
pub(in crate::syncs) async fn after_usage(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    let settled = store::billing::settled_at(conn, account).await?;
    let run_at = settled.map_or(now, |it| it + APART).max(now + SOON);
    let options = EnqueueOptions { run_at: Some(run_at), ..behind() };
    enqueue(conn, &SettleBilling { account }, options).await?;
    Ok(())
}

/// There are desktops in a region whose prices were never asked for, and the job that does is there.
async fn prices_are_on_their_way(app: &App) -> Result<bool> {
    let mut conn = app.conn().await?;
    if store::prices::regions_to_read(&mut conn, DateTime::UNIX_EPOCH).await?.is_empty() {
        return Ok(false);
    }
    let key = Advise {}.unique_key().unwrap_or_default();
    let advise = queue::active_with_key(&mut conn, Advise::KIND, &key).await?;
    Ok(advise.is_some())
}

/// Every month of the account that may have changed.
pub(super) async fn all(
    app: &App,
    run: &Run,
    account: AccountId,
    now: DateTime<Utc>,
    cost_tag: &str,
) -> std::result::Result<(), JobError> {
    let this_month = Month::of(now).first_day();
    let first = this_month.checked_sub_months(Months::new(MONTHS_KEPT)).unwrap_or(this_month);
    let mut conn = app.conn().await?;
    let months = store::billing::months_to_settle(&mut conn, account, first, this_month).await?;
    let (prices, _) = PriceList::new(store::prices::all(&mut conn).await?);
    drop(conn);
    for month in months {
        if run.cancelled().is_cancelled() {
            return Err(JobError::snooze(Duration::ZERO));
        }
        let month = Month::of(month.and_time(chrono::NaiveTime::MIN).and_utc());
        let costs = costs_of(app, (account, cost_tag), month, now, &prices).await?;
        let open =
            |it: &MonthCost| matches!(it.source, CostSource::Model | CostSource::Mixed) && !it.model_complete;
        let old = now - month.span().until >= USAGE_IS_KNOWN;
        let closed = may_close(month, now) && (old || !costs.iter().any(open));
        let mut conn = app.conn().await?;
        conn.transaction::<_, Error, _>(async |conn| {
            run.fence(conn).await.map_err(Error::internal)?;
            let day = month.first_day();
            Ok(store::billing::write_month(conn, account, day, &costs, cost_tag, closed, now).await?)
        })
        .await?;
    }
    Ok(())
}

async fn costs_of(
    app: &App,
    (account, cost_tag): (AccountId, &str),
    month: Month,
    now: DateTime<Utc>,
    prices: &PriceList,
) -> Result<Vec<MonthCost>> {
    let mut conn = app.conn().await?;
    let ids = store::billing::ids_of_month(&mut conn, account, month).await?;
    let (tag_carried, tags) =
        store::billing::tag_amounts(&mut conn, account, month.first_day(), cost_tag).await?;
    let days_read: BTreeSet<NaiveDate> =
        store::billing::resource_days_read(&mut conn, account, month.first_day())
            .await?
            .into_keys()
            .filter(|it| *it < month.next().first_day())
            .collect();
    let mut costs = Vec::new();
    for ids in ids.chunks(BATCH) {
        for (id, desktop, days) in batch(&mut conn, ids, month).await? {
            let model = desktop.as_ref().and_then(|it| modelled(it, &days, prices, month, now));
            let sources = Sources {
                days_read: days_read.clone(),
                resource: days.resource,
                tag: tags.get(&id).cloned().unwrap_or_default(),
                tag_carried,
                model,
            };
            let region = desktop.map_or_else(String::new, |it| it.region);
            costs.extend(month_costs(&id, &region, &sources, month, now));
        }
    }
    Ok(costs)
}

async fn batch(
    conn: &mut AsyncPgConnection,
    ids: &[String],
    month: Month,
) -> Result<Vec<(String, Option<Desktop>, DesktopDays)>> {
    let subjects = store::billing::subjects(conn, ids).await?;
    let mut subjects: BTreeMap<String, Desktop> =
        subjects.into_iter().map(|it| (it.id.clone(), it)).collect();
    let mut known = store::billing::known(conn, ids, month.first_day(), month.next().first_day()).await?;
    let of_one = |id: &String| (id.clone(), subjects.remove(id), known.remove(id).unwrap_or_default());
    Ok(ids.iter().map(of_one).collect())
}

fn month_costs(
    id: &str,
    region: &str,
    sources: &Sources,
    month: Month,
    now: DateTime<Utc>,
) -> Vec<MonthCost> {
    let last = month.next().first_day().pred_opt().unwrap_or(NaiveDate::MAX).min(now.date_naive());
    let sum = |days: &BTreeMap<NaiveDate, Money>| -> Money { days.values().copied().sum() };
    let chosen = choose(sources, month.first_day(), last, may_close(month, now));
    let read = u32::try_from(sources.days_read.iter().filter(|it| **it <= last).count()).unwrap_or(0);
    let of = |currency: &Currency| {
        let resource = sources.resource.get(currency).map(sum);
        let model = sources.model.as_ref().filter(|it| it.currency == *currency);
        (
            resource,
            sources.tag.get(currency).copied(),
            model.map(|it| sum(&it.days)),
            model.is_some_and(|it| it.complete),
        )
    };
    let row = |it: domain::billing::choose::Chosen| {
        let (resource, tag, model, model_complete) = of(&it.currency);
        // Nothing was charged on days that were read.
        let resource = resource.or((it.source == CostSource::Resource).then_some(Money::ZERO));
        MonthCost {
            workspace_id: id.to_owned(),
            region: region.to_owned(),
            currency: it.currency,
            amount: it.amount,
            source: it.source,
            status: it.status,
            resource,
            resource_days: read,
            tag,
            tag_whole: by_tag_status(sources.tag_carried, true).is_some(),
            model,
            model_complete,
        }
    };
    chosen.into_iter().map(row).collect()
}

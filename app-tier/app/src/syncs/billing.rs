//! Reading what AWS charges: one durable job for each account, once a day.
//!
//! First the running month and those that are not closed yet, the latest first, by service and region; then desktops by
//! resource, as far as AWS tells; then by the tag that holds their own id, where it is activated. Each part is on its own:
//! what is denied or not turned on is noted and leaves the others, and what was read before, as it was. Every page costs
//! money and is counted against the month's limit before it is asked for. A closed month is never asked for again.

mod settle;
mod tags;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use cloud::{Api, COST_EXPLORER_REGION, CloudError, CostDays, Listing, Pages};
use contract::{
    billing::{ReadingPart, ReadingState},
    ids::AccountId,
    jobs::Progress,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::{
    billing::{
        CostLine, Costs, Days,
        calendar::{may_close, months_to_read, resource_days},
        days_that_lack, desktop_of_resource,
    },
    usage::Month,
};
use queue::{Job, JobError, Run, enqueue};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::billing::Part;

pub use self::settle::SettleBilling;
pub(super) use self::settle::after_usage;
use super::{behind, saved};
use crate::{App, Error, Result, accounts, spend};

/// Between two readings of an account; a little less than a day, so that a late one does not put off the next.
const EVERY: TimeDelta = TimeDelta::hours(23);

/// What was not turned on is looked for again after so long.
const OFF_FOR: TimeDelta = TimeDelta::days(7);

/// Accounts whose last reading is a day old.
pub(super) async fn enqueue_billing(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<()> {
    for account in store::billing::due(conn, now - EVERY).await? {
        enqueue(conn, &SyncBilling { account }, behind()).await?;
    }
    Ok(())
}

/// Reads what one account is charged.
#[derive(Debug, Serialize, Deserialize)]
pub struct SyncBilling {
    account: AccountId,
}

impl Job for SyncBilling {
    const KIND: &'static str = "sync_billing";
    type Ctx = Arc<App>;

    fn unique_key(&self) -> Option<String> {
        Some(self.account.to_string())
    }

    async fn run(self, app: Arc<App>, run: Run) -> std::result::Result<(), JobError> {
        let mut conn = app.conn().await?;
        let Some(account) = store::accounts::find(&mut conn, self.account).await? else { return Ok(()) };
        let settings = store::settings::read(&mut conn).await?;
        drop(conn);
        let session =
            accounts::session(&app, &account, COST_EXPLORER_REGION, settings.aws_calls_per_second).await;
        // What PostgreSQL keeps of a time has to be the same time when it is read.
        let fresh =
            || Place { began: app.now().trunc_subsecs(6), ended: Vec::new(), page: None, told: Days::new() };
        let place = saved::<Option<Place>>(&run).flatten().unwrap_or_else(fresh);
        let label = account.name.clone();
        let look = Look {
            account: self.account,
            began: place.began,
            cost_tag: settings.cost_tag,
            app,
            run,
            session,
            label,
        };
        look.read(place).await
    }
}

/// What a killed run leaves for the next.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    /// When the look began, which is what all that it reads is as of.
    began: DateTime<Utc>,
    /// Parts that are read, or that need not be tried again by this look.
    ended: Vec<ReadingPart>,
    /// Days that were being read by resource, and the token of the next page.
    page: Option<(NaiveDate, NaiveDate, String)>,
    /// What the pages of these days come to so far.
    #[serde(default)]
    told: Days,
}

/// One look at what one account is charged.
struct Look {
    app: Arc<App>,
    run: Run,
    account: AccountId,
    session: cloud::Session,
    began: DateTime<Utc>,
    cost_tag: String,
    label: String,
}

/// Why a part was not read.
enum LookError {
    Cloud(CloudError),
    /// AWS has it once somebody turns it on; what to do about it.
    NotEnabled(String),
    Capped,
    Job(JobError),
}

impl From<CloudError> for LookError {
    fn from(error: CloudError) -> Self {
        Self::Cloud(error)
    }
}

impl From<Error> for LookError {
    fn from(error: Error) -> Self {
        Self::Job(JobError::retry(error))
    }
}

impl From<store::Error> for LookError {
    fn from(error: store::Error) -> Self {
        Error::from(error).into()
    }
}

type Looked = std::result::Result<(), LookError>;

impl Look {
    async fn read(&self, mut place: Place) -> std::result::Result<(), JobError> {
        self.run.save(&Some(&place)).await?;
        self.progress("by service");
        let mut again = None;
        for part in ReadingPart::ALL.iter().copied() {
            if place.ended.contains(&part) || self.is_known_to_be_off(part).await? {
                continue;
            }
            let outcome = match part {
                ReadingPart::Services => self.services().await,
                ReadingPart::Resources => self.resources(&mut place).await,
                ReadingPart::Tags => tags::read(self).await,
            };
            match self.note(part, outcome).await? {
                None => {
                    place.ended.push(part);
                    self.run.save(&Some(&place)).await?;
                }
                // The others may do nevertheless.
                error => again = again.or(error),
            }
        }
        self.progress("putting together what desktops cost");
        settle::all(&self.app, &self.run, self.account, self.began, &self.cost_tag).await?;
        again.map_or(Ok(()), Err)
    }

    /// Whether AWS said in the last days that it tells nothing by resource: asking costs money, too.
    async fn is_known_to_be_off(&self, part: ReadingPart) -> Result<bool> {
        if part != ReadingPart::Resources {
            return Ok(false);
        }
        let readings = store::billing::readings(&mut *self.app.conn().await?, Some(self.account)).await?;
        Ok(readings.iter().any(|it| {
            let lately = it.tried_at.is_some_and(|at| self.began - at < OFF_FOR);
            it.part == part && it.state == ReadingState::NotEnabled && lately
        }))
    }

    /// Months by service and region, the latest first.
    async fn services(&self) -> Looked {
        let mut conn = self.app.conn().await?;
        let known =
            store::billing::closed_months(&mut conn, self.account, Part::Services, self.began).await?;
        drop(conn);
        let months = months_to_read(self.began, &known);
        let whole = self.totals(&months).await?;
        // One answer has the totals of all months. Where it has none, a month without lines is believed if all are without.
        let silent = whole.values().all(Costs::is_empty);
        let (mut told, mut unsaid) = (false, Vec::new());
        for month in months {
            let mut costs = Costs::default();
            match self.all_pages(self.session.costs_by_service(self.days_of(month)), &mut costs).await {
                // Further back there is nothing to be told.
                Err(LookError::Cloud(CloudError::Other { code, .. }))
                    if no_data(&code) && month != Month::of(self.began) =>
                {
                    break;
                }
                other => other?,
            }
            told |= !costs.is_empty();
            let adds_up = match whole.get(&month.first_day()) {
                Some(_) if silent && costs.is_empty() => {
                    unsaid.push(month);
                    continue;
                }
                Some(it) if may_close(month, self.began) => costs.adds_up_to(it),
                // It goes on between two requests; nothing at all is what a lost page looks like.
                Some(it) => !costs.is_empty() || it.is_empty(),
                None => !costs.is_empty() || !self.is_known(month).await?,
            };
            self.keep(month, &costs, adds_up).await?;
        }
        for month in unsaid {
            self.keep(month, &Costs::default(), !told).await?;
        }
        Ok(())
    }

    async fn keep(&self, month: Month, costs: &Costs, adds_up: bool) -> Looked {
        if !adds_up {
            tracing::warn!(account = %self.account, month = %month.first_day(), "Costs by service do not add up to the month's; they will be read again");
        }
        let closed = may_close(month, self.began) && !costs.estimated() && adds_up;
        let lines: Vec<CostLine> = costs.lines().collect();
        let mut conn = self.app.conn().await?;
        conn.transaction::<_, Error, _>(async |conn| {
            self.run.fence(conn).await.map_err(Error::internal)?;
            let (account, at) = (self.account, self.began);
            Ok(store::billing::replace_month(conn, account, month, &lines, adds_up, closed, at).await?)
        })
        .await?;
        Ok(())
    }

    /// Whether anything was charged in a month, as far as was read before.
    async fn is_known(&self, month: Month) -> Result<bool> {
        let mut conn = self.app.conn().await?;
        Ok(store::billing::knows_month(&mut conn, self.account, month.first_day()).await?)
    }

    /// What the months that are about to be closed, and those since, come to without groups, in one request: so that no
    /// month is closed that lacks a page.
    async fn totals(&self, months: &[Month]) -> std::result::Result<BTreeMap<NaiveDate, Costs>, LookError> {
        let oldest = months.iter().copied().rfind(|it| may_close(*it, self.began));
        let (Some(latest), Some(oldest)) = (months.first(), oldest) else {
            return Ok(BTreeMap::new());
        };
        let days = CostDays { from: oldest.first_day(), until: self.days_of(*latest).until };
        let mut costs = Costs::default();
        match self.all_pages(self.session.costs_by_month(days), &mut costs).await {
            // AWS does not go that far back for this account; where it does is seen month by month.
            Err(LookError::Cloud(CloudError::Other { code, .. })) if no_data(&code) => {
                return Ok(BTreeMap::new());
            }
            other => other?,
        }
        let mut by_month: BTreeMap<NaiveDate, Costs> =
            months.iter().map(|it| (it.first_day(), Costs::default())).collect();
        for line in costs.lines() {
            by_month.entry(line.from).or_default().add([line]);
        }
        Ok(by_month)
    }

    /// Desktops by the day.
    async fn resources(&self, place: &mut Place) -> Looked {
        let oldest = self.began.date_naive() - TimeDelta::days(40);
        let mut conn = self.app.conn().await?;
        let known = store::billing::resource_days_asked(&mut conn, self.account, oldest).await?;
        drop(conn);
        let fresh = || resource_days(self.began, &known).map(|(from, until)| (from, until, None));
        let begins = place.page.clone().map(|(from, until, token)| (from, until, Some(token))).or_else(fresh);
        let Some((from, until, token)) = begins else { return Ok(()) };
        if token.is_none() {
            place.told.clear();
        }
        let mut pages = self.session.costs_by_resource(CostDays { from, until }, token);
        loop {
            self.pay(Api::COSTS_BY_RESOURCE).await?;
            let page = match pages.next_page().await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(()),
                Err(CloudError::Other { code, .. }) if code == "DataUnavailableException" => {
                    return Err(LookError::NotEnabled(NO_RESOURCES.to_owned()));
                }
                Err(error) => {
                    if matches!(error, CloudError::TokenRejected { .. }) {
                        // The next run begins these days anew.
                        place.page = None;
                        self.run
                            .save(&Some(&*place))
                            .await
                            .map_err(JobError::from)
                            .map_err(LookError::Job)?;
                    }
                    return Err(error.into());
                }
            };
            place.page = page.next_token.map(|token| (from, until, token));
            let desktop = |it: CostLine| Some((desktop_of_resource(it.keys.first()?)?.to_owned(), it));
            let mut costs = Costs::default();
            costs.add(page.items);
            costs.add_to(&mut place.told);
            let amounts: Vec<_> = costs.lines().filter_map(desktop).collect();
            let mut conn = self.app.conn().await?;
            conn.transaction::<_, Error, _>(async |conn| {
                store::billing::write_resource_days(conn, self.account, &amounts, self.began).await?;
                if place.page.is_none() {
                    let lacking = self.lacking(conn, (from, until), &place.told).await?;
                    let (account, days) = (self.account, (from, until));
                    store::billing::end_resources(conn, account, days, self.began, &lacking).await?;
                }
                self.run.save_on(conn, &Some(&*place)).await.map_err(Error::internal)
            })
            .await?;
            if place.page.is_none() {
                return Ok(());
            }
        }
    }

    /// Days of which a page went missing. The last ones go on, by resource and by service; they are read again anyway, and
    /// compared then.
    async fn lacking(
        &self,
        conn: &mut AsyncPgConnection,
        (from, until): (NaiveDate, NaiveDate),
        told: &Days,
    ) -> Result<BTreeSet<NaiveDate>> {
        let whole_until = until.min(self.began.date_naive() - TimeDelta::days(1));
        let service =
            store::billing::service_days(conn, self.account, (from, whole_until), self.began).await?;
        let mut lacking = days_that_lack(told, &service);
        // Of a day that neither tells of nobody knows whether anything was charged, unless its month was read whole by service.
        let days = from.iter_days().take_while(|it| *it < whole_until);
        lacking.extend(days.filter(|it| !told.contains_key(it) && !service.contains_key(it)));
        if !lacking.is_empty() {
            let (account, days) = (self.account, lacking.len());
            tracing::warn!(%account, days, "Costs by resource do not add up to those by service; these days will be read again");
        }
        Ok(lacking)
    }

    /// Days of a month as far as there are any: AWS takes no question about the day after tomorrow.
    fn days_of(&self, month: Month) -> CostDays {
        let tomorrow = self.began.date_naive().succ_opt().unwrap_or(NaiveDate::MAX);
        CostDays { from: month.first_day(), until: month.next().first_day().min(tomorrow) }
    }

    /// Every page, each paid for before it is asked for.
    async fn all_pages<L: Listing<Item = CostLine>>(&self, mut pages: Pages<L>, costs: &mut Costs) -> Looked {
        loop {
            self.stopped()?;
            self.pay(L::API).await?;
            let Some(page) = pages.next_page().await? else { return Ok(()) };
            costs.add(page.items);
            if page.next_token.is_none() {
                return Ok(());
            }
        }
    }

    /// Counts one request that is about to be made.
    async fn pay(&self, api: Api) -> Looked {
        self.stopped()?;
        if spend::allows(&self.app, self.account, api.action(), 1, 1, spend::COST_REQUEST).await? {
            Ok(())
        } else {
            Err(LookError::Capped)
        }
    }

    fn stopped(&self) -> Looked {
        if self.run.cancelled().is_cancelled() {
            return Err(LookError::Job(JobError::snooze(std::time::Duration::ZERO)));
        }
        Ok(())
    }

    /// Writes how a part went. `Some`: it is worth trying again soon.
    async fn note(
        &self,
        part: ReadingPart,
        outcome: Looked,
    ) -> std::result::Result<Option<JobError>, JobError> {
        let mut again = None;
        let (state, action, said) = match outcome {
            Ok(()) => (ReadingState::Ok, None, None),
            Err(LookError::Job(error)) => return Err(error),
            Err(LookError::NotEnabled(what)) => (ReadingState::NotEnabled, None, Some(what)),
            Err(LookError::Capped) => {
                let cap = self.app.settings().await?.aws_monthly_cap;
                let said = spend::used_up(cap);
                (ReadingState::Capped, None, Some(said))
            }
            Err(LookError::Cloud(error)) => {
                let said = error.for_people();
                let action = error.denied_action().map(str::to_owned);
                if error.is_denial() {
                    (ReadingState::Denied, action, Some(said))
                } else {
                    again = Some(JobError::retry(error));
                    (ReadingState::Failed, None, Some(format!("{said}. Skydesk tries again by itself.")))
                }
            }
        };
        let mut conn = self.app.conn().await?;
        conn.transaction::<_, Error, _>(async |conn| {
            self.run.fence(conn).await.map_err(Error::internal)?;
            let (action, said) = (action.as_deref(), said.as_deref());
            Ok(store::billing::note(conn, self.account, part, state, self.began, action, said).await?)
        })
        .await?;
        Ok(again)
    }

    fn progress(&self, note: &str) {
        let progress =
            Progress { label: self.label.clone(), done: 0, total: None, note: Some(note.to_owned()) };
        self.run.progress(json!(progress));
    }
}

/// What AWS says of times before an account's costs begin.
fn no_data(code: &str) -> bool {
    ["DataUnavailableException", "ValidationException"].contains(&code)
}

const NO_RESOURCES: &str = "AWS tells no costs by resource for this account. Whoever manages billing can turn on \
     resource-level data at daily granularity for Amazon WorkSpaces, in the preferences of Cost Explorer; AWS then knows the \
     last 14 days. Until then desktops are told by tag, or modelled.";

/// For [`tags`] and [`settle`]: a result of the house inside a look.
fn house<T>(result: Result<T>) -> std::result::Result<T, LookError> {
    result.map_err(LookError::from)
}

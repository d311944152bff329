//! The savings ledger: what applied changes were said to save, and what they saved on the usage seen since.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use contract::{
    money::{Currency, Money},
    operations::Parameters,
    problem::FieldError,
    recommendations::PriceOrigin,
    savings::{Savings, SavingsItem, SavingsMonth, SavingsSource, SavingsTotal},
};
use domain::{
    prices::Rates,
    running_mode::Mode,
    savings::{Billed, Change, Used, days, predicted},
    usage::{Month, Span, Timeout},
};
use serde::Deserialize;
use store::{
    savings::{Applied, KeptPrice},
    usage::Stored,
};

use crate::{Error, OpCx, Result};

/// Months that are shown unless told, the present one among them.
const USUAL_MONTHS: u32 = 12;
const MOST_MONTHS: u32 = 36;
/// The most changes that are looked at, the latest first.
const MOST_CHANGES: usize = 5_000;
/// Desktops whose usage is read at once.
const BATCH: usize = 200;
/// A change counts for so long: later nobody knows what would have been without it.
const COUNTS_MONTHS: u32 = 12;
/// Usage that was read so long ago is as fresh as it gets: what is later is not counted, instead of missing.
const FRESH: TimeDelta = TimeDelta::days(3);
/// A day of an AlwaysOn desktop of which less was observed is not known.
const HALF_A_DAY: f64 = 0.5;

/// What the query string may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavingsQuery {
    months: Option<u32>,
}

/// `GET /api/savings`
///
/// # Errors
/// The query string is not understood.
pub async fn ledger(cx: &OpCx, query: &SavingsQuery) -> Result<Savings> {
    let months = query.months.unwrap_or(USUAL_MONTHS);
    if !(1..=MOST_MONTHS).contains(&months) {
        return Err(Error::invalid(vec![FieldError::new("/months", format!("takes 1 to {MOST_MONTHS}"))]));
    }
    let now = cx.app.now();
    let this_month = Month::of(now).first_day();
    let from = this_month.checked_sub_months(Months::new(months - 1)).unwrap_or(this_month);
    let mut conn = cx.app.conn().await?;
    let limit = i64::try_from(MOST_CHANGES).unwrap_or(i64::MAX);
    let mut applied = store::savings::list(&mut conn, midnight(from), limit + 1).await?;
    let cut = applied.len() > MOST_CHANGES;
    applied.truncate(MOST_CHANGES);
    let mut reckoned = Vec::with_capacity(applied.len());
    for batch in applied.chunks(BATCH) {
        let ids: Vec<&str> = batch.iter().map(|it| it.workspace_id.0.as_str()).collect();
        let first = batch.iter().map(|it| it.applied_at).min().unwrap_or(now);
        let longest = Timeout::CHOICES.last().copied().unwrap_or_default();
        // Hours hang together over a month.
        let span = Span::new(Month::of(first).span().from - longest.reach(), now);
        let usage = store::usage::read(&mut conn, &ids, span).await?;
        reckoned.extend(batch.iter().map(|it| Reckoned::of(it, &usage, now)));
    }
    drop(conn);
    Ok(Savings {
        from,
        until: now.date_naive(),
        months: by_month(&reckoned, from, this_month),
        total: totals(&reckoned, from),
        items: reckoned.into_iter().map(|it| it.item(from)).collect(),
        cut,
    })
}

/// One change, month by month.
struct Reckoned<'a> {
    applied: &'a Applied,
    counts_until: Option<NaiveDate>,
    currency: Option<Currency>,
    predicted: BTreeMap<Month, Money>,
    saved: std::result::Result<BTreeMap<Month, Money>, String>,
    estimated: bool,
    missing: u32,
}

impl<'a> Reckoned<'a> {
    fn of(it: &'a Applied, usage: &HashMap<String, Stored>, now: DateTime<Utc>) -> Self {
        let on = it.applied_at.date_naive();
        let year = on.checked_add_months(Months::new(COUNTS_MONTHS)).unwrap_or(NaiveDate::MAX);
        let ended = it.ended_at.map(|at| at.date_naive()).into_iter().chain([year]).min().unwrap_or(year);
        let counts_until = (ended <= now.date_naive()).then_some(ended);
        // What was said stops where the change no longer counts.
        let said = it.predicted.map(|(saves, from, until)| {
            let parts = predicted(saves, from, until);
            parts.into_iter().filter(|(month, _)| month.first_day() < ended).collect()
        });
        let currency =
            it.prices_before.as_ref().map(|it| it.currency.clone()).or(it.predicted_currency.clone());
        let mut reckoned = Self {
            applied: it,
            counts_until,
            currency: currency.map(Currency),
            predicted: said.unwrap_or_default(),
            saved: Err(String::new()),
            estimated: false,
            missing: 0,
        };
        reckoned.saved = reckoned.reckon(usage.get(&it.workspace_id.0), on, ended.min(now.date_naive()), now);
        reckoned
    }

    fn reckon(
        &mut self,
        stored: Option<&Stored>,
        on: NaiveDate,
        until: NaiveDate,
        now: DateTime<Utc>,
    ) -> std::result::Result<BTreeMap<Month, Money>, String> {
        let it = self.applied;
        let before = billed(&it.before, it.prices_before.as_ref())?;
        let after = match &it.after {
            Some(after) => Some(billed(after, it.prices_after.as_ref())?),
            None => None,
        };
        let prices = it.prices_before.iter().chain(&it.prices_after);
        self.estimated = prices.map(|it| &it.origin).any(|it| *it != PriceOrigin::Listed.name());
        let mut change = Change { on, until: until.max(on), before, after };
        let used = match (stored, after) {
            (Some(stored), Some(after)) => {
                let read_until = stored.observed.until;
                if now - read_until <= FRESH {
                    change.until = change.until.min(read_until.date_naive()).max(on);
                }
                used(stored, &change, after, now)
            }
            _ => Used { missing: change.days(), ..Used::default() },
        };
        self.missing = if after.is_some() { used.missing } else { 0 };
        self.estimated |= self.missing > 0;
        change.saved(&used).map_err(domain::savings::Untold::sentence)
    }

    /// Whether it counts in a month.
    fn counts_in(&self, month: NaiveDate) -> bool {
        let next = month.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
        self.applied.applied_at.date_naive() < next && self.counts_until.is_none_or(|it| it > month)
    }

    fn item(self, from: NaiveDate) -> SavingsItem {
        let shown = |parts: &BTreeMap<Month, Money>| {
            Money::checked_sum(parts.iter().filter(|(month, _)| month.first_day() >= from).map(|it| *it.1))
        };
        let it = self.applied;
        SavingsItem {
            operation_id: it.operation,
            workspace_id: it.workspace_id.clone(),
            user_name: it.user_name.clone(),
            account: it.account_name.clone(),
            region: it.region.clone(),
            action: it.action,
            before: it.before.clone(),
            after: it.after.clone().unwrap_or_default(),
            applied_at: it.applied_at,
            proposed_by: it.proposed_by.clone(),
            counts_until: self.counts_until,
            predicted: it.predicted.map(|it| it.0),
            predicted_until: it.predicted.map(|it| it.2),
            realised: self.saved.as_ref().ok().and_then(shown),
            currency: self.currency,
            untold: self.saved.err(),
            source: SavingsSource::Modelled,
            prices: it.prices_before.as_ref().and_then(|it| PriceOrigin::parse(&it.origin)),
            estimated: self.estimated,
            days_missing: i32::try_from(self.missing).unwrap_or(i32::MAX),
        }
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// How settings are billed, or why nobody knows.
fn billed(it: &Parameters, price: Option<&KeptPrice>) -> std::result::Result<Billed, String> {
    let minutes = it.auto_stop_minutes.and_then(|it| u32::try_from(it).ok());
    let name = it.running_mode.as_deref().unwrap_or("unknown");
    let mode = Mode::parse(name, minutes)
        .ok_or_else(|| format!("How AWS bills the running mode {name} is not known."))?;
    let known = |it: Option<Money>| it.filter(|it| it.is_positive());
    let rates = price.and_then(|it| {
        Some(Rates {
            always_on_month: known(it.always_on_month)?,
            auto_stop_month: known(it.auto_stop_month)?,
            auto_stop_hour: known(it.auto_stop_hour)?,
        })
    });
    let kind = it.compute_type.as_deref().unwrap_or("such a desktop");
    rates
        .map(|rates| Billed { mode, rates })
        .ok_or_else(|| format!("Not all prices of {kind} were known when it was applied."))
}

/// The hours of the days that count, under both timeouts.
fn used(stored: &Stored, change: &Change, after: Billed, now: DateTime<Utc>) -> Used {
    let timeout = |it: Billed| match it.mode {
        Mode::AutoStop { timeout_minutes } => {
            Timeout::from_minutes(u16::try_from(timeout_minutes).unwrap_or(60))
        }
        // Never billed by it.
        Mode::AlwaysOn => Timeout::HOUR,
    };
    let (old, new) = (timeout(change.before), timeout(after));
    // AlwaysOn has no timeout of its own: what the other mode's would have billed is the question.
    let (old, new) = match (change.before.mode, after.mode) {
        (Mode::AlwaysOn, _) => (new, new),
        (_, Mode::AlwaysOn) => (old, old),
        _ => (old, new),
    };
    let span = Span::new(midnight(Month::of(midnight(change.on)).first_day()), midnight(change.until));
    let mut used = Used::default();
    for it in stored.series.days(span, old, now) {
        used.hours.entry(it.day).or_default().0 = it.hours;
    }
    for it in stored.series.days(span, new, now) {
        used.hours.entry(it.day).or_default().1 = it.hours;
    }
    let unknown = |day: NaiveDate| {
        let whole = Span::new(midnight(day), midnight(day) + TimeDelta::days(1));
        let outside = whole.from < stored.observed.from || whole.until > stored.observed.until;
        // A stopped desktop may say nothing, one in AlwaysOn has no reason to be silent.
        let silent = after.mode == Mode::AlwaysOn && stored.series.observed_part(whole) < HALF_A_DAY;
        outside || silent
    };
    let missing = days(change.on, change.until).filter(|day| unknown(*day)).count();
    used.missing = u32::try_from(missing).unwrap_or(u32::MAX);
    used
}

/// Sums of some changes; `None` where there is nothing to sum.
#[derive(Default)]
struct Sums {
    predicted: Option<Money>,
    realised: Option<Money>,
    predicted_of_realised: Option<Money>,
    changes: i64,
    untold: i64,
    estimated: bool,
}

impl Sums {
    fn add(&mut self, said: Option<Money>, saved: Option<Money>, estimated: bool) {
        let plus = |sum: &mut Option<Money>, it: Option<Money>| {
            if let Some(it) = it {
                *sum = Some(sum.unwrap_or_default().saturating_add(it));
            }
        };
        self.changes += 1;
        plus(&mut self.predicted, said);
        plus(&mut self.realised, saved);
        match saved {
            Some(_) => plus(&mut self.predicted_of_realised, said),
            None => self.untold += 1,
        }
        self.estimated |= estimated && saved.is_some();
    }
}

fn currency(it: &Reckoned<'_>) -> Currency {
    // What has no currency has no figure either.
    it.currency.clone().unwrap_or_else(Currency::usd)
}

fn by_month(all: &[Reckoned<'_>], from: NaiveDate, this_month: NaiveDate) -> Vec<SavingsMonth> {
    let mut months: BTreeMap<(NaiveDate, String), Sums> = BTreeMap::new();
    for it in all {
        let mut month = Month::of(it.applied.applied_at);
        while month.first_day() <= this_month {
            let day = month.first_day();
            if day >= from && it.counts_in(day) {
                let saved =
                    it.saved.as_ref().ok().map(|parts| parts.get(&month).copied().unwrap_or_default());
                let said = it.predicted.get(&month).copied();
                months.entry((day, currency(it).0)).or_default().add(said, saved, it.estimated);
            }
            month = month.next();
        }
    }
    let told = |((month, currency), it): ((NaiveDate, String), Sums)| SavingsMonth {
        month,
        currency: Currency(currency),
        predicted: it.predicted,
        realised: it.realised,
        predicted_of_realised: it.predicted_of_realised,
        so_far: month == this_month,
        changes: it.changes,
        untold: it.untold,
        estimated: it.estimated,
    };
    months.into_iter().rev().map(told).collect()
}

fn totals(all: &[Reckoned<'_>], from: NaiveDate) -> Vec<SavingsTotal> {
    let mut totals: BTreeMap<String, Sums> = BTreeMap::new();
    for it in all {
        let within = |parts: &BTreeMap<Month, Money>| {
            Money::checked_sum(parts.iter().filter(|(month, _)| month.first_day() >= from).map(|it| *it.1))
        };
        let said = Some(&it.predicted).filter(|it| !it.is_empty()).and_then(within);
        let saved = it.saved.as_ref().ok().and_then(within);
        totals.entry(currency(it).0).or_default().add(said, saved, it.estimated);
    }
    let told = |(currency, it): (String, Sums)| SavingsTotal {
        currency: Currency(currency),
        predicted: it.predicted,
        realised: it.realised,
        changes: it.changes,
        untold: it.untold,
    };
    totals.into_iter().map(told).collect()
}

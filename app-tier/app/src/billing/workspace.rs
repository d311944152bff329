//! What one desktop costs, by every source.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, Utc};
use contract::{
    billing::{
        CostSource, CostStatus, Figure, Told, WorkspaceBilling, WorkspaceDay, WorkspaceMonth, WorkspacePrice,
    },
    ids::{AccountId, WorkspaceId},
    money::{Currency, Money},
    problem::FieldError,
    recommendations::PriceOrigin,
};
use domain::{
    billing::{calendar::may_close, choose::Modelled},
    prices::{Origin, Price, PriceList},
    usage::Month,
};
use serde::Deserialize;
use store::billing::{DesktopDays, WorkspaceCost};

use super::{
    assemble::{source, status},
    desktop::{modelled, price},
    period::{month_of, next_month},
    tag,
};
use crate::{Error, OpCx, Result};

const MOST_MONTHS: u32 = 60;
const MOST_DAYS: u32 = 100;
const USUAL_MONTHS: u32 = 13;
const USUAL_DAYS: u32 = 35;

/// What the query string may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceBillingQuery {
    months: Option<u32>,
    days: Option<u32>,
}

impl WorkspaceBillingQuery {
    fn read(&self) -> Result<(u32, u32)> {
        let mut errors = Vec::new();
        let mut within = |pointer: &str, value: Option<u32>, usual: u32, most: u32| {
            let value = value.unwrap_or(usual);
            if !(1..=most).contains(&value) {
                errors.push(FieldError::new(pointer, format!("takes 1 to {most}")));
            }
            value
        };
        let months = within("/months", self.months, USUAL_MONTHS, MOST_MONTHS);
        let days = within("/days", self.days, USUAL_DAYS, MOST_DAYS);
        if errors.is_empty() { Ok((months, days)) } else { Err(Error::invalid(errors)) }
    }
}

/// `GET /api/workspaces/{id}/billing`
///
/// # Errors
/// There is no such desktop, or the query string is not understood.
pub async fn of_workspace(
    cx: &OpCx,
    id: &WorkspaceId,
    query: &WorkspaceBillingQuery,
) -> Result<WorkspaceBilling> {
    let (months, days) = query.read()?;
    let now = cx.app.now();
    let today = now.date_naive();
    let this_month = month_of(today);
    let first_month = this_month.checked_sub_months(Months::new(months - 1)).unwrap_or(this_month);
    let first_day = today.checked_sub_days(Days::new(u64::from(days - 1))).unwrap_or(today);
    let ids = [id.0.clone()];
    let mut conn = cx.app.conn().await?;
    let not_there = || Error::not_found(format_args!("desktop {id}"));
    let desktop = store::billing::subjects(&mut conn, &ids).await?.pop().ok_or_else(not_there)?;
    let account = AccountId(desktop.account);
    let settings = store::settings::read(&mut conn).await?;
    let (prices, _) = PriceList::new(store::prices::of_region(&mut conn, &desktop.region).await?);
    let stored = store::billing::workspace_costs(&mut conn, &id.0, first_month).await?;
    let from = month_of(first_day);
    let mut known = store::billing::known(&mut conn, &ids, from, next_month(today)).await?;
    let read = store::billing::resource_days_read(&mut conn, account, first_day).await?;
    let readings = store::billing::readings(&mut conn, Some(account)).await?;
    let cost_tag = tag::of(&mut conn, Some(account), &settings.cost_tag).await?;
    drop(conn);
    let known = known.remove(&id.0).unwrap_or_default();
    let months = std::iter::successors(Some(from), |it| Some(next_month(*it))).take_while(|it| *it <= today);
    let models = months
        .filter_map(|it| {
            modelled(&desktop, &known, &prices, Month::of(it.and_time(NaiveTime::MIN).and_utc()), now)
        })
        .collect();
    let book = Book { known, models, read, now };
    let price = price(&desktop, &prices).map(wire_price);
    Ok(WorkspaceBilling {
        workspace_id: id.clone(),
        months: stored.iter().map(month).collect(),
        days: book.days(first_day, today),
        price,
        readings,
        has_cost_tag: desktop.tag(&settings.cost_tag) == Some(id.0.as_str()),
        cost_tag,
    })
}

fn month(it: &WorkspaceCost) -> WorkspaceMonth {
    let currency = Currency(it.currency.clone());
    let figure = |nanos: i64, source, status| Figure {
        amount: Money::from_nanos(nanos),
        currency: currency.clone(),
        source,
        status,
        as_of: it.as_of,
    };
    let settled = if it.closed { CostStatus::Final } else { CostStatus::Estimated };
    let all_days = Month::of(it.month.and_time(NaiveTime::MIN).and_utc()).days();
    let so_far = u32::try_from((it.as_of.date_naive() - it.month).num_days() + 1).unwrap_or(0).min(all_days);
    let days_read = u32::try_from(it.resource_days).unwrap_or(0);
    let by_resource = it.resource_nanos.filter(|_| days_read > 0).map(|nanos| {
        let status = if days_read >= so_far { settled } else { CostStatus::Partial };
        Told { figure: figure(nanos, CostSource::Resource, status), days: days_read }
    });
    let by_tag = it.tag_nanos.map(|nanos| {
        let status = match status(&it.status) {
            known if it.source == CostSource::Tag.name() => known,
            _ if it.tag_whole => CostStatus::Estimated,
            _ => CostStatus::Partial,
        };
        Told { figure: figure(nanos, CostSource::Tag, status), days: so_far }
    });
    let by_model = it.model_nanos.map(|nanos| {
        let status = if it.model_complete { CostStatus::Estimated } else { CostStatus::Partial };
        Told { figure: figure(nanos, CostSource::Model, status), days: so_far }
    });
    WorkspaceMonth {
        month: it.month,
        cost: figure(it.nanos, source(&it.source), status(&it.status)),
        sources: by_resource.into_iter().chain(by_tag).chain(by_model).collect(),
    }
}

/// What is known of one desktop's days.
struct Book {
    known: DesktopDays,
    /// One for each month.
    models: Vec<Modelled>,
    /// Days that were read by resource, and when.
    read: BTreeMap<NaiveDate, DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl Book {
    fn days(&self, first: NaiveDate, last: NaiveDate) -> Vec<WorkspaceDay> {
        let mut days: Vec<NaiveDate> = first.iter_days().take_while(|it| *it <= last).collect();
        days.reverse();
        days.into_iter().flat_map(|it| self.day(it)).collect()
    }

    fn day(&self, day: NaiveDate) -> Vec<WorkspaceDay> {
        let model = self.models.iter().find_map(|it| Some((it, *it.days.get(&day)?)));
        let billable_hours = self.known.hours.get(&day).copied();
        let one = |cost: Figure| WorkspaceDay {
            day,
            modelled: model.filter(|(it, _)| it.currency == cost.currency).map(|it| it.1),
            billable_hours,
            cost,
        };
        if let Some(as_of) = self.read.get(&day) {
            let month = Month::of(day.and_time(NaiveTime::MIN).and_utc());
            let status = if may_close(month, self.now) { CostStatus::Final } else { CostStatus::Estimated };
            let figure = |currency: &Currency, amount| Figure {
                amount,
                currency: currency.clone(),
                source: CostSource::Resource,
                status,
                as_of: *as_of,
            };
            let charged = self.known.resource.iter().filter_map(|(currency, days)| {
                let amount = *days.get(&day)?;
                Some(one(figure(currency, amount)))
            });
            let mut charged: Vec<_> = charged.collect();
            // The model expected something on a day that AWS charges nothing for.
            if let (true, Some((model, _))) = (charged.is_empty(), model) {
                charged.push(one(figure(&model.currency, Money::ZERO)));
            }
            return charged;
        }
        let modelled = model.map(|(model, amount)| {
            let status = if model.complete { CostStatus::Estimated } else { CostStatus::Partial };
            let (currency, source) = (model.currency.clone(), CostSource::Model);
            one(Figure { amount, currency, source, status, as_of: self.now })
        });
        modelled.into_iter().collect()
    }
}

fn wire_price(it: Price) -> WorkspacePrice {
    WorkspacePrice {
        always_on_month: it.always_on_month,
        auto_stop_month: it.auto_stop_month,
        auto_stop_hour: it.auto_stop_hour,
        currency: it.currency,
        origin: match it.origin {
            Origin::Listed => PriceOrigin::Listed,
            Origin::Offline => PriceOrigin::Offline,
            Origin::Estimated => PriceOrigin::Estimated,
        },
    }
}

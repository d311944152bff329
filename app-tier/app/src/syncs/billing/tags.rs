//! Reading what desktops cost by the tag that holds their own id.
//!
//! Costs carry a tag from when the account that pays turned it on, and from as far back as that account asked AWS to
//! backfill. A backfill takes a day or so: months that are over are asked for some days after the tag was first seen to be
//! active, the latest first, and none before one that carries nothing. The running month is asked for only where AWS tells
//! no costs by resource.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use cloud::{Api, CloudError, TagActivation};
use contract::{
    billing::{CostTagState, ReadingPart, ReadingState},
    money::{Currency, Money},
};
use diesel_async::AsyncConnection;
use domain::{
    billing::{
        CostLine, Costs,
        calendar::{may_close, months_to_read},
        value_of_tag_group,
    },
    usage::Month,
};
use store::billing::{Part, TagMonth, TagState};

use super::{Look, LookError, Looked, house};
use crate::{Error, billing::tag::not_active};

/// How long a backfill may take.
const BACKFILL: TimeDelta = TimeDelta::days(2);

pub(super) async fn read(look: &Look) -> Looked {
    let (key, account) = (look.cost_tag.as_str(), look.account);
    let mut conn = look.app.conn().await?;
    let in_use = store::operations::uses_tag(&mut conn, account, key).await?;
    let known = store::billing::tag_state(&mut conn, Some(account), key).await?;
    let resources = store::billing::readings(&mut conn, Some(account)).await?;
    drop(conn);
    let by_resource =
        resources.iter().any(|it| it.part == ReadingPart::Resources && it.state == ReadingState::Ok);
    let mut state = TagState {
        state: CostTagState::Unused,
        active_since: known.as_ref().and_then(|it| it.active_since),
        asked_at: look.began,
    };
    if !in_use {
        write(look, &state).await?;
        return Err(LookError::NotEnabled(format!(
            "No desktop of this account has the tag {key} with its own id as its value."
        )));
    }
    let was_active = known.is_some_and(|it| it.state == CostTagState::Active);
    let outcome = if was_active { Ok(TagActivation::Active { since: None }) } else { probe(look).await };
    state.state = match &outcome {
        Ok(TagActivation::Active { .. }) => CostTagState::Active,
        Ok(_) => CostTagState::Inactive,
        Err(LookError::Cloud(CloudError::Denied { .. })) => CostTagState::Unknown,
        Err(_) => {
            state.state = CostTagState::Unknown;
            write(look, &state).await?;
            return outcome.map(drop);
        }
    };
    if state.state == CostTagState::Inactive {
        write(look, &state).await?;
        return Err(LookError::NotEnabled(not_active(key)));
    }
    // Whether the tag is active may be hidden from this account; what costs carry is not.
    let asks_now = !by_resource || state.state == CostTagState::Unknown;
    if asks_now {
        let seen = read_month(look, Month::of(look.began)).await?.unwrap_or(false);
        // Costs of the month may begin to carry it tomorrow; whether it is still active is asked then.
        state.state = if seen { CostTagState::Active } else { CostTagState::Unknown };
    }
    if state.state == CostTagState::Active {
        let told = match &outcome {
            Ok(TagActivation::Active { since }) => *since,
            _ => None,
        };
        state.active_since = state.active_since.or(told).or(Some(look.began));
    }
    write(look, &state).await?;
    let waited = state.active_since.is_some_and(|it| look.began - it >= BACKFILL);
    if state.state == CostTagState::Active && waited {
        closed_months(look).await?;
    }
    match (state.state, outcome) {
        (CostTagState::Unknown, Err(error)) => Err(error),
        (CostTagState::Unknown, Ok(_)) => Err(LookError::NotEnabled(format!(
            "The tag {key} is activated, but this month's costs do not carry it yet; AWS takes up to a day."
        ))),
        _ => Ok(()),
    }
}

async fn probe(look: &Look) -> Result<TagActivation, LookError> {
    look.pay(Api::COST_TAGS).await?;
    Ok(look.session.tag_activation(&look.cost_tag).await?)
}

async fn write(look: &Look, state: &TagState) -> Looked {
    let mut conn = look.app.conn().await?;
    house(
        conn.transaction::<_, Error, _>(async |conn| {
            look.run.fence(conn).await.map_err(Error::internal)?;
            Ok(store::billing::write_tag_state(conn, look.account, &look.cost_tag, state).await?)
        })
        .await,
    )
}

/// Months whose bill is closed, the latest first, until one carries nothing: neither do those before it, and they are
/// not asked for.
async fn closed_months(look: &Look) -> Looked {
    let mut conn = look.app.conn().await?;
    let part = Part::Tags(&look.cost_tag);
    let known = store::billing::closed_months(&mut conn, look.account, part, look.began).await?;
    drop(conn);
    let mut carried = true;
    for month in months_to_read(look.began, &known).into_iter().filter(|it| may_close(*it, look.began)) {
        if carried {
            // What lacks a page tells nothing, also of the months before; the next reading asks again.
            let Some(seen) = read_month(look, month).await? else { return Ok(()) };
            carried = seen;
        } else {
            put_away(look, TagMonth { month, key: &look.cost_tag, amounts: &[], carried: 0.0, closed: true })
                .await?;
        }
    }
    Ok(())
}

/// Whether the month's costs carry the tag. `None`: they do not add up to the service's, and what was known stays.
async fn read_month(look: &Look, month: Month) -> Result<Option<bool>, LookError> {
    let mut costs = Costs::default();
    look.all_pages(look.session.costs_by_tag(look.days_of(month), &look.cost_tag), &mut costs).await?;
    let desktop = |it: CostLine| {
        let id = value_of_tag_group(it.keys.first()?, &look.cost_tag).to_owned();
        id.starts_with("ws-").then_some((id, it))
    };
    let over = may_close(month, look.began);
    if over && !adds_up(look, month, &costs).await? {
        let month = month.first_day();
        tracing::warn!(account = %look.account, %month, "Costs by tag do not add up to the service's; they will be read again");
        return Ok(None);
    }
    let closed = over && !costs.estimated();
    let amounts: Vec<_> = costs.lines().filter_map(desktop).collect();
    let key = look.cost_tag.as_str();
    put_away(look, TagMonth { month, key, amounts: &amounts, carried: costs.carried(key), closed }).await?;
    Ok(Some(!amounts.is_empty()))
}

/// Whether costs by tag, with those that do not carry it, are those of the service, as far as these are known.
async fn adds_up(look: &Look, month: Month, costs: &Costs) -> crate::Result<bool> {
    let days = (month.first_day(), month.next().first_day());
    let mut conn = look.app.conn().await?;
    let service = store::billing::service_days(&mut conn, look.account, days, look.began).await?;
    let mut whole = BTreeMap::<Currency, Money>::new();
    for (currency, amount) in service.into_values().flatten() {
        let sum = whole.entry(currency).or_default();
        *sum = sum.saturating_add(amount);
    }
    Ok(whole.is_empty() || costs.comes_to(&whole))
}

async fn put_away(look: &Look, read: TagMonth<'_>) -> Looked {
    let mut conn = look.app.conn().await?;
    house(
        conn.transaction::<_, Error, _>(async |conn| {
            look.run.fence(conn).await.map_err(Error::internal)?;
            store::billing::replace_tag_month(conn, look.account, read, look.began).await?;
            Ok(())
        })
        .await,
    )
}

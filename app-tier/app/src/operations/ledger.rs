//! What the savings ledger keeps of a change on the day it is applied: settings and prices before and after.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contract::{
    ids::{OperationId, WorkspaceId},
    operations::{DesktopState, OperationAction, Parameters},
    recommendations::PriceOrigin,
    workspaces::Workspace,
};
use diesel_async::AsyncPgConnection;
use domain::prices::{Origin, PriceKey, PriceList};
use store::{
    operations::DesktopRow,
    savings::{KeptPrice, NewApplied},
};

use super::run::End;
use crate::{App, Result};

/// A line to be.
pub(super) struct Entry {
    pub(super) workspace_id: String,
    account_name: String,
    region: String,
    user_name: String,
    before: Parameters,
    after: Option<Parameters>,
    prices_before: Option<KeptPrice>,
    prices_after: Option<KeptPrice>,
    /// Where that is not when it is written.
    applied_at: Option<DateTime<Utc>>,
}

impl Entry {
    pub(super) async fn insert(
        &self,
        conn: &mut AsyncPgConnection,
        operation: OperationId,
        now: DateTime<Utc>,
    ) -> store::Result<()> {
        let new = NewApplied {
            operation,
            workspace_id: &self.workspace_id,
            account_name: &self.account_name,
            region: &self.region,
            user_name: &self.user_name,
            applied_at: self.applied_at.unwrap_or(now),
            before: &self.before,
            after: self.after.as_ref(),
            prices_before: self.prices_before.as_ref(),
            prices_after: self.prices_after.as_ref(),
        };
        store::savings::insert(conn, &new).await
    }
}

/// Of desktops that an operation changed what they cost by; none of others. Read before the desktops' rows are written.
pub(super) async fn entries(app: &App, action: OperationAction, ends: &[End<'_>]) -> Result<Vec<Entry>> {
    let applied = |it: &&End<'_>| it.state == DesktopState::Done && it.row.desktop.called_at.is_some();
    let applied: Vec<_> = ends.iter().filter(|_| counts(action)).filter(applied).collect();
    if applied.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = app.conn().await?;
    let prices = prices(&mut conn).await?;
    let mut known = known(&mut conn, applied.iter().map(|it| it.row)).await?;
    let entry = |end: &End<'_>| {
        let desktop = &end.row.desktop;
        let known = known.remove(&desktop.workspace_id)?;
        // What the operation set is as it was right before the call; the rest did not change by it.
        let before = over(&settings(&known), &desktop.before);
        let after = end.shown.map(|it| Parameters {
            running_mode: it.seen.running_mode.clone(),
            auto_stop_minutes: it.seen.auto_stop_minutes,
            compute_type: it.seen.compute_type.clone(),
            ..Parameters::default()
        });
        Some(entry(&prices, known, before, after, None))
    };
    Ok(applied.into_iter().filter_map(entry).collect())
}

/// The price list, to be read before anything is locked.
pub(super) async fn prices(conn: &mut AsyncPgConnection) -> Result<PriceList> {
    Ok(PriceList::new(store::prices::all(conn).await?).0)
}

/// These desktops as they were last looked at.
async fn known<'a>(
    conn: &mut AsyncPgConnection,
    rows: impl Iterator<Item = &'a DesktopRow>,
) -> Result<HashMap<WorkspaceId, Workspace>> {
    let ids: Vec<_> = rows.map(|it| it.desktop.workspace_id.0.as_str()).collect();
    let known = store::workspaces::find_all(conn, &ids).await?;
    Ok(known.into_iter().map(|it| (it.id.clone(), it)).collect())
}

/// Of desktops to which it was done as somebody found out later: nobody saw them right after, so what was set is taken for
/// what came of it, from when AWS was called.
pub(super) async fn settled(
    conn: &mut AsyncPgConnection,
    prices: &PriceList,
    action: OperationAction,
    done: &[&DesktopRow],
) -> Result<Vec<Entry>> {
    if !counts(action) || done.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = known(conn, done.iter().copied()).await?;
    let entry = |DesktopRow { desktop, .. }: &DesktopRow| {
        let known = known.remove(&desktop.workspace_id)?;
        let now = settings(&known);
        let before = replaced(&now, &desktop.before);
        let after = (action != OperationAction::Terminate).then(|| replaced(&before, &desktop.set));
        let after = after.map(|it| match it.running_mode == now.running_mode {
            // AWS's own timeout, where none was named.
            true => Parameters { auto_stop_minutes: it.auto_stop_minutes.or(now.auto_stop_minutes), ..it },
            false => it,
        });
        Some(entry(prices, known, before, after, desktop.called_at))
    };
    Ok(done.iter().copied().filter_map(entry).collect())
}

/// It changes what a desktop costs.
fn counts(action: OperationAction) -> bool {
    matches!(
        action,
        OperationAction::SetRunningMode
            | OperationAction::SetTimeout
            | OperationAction::SetComputeType
            | OperationAction::Terminate
    )
}

fn entry(
    prices: &PriceList,
    known: Workspace,
    before: Parameters,
    after: Option<Parameters>,
    applied_at: Option<DateTime<Utc>>,
) -> Entry {
    Entry {
        prices_before: price(prices, &known, before.compute_type.as_deref()),
        prices_after: after.as_ref().and_then(|it| price(prices, &known, it.compute_type.as_deref())),
        workspace_id: known.id.0,
        account_name: known.account,
        region: known.region,
        user_name: known.user_name,
        before,
        after,
        applied_at,
    }
}

fn settings(it: &Workspace) -> Parameters {
    Parameters {
        running_mode: it.running_mode.clone(),
        auto_stop_minutes: it.auto_stop_minutes,
        compute_type: it.compute_type.clone(),
        ..Parameters::default()
    }
}

/// As [`over`], and another mode brings its own timeout or none.
fn replaced(all: &Parameters, some: &Parameters) -> Parameters {
    let it = over(all, some);
    match some.running_mode {
        Some(_) => Parameters { auto_stop_minutes: some.auto_stop_minutes, ..it },
        None => it,
    }
}

fn over(all: &Parameters, some: &Parameters) -> Parameters {
    Parameters {
        running_mode: some.running_mode.clone().or_else(|| all.running_mode.clone()),
        auto_stop_minutes: some.auto_stop_minutes.or(all.auto_stop_minutes),
        compute_type: some.compute_type.clone().or_else(|| all.compute_type.clone()),
        ..Parameters::default()
    }
}

fn price(prices: &PriceList, it: &Workspace, compute_type: Option<&str>) -> Option<KeptPrice> {
    let gib = |it: Option<i32>| it.and_then(|it| u32::try_from(it).ok());
    let key = PriceKey::of_desktop(
        &it.region,
        it.operating_system.as_deref()?,
        compute_type?,
        gib(it.root_volume_gib)?,
        gib(it.user_volume_gib)?,
    );
    let price = prices.lookup(&key)?;
    let origin = match price.origin {
        Origin::Listed => PriceOrigin::Listed,
        Origin::Offline => PriceOrigin::Offline,
        Origin::Estimated => PriceOrigin::Estimated,
    };
    Some(KeptPrice {
        always_on_month: price.always_on_month,
        auto_stop_month: price.auto_stop_month,
        auto_stop_hour: price.auto_stop_hour,
        currency: price.currency.0,
        origin: origin.name().to_owned(),
    })
}

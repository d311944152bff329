//! Settling what could not be told: what speaks for either, and a person's verdict with all that follows from it.
//!
//! Nothing here calls AWS. A verdict is written once; what follows from "done" is what would have followed if the worker had
//! seen it, as of when AWS was called: the operation's state, whose doing the desktop's changes since are, and the line in the
//! savings ledger.

use contract::{
    ids::OperationId,
    operations::{DesktopState, Evidence, Operation, OperationState, OperationSummary, Settlement, Verdict},
    problem::{Code, FieldError},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::operations::settle::{Case, calls, judged, session_name};
use serde_json::json;
use store::operations::{DesktopRow, OperationRow, Trace};

use super::{confirmed, ledger, locked, run::touched, told};
use crate::{Error, OpCx, Result};

/// Of the events that are read, those that are shown.
const SHOWN: usize = 5;

/// `POST /api/operations/{id}/settle`
///
/// # Errors
/// There is none, or nothing of it is unknown; it needed an administrator's approval and one is none; a desktop is no unknown
/// one of it; a note is missing; or what was typed is not what is asked for.
pub async fn settle(cx: &OpCx, id: OperationId, settlement: Settlement) -> Result<Operation> {
    let errors = settlement.check();
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    let now = cx.app.now();
    let mut conn = cx.app.conn().await?;
    // Nobody waits for it on the operation's lock.
    let prices = ledger::prices(&mut conn).await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let row = locked(cx, conn, id).await?;
        let it = &row.summary;
        if it.state != OperationState::Unknown {
            let state = it.state.label().to_lowercase();
            let why = format!("Operation {id} is {state}; there is nothing to settle.");
            return Err(Error::new(Code::WrongState, why));
        }
        if !cx.actor.role.allows(it.action.settled_by()) {
            let why = "It took an administrator's approval, so an administrator settles it.";
            return Err(Error::new(Code::Forbidden, why));
        }
        let mut desktops = store::operations::desktops(conn, id).await?;
        known(&settlement, &desktops)?;
        confirmed(Some(&Settlement::word(&settlement.desktops)), settlement.confirmation.as_deref())?;
        evidence(conn, it, &mut desktops).await?;
        write(cx, conn, &row, &desktops, &settlement).await?;
        let done = done(&desktops, &settlement);
        let called = done.iter().filter_map(|it| Some((&it.desktop, it.desktop.called_at?)));
        let touched: Vec<_> = called.flat_map(|(it, since)| touched(row.summary.action, it, since)).collect();
        store::operations::attribute_changes(conn, id, &touched).await?;
        for entry in ledger::settled(conn, &prices, row.summary.action, &done).await? {
            entry.insert(conn, id, now).await?;
        }
        Ok(())
    })
    .await?;
    told(cx, conn, id).await
}

/// Only what could not be told is settled.
fn known(settlement: &Settlement, desktops: &[DesktopRow]) -> Result<()> {
    let of = |id: &_| desktops.iter().find(|it| it.desktop.workspace_id == *id).map(|it| it.desktop.state);
    let errors: Vec<_> = settlement
        .desktops
        .iter()
        .enumerate()
        .filter_map(|(n, it)| match of(&it.workspace_id) {
            Some(DesktopState::Unknown) => None,
            Some(state) => Some((n, format!("`{}` is {}", it.workspace_id, state.label().to_lowercase()))),
            None => Some((n, format!("`{}` is no desktop of this operation", it.workspace_id))),
        })
        .map(|(n, why)| FieldError::new(format!("/desktops/{n}/workspace_id"), why))
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    let why = "Only desktops of which it is not known can be settled.";
    Err(Error { errors, ..Error::new(Code::WrongState, why) })
}

/// Those to which it was done.
fn done<'a>(desktops: &'a [DesktopRow], settlement: &Settlement) -> Vec<&'a DesktopRow> {
    let said = |id: &_| settlement.desktops.iter().find(|it| it.workspace_id == *id).map(|it| it.verdict);
    desktops.iter().filter(|it| said(&it.desktop.workspace_id) == Some(Verdict::Done)).collect()
}

async fn write(
    cx: &OpCx,
    conn: &mut AsyncPgConnection,
    row: &OperationRow,
    desktops: &[DesktopRow],
    settlement: &Settlement,
) -> Result<()> {
    let (it, now, note) = (&row.summary, cx.app.now(), settlement.note.trim());
    let verdicts: Vec<_> = settlement
        .desktops
        .iter()
        .map(|it| {
            let state = match it.verdict {
                Verdict::Done => DesktopState::Done,
                Verdict::NotDone => DesktopState::Failed,
            };
            (it.workspace_id.0.as_str(), state)
        })
        .collect();
    store::operations::settle(conn, it.id, &verdicts, &cx.actor.username, now, note).await?;
    let state = store::operations::conclude(conn, it.id).await?;
    let said = |id: &_| {
        desktops.iter().find(|it| it.desktop.workspace_id == *id)?.desktop.evidence.as_ref()?.verdict
    };
    let told: Vec<_> = settlement
        .desktops
        .iter()
        .map(|it| {
            let suggested = said(&it.workspace_id).map(Verdict::name);
            json!({"workspace_id": it.workspace_id, "verdict": it.verdict.name(), "suggested": suggested})
        })
        .collect();
    let own = row.proposer == Some(cx.actor.id.0);
    let detail = json!({"action": it.action.name(), "desktops": told, "state": state.map(OperationState::name),
        "own_operation": own, "note": note});
    cx.audit(conn, "operation.settle", &format!("operation:{}", it.id), detail).await?;
    Ok(())
}

/// Puts what speaks for either beside the desktops of which it is not known, once the operation has ended.
pub(super) async fn evidence(
    conn: &mut AsyncPgConnection,
    it: &OperationSummary,
    desktops: &mut [DesktopRow],
) -> Result<()> {
    if it.state != OperationState::Unknown {
        return Ok(());
    }
    // Desktops of one operation may be set to different things, as when it takes another back.
    let mut names: Vec<_> = desktops.iter().flat_map(|row| calls(it.action, &row.desktop.set)).collect();
    names.sort_unstable();
    names.dedup();
    let session = session_name(it.id, &it.proposed_by);
    let mut traces = store::operations::traces(conn, it.id, &names, &session).await?;
    for row in desktops.iter_mut().filter(|row| row.desktop.state == DesktopState::Unknown) {
        let found = traces.iter().position(|trace| trace.workspace_id == row.desktop.workspace_id.0);
        row.desktop.evidence = found.map(|n| told_by(it, row, traces.swap_remove(n)));
    }
    Ok(())
}

fn told_by(it: &OperationSummary, row: &DesktopRow, trace: Trace) -> Evidence {
    let called_at = row.desktop.called_at.unwrap_or(it.proposed_at);
    let (verdict, why) = judged(&Case {
        action: it.action,
        set: &row.desktop.set,
        called_at,
        seen: trace.seen.as_ref(),
        observed_at: trace.observed_at,
        events: &trace.events,
        events_until: trace.events_until,
    });
    let now = trace.seen.as_ref().map(|seen| seen.before(it.action, &row.desktop.set));
    Evidence {
        now: now.unwrap_or_default(),
        aws_state: trace.seen.map(|seen| seen.state),
        observed_at: trace.observed_at,
        events: trace.events.into_iter().take(SHOWN).collect(),
        events_until: trace.events_until,
        verdict,
        why,
    }
}

//! Acting on desktops: what is proposed, who decides, and what may still be taken back.
//!
//! Nothing here talks to AWS. [`plan`] says what would happen; a proposal writes that down, an approval looks whether it
//! still holds and hands it to a worker ([`RunOperation`]), which looks once more before each call. Everything that a person
//! does is in the audit log by the same transaction.

mod ledger;
mod plan;
mod run;
mod settle;
mod tagging;
mod write;

use chrono::TimeDelta;
use contract::{
    auth::Permission,
    ids::OperationId,
    operations::{
        Decision, NewOperation, Operation, OperationAction, OperationState, OperationSummary, PROPOSAL_DAYS,
        Preview, check_note,
    },
    page::Page,
    problem::{Code, FieldError},
    stream::StreamEvent,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::operations::{
    harm,
    steps::{Planned, steps},
};
use queue::{EnqueueOptions, enqueue};
use serde_json::json;
use store::{
    operations::{Filter, OperationRow},
    pool::Connection,
};

use self::plan::Plan;
pub use self::{run::RunOperation, settle::settle, tagging::tagging};
use crate::{
    App, Error, OpCx, Result,
    lists::{NumberedRequest, Pairs},
};

/// `POST /api/operations/preview`
///
/// # Errors
/// A field is not allowed, or there is no such desktop or recommendation.
pub async fn preview(cx: &OpCx, new: NewOperation) -> Result<Preview> {
    let mut conn = cx.app.conn().await?;
    Ok(plan::of(&mut conn, &new, cx.app.now()).await?.preview())
}

/// `POST /api/operations`: starts, stops and reboots are handed to a worker, the rest waits for an administrator.
///
/// # Errors
/// As [`preview`]; AWS would not take it of one of the desktops; or what was typed is not what is asked for.
pub async fn create(cx: &OpCx, new: NewOperation) -> Result<Operation> {
    let mut conn = cx.app.conn().await?;
    let plan = plan::of(&mut conn, &new, cx.app.now()).await?;
    propose(cx, conn, &plan, ("/reason", &new.reason), new.confirmation.as_deref()).await
}

/// `POST /api/operations/{id}/undo`: proposes what takes an operation back, of those desktops to which it was done.
///
/// # Errors
/// There is none, there is nothing to take back, or somebody proposed it already.
pub async fn undo(cx: &OpCx, id: OperationId, decision: Decision) -> Result<Operation> {
    let mut conn = cx.app.conn().await?;
    let OperationRow { summary: it, .. } = known(cx, &mut conn, id).await?;
    if let Some(other) = it.undone_by {
        return Err(Error::new(Code::WrongState, format!("Operation {other} takes it back.")));
    }
    if !it.undoable {
        let why = match it.state.is_final() {
            true => "there is nothing that could be taken back",
            false => "it has not ended",
        };
        return Err(Error::new(Code::WrongState, format!("Operation {id} cannot be taken back: {why}.")));
    }
    let desktops = store::operations::desktops(&mut conn, id).await?;
    let plan = plan::undoing(&mut conn, &it, desktops).await?;
    let reason = match decision.note.as_str() {
        "" => format!("Takes back operation {id}"),
        note => note.to_owned(),
    };
    propose(cx, conn, &plan, ("/note", &reason), None).await
}

async fn propose(
    cx: &OpCx,
    mut conn: Connection,
    plan: &Plan,
    (pointer, reason): (&str, &str),
    typed: Option<&str>,
) -> Result<Operation> {
    if let Some(error) = check_note(pointer, reason) {
        return Err(Error::invalid(vec![error]));
    }
    plan.refuse()?;
    let asked = plan.confirmation();
    confirmed(asked.as_deref(), typed)?;
    let now = cx.app.now();
    let direct = plan.action.is_direct();
    let id = conn
        .transaction::<_, Error, _>(async |conn| {
            let expires_at = (!direct).then(|| now + TimeDelta::days(PROPOSAL_DAYS));
            let id = plan.insert(conn, &cx.actor, reason.trim(), now, expires_at, asked.as_deref()).await?;
            let verb = if direct { "operation.start" } else { "operation.propose" };
            let detail = plan.for_audit(reason);
            cx.audit(conn, verb, &format!("operation:{id}"), detail).await?;
            if direct {
                hand_over(cx, conn, id).await?;
            }
            Ok(id)
        })
        .await?;
    told(cx, conn, id).await
}

/// To a worker.
async fn hand_over(cx: &OpCx, conn: &mut AsyncPgConnection, id: OperationId) -> Result<()> {
    let options = EnqueueOptions { by: Some(cx.actor.id.0), ..EnqueueOptions::default() };
    let job = enqueue(conn, &RunOperation { operation: id }, options).await?;
    store::operations::queue(conn, id, job.id).await?;
    Ok(())
}

fn confirmed(asked: Option<&str>, typed: Option<&str>) -> Result<()> {
    match asked {
        Some(asked) if typed.map(str::trim) != Some(asked) => Err(Error {
            errors: vec![FieldError::new("/confirmation", format!("is not `{asked}`"))],
            ..Error::new(Code::WrongConfirmation, format!("Type `{asked}`."))
        }),
        _ => Ok(()),
    }
}

/// `POST /api/operations/{id}/approve`: looks whether it still holds, and hands it to a worker.
///
/// # Errors
/// There is none; it is no open proposal, or its time is over; it is one's own termination; what was typed is not what is
/// asked for; a desktop is in no state for it or was changed meanwhile.
pub async fn approve(cx: &OpCx, id: OperationId, decision: Decision) -> Result<Operation> {
    let now = cx.app.now();
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let row = proposal(cx, conn, id).await?;
        let own = row.proposer == Some(cx.actor.id.0);
        if own && harm::needs_another_person(row.summary.action) {
            return Err(Error::new(Code::OwnProposal, format!("You proposed operation {id} yourself.")));
        }
        confirmed(row.summary.confirmation.as_deref(), decision.confirmation.as_deref())?;
        let desktops = store::operations::desktops(conn, id).await?;
        let plan = plan::again(conn, &row.summary, &desktops).await?;
        plan.refuse()?;
        plan.refuse_changed(&desktops)?;
        store::operations::decide(conn, id, &cx.actor.username, now, decision.note.trim()).await?;
        let detail = json!({"action": row.summary.action.name(), "desktops": row.summary.counts.total,
            "proposed_by": row.summary.proposed_by, "own_proposal": own, "note": decision.note});
        cx.audit(conn, "operation.approve", &format!("operation:{id}"), detail).await?;
        hand_over(cx, conn, id).await
    })
    .await?;
    told(cx, conn, id).await
}

/// `POST /api/operations/{id}/reject`
///
/// # Errors
/// There is none, or it is no open proposal.
pub async fn reject(cx: &OpCx, id: OperationId, decision: Decision) -> Result<Operation> {
    let now = cx.app.now();
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let row = proposal(cx, conn, id).await?;
        store::operations::decide(conn, id, &cx.actor.username, now, decision.note.trim()).await?;
        store::operations::cancel_waiting(conn, id, OperationState::Rejected, now).await?;
        let detail = json!({"action": row.summary.action.name(), "proposed_by": row.summary.proposed_by, "note": decision.note});
        cx.audit(conn, "operation.reject", &format!("operation:{id}"), detail).await?;
        Ok(())
    })
    .await?;
    told(cx, conn, id).await
}

/// `POST /api/operations/{id}/cancel`: withdraws a proposal, or stops what has not begun. What AWS was asked for goes on to
/// its end.
///
/// # Errors
/// There is none, it is somebody else's and one is no administrator, or there is nothing left to stop.
pub async fn cancel(cx: &OpCx, id: OperationId, decision: Decision) -> Result<Operation> {
    let now = cx.app.now();
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let row = locked(cx, conn, id).await?;
        let own = row.proposer == Some(cx.actor.id.0);
        if !own && !cx.actor.role.allows(Permission::OperationsApprove) {
            let whose = format!(
                "{} proposed it; only an administrator cancels what others propose.",
                row.summary.proposed_by
            );
            return Err(Error::new(Code::Forbidden, whose));
        }
        let cancelled = match row.summary.state.is_final() {
            false => store::operations::cancel_waiting(conn, id, OperationState::Cancelled, now).await?,
            true => 0,
        };
        if cancelled == 0 {
            let state = row.summary.state.label().to_lowercase();
            return Err(Error::new(
                Code::WrongState,
                format!("Nothing of operation {id} is left to stop: it is {state}."),
            ));
        }
        let detail =
            json!({"action": row.summary.action.name(), "desktops": cancelled, "note": decision.note});
        cx.audit(conn, "operation.cancel", &format!("operation:{id}"), detail).await?;
        Ok(())
    })
    .await?;
    told(cx, conn, id).await
}

/// `GET /api/operations`
///
/// # Errors
/// The query string is not understood.
pub async fn list(cx: &OpCx, pairs: &Pairs) -> Result<Page<OperationSummary>> {
    let request = NumberedRequest::read(pairs, &["state", "open", "action", "workspace_id", "proposed_by"])?;
    let mut errors = Vec::new();
    let mut wrong = |name: &str, known: Vec<&str>| {
        errors.push(FieldError::new(name, format!("is none of: {}", known.join(", "))));
    };
    let state = request.filter("state").map(|it| (it, OperationState::parse(it)));
    if let Some((_, None)) = state {
        wrong("state", OperationState::ALL.iter().map(|it| it.name()).collect());
    }
    let action = request.filter("action").map(|it| (it, OperationAction::parse(it)));
    if let Some((_, None)) = action {
        wrong("action", OperationAction::ALL.iter().map(|it| it.name()).collect());
    }
    let open = request.filter("open").map(str::parse::<bool>);
    if let Some(Err(_)) = open {
        wrong("open", vec!["true", "false"]);
    }
    if !errors.is_empty() {
        return Err(Error::with_fields(Code::InvalidQuery, errors));
    }
    let filter = Filter {
        state: state.and_then(|it| it.1),
        open: open.and_then(std::result::Result::ok),
        action: action.and_then(|it| it.1),
        workspace_id: request.filter("workspace_id"),
        proposed_by: request.filter("proposed_by"),
    };
    let mut conn = cx.app.conn().await?;
    let (items, total) =
        store::operations::list(&mut conn, filter, request.cursor, request.fetch(), cx.app.now()).await?;
    Ok(request.answer(items, total, |it| it.id.0))
}

/// `GET /api/operations/{id}`
///
/// # Errors
/// There is none.
pub async fn find(cx: &OpCx, id: OperationId) -> Result<Operation> {
    let mut conn = cx.app.conn().await?;
    let row = known(cx, &mut conn, id).await?;
    whole(&mut conn, row.summary).await
}

async fn known(cx: &OpCx, conn: &mut AsyncPgConnection, id: OperationId) -> Result<OperationRow> {
    let row = store::operations::find(conn, id, cx.app.now()).await?;
    row.ok_or_else(|| Error::not_found(format_args!("operation {id}")))
}

async fn locked(cx: &OpCx, conn: &mut AsyncPgConnection, id: OperationId) -> Result<OperationRow> {
    let row = store::operations::lock(conn, id, cx.app.now()).await?;
    row.ok_or_else(|| Error::not_found(format_args!("operation {id}")))
}

/// One that waits for a decision.
async fn proposal(cx: &OpCx, conn: &mut AsyncPgConnection, id: OperationId) -> Result<OperationRow> {
    let row = locked(cx, conn, id).await?;
    if row.summary.state != OperationState::Proposed {
        let state = row.summary.state.label().to_lowercase();
        return Err(Error::new(
            Code::WrongState,
            format!("Operation {id} is {state}; there is nothing to decide."),
        ));
    }
    Ok(row)
}

async fn whole(conn: &mut AsyncPgConnection, operation: OperationSummary) -> Result<Operation> {
    let mut desktops = store::operations::desktops(conn, operation.id).await?;
    settle::evidence(conn, &operation, &mut desktops).await?;
    let planned: Vec<_> = desktops
        .iter()
        .map(|it| Planned {
            group: it.group,
            account: &it.desktop.account,
            region: &it.desktop.region,
            state: it.desktop.state,
            called_at: it.desktop.called_at,
            answered_at: it.desktop.answered_at,
            ended_at: it.desktop.ended_at,
        })
        .collect();
    let steps = steps(operation.action, &planned);
    Ok(Operation { operation, steps, desktops: desktops.into_iter().map(|it| it.desktop).collect() })
}

/// The operation as it is now, also to everybody who watches. The connection goes back first.
async fn told(cx: &OpCx, mut conn: Connection, id: OperationId) -> Result<Operation> {
    let row = known(cx, &mut conn, id).await?;
    let it = whole(&mut conn, row.summary).await?;
    drop(conn);
    tell(&cx.app, it.operation.clone()).await;
    Ok(it)
}

/// To everybody who watches. Without Redis nobody does, and the lists are right all the same.
async fn tell(app: &App, operation: OperationSummary) {
    let _untold = app.live.publish(&StreamEvent::Operation(Box::new(operation))).await;
}

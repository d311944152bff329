//! What would happen: which desktops, what is set on each, what it replaces, and what stands in the way.
//!
//! The same plan is previewed, proposed, and made once more when it is approved. It knows what the last sync saw; the worker
//! looks at AWS itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use contract::{
    ids::{OperationId, RecommendationId, WorkspaceId},
    operations::{
        DesktopState, MOST_DESKTOPS, NewOperation, OperationAction, OperationSummary, Parameters, Predicted,
        Preview, PreviewDesktop,
    },
    problem::{Code, FieldError},
    recommendations::{Action, Recommendation},
};
use diesel_async::AsyncPgConnection;
use domain::operations::{
    check, harm, inverse, legal, of_desktop, sentence,
    steps::{Planned, groups, steps},
};
use serde_json::{Value, json};
use store::operations::{DesktopRow, NewDesktop, NewOperationRow, Subject};

use crate::{Actor, Error, Result};

/// The most desktops that a refusal names.
const MOST_NAMED: usize = 25;

/// See the module.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) action: OperationAction,
    parameters: Parameters,
    desktops: Vec<PlannedDesktop>,
    recommendation: Option<RecommendationId>,
    predicted: Option<Predicted>,
    undo_of: Option<OperationId>,
}

#[derive(Debug)]
struct PlannedDesktop {
    subject: Subject,
    group: i32,
    set: Parameters,
    before: Parameters,
    problem: Option<Problem>,
}

#[derive(Debug)]
struct Problem {
    code: Code,
    said: String,
}

/// What somebody asks for.
pub(super) async fn of(conn: &mut AsyncPgConnection, new: &NewOperation, now: DateTime<Utc>) -> Result<Plan> {
    let Some(id) = new.recommendation_id else {
        let action = new.action.ok_or_else(|| wrong("/action", "is needed, or a recommendation"))?;
        let errors = check(action, &new.parameters);
        if !errors.is_empty() {
            return Err(Error::invalid(errors));
        }
        let own = |id: &WorkspaceId| (id.clone(), of_desktop(&new.parameters, &id.0));
        let wanted = new.workspace_ids.iter().map(own).collect();
        return put_together(conn, action, new.parameters.clone(), wanted).await;
    };
    if new.action.is_some() || !new.workspace_ids.is_empty() || !new.parameters.is_empty() {
        return Err(wrong("/recommendation_id", "says action, desktop and parameters itself"));
    }
    let advice = store::recommendations::find(conn, id)
        .await?
        .ok_or_else(|| Error::not_found(format_args!("recommendation {id} any more")))?;
    if let Some(open) = advice.operation_id {
        return Err(Error::new(Code::WrongState, format!("Operation {open} does what it says.")));
    }
    let (action, parameters) = meant(&advice);
    let wanted = vec![(advice.workspace_id.clone(), parameters.clone())];
    let plan = put_together(conn, action, parameters, wanted).await?;
    let predicted = Predicted {
        saves_p50: advice.saves_p50,
        saves_p90: advice.saves_p90,
        currency: advice.currency,
        from: advice.holds_from.unwrap_or(now.date_naive()),
        until: advice.saves_until,
        why: advice.why,
    };
    Ok(Plan { recommendation: Some(id), predicted: Some(predicted), ..plan })
}

/// The operation that does what is advised.
fn meant(advice: &Recommendation) -> (OperationAction, Parameters) {
    let mode = |it: &str| Parameters { running_mode: Some(it.to_owned()), ..Parameters::default() };
    match advice.action {
        Action::ToAlwaysOn => (OperationAction::SetRunningMode, mode("ALWAYS_ON")),
        Action::ToAutoStop => (OperationAction::SetRunningMode, mode("AUTO_STOP")),
        Action::SetTimeout => {
            let minutes = Parameters { auto_stop_minutes: advice.minutes, ..Parameters::default() };
            (OperationAction::SetTimeout, minutes)
        }
        Action::Terminate => (OperationAction::Terminate, Parameters::default()),
    }
}

/// What takes an operation back where it was done.
pub(super) async fn undoing(
    conn: &mut AsyncPgConnection,
    done: &OperationSummary,
    desktops: Vec<DesktopRow>,
) -> Result<Plan> {
    let mut back = None;
    let mut wanted = Vec::new();
    // What AWS was not called for was so before.
    let called = |it: &DesktopRow| it.desktop.state == DesktopState::Done && it.desktop.called_at.is_some();
    for it in desktops.into_iter().filter(called) {
        if let Some((action, set)) = inverse(done.action, &it.desktop.before, &it.desktop.set) {
            back = Some(action);
            wanted.push((it.desktop.workspace_id, set));
        }
    }
    let Some(action) = back else {
        return Err(Error::new(Code::WrongState, "It changed nothing that could be taken back."));
    };
    // Where all desktops go back to the same, that is said of the whole.
    let first = wanted.first().map(|it| it.1.clone()).unwrap_or_default();
    let common = if wanted.iter().all(|it| it.1 == first) { first } else { Parameters::default() };
    let plan = put_together(conn, action, common, wanted).await?;
    Ok(Plan { undo_of: Some(done.id), ..plan })
}

/// A proposal as it would be made now.
pub(super) async fn again(
    conn: &mut AsyncPgConnection,
    it: &OperationSummary,
    desktops: &[DesktopRow],
) -> Result<Plan> {
    let wanted =
        desktops.iter().map(|it| (it.desktop.workspace_id.clone(), it.desktop.set.clone())).collect();
    put_together(conn, it.action, it.parameters.clone(), wanted).await
}

fn wrong(pointer: &str, detail: impl Into<String>) -> Error {
    Error::invalid(vec![FieldError::new(pointer, detail)])
}

async fn put_together(
    conn: &mut AsyncPgConnection,
    action: OperationAction,
    parameters: Parameters,
    wanted: Vec<(WorkspaceId, Parameters)>,
) -> Result<Plan> {
    if wanted.is_empty() {
        return Err(wrong("/workspace_ids", "needs at least one desktop"));
    }
    if wanted.len() > MOST_DESKTOPS {
        return Err(wrong("/workspace_ids", format!("takes {MOST_DESKTOPS} desktops at most")));
    }
    let ids: Vec<&str> = wanted.iter().map(|it| it.0.0.as_str()).collect();
    let subjects = store::operations::subjects(conn, &ids).await?;
    let mut subjects: BTreeMap<String, Subject> =
        subjects.into_iter().map(|it| (it.id.0.clone(), it)).collect();
    let mut errors = Vec::new();
    let mut desktops = Vec::with_capacity(wanted.len());
    let mut named = BTreeSet::new();
    for (n, (id, set)) in wanted.iter().enumerate() {
        let pointer = format!("/workspace_ids/{n}");
        if !named.insert(&id.0) {
            errors.push(FieldError::new(pointer, format!("`{id}` is there twice")));
            continue;
        }
        let Some(subject) = subjects.remove(&id.0) else {
            errors.push(FieldError::new(pointer, format!("`{id}` is no desktop that Skydesk knows")));
            continue;
        };
        let before = subject.seen.before(action, set);
        let problem = problem(action, set, &subject);
        desktops.push(PlannedDesktop { subject, group: 0, set: set.clone(), before, problem });
    }
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    let places = groups(desktops.iter().map(|it| (it.subject.account, it.subject.region.clone())));
    for (it, group) in desktops.iter_mut().zip(places) {
        it.group = group;
    }
    Ok(Plan { action, parameters, desktops, recommendation: None, predicted: None, undo_of: None })
}

/// What stands in the way of doing it to one desktop.
fn problem(action: OperationAction, set: &Parameters, it: &Subject) -> Option<Problem> {
    let state = |said: String| Some(Problem { code: Code::WrongState, said });
    if it.is_gone {
        return state("is gone".to_owned());
    }
    if !it.can_act {
        let said = format!(
            "is in {}, which Skydesk may only read: an administrator enters a role for operations there",
            it.account_name
        );
        return Some(Problem { code: Code::NoOperatorRole, said });
    }
    if let Some(other) = it.busy {
        return state(format!("is being acted on by operation {other}; wait for its end"));
    }
    if action == OperationAction::Tag && it.seen.tags.is_none() {
        return state("has tags that were never read; sync first".to_owned());
    }
    legal::problem(action, set, &it.seen).and_then(state)
}

impl Plan {
    /// What has to be typed.
    pub(super) fn confirmation(&self) -> Option<String> {
        let ids: Vec<&str> = self.desktops.iter().map(|it| it.subject.id.0.as_str()).collect();
        harm::confirmation(self.action, &ids)
    }

    /// # Errors
    /// Something stands in the way; the first desktops are named.
    pub(super) fn refuse(&self) -> Result<()> {
        let problems =
            self.desktops.iter().enumerate().filter_map(|(n, it)| Some((n, it, it.problem.as_ref()?)));
        refused(
            problems
                .map(|(n, it, problem)| (n, problem.code, format!("{} {}", it.subject.id, problem.said)))
                .collect(),
        )
    }

    /// # Errors
    /// What it would replace is no longer what it was when it was proposed.
    pub(super) fn refuse_changed(&self, proposed: &[DesktopRow]) -> Result<()> {
        let changed = self.desktops.iter().zip(proposed).enumerate();
        let changed = changed.filter(|(_, (now, then))| now.before != then.desktop.before);
        refused(
            changed
                .map(|(n, (now, _))| {
                    (
                        n,
                        Code::Stale,
                        format!("{} was changed since this was proposed; propose it anew", now.subject.id),
                    )
                })
                .collect(),
        )
    }

    pub(super) fn preview(&self) -> Preview {
        let connected = self.desktops.iter().filter(|it| it.subject.connected).count();
        let planned: Vec<_> = self
            .desktops
            .iter()
            .map(|it| Planned {
                group: it.group,
                account: &it.subject.account_name,
                region: &it.subject.region,
                state: DesktopState::Planned,
                called_at: None,
                answered_at: None,
                ended_at: None,
            })
            .collect();
        let problems = self.desktops.iter().filter(|it| it.problem.is_some()).count();
        let undoable = |it: &PlannedDesktop| inverse(self.action, &it.before, &it.set).is_some();
        Preview {
            action: self.action,
            parameters: self.parameters.clone(),
            summary: sentence(self.action, &self.parameters, self.desktops.len()),
            steps: steps(self.action, &planned),
            desktops: self.desktops.iter().map(previewed).collect(),
            problems: i64::try_from(problems).unwrap_or(i64::MAX),
            warnings: harm::warnings(self.action, &self.parameters, connected),
            confirmation: self.confirmation(),
            needs_approval: !self.action.is_direct(),
            needs_another_person: harm::needs_another_person(self.action),
            undoable: self.desktops.iter().any(undoable),
            predicted: self.predicted.clone(),
        }
    }

    pub(super) async fn insert(
        &self,
        conn: &mut AsyncPgConnection,
        actor: &Actor,
        reason: &str,
        now: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
        confirmation: Option<&str>,
    ) -> Result<OperationId> {
        let new = NewOperationRow {
            action: self.action,
            parameters: &self.parameters,
            reason,
            proposer: actor.id,
            proposed_by: &actor.username,
            proposed_at: now,
            expires_at,
            confirmation,
            recommendation: self.recommendation,
            predicted: self.predicted.as_ref(),
            undo_of: self.undo_of,
        };
        let desktops: Vec<_> = self
            .desktops
            .iter()
            .map(|it| NewDesktop {
                id: &it.subject.id,
                account: it.subject.account,
                account_name: &it.subject.account_name,
                region: &it.subject.region,
                user_name: &it.subject.user_name,
                group: it.group,
                before: &it.before,
                set: &it.set,
            })
            .collect();
        Ok(store::operations::insert(conn, &new, &desktops).await?)
    }

    /// For the audit log: all of its desktops by id.
    pub(super) fn for_audit(&self, reason: &str) -> Value {
        let ids: Vec<_> = self.desktops.iter().map(|it| &it.subject.id).collect();
        json!({"action": self.action.name(), "parameters": self.parameters, "workspace_ids": ids,
            "recommendation": self.recommendation, "undo_of": self.undo_of, "reason": reason})
    }
}

fn previewed(it: &PlannedDesktop) -> PreviewDesktop {
    PreviewDesktop {
        workspace_id: it.subject.id.clone(),
        user_name: it.subject.user_name.clone(),
        account: it.subject.account_name.clone(),
        region: it.subject.region.clone(),
        aws_state: it.subject.seen.state.clone(),
        before: it.before.clone(),
        set: it.set.clone(),
        problem: it.problem.as_ref().map(|it| it.said.clone()),
    }
}

/// A refusal that names the first desktops, each by its place in the request.
fn refused(problems: Vec<(usize, Code, String)>) -> Result<()> {
    let Some((_, code, _)) = problems.first() else { return Ok(()) };
    let (code, all) = (*code, problems.len());
    let named: Vec<_> = problems.into_iter().take(MOST_NAMED).collect();
    let mut detail: Vec<_> = named.iter().map(|it| it.2.clone()).collect();
    if all > named.len() {
        detail.push(format!("and {} more", all - named.len()));
    }
    let errors =
        named.into_iter().map(|(n, _, said)| FieldError::new(format!("/workspace_ids/{n}"), said)).collect();
    Err(Error { errors, ..Error::new(code, format!("{}.", detail.join("; "))) })
}

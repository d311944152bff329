//! The job behind an operation: look, call AWS, look until it is seen.
//!
//! One pass takes the desktops group by group: what is seen in one look is judged by `domain::operations::resume`, which
//! also says what to do with what an earlier worker left. Before each call the intent is committed, after it the answer;
//! between two looks the job is snoozed, so that waiting for AWS holds no worker. Running it again changes nothing: what
//! has ended has ended.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use cloud::{CloudError, Session};
use contract::{
    ids::{AccountId, OperationId},
    jobs::Progress,
    operations::{DesktopState, OperationAction, OperationDesktop, OperationSummary, Parameters},
};
use domain::{
    operations::{
        Seen,
        legal::rule,
        resume::{Look, Next, Noted, decide, patience},
        settle::session_name,
    },
    workspaces::SeenWorkspace,
};
use queue::{Job, JobError, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::operations::{DesktopRow, Touched};

use crate::{App, Error, Result, accounts};

/// Carries out an operation that was approved, or needed no approval.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunOperation {
    pub operation: OperationId,
}

impl Job for RunOperation {
    const KIND: &'static str = "run_operation";
    type Ctx = Arc<App>;

    fn unique_key(&self) -> Option<String> {
        Some(self.operation.to_string())
    }

    async fn run(self, app: Arc<App>, run: Run) -> std::result::Result<(), JobError> {
        let now = app.now();
        let mut conn = app.conn().await?;
        let Some(row) = store::operations::find(&mut conn, self.operation, now).await? else { return Ok(()) };
        if row.summary.state.is_final() {
            return Ok(());
        }
        let rate = store::settings::read(&mut conn).await?.aws_calls_per_second;
        drop(conn);
        let work = Work { app, run, it: row.summary, rate };
        work.begin(now).await?;
        match work.pass().await? {
            true => Ok(()),
            false => Err(JobError::snooze(work.pause())),
        }
    }
}

/// One run.
pub(super) struct Work {
    pub(super) app: Arc<App>,
    pub(super) run: Run,
    pub(super) it: OperationSummary,
    rate: f64,
}

/// A desktop as AWS shows it now.
pub(super) struct Shown {
    pub(super) whole: SeenWorkspace,
    pub(super) seen: Seen,
}

/// How a desktop ended.
pub(super) struct End<'a> {
    pub(super) row: &'a DesktopRow,
    pub(super) state: DesktopState,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) shown: Option<&'a Shown>,
}

impl Work {
    /// All groups once. Whether the operation is over.
    async fn pass(&self) -> Result<bool> {
        let rows = store::operations::desktops(&mut *self.app.conn().await?, self.it.id).await?;
        let mut groups: BTreeMap<i32, Vec<DesktopRow>> = BTreeMap::new();
        for row in rows {
            groups.entry(row.group).or_default().push(row);
        }
        let all = i64::try_from(groups.values().map(Vec::len).sum::<usize>()).ok();
        let mut done = 0;
        for rows in groups.into_values() {
            if self.run.cancelled().is_cancelled() {
                return Ok(false);
            }
            done += i64::try_from(rows.len()).unwrap_or(0);
            let open: Vec<_> = rows.into_iter().filter(|it| !it.desktop.state.is_final()).collect();
            if !open.is_empty() {
                self.group(&open).await?;
                self.tell().await;
            }
            let progress = Progress { label: self.it.summary.clone(), done, total: all, note: None };
            self.run.progress(json!(progress));
        }
        let over = self.finish().await?;
        if over {
            self.tell().await;
        }
        Ok(over)
    }

    /// Between two looks: often at first, as people watch.
    fn pause(&self) -> Duration {
        let age = self.app.now() - self.it.began_at.unwrap_or(self.it.proposed_at);
        Duration::from_secs(match age.num_seconds() {
            ..60 => 2,
            60..600 => 10,
            _ => 30,
        })
    }

    /// At most as many desktops as one look tells of, all of one account and region.
    async fn group(&self, rows: &[DesktopRow]) -> Result<()> {
        let Some(first) = rows.first() else { return Ok(()) };
        let session = match self.session(first).await? {
            Ok(session) => session,
            Err(why) => return self.blind(rows, None, &why).await,
        };
        let ids: Vec<String> = rows.iter().map(|it| it.desktop.workspace_id.0.clone()).collect();
        let shown = match look(&session, self.it.action, &ids).await {
            Ok(shown) => shown,
            Err(error) if error.is_transient() || matches!(error, CloudError::Credentials { .. }) => {
                tracing::warn!(operation = %self.it.id, "Looking at desktops failed, trying again: {error}");
                return self.overdue(rows, &error.for_people()).await;
            }
            Err(error) => return self.blind(rows, error.code(), &error.for_people()).await,
        };
        let now = self.app.now();
        let (mut ends, mut accepted, mut calls) = (Vec::new(), (Vec::new(), Vec::new()), Vec::new());
        for row in rows {
            let shown = shown.get(&row.desktop.workspace_id.0);
            match decide(&self.judged(row, shown, &noted(row), now)) {
                Next::Wait => {}
                Next::Accept { at_work: true } => accepted.0.push(row.desktop.workspace_id.0.as_str()),
                Next::Accept { at_work: false } => accepted.1.push(row.desktop.workspace_id.0.as_str()),
                Next::End(state, message) => ends.push(End { row, state, code: None, message, shown }),
                Next::Send => calls.extend(shown.map(|shown| (row, shown))),
            }
        }
        self.write_accepted(&accepted.0, &accepted.1, now).await?;
        self.write_ends(&ends, now).await?;
        self.call(&session, &calls).await
    }

    fn judged<'a>(
        &self,
        row: &'a DesktopRow,
        shown: Option<&'a Shown>,
        noted: &'a Noted,
        now: DateTime<Utc>,
    ) -> Look<'a> {
        Look {
            action: self.it.action,
            set: &row.desktop.set,
            before: &row.desktop.before,
            noted,
            seen: shown.map(|it| &it.seen),
            now,
        }
    }

    /// Calls AWS for desktops that are ready for it, as many at once as it takes.
    async fn call(&self, session: &Session, calls: &[(&DesktopRow, &Shown)]) -> Result<()> {
        for some in calls.chunks(rule(self.it.action).per_call.max(1)) {
            if self.run.cancelled().is_cancelled() {
                return Ok(());
            }
            let Some((first, _)) = some.first() else { return Ok(()) };
            let ids = self.write_calls(some).await?;
            if ids.is_empty() {
                continue;
            }
            // Only what takes one desktop a call has parameters of its own.
            let outcome = session.act(self.it.action, &ids, &first.desktop.set).await;
            let now = self.app.now();
            match outcome {
                Ok(failures) => {
                    let failed: HashMap<_, _> = failures
                        .iter()
                        .map(|it| (it.workspace_id.as_str(), (it.code.as_str(), it.message.as_str())))
                        .collect();
                    let answers: Vec<_> =
                        ids.iter().map(|id| (id.as_str(), failed.get(id.as_str()).copied())).collect();
                    self.write_answers(&answers, now).await?;
                }
                Err(error) if error.may_have_arrived() => {
                    // The intent stays: the next look finds out.
                    tracing::warn!(operation = %self.it.id, "AWS did not answer, it is looked into: {error}");
                }
                Err(
                    error @ (CloudError::Throttled { .. }
                    | CloudError::Credentials { .. }
                    | CloudError::Unavailable { .. }),
                ) => {
                    tracing::warn!(operation = %self.it.id, "AWS took nothing, trying again: {error}");
                    self.write_back(&ids).await?;
                    return Ok(());
                }
                Err(error) => {
                    let said = match &error {
                        CloudError::Other { message, .. } if !message.is_empty() => message.clone(),
                        other => other.for_people(),
                    };
                    let code = error.code().unwrap_or("Unknown");
                    let answers: Vec<_> =
                        ids.iter().map(|id| (id.as_str(), Some((code, said.as_str())))).collect();
                    self.write_answers(&answers, now).await?;
                }
            }
        }
        Ok(())
    }

    /// AWS does not let us look: nothing is begun, and what was begun waits for better times until its own are over.
    async fn blind(&self, rows: &[DesktopRow], code: Option<&str>, why: &str) -> Result<()> {
        let waiting = rows.iter().filter(|it| it.desktop.state == DesktopState::Waiting);
        let ends: Vec<_> = waiting
            .map(|row| End {
                row,
                state: DesktopState::Failed,
                code: code.map(str::to_owned),
                message: Some(why.to_owned()),
                shown: None,
            })
            .collect();
        self.write_ends(&ends, self.app.now()).await?;
        self.overdue(rows, why).await
    }

    async fn overdue(&self, rows: &[DesktopRow], why: &str) -> Result<()> {
        let now = self.app.now();
        let since = |it: &DesktopRow| it.desktop.answered_at.or(it.desktop.called_at);
        let late = |it: &&DesktopRow| since(it).is_some_and(|at| now - at >= patience(self.it.action));
        let message = format!("AWS was called, and could not be asked how it went: {why}");
        let ends: Vec<_> = rows
            .iter()
            .filter(late)
            .map(|row| End {
                row,
                state: DesktopState::Unknown,
                code: None,
                message: Some(message.clone()),
                shown: None,
            })
            .collect();
        self.write_ends(&ends, now).await
    }

    /// The role for operations of a desktop's account, or why there is none.
    async fn session(&self, row: &DesktopRow) -> Result<std::result::Result<Session, String>> {
        let account = store::accounts::find(&mut *self.app.conn().await?, AccountId(row.account)).await?;
        let Some(account) = account else {
            return Ok(Err("The account is not registered any more.".to_owned()));
        };
        let name = session_name(self.it.id, &self.it.proposed_by);
        let session =
            accounts::operator_session(&self.app, &account, &row.desktop.region, self.rate, &name).await;
        Ok(session
            .ok_or_else(|| format!("The account {} has no role for operations any more.", account.name)))
    }

    async fn tell(&self) {
        let Ok(mut conn) = self.app.conn().await else { return };
        let Ok(Some(row)) = store::operations::find(&mut conn, self.it.id, self.app.now()).await else {
            return;
        };
        drop(conn);
        super::tell(&self.app, row.summary).await;
    }
}

/// How far a desktop is, as it is written down.
fn noted(row: &DesktopRow) -> Noted {
    let it = &row.desktop;
    match (it.state, it.called_at, it.answered_at) {
        (DesktopState::Calling, Some(since), _) => {
            Noted::Calling { since, state_before: row.state_before.clone().unwrap_or_default() }
        }
        (DesktopState::Accepted, called, answered) => match answered.or(called) {
            Some(since) => Noted::Accepted { since, at_work: row.at_work },
            None => Noted::Waiting,
        },
        _ => Noted::Waiting,
    }
}

/// What AWS shows of these desktops; tags only where they matter, because AWS tells them one desktop a call.
async fn look(
    session: &Session,
    action: OperationAction,
    ids: &[String],
) -> std::result::Result<HashMap<String, Shown>, CloudError> {
    let wanted: BTreeSet<&String> = ids.iter().collect();
    let mut shown = HashMap::new();
    for whole in session.desktops_by_id(ids).await? {
        if !wanted.contains(&whole.id) {
            continue;
        }
        let tags = match action {
            OperationAction::Tag => Some(session.tags_of(&whole.id).await?),
            _ => None,
        };
        let seen = Seen {
            state: whole.state.clone(),
            running_mode: whole.running_mode.clone(),
            auto_stop_minutes: whole.auto_stop_minutes,
            compute_type: whole.compute_type.clone(),
            tags,
        };
        shown.insert(whole.id.clone(), Shown { whole, seen });
    }
    Ok(shown)
}

/// What an operation changes of a desktop, as the change feed names it: from `since` on.
pub(super) fn touched(
    action: OperationAction,
    it: &OperationDesktop,
    since: DateTime<Utc>,
) -> impl Iterator<Item = Touched<'_>> {
    let one = move |field| Touched { workspace_id: &it.workspace_id.0, field, since };
    fields(action, &it.set).into_iter().map(one)
}

fn fields(action: OperationAction, set: &Parameters) -> Vec<String> {
    let names: &[&str] = match action {
        OperationAction::SetRunningMode => &["running_mode", "auto_stop_minutes"],
        OperationAction::SetTimeout => &["auto_stop_minutes"],
        OperationAction::SetComputeType => &["compute_type", "bundle_id"],
        OperationAction::Terminate => &["gone"],
        OperationAction::Tag => {
            return set.tags.keys().chain(&set.remove_tags).map(|it| format!("tags.{it}")).collect();
        }
        OperationAction::Start
        | OperationAction::Stop
        | OperationAction::Reboot
        | OperationAction::Rebuild => &["state"],
    };
    names.iter().map(|it| (*it).to_owned()).collect()
}

impl From<queue::FenceError> for Error {
    fn from(error: queue::FenceError) -> Self {
        Error::internal(error)
    }
}

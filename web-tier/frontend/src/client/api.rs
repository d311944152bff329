//! Every operation that the pages use, one method each; shapes are `contract`'s.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use contract::{
    accounts::{AccessReport, Account, NewAccount},
    audit::AuditEntry,
    auth::{LoginRequest, Me, PasswordChange, TokenResponse},
    billing::{Billing, Step, WorkspaceBilling},
    catalog::Catalog,
    changes::Change,
    evaluations::Evaluations,
    events::{Actions, Event},
    health::AiHealth,
    ids::{AccountId, JobId, OperationId, ReportId, ScheduleId, SynonymId, UserId, ViewId},
    jobs::{Job, JobsAccepted},
    operations::{Decision, NewOperation, Operation, OperationSummary, Preview, Settlement, Tagging},
    overview::{Overview, OverviewCosts},
    page::Page,
    questions::{QuestionRequest, QuestionResponse},
    recommendations::Recommendation,
    reports::{NewReport, Report},
    savings::Savings,
    schedules::{Schedule, ScheduleUpdate},
    settings::Settings,
    simulations::Simulation,
    stats::Stats,
    synonyms::{NewSynonym, Synonym},
    usage::Usage,
    users::{NewUser, User, UserUpdate},
    views::{NewView, View},
    workspaces::{Workspace, WorkspaceDetail},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Call, Client,
    failure::Failure,
    url::{self, encode},
};

/// Of the 202 answer to a request for a report or an operation only the id is needed; the rest is asked for.
#[derive(Deserialize)]
struct Accepted<Id> {
    id: Id,
}

type Answer<T> = Result<T, Failure>;

#[expect(clippy::missing_errors_doc, reason = "every call fails the same way, told by `Failure`")]
impl Client {
    pub async fn login(&self, login: &LoginRequest) -> Answer<TokenResponse> {
        // A wrong password is 401 too, and no reason to refresh anything: the token is forgotten before.
        self.remember(None);
        let token: TokenResponse = self.call(Call::new("POST", "/api/auth/login").json(login)).await?;
        self.remember(Some(token.access_token.clone()));
        Ok(token)
    }

    pub async fn logout(&self) -> Answer<()> {
        let result = self.tell(Call::new("POST", "/api/auth/logout")).await;
        self.remember(None);
        result
    }

    pub async fn me(&self) -> Answer<Me> {
        self.call(Call::get("/api/auth/me")).await
    }

    pub async fn change_password(&self, change: &PasswordChange) -> Answer<()> {
        self.tell(Call::new("PUT", "/api/auth/password").json(change)).await
    }

    pub async fn overview(&self) -> Answer<Overview> {
        self.call(Call::get("/api/overview")).await
    }

    pub async fn overview_costs(&self) -> Answer<OverviewCosts> {
        self.call(Call::get("/api/overview/costs")).await
    }

    async fn page<T: DeserializeOwned>(&self, path: &str, query: &str) -> Answer<Page<T>> {
        let mark = if query.is_empty() { "" } else { "?" };
        self.call(Call::get(format!("{path}{mark}{query}"))).await
    }

    pub async fn workspaces(&self, query: &str) -> Answer<Page<Workspace>> {
        self.page("/api/workspaces", query).await
    }

    pub async fn workspace(&self, id: &str) -> Answer<WorkspaceDetail> {
        self.call(Call::get(format!("/api/workspaces/{}", encode(id)))).await
    }

    /// `zone` is that of the picture of the week; without one it is in UTC.
    pub async fn usage(&self, id: &str, days: u32, zone: Option<&str>) -> Answer<Usage> {
        let mut pairs = vec![("days", days.to_string())];
        pairs.extend(zone.map(|it| ("time_zone", it.to_owned())));
        self.call(Call::get(format!("/api/workspaces/{}/usage?{}", encode(id), url::query(&pairs)))).await
    }

    pub async fn recommendations(&self, query: &str) -> Answer<Page<Recommendation>> {
        self.page("/api/recommendations", query).await
    }

    /// Of the days from the one to before the other.
    pub async fn billing(
        &self,
        group_by: &str,
        by: Step,
        from: NaiveDate,
        until: NaiveDate,
    ) -> Answer<Billing> {
        let pairs = [
            ("group_by", group_by.to_owned()),
            ("by", by.name().to_owned()),
            ("from", from.to_string()),
            ("until", until.to_string()),
        ];
        self.call(Call::get(format!("/api/billing?{}", url::query(&pairs)))).await
    }

    pub async fn workspace_billing(&self, id: &str) -> Answer<WorkspaceBilling> {
        self.call(Call::get(format!("/api/workspaces/{}/billing", encode(id)))).await
    }

    /// A group of desktops, and months.
    pub async fn simulation(&self, query: &str) -> Answer<Simulation> {
        self.call(Call::get(format!("/api/simulations?{query}")).slow()).await
    }

    /// The ledger of what was changed.
    pub async fn savings(&self) -> Answer<Savings> {
        self.call(Call::get("/api/savings")).await
    }

    pub async fn operations(&self, query: &str) -> Answer<Page<OperationSummary>> {
        self.page("/api/operations", query).await
    }

    pub async fn operation(&self, id: &str) -> Answer<Operation> {
        self.call(Call::get(format!("/api/operations/{}", encode(id)))).await
    }

    pub async fn preview_operation(&self, operation: &NewOperation) -> Answer<Preview> {
        self.call(Call::new("POST", "/api/operations/preview").json(operation)).await
    }

    pub async fn create_operation(&self, operation: &NewOperation) -> Answer<OperationId> {
        let accepted: Accepted<OperationId> =
            self.call(Call::new("POST", "/api/operations").json(operation)).await?;
        Ok(accepted.id)
    }

    /// `deed`: `approve`, `reject` or `cancel`.
    pub async fn decide_operation(&self, id: OperationId, deed: &str, decision: &Decision) -> Answer<()> {
        self.tell(Call::new("POST", format!("/api/operations/{id}/{deed}")).json(decision)).await
    }

    /// The operation that takes it back.
    pub async fn undo_operation(&self, id: OperationId, decision: &Decision) -> Answer<OperationId> {
        let call = Call::new("POST", format!("/api/operations/{id}/undo")).json(decision);
        let accepted: Accepted<OperationId> = self.call(call).await?;
        Ok(accepted.id)
    }

    pub async fn settle_operation(&self, id: OperationId, settlement: &Settlement) -> Answer<()> {
        self.tell(Call::new("POST", format!("/api/operations/{id}/settle")).json(settlement)).await
    }

    /// Desktops with the tag that tells costs apart, and without it.
    pub async fn tagging(&self) -> Answer<Tagging> {
        self.call(Call::get("/api/billing/tagging")).await
    }

    pub async fn changes(&self, query: &str) -> Answer<Page<Change>> {
        self.page("/api/changes", query).await
    }

    pub async fn events(&self, query: &str) -> Answer<Page<Event>> {
        self.page("/api/events", query).await
    }

    /// What was done since then.
    pub async fn event_actions(&self, from: DateTime<Utc>) -> Answer<Actions> {
        let from = from.to_rfc3339_opts(SecondsFormat::Secs, true);
        self.call(Call::get(format!("/api/events/actions?{}", url::query(&[("from", from)])))).await
    }

    /// The latest of one desktop.
    pub async fn workspace_events(&self, id: &str, limit: u32) -> Answer<Page<Event>> {
        self.page(&format!("/api/workspaces/{}/events", encode(id)), &format!("limit={limit}")).await
    }

    pub async fn ask(&self, request: &QuestionRequest) -> Answer<QuestionResponse> {
        self.call(Call::new("POST", "/api/ai/query").json(request)).await
    }

    pub async fn ai_health(&self) -> Answer<AiHealth> {
        self.call(Call::get("/api/ai/health")).await
    }

    pub async fn catalog(&self) -> Answer<Catalog> {
        self.call(Call::get("/api/ai/catalog")).await
    }

    pub async fn generate_report(&self, report: &NewReport) -> Answer<ReportId> {
        let accepted: Accepted<ReportId> =
            self.call(Call::new("POST", "/api/reports/generate").json(report)).await?;
        Ok(accepted.id)
    }

    pub async fn report(&self, id: ReportId) -> Answer<Report> {
        self.call(Call::get(format!("/api/reports/{id}"))).await
    }

    pub async fn reports(&self, query: &str) -> Answer<Page<Report>> {
        self.page("/api/reports", query).await
    }

    pub async fn sync(&self) -> Answer<JobsAccepted> {
        self.call(Call::new("POST", "/api/admin/sync")).await
    }

    pub async fn accounts(&self) -> Answer<Page<Account>> {
        self.page("/api/accounts", "").await
    }

    pub async fn create_account(&self, account: &NewAccount) -> Answer<()> {
        self.tell(Call::new("POST", "/api/accounts").json(account)).await
    }

    /// `version` is the one that was read, so that nobody's edit is lost.
    pub async fn update_account(&self, id: AccountId, version: i32, account: &NewAccount) -> Answer<()> {
        self.tell(Call::new("PUT", format!("/api/accounts/{id}")).json(account).if_match(version)).await
    }

    pub async fn delete_account(&self, id: AccountId) -> Answer<()> {
        self.tell(Call::new("DELETE", format!("/api/accounts/{id}"))).await
    }

    pub async fn test_account(&self, id: AccountId) -> Answer<AccessReport> {
        self.call(Call::new("POST", format!("/api/accounts/{id}/test")).slow()).await
    }

    pub async fn users(&self, query: &str) -> Answer<Page<User>> {
        self.page("/api/users", query).await
    }

    pub async fn create_user(&self, user: &NewUser) -> Answer<()> {
        self.tell(Call::new("POST", "/api/users").json(user)).await
    }

    pub async fn update_user(&self, id: UserId, update: &UserUpdate) -> Answer<()> {
        self.tell(Call::new("PUT", format!("/api/users/{id}")).json(update)).await
    }

    pub async fn delete_user(&self, id: UserId) -> Answer<()> {
        self.tell(Call::new("DELETE", format!("/api/users/{id}"))).await
    }

    pub async fn views(&self) -> Answer<Page<View>> {
        self.page("/api/views", "").await
    }

    /// Days are cut in `zone`.
    pub async fn view_answer(&self, id: ViewId, zone: Option<String>) -> Answer<contract::questions::Answer> {
        let query = url::query(&zone.map(|it| ("timezone", it)).into_iter().collect::<Vec<_>>());
        self.call(Call::get(format!("/api/views/{id}/answer?{query}"))).await
    }

    pub async fn create_view(&self, view: &NewView) -> Answer<()> {
        self.tell(Call::new("POST", "/api/views").json(view)).await
    }

    pub async fn update_view(&self, id: ViewId, view: &NewView) -> Answer<()> {
        self.tell(Call::new("PUT", format!("/api/views/{id}")).json(view)).await
    }

    pub async fn delete_view(&self, id: ViewId) -> Answer<()> {
        self.tell(Call::new("DELETE", format!("/api/views/{id}"))).await
    }

    pub async fn synonyms(&self) -> Answer<Page<Synonym>> {
        self.page("/api/synonyms", "").await
    }

    pub async fn create_synonym(&self, synonym: &NewSynonym) -> Answer<()> {
        self.tell(Call::new("POST", "/api/synonyms").json(synonym)).await
    }

    pub async fn delete_synonym(&self, id: SynonymId) -> Answer<()> {
        self.tell(Call::new("DELETE", format!("/api/synonyms/{id}"))).await
    }

    pub async fn settings(&self) -> Answer<Settings> {
        self.call(Call::get("/api/admin/config")).await
    }

    pub async fn put_settings(&self, settings: &Settings) -> Answer<()> {
        self.tell(Call::new("PUT", "/api/admin/config").json(settings)).await
    }

    pub async fn evaluations(&self) -> Answer<Evaluations> {
        self.call(Call::get("/api/admin/evaluations")).await
    }

    pub async fn evaluate(&self) -> Answer<()> {
        self.tell(Call::new("POST", "/api/admin/evaluations")).await
    }

    pub async fn schedules(&self) -> Answer<Page<Schedule>> {
        self.page("/api/admin/schedules", "").await
    }

    pub async fn update_schedule(&self, id: ScheduleId, update: &ScheduleUpdate) -> Answer<()> {
        self.tell(Call::new("PUT", format!("/api/admin/schedules/{id}")).json(update)).await
    }

    pub async fn jobs(&self, query: &str) -> Answer<Page<Job>> {
        self.page("/api/jobs", query).await
    }

    pub async fn cancel_job(&self, id: JobId) -> Answer<()> {
        self.tell(Call::new("POST", format!("/api/jobs/{id}/cancel"))).await
    }

    pub async fn retry_job(&self, id: JobId) -> Answer<()> {
        self.tell(Call::new("POST", format!("/api/jobs/{id}/retry"))).await
    }

    pub async fn audit(&self, query: &str) -> Answer<Page<AuditEntry>> {
        self.page("/api/audit", query).await
    }

    pub async fn stats(&self) -> Answer<Stats> {
        self.call(Call::get("/api/admin/stats")).await
    }
}

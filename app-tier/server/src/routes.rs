//! Every operation and what it needs: the table behind docs/SECURITY.md and behind the test that calls each of them
//! without the right to.

use contract::auth::Permission;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::endpoints::{
    accounts, admin, ai, auth, billing, events, jobs, operations, overview, recommendations, reports,
    simulations, stream, synonyms, usage, users, views, workspaces,
};

/// Method, path and permission; `None` is public.
pub const OPERATIONS: &[(&str, &str, Option<Permission>)] = &[
    ("post", "/api/auth/login", None),
    ("post", "/api/auth/refresh", None),
    ("post", "/api/auth/logout", None),
    ("get", "/api/auth/me", Some(Permission::SessionOwn)),
    ("put", "/api/auth/password", Some(Permission::SessionOwn)),
    ("get", "/api/users", Some(Permission::UsersManage)),
    ("post", "/api/users", Some(Permission::UsersManage)),
    ("get", "/api/users/{id}", Some(Permission::UsersManage)),
    ("put", "/api/users/{id}", Some(Permission::UsersManage)),
    ("delete", "/api/users/{id}", Some(Permission::UsersManage)),
    ("get", "/api/accounts", Some(Permission::AccountsRead)),
    ("post", "/api/accounts", Some(Permission::AccountsWrite)),
    ("get", "/api/accounts/{id}", Some(Permission::AccountsRead)),
    ("put", "/api/accounts/{id}", Some(Permission::AccountsWrite)),
    ("delete", "/api/accounts/{id}", Some(Permission::AccountsWrite)),
    ("post", "/api/accounts/{id}/test", Some(Permission::AccountsWrite)),
    ("get", "/api/overview", Some(Permission::WorkspacesRead)),
    ("get", "/api/overview/costs", Some(Permission::BillingRead)),
    ("get", "/api/workspaces", Some(Permission::WorkspacesRead)),
    ("get", "/api/workspaces/{id}", Some(Permission::WorkspacesRead)),
    ("get", "/api/workspaces/{id}/usage", Some(Permission::WorkspacesRead)),
    ("get", "/api/workspaces/{id}/billing", Some(Permission::BillingRead)),
    ("get", "/api/billing", Some(Permission::BillingRead)),
    ("get", "/api/billing/tagging", Some(Permission::BillingRead)),
    ("get", "/api/workspaces/{id}/events", Some(Permission::WorkspacesRead)),
    ("get", "/api/events", Some(Permission::WorkspacesRead)),
    ("get", "/api/events/actions", Some(Permission::WorkspacesRead)),
    ("get", "/api/changes", Some(Permission::WorkspacesRead)),
    ("get", "/api/recommendations", Some(Permission::WorkspacesRead)),
    ("get", "/api/simulations", Some(Permission::WorkspacesRead)),
    ("get", "/api/savings", Some(Permission::OperationsRead)),
    ("post", "/api/operations/preview", Some(Permission::OperationsPropose)),
    ("post", "/api/operations", Some(Permission::OperationsPropose)),
    ("get", "/api/operations", Some(Permission::OperationsRead)),
    ("get", "/api/operations/{id}", Some(Permission::OperationsRead)),
    ("post", "/api/operations/{id}/approve", Some(Permission::OperationsApprove)),
    ("post", "/api/operations/{id}/reject", Some(Permission::OperationsApprove)),
    ("post", "/api/operations/{id}/cancel", Some(Permission::OperationsPropose)),
    ("post", "/api/operations/{id}/undo", Some(Permission::OperationsPropose)),
    ("post", "/api/operations/{id}/settle", Some(Permission::OperationsPropose)),
    ("post", "/api/ai/query", Some(Permission::QuestionsAsk)),
    ("get", "/api/ai/health", Some(Permission::QuestionsAsk)),
    ("get", "/api/ai/catalog", Some(Permission::QuestionsAsk)),
    ("get", "/api/synonyms", Some(Permission::QuestionsAsk)),
    ("post", "/api/synonyms", Some(Permission::ConfigManage)),
    ("delete", "/api/synonyms/{id}", Some(Permission::ConfigManage)),
    ("get", "/api/views", Some(Permission::QuestionsAsk)),
    ("post", "/api/views", Some(Permission::QuestionsAsk)),
    ("get", "/api/views/{id}", Some(Permission::QuestionsAsk)),
    ("get", "/api/views/{id}/answer", Some(Permission::QuestionsAsk)),
    ("put", "/api/views/{id}", Some(Permission::QuestionsAsk)),
    ("delete", "/api/views/{id}", Some(Permission::QuestionsAsk)),
    ("post", "/api/reports/generate", Some(Permission::ReportsMake)),
    ("get", "/api/reports", Some(Permission::ReportsMake)),
    ("get", "/api/reports/{id}", Some(Permission::ReportsMake)),
    // The signature in the link is the permission.
    ("get", "/api/reports/{id}/download", None),
    ("post", "/api/admin/sync", Some(Permission::SyncRun)),
    ("get", "/api/admin/stats", Some(Permission::StatsRead)),
    ("get", "/api/admin/config", Some(Permission::ConfigManage)),
    ("put", "/api/admin/config", Some(Permission::ConfigManage)),
    ("get", "/api/admin/evaluations", Some(Permission::ConfigManage)),
    ("post", "/api/admin/evaluations", Some(Permission::ConfigManage)),
    ("get", "/api/admin/schedules", Some(Permission::ConfigManage)),
    ("put", "/api/admin/schedules/{id}", Some(Permission::ConfigManage)),
    ("get", "/api/audit", Some(Permission::AuditRead)),
    ("get", "/api/jobs", Some(Permission::JobsRead)),
    ("get", "/api/jobs/{id}", Some(Permission::JobsRead)),
    ("post", "/api/jobs/{id}/retry", Some(Permission::JobsRetry)),
    ("post", "/api/jobs/{id}/cancel", Some(Permission::JobsCancel)),
    ("get", "/api/stream", Some(Permission::StreamRead)),
];

/// All of them.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(auth::login)
        .service(auth::refresh)
        .service(auth::logout)
        .service(auth::me)
        .service(auth::change_password)
        .service(users::list_users)
        .service(users::create_user)
        .service(users::get_user)
        .service(users::update_user)
        .service(users::delete_user)
        .service(accounts::list_accounts)
        .service(accounts::create_account)
        .service(accounts::get_account)
        .service(accounts::update_account)
        .service(accounts::delete_account)
        .service(accounts::test_account)
        .service(overview::get_overview)
        .service(overview::get_overview_costs)
        .service(workspaces::list_workspaces)
        .service(workspaces::get_workspace)
        .service(usage::get_usage)
        .service(billing::get_workspace_billing)
        .service(billing::get_billing)
        .service(events::list_workspace_events)
        .service(events::list_events)
        .service(events::list_actions)
        .service(workspaces::list_changes)
        .service(recommendations::list_recommendations)
        .service(simulations::simulate)
        .service(operations::preview_operation)
        .service(operations::create_operation)
        .service(operations::list_operations)
        .service(operations::get_operation)
        .service(operations::approve_operation)
        .service(operations::reject_operation)
        .service(operations::cancel_operation)
        .service(operations::undo_operation)
        .service(operations::settle_operation)
        .service(operations::get_tagging)
        .service(operations::get_savings)
        .service(ai::ask)
        .service(ai::ai_health)
        .service(ai::get_catalog)
        .service(synonyms::list_synonyms)
        .service(synonyms::create_synonym)
        .service(synonyms::delete_synonym)
        .service(views::list_views)
        .service(views::create_view)
        .service(views::get_view)
        .service(views::answer_view)
        .service(views::update_view)
        .service(views::delete_view)
        .service(reports::generate_report)
        .service(reports::list_reports)
        .service(reports::get_report)
        .service(reports::download_report)
        .service(admin::start_sync)
        .service(admin::get_stats)
        .service(admin::get_config)
        .service(admin::put_config)
        .service(admin::list_evaluations)
        .service(admin::start_evaluation)
        .service(admin::list_schedules)
        .service(admin::update_schedule)
        .service(admin::list_audit)
        .service(jobs::list_jobs)
        .service(jobs::get_job)
        .service(jobs::retry_job)
        .service(jobs::cancel_job)
        .service(stream::follow);
}

//! Questions that were kept: seen, changed, and made into reports by the clock.
//!
//! A view keeps a plan, never rows: whoever opens it asks again, with his own rights. One's own is there also when it no longer
//! fits them, so that it can be deleted. Invariant: a report that is due is made once; the time of the next one is set in the
//! transaction that asks for this one, and a report that cannot be made is stopped.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use contract::{
    auth::{Permission, Role},
    ids::{UserId, ViewId},
    page::Page,
    problem::{Code, FieldError},
    query::Plan,
    questions::Answer,
    views::{MOST_VIEWS, NewView, View, ViewReport},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::catalog::{
    Catalog,
    check::{Moment, check},
    sentence,
};
use queue::{Job, JobError, Run, Timetable};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::views::{Due, Values, ViewRow};

use crate::{App, Error, OpCx, Result, questions, reports};

/// More than one's own and shared ones together are not shown.
const SHOWN: i64 = 1_000;

/// What the query string of an answer may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerQuery {
    /// IANA name; dates and days are cut in it. UTC when left out.
    timezone: Option<String>,
}

/// `GET /api/views`: one's own, and of others' what one could ask oneself.
///
/// # Errors
/// PostgreSQL away.
pub async fn list(cx: &OpCx) -> Result<Page<View>> {
    let rows = store::views::list(&mut *cx.app.conn().await?, cx.actor.id, SHOWN).await?;
    let catalog = Catalog::of(cx.actor.id, cx.actor.role);
    let items: Vec<_> = rows.into_iter().filter_map(|(row, owner)| wire(cx, &catalog, row, owner)).collect();
    Ok(Page { total: i64::try_from(items.len()).unwrap_or(i64::MAX), items, next: None })
}

/// `GET /api/views/{id}`
///
/// # Errors
/// There is none that one may see.
pub async fn find(cx: &OpCx, id: ViewId) -> Result<View> {
    let found = store::views::find(&mut *cx.app.conn().await?, cx.actor.id, id).await?;
    let catalog = Catalog::of(cx.actor.id, cx.actor.role);
    found.and_then(|(row, owner)| wire(cx, &catalog, row, owner)).ok_or_else(|| not_found(id))
}

/// `GET /api/views/{id}/answer`: asks it, with the rights of who asks now. It was read when it was kept, so it is no question and
/// counts as none.
///
/// # Errors
/// There is none that one may see; it no longer fits; there is no such time zone; or the database is away or needs too long.
pub async fn answer(cx: &OpCx, id: ViewId, query: &AnswerQuery) -> Result<Answer> {
    let found = store::views::find(&mut *cx.app.conn().await?, cx.actor.id, id).await?;
    let (row, _) = found.ok_or_else(|| not_found(id))?;
    let mine = row.user_id == cx.actor.id.0;
    let unfit = || match mine {
        true => Error::new(Code::InvalidPlan, format!("View {id} no longer fits what you may ask.")),
        false => not_found(id),
    };
    let plan = serde_json::from_value(row.plan).ok().ok_or_else(&unfit)?;
    match questions::of_view(cx, plan, query.timezone.as_deref()).await {
        Err(error) if error.code == Code::InvalidPlan => Err(unfit()),
        other => other,
    }
}

/// `POST /api/views`
///
/// # Errors
/// A field is not allowed, the plan does not fit, the name is one's own already, or there are too many.
pub async fn create(cx: &OpCx, new: NewView) -> Result<View> {
    let row = Row::of(cx, &new)?;
    let id = cx
        .app
        .conn()
        .await?
        .transaction::<_, Error, _>(async |conn| {
            if store::views::count(conn, cx.actor.id).await? >= MOST_VIEWS {
                let full = format!("You have {MOST_VIEWS} views, and there can be no more.");
                return Err(Error::with_fields(Code::StillInUse, vec![FieldError::new("/name", full)]));
            }
            let id = store::views::insert(conn, cx.actor.id, row.values()).await?;
            cx.audit(conn, "view.create", &format!("view:{id}"), row.detail(&new)).await?;
            Ok(id)
        })
        .await?;
    find(cx, id).await
}

/// `PUT /api/views/{id}`
///
/// # Errors
/// As [`create`]; or it is not one's own.
pub async fn update(cx: &OpCx, id: ViewId, new: NewView) -> Result<View> {
    let row = Row::of(cx, &new)?;
    cx.app
        .conn()
        .await?
        .transaction::<_, Error, _>(async |conn| {
            if !store::views::update(conn, cx.actor.id, id, row.values()).await? {
                return Err(not_found(id));
            }
            Ok(cx.audit(conn, "view.update", &format!("view:{id}"), row.detail(&new)).await?)
        })
        .await?;
    find(cx, id).await
}

/// `DELETE /api/views/{id}`
///
/// # Errors
/// It is not one's own.
pub async fn delete(cx: &OpCx, id: ViewId) -> Result<()> {
    cx.app
        .conn()
        .await?
        .transaction::<_, Error, _>(async |conn| {
            let name = store::views::delete(conn, cx.actor.id, id).await?.ok_or_else(|| not_found(id))?;
            Ok(cx.audit(conn, "view.delete", &format!("view:{id}"), json!({"name": name})).await?)
        })
        .await
}

fn not_found(id: ViewId) -> Error {
    Error::not_found(format_args!("view {id}"))
}

/// A view as the table keeps it.
struct Row {
    name: String,
    plan: Value,
    shared: bool,
    on_overview: bool,
    report: Option<Value>,
    next_report_at: Option<DateTime<Utc>>,
}

impl Row {
    /// Checks everything that the asker says.
    fn of(cx: &OpCx, new: &NewView) -> Result<Self> {
        let mut errors = new.check();
        let next_report_at = match &new.report {
            None => None,
            Some(_) if !cx.actor.role.allows(Permission::ReportsMake) => {
                let needed = Permission::ReportsMake.least_role().name();
                return Err(Error::new(
                    Code::Forbidden,
                    format!(
                        "A view with a report needs the role {needed}; yours is {}.",
                        cx.actor.role.name()
                    ),
                ));
            }
            Some(report) => {
                let next = next_report(report, cx.app.now());
                if next.is_none() {
                    errors.push(FieldError::new("/report/timezone", "is no time zone such as Europe/Berlin"));
                }
                next
            }
        };
        if !errors.is_empty() {
            return Err(Error::invalid(errors));
        }
        let at = Moment { now: cx.app.now(), zone: chrono_tz::UTC };
        check(&new.plan, &Catalog::of(cx.actor.id, cx.actor.role), at).map_err(Error::invalid_plan)?;
        Ok(Self {
            name: new.name.trim().to_owned(),
            plan: serde_json::to_value(&new.plan)?,
            shared: new.shared,
            on_overview: new.on_overview,
            report: new.report.as_ref().map(serde_json::to_value).transpose()?,
            next_report_at,
        })
    }

    fn values(&self) -> Values<'_> {
        Values {
            name: &self.name,
            plan: &self.plan,
            shared: self.shared,
            on_overview: self.on_overview,
            report: self.report.as_ref(),
            next_report_at: self.next_report_at,
        }
    }

    fn detail(&self, new: &NewView) -> Value {
        json!({"name": self.name, "entity": new.plan.entity, "shared": self.shared, "report": self.report})
    }
}

/// `None` when the zone is none.
fn next_report(report: &ViewReport, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    Timetable::parse(&report.cron(), &report.timezone).ok()?.next_after(after).ok()
}

/// `None` when it is somebody else's, and about what the asker may not read or what there is no more.
fn wire(cx: &OpCx, catalog: &Catalog, row: ViewRow, owner: String) -> Option<View> {
    let mine = row.user_id == cx.actor.id.0;
    let at = Moment { now: cx.app.now(), zone: chrono_tz::UTC };
    let kept = serde_json::from_value::<Plan>(row.plan).ok();
    let fits = kept.as_ref().is_some_and(|it| check(it, catalog, at).is_ok());
    if !fits && !mine {
        return None;
    }
    let plan = kept.unwrap_or_default();
    Some(View {
        id: ViewId(row.id),
        name: row.name,
        sentence: if fits { sentence::plan(&plan, catalog) } else { String::new() },
        fits,
        plan,
        owner,
        mine,
        shared: row.shared,
        on_overview: row.on_overview,
        report: row.report.and_then(|it| serde_json::from_value(it).ok()),
        next_report_at: row.next_report_at,
    })
}

/// By the clock: asks for the reports that are due, with the rights that their owners have now.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReportViews {}

impl Job for ReportViews {
    const KIND: &'static str = "report_views";
    type Ctx = Arc<App>;

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, app: Arc<App>, run: Run) -> std::result::Result<(), JobError> {
        let now = app.now();
        let mut conn = app.conn().await?;
        // Each turn puts one view off beyond `now`, so this ends.
        loop {
            let more = conn
                .transaction::<_, Error, _>(async |conn| {
                    run.fence(conn).await.map_err(Error::internal)?;
                    let Some(due) = store::views::due(conn, now).await? else { return Ok(false) };
                    report(conn, due, now).await?;
                    Ok(true)
                })
                .await?;
            if !more {
                return Ok(());
            }
        }
    }
}

/// Asks for the report and sets the time of the next one; or stops it, which its view says from then on.
async fn report(conn: &mut AsyncPgConnection, due: Due, now: DateTime<Utc>) -> Result<()> {
    let Due { row, role, disabled } = due;
    let id = ViewId(row.id);
    let kept = row.report.and_then(|it| serde_json::from_value::<ViewReport>(it).ok());
    let role = Role::parse(&role).filter(|it| !disabled && it.allows(Permission::ReportsMake));
    let plan = serde_json::from_value::<Plan>(row.plan).ok();
    let next = kept.as_ref().and_then(|it| next_report(it, now));
    let why = match (role, kept, plan, next) {
        (None, ..) => "its owner may not make reports",
        (Some(role), Some(kept), Some(plan), Some(next)) => {
            let owner = UserId(row.user_id);
            if reports::request_of_view(conn, owner, role, &row.name, plan, &kept, now).await? {
                return Ok(store::views::set_next_report(conn, id, Some(next)).await?);
            }
            "the plan no longer fits"
        }
        _ => "what was kept is no report any more",
    };
    store::views::set_next_report(conn, id, None).await?;
    let entry = store::audit::NewEntry {
        actor: "system",
        action: "view.stop_report",
        subject: &format!("view:{id}"),
        detail: json!({"name": row.name, "why": why}),
        request_id: None,
        address: None,
    };
    Ok(store::audit::insert(conn, entry).await?)
}

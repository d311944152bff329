//! Lists and answers as files: asked for, made by a job, fetched by a signed link.

mod make;

use std::time::Duration;

use ::reports::FileReader;
use chrono::{DateTime, TimeDelta, Utc};
use contract::{
    auth::{Permission, Role},
    ids::{JobId, ReportId, UserId},
    jobs::{JobState, Progress},
    page::Page,
    problem::{Code, FieldError},
    query::Plan,
    reports::{Download, Format, LINK_SECONDS, NewReport, Report},
    views::ViewReport,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::catalog::{
    Catalog, Entity,
    check::{Checked, Moment, check},
    select, sentence,
};
use queue::{EnqueueOptions, enqueue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::reports::{NewReportRow, ReportRow};

pub use self::make::MakeReport;
use crate::{
    App, Error, OpCx, Result, files, jobs,
    lists::{ListRequest, NumberedRequest, Pairs},
    questions::zone,
};

/// `POST /api/reports/generate`
///
/// # Errors
/// The request is not understood, or there would be nothing in the report.
pub async fn request(cx: &OpCx, new: NewReport) -> Result<Report> {
    let mut request = read(cx, &new)?;
    let (checked, catalog) = request.check(cx.actor.id, cx.app.now())?;
    let seconds = cx.app.settings().await?.question_timeout_seconds;
    let mut conn = cx.app.conn().await?;
    let total = conn
        .transaction::<_, Error, _>(async |conn| {
            store::select::confine(conn, seconds).await?;
            Ok(store::select::total(conn, select::count_rows(&checked)).await?)
        })
        .await?;
    if total == 0 {
        return Err(Error::new(Code::NothingToReport, "Nothing matches the filter."));
    }
    request.counted = Some(total);
    let title = capitalised(&request.sentence(&catalog));
    let request = serde_json::to_value(&request)?;
    let id = conn
        .transaction::<_, Error, _>(async |conn| {
            let id = insert(conn, cx.actor.id, &title, new.format, request).await?;
            cx.audit(
                conn,
                "report.request",
                &format!("report:{id}"),
                json!({"title": title, "format": new.format}),
            )
            .await?;
            Ok(id)
        })
        .await?;
    drop(conn);
    find(cx, id).await
}

/// The row and its job.
async fn insert(
    conn: &mut AsyncPgConnection,
    user: UserId,
    title: &str,
    format: Format,
    request: Value,
) -> Result<ReportId> {
    let row = NewReportRow { user_id: user.0, job_id: 0, title, format: format.extension(), request };
    let id = store::reports::insert(conn, row).await?;
    let options = EnqueueOptions { by: Some(user.0), ..EnqueueOptions::default() };
    let job = enqueue(conn, &MakeReport { report: id }, options).await?;
    store::reports::set_job(conn, id, job.id).await?;
    Ok(id)
}

/// A report that a view makes by the clock, also when it is empty: that nothing matched is an answer. Whether one was asked
/// for: not when the plan does not fit what its owner may read.
///
/// # Errors
/// PostgreSQL refuses.
pub(crate) async fn request_of_view(
    conn: &mut AsyncPgConnection,
    owner: UserId,
    role: Role,
    name: &str,
    plan: Plan,
    report: &ViewReport,
    now: DateTime<Utc>,
) -> Result<bool> {
    let request =
        Request { plan, zone: report.timezone.clone(), role, search: None, with_gone: false, counted: None };
    if request.check(owner, now).is_err() {
        return Ok(false);
    }
    insert(conn, owner, name, report.format, serde_json::to_value(&request)?).await?;
    Ok(true)
}

/// The plan that is asked for, or that a list's filter stands for.
fn read(cx: &OpCx, new: &NewReport) -> Result<Request> {
    let catalog = Catalog::of(cx.actor.id, cx.actor.role);
    let Some(entity) = catalog.entity(&new.source) else {
        let names: Vec<_> = catalog.entities().iter().map(|it| it.name).collect();
        return Err(Error::invalid(vec![FieldError::new(
            "/source",
            format!("is none of: {}", names.join(", ")),
        )]));
    };
    let zone = zone(new.timezone.as_deref())?;
    let request = |plan| Request {
        plan,
        zone: zone.name().to_owned(),
        role: cx.actor.role,
        search: None,
        with_gone: false,
        counted: None,
    };
    match (&new.plan, &new.filter) {
        (Some(_), Some(_)) => {
            Err(Error::invalid(vec![FieldError::new("/filter", "cannot stand beside a plan")]))
        }
        (Some(plan), None) if plan.entity != entity.name => Err(Error::invalid(vec![FieldError::new(
            "/source",
            format!("is another than the plan's: {}", plan.entity),
        )])),
        (Some(plan), None) => Ok(request(plan.clone())),
        (None, filter) => {
            let pairs: Vec<(String, String)> = filter
                .iter()
                .flatten()
                .flat_map(|(name, values)| values.values().iter().map(|value| (name.clone(), value.clone())))
                .filter(|(name, _)| !matches!(name.as_str(), "cursor" | "limit"))
                .collect();
            let list = ListRequest::read(entity, &catalog, &pairs, Moment { now: cx.app.now(), zone })?;
            let plan = Plan { columns: list_columns(entity), ..list.plan };
            Ok(Request { search: list.page.search, with_gone: list.page.with_gone, ..request(plan) })
        }
    }
}

/// A list's file holds all there is, not only what the page shows.
fn list_columns(entity: &Entity) -> Vec<String> {
    entity.dimensions.iter().map(|it| it.name.to_owned()).collect()
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `GET /api/reports/{id}`, for who asked for it and for administrators.
///
/// # Errors
/// There is none, or it is somebody else's.
pub async fn find(cx: &OpCx, id: ReportId) -> Result<Report> {
    let mut conn = cx.app.conn().await?;
    let found = store::reports::find(&mut conn, id).await?.filter(|(row, _)| may_see(cx, row));
    let (row, by) = found.ok_or_else(|| Error::not_found(format_args!("report {id}")))?;
    let job = queue::jobs::find(&mut conn, row.job_id).await?;
    drop(conn);
    wire(&cx.app, row, by, job).await
}

/// `GET /api/reports`: one's own; all of them for administrators.
///
/// # Errors
/// The query string is not understood.
pub async fn list(cx: &OpCx, pairs: &Pairs) -> Result<Page<Report>> {
    let request = NumberedRequest::read(pairs, &[])?;
    let user = (!sees_all(cx)).then_some(cx.actor.id);
    let mut conn = cx.app.conn().await?;
    let (rows, total) = store::reports::list(&mut conn, user, request.cursor, request.fetch()).await?;
    let ids: Vec<i64> = rows.iter().map(|(row, _)| row.job_id).collect();
    let mut known = queue::jobs::find_all(&mut conn, &ids).await?;
    drop(conn);
    let mut reports = Vec::with_capacity(rows.len());
    for (row, by) in rows {
        let place = known.iter().position(|it| it.id == row.job_id);
        let job = place.map(|n| known.swap_remove(n));
        reports.push(wire(&cx.app, row, by, job).await?);
    }
    Ok(request.answer(reports, total, |it| it.id.0))
}

fn sees_all(cx: &OpCx) -> bool {
    cx.actor.role.allows(Permission::AuditRead)
}

fn may_see(cx: &OpCx, row: &ReportRow) -> bool {
    row.user_id == cx.actor.id.0 || sees_all(cx)
}

async fn wire(
    app: &App,
    row: ReportRow,
    requested_by: String,
    job: Option<queue::jobs::JobRow>,
) -> Result<Report> {
    let id = ReportId(row.id);
    let format = Format::parse(&row.format).unwrap_or(Format::Csv);
    // A job that was forgotten had ended.
    let state = match (&job, row.finished_at) {
        (_, Some(_)) | (None, None) => JobState::Done,
        (Some(job), None) => jobs::wire_state(job.state),
    };
    let download = match (&row.storage_key, row.finished_at) {
        (Some(key), Some(_)) => Some(download(app, &row, id, format, key).await?),
        _ => None,
    };
    let (progress, error) = job.map_or((Progress::default(), None), |it| {
        (it.progress.map(jobs::progress).unwrap_or_default(), it.last_error)
    });
    Ok(Report {
        id,
        job_id: JobId(row.job_id),
        title: row.title,
        format,
        state,
        progress,
        error: error.filter(|_| state == JobState::Dead),
        requested_by,
        created_at: row.created_at,
        finished_at: row.finished_at,
        rows: row.rows,
        bytes: row.bytes,
        sha256: row.sha256,
        download,
    })
}

async fn download(app: &App, row: &ReportRow, id: ReportId, format: Format, key: &str) -> Result<Download> {
    let expires_at = app.now() + TimeDelta::seconds(LINK_SECONDS);
    let file_name = file_name(row, format);
    let seconds = u64::try_from(LINK_SECONDS).unwrap_or_default();
    let elsewhere = app.files.link(&files::key(key)?, Duration::from_secs(seconds), &file_name).await?;
    let ours = || {
        let (expires, text) = (expires_at.timestamp(), link_text(id, expires_at.timestamp()));
        format!("/api/reports/{id}/download?expires={expires}&signature={}", app.keys.sign(&text))
    };
    Ok(Download { url: elsewhere.unwrap_or_else(ours), expires_at, file_name })
}

fn file_name(row: &ReportRow, format: Format) -> String {
    let words: String = row
        .title
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let words: Vec<_> = words.split('-').filter(|it| !it.is_empty()).take(6).collect();
    format!("{}-{}.{}", words.join("-"), row.created_at.format("%Y-%m-%d-%H%M"), format.extension())
}

fn link_text(id: ReportId, expires: i64) -> String {
    format!("report:{id}:{expires}")
}

/// A file on its way out.
pub struct Outgoing {
    pub file_name: String,
    pub media_type: &'static str,
    pub bytes: u64,
    pub reader: FileReader,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing")
            .field("file_name", &self.file_name)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// `GET /api/reports/{id}/download`: needs no sign-in; the signature names this one report and its time.
///
/// # Errors
/// The link is not ours or has expired, or the file was cleared away.
pub async fn fetch(app: &App, id: ReportId, expires: i64, signature: &str) -> Result<Outgoing> {
    if !app.keys.signed(&link_text(id, expires), signature) {
        return Err(Error::new(Code::NotFound, "This is no download link of ours."));
    }
    if app.now().timestamp() > expires {
        return Err(Error::new(Code::LinkExpired, "The link worked for five minutes."));
    }
    let found = store::reports::find(&mut *app.conn().await?, id).await?;
    let gone = || Error::not_found(format_args!("file of report {id} any more"));
    let (row, _) = found.ok_or_else(gone)?;
    let format = Format::parse(&row.format).ok_or_else(gone)?;
    let file =
        app.files.open(&files::key(row.storage_key.as_deref().ok_or_else(gone)?)?).await?.ok_or_else(gone)?;
    Ok(Outgoing {
        file_name: file_name(&row, format),
        media_type: format.media_type(),
        bytes: file.bytes,
        reader: file.reader,
    })
}

/// What the row of a report keeps of its request.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    plan: Plan,
    zone: String,
    /// Whose rights the rows are cut by.
    role: Role,
    search: Option<String>,
    with_gone: bool,
    /// Rows there were when it was asked for: what the job's progress goes towards. Counting again would cost the job a
    /// tenth of its time. Requests of older releases lack it.
    #[serde(default)]
    counted: Option<i64>,
}

impl Request {
    /// Against the rights of who asked, with days of his zone.
    fn check(&self, asker: UserId, now: DateTime<Utc>) -> Result<(Checked, Catalog)> {
        let catalog = Catalog::of(asker, self.role);
        let at = Moment { now, zone: zone(Some(&self.zone))? };
        let mut checked = check(&self.plan, &catalog, at).map_err(Error::invalid_plan)?;
        checked.search = self.search.clone();
        checked.with_gone = self.with_gone;
        Ok((checked, catalog))
    }

    fn sentence(&self, catalog: &Catalog) -> String {
        let plan = sentence::plan(&self.plan, catalog);
        match &self.search {
            Some(text) => format!("{plan}, matching “{text}”"),
            None => plan,
        }
    }
}

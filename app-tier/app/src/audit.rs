//! Reading the audit log. Its rows are written by the use-cases, in their own transactions.

use chrono::{DateTime, Utc};
use contract::{
    audit::AuditEntry,
    page::Page,
    problem::{Code, FieldError},
};
use store::audit::Filter;

use crate::{
    Error, OpCx, Result,
    lists::{NumberedRequest, Pairs},
};

/// `GET /api/audit`
///
/// # Errors
/// The query string is not understood.
pub async fn list(cx: &OpCx, pairs: &Pairs) -> Result<Page<AuditEntry>> {
    let request = NumberedRequest::read(pairs, &["actor", "action", "since", "before"])?;
    let time = |name: &str| -> Result<Option<DateTime<Utc>>> {
        let Some(text) = request.filter(name) else { return Ok(None) };
        let wrong = |_| {
            Error::with_fields(
                Code::InvalidQuery,
                vec![FieldError::new(name, "is no time such as 2026-03-03T08:00:00Z")],
            )
        };
        DateTime::parse_from_rfc3339(text).map(|it| Some(it.to_utc())).map_err(wrong)
    };
    let filter = Filter {
        actor: request.filter("actor").map(str::to_owned),
        action: request.filter("action").map(str::to_owned),
        since: time("since")?,
        before: time("before")?,
    };
    let (entries, total) =
        store::audit::list(&mut *cx.app.conn().await?, &filter, request.cursor, request.fetch()).await?;
    Ok(request.answer(entries, total, |it| it.id.0))
}

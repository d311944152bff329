//! Lists and answers as files to take home.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{JobId, ReportId},
    jobs::{JobState, Progress},
    query::Plan,
};

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Csv,
    Xlsx,
}

impl Format {
    /// The name on the wire and the file's extension.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        }
    }

    /// The reverse of [`Format::extension`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Format::Csv, Format::Xlsx].into_iter().find(|it| it.extension() == name)
    }

    /// For `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// `POST /api/reports/generate`: at most one of `filter` and `plan`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// `workspaces` or `changes`: a list of the API. With a plan, the plan's entity.
    pub source: String,
    /// The list's own query parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<BTreeMap<String, OneOrMany>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    pub format: Format,
    /// IANA name, for days and for times in the Excel file. UTC when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

/// A query parameter: repeated ones are a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    /// All values.
    #[must_use]
    pub fn values(&self) -> &[String] {
        match self {
            OneOrMany::One(it) => std::slice::from_ref(it),
            OneOrMany::Many(them) => them,
        }
    }
}

/// `GET /api/reports/{id}`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    pub id: ReportId,
    pub job_id: JobId,
    /// What it holds, in words.
    pub title: String,
    pub format: Format,
    pub state: JobState,
    pub progress: Progress,
    pub error: Option<String>,
    pub requested_by: String,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub rows: Option<i64>,
    pub bytes: Option<i64>,
    /// SHA-256 of the file, in hex.
    pub sha256: Option<String>,
    /// Only when `state` is `done` and the file is kept still.
    pub download: Option<Download>,
}

/// A signed link to one file. It needs no sign-in and works for five minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Download {
    /// Relative to the origin of the API, or absolute for a bucket.
    pub url: String,
    pub expires_at: DateTime<Utc>,
    pub file_name: String,
}

/// How long a download link works.
pub const LINK_SECONDS: i64 = 300;

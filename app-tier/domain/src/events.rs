//! Events of CloudTrail: who called what, to which desktops, and what it can have changed.
//!
//! CloudTrail's records have an open shape: new operations, new kinds of identities and new members come without notice.
//! The invariant: an event that AWS told of is never lost for what is not understood in it. What AWS asked for is kept as
//! it was written, names and summary fall back to AWS's own words.
//!
//! Deliberately not here: where events are read and kept, and which change an event has made; that is looked up when
//! somebody asks, because CloudTrail is later than the desktops.

mod actions;
mod actor;
mod deed;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

pub use actions::{TOGETHER, actions};

/// What `LookupEvents` says of an event outside of its record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    pub id: Option<String>,
    pub at: Option<DateTime<Utc>>,
    pub name: Option<String>,
    pub user_name: Option<String>,
    pub read_only: Option<bool>,
    /// Names of resources of any kind.
    pub resources: Vec<String>,
}

/// An event as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenEvent {
    pub id: String,
    pub at: DateTime<Utc>,
    /// AWS's name of the operation.
    pub name: String,
    pub summary: String,
    /// By the name that people know.
    pub actor: String,
    pub actor_arn: Option<String>,
    /// The role behind a session.
    pub role_arn: Option<String>,
    pub source_identity: Option<String>,
    pub source_ip: Option<String>,
    pub user_agent: Option<String>,
    pub read_only: bool,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// The desktops it names, by id, and why AWS did not do it to one where it says so.
    pub workspaces: BTreeMap<String, Option<String>>,
    /// What was asked for, as AWS wrote it down.
    pub request: Option<Value>,
    /// What it can have changed: names of fields and kinds as in the change feed, each with its value afterwards, or null
    /// where the event does not tell.
    pub touched: Map<String, Value>,
}

/// Reads an event. What the record does not tell is taken from the outline; a record that is none is done without.
///
/// `None` when AWS told no id or no time, without which it is no event.
#[must_use]
pub fn read(outline: Outline, record: Option<&str>) -> Option<SeenEvent> {
    let mut record = record.and_then(|it| serde_json::from_str(it).ok()).unwrap_or(Value::Null);
    remove_nul(&mut record);
    let text = |pointer: &str| text(&record, pointer);
    let told_at = || DateTime::parse_from_rfc3339(&text("/eventTime")?).ok().map(|it| it.to_utc());
    let id = outline.id.or_else(|| text("/eventID")).filter(|it| !it.is_empty())?;
    let at = outline.at.or_else(told_at)?;
    let name = text("/eventName").or(outline.name).unwrap_or_else(|| "Unknown".to_owned());
    let request = record.get("requestParameters").filter(|it| !it.is_null());
    let response = record.get("responseElements");
    let error_code = text("/errorCode");
    let deed = deed::of(&name, request.unwrap_or(&Value::Null));
    let summary = match &error_code {
        None => deed.done,
        Some(code) => format!("could not {}: {code}", deed.to_do),
    };
    let who = actor::of(record.get("userIdentity").unwrap_or(&Value::Null), outline.user_name.as_deref());
    let read_only = record.get("readOnly").and_then(Value::as_bool).or(outline.read_only);
    Some(SeenEvent {
        id,
        at,
        summary,
        actor: who.name,
        actor_arn: who.arn,
        role_arn: who.role_arn,
        source_identity: who.source_identity,
        source_ip: text("/sourceIPAddress"),
        user_agent: text("/userAgent"),
        read_only: read_only.unwrap_or_else(|| name.starts_with("Describe") || name.starts_with("List")),
        error_message: text("/errorMessage"),
        workspaces: workspaces(&outline.resources, request, response),
        request: request.cloned(),
        touched: if error_code.is_some() { Map::new() } else { deed.touched },
        error_code,
        name,
    })
}

/// Members that hold the id of a desktop, in lower case.
const ID_MEMBERS: [&str; 5] =
    ["workspaceid", "workspaceids", "resourceid", "sourceworkspaceid", "targetworkspaceid"];

/// Desktops by id, from wherever they are named.
fn workspaces(
    resources: &[String],
    request: Option<&Value>,
    response: Option<&Value>,
) -> BTreeMap<String, Option<String>> {
    let mut ids = Vec::new();
    for value in request.into_iter().chain(response) {
        collect(value, false, &mut ids);
    }
    ids.extend(resources.iter().filter(|it| is_workspace(it)).cloned());
    let mut found: BTreeMap<String, Option<String>> = ids.into_iter().map(|it| (it, None)).collect();
    let failed = response.and_then(|it| it.get("failedRequests")).and_then(Value::as_array);
    for one in failed.into_iter().flatten() {
        if let Some(error) = text(one, "/workspaceId").and_then(|id| found.get_mut(&id)) {
            *error = Some(text(one, "/errorCode").unwrap_or_else(|| "Failed".to_owned()));
        }
    }
    found
}

fn collect(value: &Value, is_id: bool, ids: &mut Vec<String>) {
    match value {
        Value::String(it) if is_id && is_workspace(it) => ids.push(it.clone()),
        Value::Array(them) => them.iter().for_each(|it| collect(it, is_id, ids)),
        Value::Object(members) => {
            for (name, it) in members {
                collect(it, ID_MEMBERS.contains(&name.to_ascii_lowercase().as_str()), ids);
            }
        }
        _ => {}
    }
}

fn is_workspace(id: &str) -> bool {
    id.strip_prefix("ws-").is_some_and(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A text that says something.
fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().filter(|it| !it.is_empty()).map(str::to_owned)
}

/// JSON may hold the character NUL, and no text or JSON of PostgreSQL does.
fn remove_nul(value: &mut Value) {
    match value {
        Value::String(it) if it.contains('\0') => *it = it.replace('\0', ""),
        Value::Array(them) => them.iter_mut().for_each(remove_nul),
        Value::Object(members) => {
            if members.keys().any(|it| it.contains('\0')) {
                let cleaned =
                    std::mem::take(members).into_iter().map(|(name, it)| (name.replace('\0', ""), it));
                *members = cleaned.collect();
            }
            members.values_mut().for_each(remove_nul);
        }
        _ => {}
    }
}

//! What an operation does, in some words, and which fields of a desktop it can have changed.

use serde_json::{Map, Value};

use super::text;

/// What an operation was about.
#[derive(Debug, PartialEq)]
pub(super) struct Deed {
    /// "stopped"
    pub(super) done: String,
    /// "stop"
    pub(super) to_do: String,
    /// As in [`super::SeenEvent::touched`].
    pub(super) touched: Map<String, Value>,
}

/// What CloudTrail writes in place of what it does not tell.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// The longest value that is shown.
const SHOWN_CHARS: usize = 60;

/// What the operation `name` with these parameters does.
pub(super) fn of(name: &str, request: &Value) -> Deed {
    match name {
        "StartWorkspaces" => plain("started", "start", &["state"]),
        "StopWorkspaces" => plain("stopped", "stop", &["state"]),
        "RebootWorkspaces" => plain("rebooted", "reboot", &["state"]),
        "RebuildWorkspaces" => plain("rebuilt", "rebuild", &["state", "computer_name", "operating_system"]),
        "RestoreWorkspace" => plain("restored", "restore", &["state", "computer_name"]),
        "TerminateWorkspaces" => plain("terminated", "terminate", &["state", "gone"]),
        "CreateWorkspaces" => {
            let users = list(request.get("workspaces"), "/userName");
            let bundles = list(request.get("workspaces"), "/bundleId");
            with(
                "created",
                "create",
                &format!("{}{}", before(" for ", &users), before(" from ", &bundles)),
                [("appeared".to_owned(), Value::Null), ("state".to_owned(), Value::Null)],
            )
        }
        "MigrateWorkspace" => {
            let bundle = request.get("bundleId").map(told).unwrap_or_default();
            let anything = |it: &str| (it.to_owned(), Value::Null);
            let changed = [
                ("bundle_id".to_owned(), bundle.clone()),
                anything("state"),
                anything("gone"),
                anything("appeared"),
            ];
            with("migrated", "migrate", &before(" to ", &shown(&bundle)), changed)
        }
        "ModifyWorkspaceState" => {
            let state = request.get("workspaceState").map(told).unwrap_or_default();
            with("set", "set", &format!(" state {}", shown(&state)), [("state".to_owned(), state)])
        }
        "ModifyWorkspaceProperties" => properties(request),
        "CreateTags" => {
            let pairs = |it: &Value| Some((text(it, "/key")?, it.get("value").map(told).unwrap_or_default()));
            let tags: Vec<_> = request
                .get("tags")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(pairs)
                .collect();
            let words: Vec<_> = tags.iter().map(|(key, value)| format!("{key}={}", shown(value))).collect();
            let touched = tags.into_iter().map(|(key, value)| (format!("tags.{key}"), value));
            with("set", "set", &before(" tags ", &words.join(", ")), touched)
        }
        "DeleteTags" => {
            let keys = request.get("tagKeys").and_then(Value::as_array).into_iter().flatten();
            let keys: Vec<_> = keys.filter_map(Value::as_str).collect();
            let touched = keys.iter().map(|key| (format!("tags.{key}"), Value::Null));
            with("removed", "remove", &before(" tags ", &keys.join(", ")), touched)
        }
        other => {
            let words = words(other);
            with(&words, &words, "", [])
        }
    }
}

fn plain(done: &str, to_do: &str, touched: &[&str]) -> Deed {
    with(done, to_do, "", touched.iter().map(|it| ((*it).to_owned(), Value::Null)))
}

fn with(done: &str, to_do: &str, rest: &str, touched: impl IntoIterator<Item = (String, Value)>) -> Deed {
    Deed {
        done: format!("{done}{rest}"),
        to_do: format!("{to_do}{rest}"),
        touched: touched.into_iter().collect(),
    }
}

/// Members of `workspaceProperties`: CloudTrail's name, ours, the words before the value and the unit after it.
const PROPERTIES: [(&str, &str, &str, &str); 7] = [
    ("runningMode", "running_mode", "running mode", ""),
    ("runningModeAutoStopTimeoutInMinutes", "auto_stop_minutes", "AutoStop timeout", " min"),
    ("computeTypeName", "compute_type", "compute type", ""),
    ("rootVolumeSizeGib", "root_volume_gib", "root volume", " GiB"),
    ("userVolumeSizeGib", "user_volume_gib", "user volume", " GiB"),
    ("protocols", "protocol", "protocol", ""),
    ("operatingSystemName", "operating_system", "operating system", ""),
];

fn properties(request: &Value) -> Deed {
    let given = request.get("workspaceProperties").and_then(Value::as_object);
    let given = || given.into_iter().flatten().filter(|(_, value)| !value.is_null());
    let mut touched = Map::new();
    let mut parts = Vec::new();
    for (member, field, label, unit) in PROPERTIES {
        if let Some((_, value)) = given().find(|(name, _)| *name == member) {
            let value = told(value);
            parts.push(format!("{label} {}{unit}", shown(&value)));
            touched.insert(field.to_owned(), value);
        }
    }
    // What is not known by name, today.
    parts.extend(
        given().filter(|(name, _)| PROPERTIES.iter().all(|it| it.0 != *name)).map(|(name, _)| words(name)),
    );
    if request.get("dataReplication").is_some_and(|it| !it.is_null()) {
        parts.push("data replication".to_owned());
    }
    // The timeout comes and goes with the mode, and the desktop is UPDATING meanwhile.
    if touched.contains_key("running_mode") {
        touched.entry("auto_stop_minutes").or_insert(Value::Null);
    }
    touched.insert("state".to_owned(), Value::Null);
    let parts = if parts.is_empty() { "properties".to_owned() } else { parts.join(", ") };
    with("set", "set", &format!(" {parts}"), touched)
}

/// A value as the change feed writes it: a text, several joined by a comma. Null where CloudTrail does not tell.
fn told(value: &Value) -> Value {
    match value {
        Value::String(it) if it == HIDDEN => Value::Null,
        Value::String(_) | Value::Null => value.clone(),
        Value::Array(them) => {
            let texts: Vec<_> = them.iter().filter_map(Value::as_str).collect();
            Value::String(texts.join(","))
        }
        Value::Number(_) | Value::Bool(_) => Value::String(value.to_string()),
        Value::Object(_) => Value::Null,
    }
}

/// A value for people.
fn shown(value: &Value) -> String {
    let text = value.as_str().unwrap_or("(not told)");
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What the members of a list have at `pointer`, each once, the first three of them.
fn list(them: Option<&Value>, pointer: &str) -> String {
    let mut found: Vec<String> = Vec::new();
    for it in them.and_then(Value::as_array).into_iter().flatten() {
        match it.pointer(pointer).map(told) {
            Some(value @ Value::String(_)) if !found.contains(&shown(&value)) => found.push(shown(&value)),
            _ => {}
        }
    }
    let more = found.len().saturating_sub(3);
    found.truncate(3);
    let named = found.join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

/// `text` with `word` before it, where there is one.
fn before(word: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{word}{text}") }
}

/// "`AssociateWorkspaceApplication`" as "associate workspace application".
fn words(name: &str) -> String {
    let mut words = String::new();
    let mut after_small = false;
    for c in name.chars() {
        if c.is_uppercase() && after_small {
            words.push(' ');
        }
        after_small = c.is_lowercase() || c.is_ascii_digit();
        words.extend(c.to_lowercase());
    }
    words
}

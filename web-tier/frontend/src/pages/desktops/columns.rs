//! The columns of the table of desktops: names as in the API, how they are filtered, and how a cell is shown.

use contract::workspaces::Workspace;
use yew::prelude::*;

use crate::{
    components::{
        copy::id_with_copy,
        link::Go,
        status::{connection, desktop_state, none, yes_no},
        time::{Ago, ago},
    },
    format::spoken,
    listing::columns::{Column, ColumnKind, column},
    routes::Route,
};

const STATES: &[&str] = &[
    "AVAILABLE",
    "STOPPED",
    "STARTING",
    "STOPPING",
    "PENDING",
    "REBOOTING",
    "REBUILDING",
    "RESTORING",
    "UPDATING",
    "MAINTENANCE",
    "ADMIN_MAINTENANCE",
    "SUSPENDED",
    "IMPAIRED",
    "UNHEALTHY",
    "ERROR",
    "TERMINATING",
    "TERMINATED",
];

/// Everything that can be filtered by.
pub(crate) const COLUMNS: &[Column] = &[
    column("user_name", "User", &["user"], ColumnKind::Name),
    column("id", "Desktop id", &[], ColumnKind::Name),
    column("state", "State", &[], ColumnKind::Choice(STATES)),
    column("connection", "Connection", &[], ColumnKind::Choice(&["CONNECTED", "DISCONNECTED", "UNKNOWN"])),
    column("running_mode", "Mode", &["mode"], ColumnKind::Choice(&["AUTO_STOP", "ALWAYS_ON", "MANUAL"])),
    column("account", "Account", &[], ColumnKind::Text),
    column("region", "Region", &[], ColumnKind::Text),
    column("last_connected_at", "Last connected", &["last"], ColumnKind::Time),
    column("computer_name", "Computer", &["computer"], ColumnKind::Name),
    column(
        "compute_type",
        "Size",
        &["size"],
        ColumnKind::Choice(&[
            "VALUE",
            "STANDARD",
            "PERFORMANCE",
            "POWER",
            "POWERPRO",
            "GENERALPURPOSE_4XLARGE",
            "GENERALPURPOSE_8XLARGE",
            "GRAPHICS",
            "GRAPHICSPRO",
            "GRAPHICS_G4DN",
            "GRAPHICSPRO_G4DN",
        ]),
    ),
    column("bundle", "Bundle", &[], ColumnKind::Text),
    column("operating_system", "System", &["os"], ColumnKind::Text),
    column("protocol", "Protocol", &[], ColumnKind::Choice(&["DCV", "WSP", "PCOIP"])),
    column("directory", "Directory", &["dir"], ColumnKind::Text),
    column("ip_address", "IP address", &["ip"], ColumnKind::Name),
    column("root_volume_gib", "Root GiB", &["root"], ColumnKind::Number),
    column("user_volume_gib", "User GiB", &["disk"], ColumnKind::Number),
    column("auto_stop_minutes", "Stops after min", &["autostop"], ColumnKind::Number),
    column("root_encrypted", "Root encrypted", &[], ColumnKind::Bool),
    column("user_encrypted", "User encrypted", &[], ColumnKind::Bool),
    column("error_code", "Error", &["error"], ColumnKind::Text),
    column("account_id", "Account number", &[], ColumnKind::Text),
    column("directory_id", "Directory id", &[], ColumnKind::Text),
    column("bundle_id", "Bundle id", &[], ColumnKind::Text),
    column("subnet_id", "Subnet", &["subnet"], ColumnKind::Text),
    column("first_seen_at", "First seen", &[], ColumnKind::Time),
    column("observed_at", "Read", &["read"], ColumnKind::Time),
    column("gone_at", "Gone", &[], ColumnKind::Time),
    GONE,
];

/// Only a filter: whether desktops that no longer exist are in the list.
const GONE: Column = Column {
    name: "gone",
    label: "No longer there",
    aliases: &[],
    kind: ColumnKind::Choice(&["true", "any"]),
    sortable: false,
};

/// Only a cell: single tags are filtered as `tag.NAME`.
const TAGS: Column =
    Column { name: "tags", label: "Tags", aliases: &[], kind: ColumnKind::Text, sortable: false };

/// Columns that can be shown.
pub(super) fn showable() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|it| it.name != GONE.name).chain(std::iter::once(&TAGS))
}

/// Columns that are shown until somebody chooses.
pub(super) const SHOWN: [&str; 9] = [
    "user_name",
    "id",
    "state",
    "connection",
    "running_mode",
    "compute_type",
    "account",
    "region",
    "last_connected_at",
];

/// The cell of a column.
pub(super) fn cell(column: &str, it: &Workspace) -> Html {
    let text = |value: &Option<String>| value.as_ref().map_or_else(none, |it| html! { it.clone() });
    let word = |value: &Option<String>| value.as_ref().map_or_else(none, |it| html! { spoken(it) });
    let mono = |value: &Option<String>| {
        value.as_ref().map_or_else(none, |it| html! { <code class="mono">{ it }</code> })
    };
    let number = |value: Option<i32>| value.map_or_else(none, |it| html! { it });
    match column {
        "user_name" => html! {
            <Go to={Route::Desktop { id: it.id.0.clone() }} class="link font-medium" testid="desktop-link">{ &it.user_name }</Go>
        },
        "id" => id_with_copy(&it.id.0),
        "state" => desktop_state(&it.state),
        "connection" => connection(it.connection.as_deref()),
        "running_mode" => word(&it.running_mode),
        "compute_type" => word(&it.compute_type),
        "account" => html! { &it.account },
        "region" => html! { &it.region },
        "last_connected_at" => ago(it.last_connected_at),
        "computer_name" => mono(&it.computer_name),
        "bundle" => text(&it.bundle),
        "operating_system" => word(&it.operating_system),
        "protocol" => word(&it.protocol),
        "directory" => text(&it.directory),
        "ip_address" => mono(&it.ip_address),
        "root_volume_gib" => number(it.root_volume_gib),
        "user_volume_gib" => number(it.user_volume_gib),
        "auto_stop_minutes" => number(it.auto_stop_minutes),
        "root_encrypted" => yes_no(it.root_encrypted),
        "user_encrypted" => yes_no(it.user_encrypted),
        "error_code" => mono(&it.error_code),
        "account_id" => html! { <code class="mono">{ &it.account_id }</code> },
        "directory_id" => html! { <code class="mono">{ &it.directory_id }</code> },
        "bundle_id" => mono(&it.bundle_id),
        "subnet_id" => mono(&it.subnet_id),
        "first_seen_at" => html! { <Ago at={it.first_seen_at} /> },
        "observed_at" => html! { <Ago at={it.observed_at} /> },
        "gone_at" => ago(it.gone_at),
        "tags" => tags(it),
        _ => none(),
    }
}

/// Tags as small labels; never read is not the same as none.
pub(super) fn tags(it: &Workspace) -> Html {
    match &it.tags {
        None => html! { <span class="text-muted">{ "not read" }</span> },
        Some(tags) if tags.is_empty() => html! { <span class="text-muted">{ "no tags" }</span> },
        Some(tags) => html! {
            <span class="inline-flex flex-wrap gap-1">
                { for tags.iter().map(|(name, value)| html! {
                    <span class="tag" key={name.clone()}><span class="text-muted">{ name }{ "\u{a0}" }</span>{ value }</span>
                }) }
            </span>
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every field of the contract's type, so that a new one is not forgotten here.
    fn fields() -> BTreeSet<String> {
        let it = serde_json::from_str::<Workspace>(
            r#"{"id":"ws-1","account":"a","account_id":"1","region":"r","directory_id":"d-1","user_name":"u","state":"AVAILABLE",
            "root_encrypted":true,"user_encrypted":false,"first_seen_at":"2026-03-03T00:00:00Z","observed_at":"2026-03-03T00:00:00Z"}"#,
        );
        let value = serde_json::to_value(it.unwrap()).unwrap();
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn columns_are_fields_of_a_desktop_and_all_but_details_are_there() {
        let columns: BTreeSet<String> = showable().map(|it| it.name.to_owned()).collect();
        let fields = fields();
        assert!(columns.is_subset(&fields), "{:?}", columns.difference(&fields));
        let missing: Vec<_> = fields.difference(&columns).map(String::as_str).collect();
        assert_eq!(missing, ["connection_observed_at", "error_message", "tags_observed_at"]);
        assert!(SHOWN.iter().all(|it| columns.contains(*it)));
    }

    #[test]
    fn no_two_columns_share_a_name_in_the_filter() {
        let names: Vec<_> = COLUMNS.iter().flat_map(|it| it.aliases.iter().chain([&it.name])).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}

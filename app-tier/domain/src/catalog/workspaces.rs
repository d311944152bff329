//! Desktops in the catalog.

mod activity;
mod words;

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static WORKSPACES: Entity = Entity {
    name: "workspaces",
    singular: "desktop",
    plural: "desktops",
    synonyms: &[
        "workspace",
        "machine",
        "machines",
        "virtual desktop",
        "virtual desktops",
        "vdi",
        "vdis",
        "instance",
        "instances",
        "box",
        "boxes",
        "computers",
        "pcs",
    ],
    view: "ask_workspaces",
    permission: Permission::WorkspacesRead,
    owner: None,
    of_house: false,
    key: "id",
    standing: Some(("gone_at", "gone_at IS NULL")),
    counted: Some("SELECT coalesce(sum(n), 0)::bigint FROM workspace_counts"),
    few: None,
    identity: &["user_name", "computer_name", "id"],
    default_columns: &[
        "id",
        "user_name",
        "computer_name",
        "account",
        "region",
        "state",
        "running_mode",
        "compute_type",
        "last_connected_at",
    ],
    default_order: "user_name",
    time: "last_connected_at",
    dimensions: &[
        text("id", "id", &["workspace id", "desktop id"], Values::Stored, false),
        text(
            "user_name",
            "user",
            &["user name", "users", "username", "person", "people", "owner", "who"],
            Values::Stored,
            false,
        ),
        text("computer_name", "computer name", &["hostname", "host name", "computer"], Values::Stored, true),
        choice("account", "account", &["accounts", "aws account", "account name"], Values::Stored, false),
        choice("account_id", "account id", &["account number"], Values::Stored, false),
        choice(
            "region",
            "region",
            &["regions", "location", "aws region"],
            Values::KnownAndStored(REGIONS),
            false,
        ),
        choice("directory", "directory", &["directories", "domain", "domains"], Values::Stored, true),
        choice("directory_id", "directory id", &[], Values::Stored, false),
        choice("bundle", "bundle", &["bundles", "bundle name"], Values::Stored, true),
        choice("bundle_id", "bundle id", &[], Values::Stored, true),
        choice("state", "state", &["states", "status"], Values::KnownAndStored(STATES), false),
        choice(
            "running_mode",
            "running mode",
            &["mode", "modes", "running modes", "billing mode"],
            Values::KnownAndStored(MODES),
            true,
        ),
        number(
            "auto_stop_minutes",
            "AutoStop time",
            "min",
            &["autostop timeout", "auto stop timeout", "autostop minutes", "timeout"],
        ),
        choice(
            "compute_type",
            "compute type",
            &["compute types", "size", "sizes", "compute", "hardware"],
            Values::KnownAndStored(COMPUTE),
            true,
        ),
        number(
            "root_volume_gib",
            "root volume",
            "GiB",
            &["root disk", "root volume size", "root disk size", "system disk", "c drive", "root size"],
        ),
        number(
            "user_volume_gib",
            "user volume",
            "GiB",
            &["user disk", "user volume size", "user disk size", "d drive", "user size"],
        ),
        choice(
            "operating_system",
            "operating system",
            &["os", "operating systems", "platform"],
            Values::KnownAndStored(SYSTEMS),
            true,
        ),
        choice(
            "protocol",
            "protocol",
            &["protocols", "streaming protocol"],
            Values::KnownAndStored(PROTOCOLS),
            true,
        ),
        flag("encrypted", "full encryption", &["encrypted"]),
        flag(
            "root_encrypted",
            "root volume encrypted",
            &["encrypted root", "root encryption", "root volume encryption"],
        ),
        flag(
            "user_encrypted",
            "user volume encrypted",
            &["encrypted user volume", "user encryption", "user volume encryption"],
        ),
        choice(
            "connection",
            "connection",
            &["connection state", "connection status", "connectivity"],
            Values::KnownAndStored(CONNECTIONS),
            true,
        ),
        time(
            "last_connected_at",
            "last connection",
            &["last login", "last connected", "last used", "last seen online", "last logon"],
            true,
        ),
        text("ip_address", "IP address", &["ip", "address"], Values::Stored, true),
        choice("subnet_id", "subnet", &["subnets"], Values::Stored, true),
        choice("error_code", "error code", &["error", "errors"], Values::Stored, true).exceptional(),
        text("error_message", "error message", &[], Values::Free, true),
        Dimension::new("tags", "tags", Kind::Tags, &["tag"], Values::Free, true),
        time("first_seen_at", "first seen", &["appeared", "discovered"], false),
        time("observed_at", "observed", &["last synced", "data time"], false),
        time("gone_at", "gone", &["disappeared"], true),
    ],
    activity: Some(activity::ACTIVITY),
    search: Some("search"),
    words: &words::WORDS,
    examples: &[
        "How many desktops are there by region?",
        "AlwaysOn desktops with no connection for 30 days",
        "Which desktops are in error?",
        "Top 5 bundles by number of desktops",
        "Average root volume by compute type",
        "Number of desktops never connected by account",
        "List stopped desktops in eu-west-1",
        "How many desktops have not been used for 30 days?",
    ],
};

type Known = &'static [(&'static str, &'static [&'static str])];

/// Those with WorkSpaces (see `contract::accounts::WORKSPACES_REGIONS`), by the cities that people say.
const REGIONS: Known = &[
    ("us-east-1", &["virginia", "north virginia", "use1"]),
    ("us-west-2", &["oregon", "usw2"]),
    ("ca-central-1", &["canada", "montreal", "cac1"]),
    ("sa-east-1", &["sao paulo", "são paulo", "brazil", "sae1"]),
    ("eu-west-1", &["ireland", "dublin", "euw1"]),
    ("eu-west-2", &["london", "euw2"]),
    ("eu-west-3", &["paris", "euw3"]),
    ("eu-central-1", &["frankfurt", "euc1"]),
    ("af-south-1", &["cape town", "afs1"]),
    ("il-central-1", &["tel aviv", "ilc1"]),
    ("ap-south-1", &["mumbai", "bombay", "aps1"]),
    ("ap-southeast-1", &["singapore", "apse1"]),
    ("ap-southeast-2", &["sydney", "apse2"]),
    ("ap-northeast-1", &["tokyo", "apne1"]),
    ("ap-northeast-2", &["seoul", "apne2"]),
    ("us-gov-west-1", &["govcloud west", "gov-west"]),
    ("us-gov-east-1", &["govcloud east", "gov-east"]),
];

/// `WorkspaceState` of the WorkSpaces API.
const STATES: Known = &[
    ("PENDING", &[]),
    ("AVAILABLE", &["running", "started", "switched on", "up and running", "powered up", "turned on"]),
    ("IMPAIRED", &["degraded"]),
    ("UNHEALTHY", &["sick", "ailing", "in bad health", "not healthy", "poorly"]),
    ("REBOOTING", &[]),
    ("STARTING", &[]),
    ("REBUILDING", &[]),
    ("RESTORING", &[]),
    ("MAINTENANCE", &["under maintenance", "in maintenance"]),
    ("ADMIN_MAINTENANCE", &[]),
    ("TERMINATING", &[]),
    ("TERMINATED", &[]),
    ("SUSPENDED", &[]),
    ("UPDATING", &[]),
    ("STOPPING", &[]),
    (
        "STOPPED",
        &[
            "switched off",
            "shut down",
            "powered off",
            "turned off",
            "asleep",
            "parked",
            "hibernating",
            "not running",
        ],
    ),
    (
        "ERROR",
        &[
            "in error",
            "broken",
            "failed",
            "faulty",
            "in error state",
            "erroring",
            "in an error",
            "down with an error",
            "in fault",
        ],
    ),
];

/// `RunningMode` of the WorkSpaces API.
const MODES: Known = &[("AUTO_STOP", &["hourly"]), ("ALWAYS_ON", &["monthly"]), ("MANUAL", &[])];

/// `Compute` of the WorkSpaces API, those with a name of their own.
const COMPUTE: Known = &[
    ("VALUE", &[]),
    ("STANDARD", &[]),
    ("PERFORMANCE", &[]),
    ("POWER", &[]),
    ("POWERPRO", &["power pro"]),
    ("GENERALPURPOSE_4XLARGE", &["4xlarge", "general purpose 4xlarge", "4xlarge general purpose"]),
    ("GENERALPURPOSE_8XLARGE", &["8xlarge", "general purpose 8xlarge", "8xlarge general purpose"]),
    ("GENERALPURPOSE_16XLARGE", &["16xlarge", "general purpose 16xlarge", "16xlarge general purpose"]),
    ("GRAPHICS", &[]),
    ("GRAPHICSPRO", &["graphics pro"]),
    ("GRAPHICS_G4DN", &["g4dn"]),
    ("GRAPHICSPRO_G4DN", &[]),
];

const SYSTEMS: Known = &[
    ("WINDOWS_10", &["windows 10", "win10"]),
    ("WINDOWS_11", &["windows 11", "win11"]),
    ("WINDOWS_SERVER_2016", &["server 2016"]),
    ("WINDOWS_SERVER_2019", &["server 2019"]),
    ("WINDOWS_SERVER_2022", &["server 2022"]),
    ("WINDOWS_SERVER_2025", &["server 2025"]),
    ("AMAZON_LINUX_2", &["amazon linux", "al2"]),
    ("UBUNTU_18_04", &[]),
    ("UBUNTU_20_04", &[]),
    ("UBUNTU_22_04", &["ubuntu"]),
    ("RHEL_8", &["red hat", "rhel"]),
    ("ROCKY_8", &["rocky linux", "rocky"]),
];

/// AWS renamed WSP to DCV; the API gives either.
const PROTOCOLS: Known = &[("PCOIP", &[]), ("WSP", &[]), ("DCV", &["nice dcv", "amazon dcv"])];

const CONNECTIONS: Known = &[
    ("CONNECTED", &["online", "logged in", "signed in", "in use now", "currently connected"]),
    ("DISCONNECTED", &["offline", "not connected", "logged out"]),
    ("UNKNOWN", &["unknown connection"]),
];

const fn text(
    name: &'static str,
    label: &'static str,
    synonyms: &'static [&'static str],
    values: Values,
    nullable: bool,
) -> Dimension {
    Dimension::new(name, label, Kind::Text, synonyms, values, nullable)
}

const fn choice(
    name: &'static str,
    label: &'static str,
    synonyms: &'static [&'static str],
    values: Values,
    nullable: bool,
) -> Dimension {
    Dimension::new(name, label, Kind::Choice, synonyms, values, nullable)
}

const fn number(
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    synonyms: &'static [&'static str],
) -> Dimension {
    Dimension::new(name, label, Kind::Number, synonyms, Values::Free, true).in_unit(unit)
}

const fn flag(name: &'static str, label: &'static str, synonyms: &'static [&'static str]) -> Dimension {
    Dimension::new(name, label, Kind::Bool, synonyms, Values::Free, false)
}

const fn time(
    name: &'static str,
    label: &'static str,
    synonyms: &'static [&'static str],
    nullable: bool,
) -> Dimension {
    Dimension::new(name, label, Kind::Time, synonyms, Values::Free, nullable)
}

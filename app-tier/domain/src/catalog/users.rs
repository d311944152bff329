//! Skydesk's own users in the catalog, for who manages them. The view has neither password nor hash.

mod words;

use contract::{auth::Permission, catalog::Kind};

use super::{Activity, Dimension, Entity, Values};

pub(super) static USERS: Entity = Entity {
    name: "users",
    singular: "user",
    plural: "users",
    synonyms: &["skydesk user", "skydesk users", "user accounts", "logins"],
    view: "ask_users",
    permission: Permission::UsersManage,
    owner: None,
    of_house: true,
    key: "id",
    standing: None,
    counted: None,
    few: None,
    identity: &["username", "email"],
    default_columns: &["username", "email", "role", "disabled", "created_at", "last_login_at"],
    default_order: "username",
    time: "created_at",
    dimensions: &[
        Dimension::new("id", "number", Kind::Number, &[], Values::Free, false),
        Dimension::new("username", "user name", Kind::Text, &["username"], Values::Stored, false),
        Dimension::new(
            "email",
            "e-mail",
            Kind::Text,
            &["email", "mail address", "e-mail address", "email address"],
            Values::Free,
            false,
        ),
        Dimension::new("role", "role", Kind::Choice, &["roles"], Values::Known(ROLES), false),
        Dimension::new("disabled", "disabled", Kind::Bool, &["locked", "deactivated"], Values::Free, false),
        Dimension::new("created_at", "created", Kind::Time, &["added"], Values::Free, false),
        Dimension::new(
            "last_login_at",
            "last login",
            Kind::Time,
            &["last sign-in", "last logged in"],
            Values::Free,
            true,
        ),
    ],
    activity: Some(Activity {
        dimension: "last_login_at",
        happened: &["logged in", "signed in", "active", "last login"],
        idle: &["not logged in", "inactive", "no login", "not signed in", "have not logged in"],
        idle_alone: &["inactive"],
        never: &["never logged in", "never signed in"],
    }),
    search: None,
    words: &words::WORDS,
    examples: &["How many users by role?", "List disabled users"],
};

/// `contract::auth::Role`.
const ROLES: &[(&str, &[&str])] = &[
    ("admin", &["admins", "administrator", "administrators"]),
    ("operator", &["operators"]),
    ("viewer", &["viewers"]),
    ("requester", &["requesters"]),
];

//! What people call Skydesk's own users.

use contract::query::Op;

use crate::catalog::words::{Said, Words};

pub(super) static WORDS: Words = Words {
    hints: &[
        "skydesk",
        "portal",
        "in skydesk",
        "in the portal",
        "of skydesk",
        "console",
        "access to skydesk",
        "of the portal",
        "on skydesk",
        "this tool",
        "in this tool",
        "local",
    ],
    rows: &[
        "skydesk users",
        "portal users",
        "portal accounts",
        "skydesk accounts",
        "portal logins",
        "skydesk logins",
        "skydesk user accounts",
        "users of skydesk",
        "users of the portal",
        "users in skydesk",
        "users in the portal",
        "application users",
        "console users",
        "app users",
        "skydesk user",
        "portal user",
    ],
    fields: &[
        ("username", &["names", "user names", "usernames", "name"]),
        ("email", &["emails", "e-mails", "mail", "mail addresses", "email address", "email addresses"]),
        ("role", &["user role", "permission level", "rights"]),
        ("last_login_at", &["last sign in", "last logon"]),
    ],
    values: &[
        (
            "role",
            "admin",
            &[
                "administrative users",
                "admin users",
                "admin role",
                "admin rights",
                "skydesk admins",
                "portal admins",
                "admin accounts",
                "admin user",
                "administrator rights",
            ],
        ),
        ("role", "operator", &["operator users", "operator role", "operator rights"]),
        ("role", "viewer", &["viewer users", "viewer role", "read only users"]),
        ("role", "requester", &["requester users", "requester role"]),
    ],
    conditions: &[
        Said::all(
            &["enabled", "active accounts", "not disabled", "not locked"],
            &[("disabled", Op::Is, &["false"])],
        ),
        Said::all(
            &["disabled", "locked", "deactivated", "blocked", "switched off", "disabled ones"],
            &[("disabled", Op::Is, &["true"])],
        ),
    ],
    times: &[("created_at", &["created", "added", "joined", "invited", "new", "registered"])],
    who: Some("username"),
    ..Words::NONE
};

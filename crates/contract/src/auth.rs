//! Who may do what: roles, permissions and the one table that joins them; and the shapes of signing in.

use serde::{Deserialize, Serialize};

use crate::ids::UserId;

/// What a user is in the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees only what is his own: bookings, bucket requests, documents.
    Requester,
    /// Reads and asks.
    Viewer,
    /// Also syncs, makes reports and acts on AWS.
    Operator,
    /// Also users, accounts, configuration, audit.
    Admin,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Requester, Role::Viewer, Role::Operator, Role::Admin];

    /// The name on the wire and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Requester => "requester",
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Admin => "admin",
        }
    }

    /// The reverse of [`Role::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The table role × permission, the only one.
    #[must_use]
    pub fn allows(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }
}

impl PartialOrd for Role {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Role {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |role: &Role| Role::ALL.iter().position(|it| it == role);
        rank(self).cmp(&rank(other))
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $least:ident;)*) => {
        /// A right to do one kind of thing. Every operation of the API names exactly one, or is public.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $slug)] $name,)*
        }

        impl Permission {
            pub const ALL: &'static [Permission] = &[$(Permission::$name,)*];

            /// The name on the wire, in the API document and in docs/SECURITY.md.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $(Permission::$name => $slug,)* }
            }

            /// Roles are ordered; this one and those above it have the permission.
            #[must_use]
            pub fn least_role(self) -> Role {
                match self { $(Permission::$name => Role::$least,)* }
            }
        }
    };
}

permissions! {
    /// Read and change one's own session and password.
    SessionOwn = "session:own", Requester;
    /// See desktops, their changes and the overview.
    WorkspacesRead = "workspaces:read", Viewer;
    /// See what AWS charges, for desktops and all else.
    BillingRead = "billing:read", Viewer;
    /// Ask questions and read the catalog.
    QuestionsAsk = "questions:ask", Viewer;
    /// See accounts (name, id, regions), not how they are entered.
    AccountsRead = "accounts:read", Viewer;
    /// Follow progress of jobs one may see.
    StreamRead = "stream:read", Viewer;
    /// See operations and what they saved.
    OperationsRead = "operations:read", Viewer;
    /// Start, stop and reboot desktops, and settle what of it is not known; propose everything else; take back what was done.
    OperationsPropose = "operations:propose", Operator;
    /// Decide about proposals, settle what of them is not known, and stop what others began.
    OperationsApprove = "operations:approve", Admin;
    /// Make reports and download one's own.
    ReportsMake = "reports:make", Operator;
    /// Start a sync.
    SyncRun = "sync:run", Operator;
    /// See jobs.
    JobsRead = "jobs:read", Operator;
    /// Drive a dead job again.
    JobsRetry = "jobs:retry", Admin;
    /// Stop a job that waits or runs.
    JobsCancel = "jobs:cancel", Admin;
    /// Register, change, test and remove accounts.
    AccountsWrite = "accounts:write", Admin;
    /// Everything about users.
    UsersManage = "users:manage", Admin;
    /// Configuration and schedules.
    ConfigManage = "config:manage", Admin;
    /// Statistics of the house itself.
    StatsRead = "stats:read", Admin;
    /// Read the audit log.
    AuditRead = "audit:read", Admin;
}

/// `POST /api/auth/login`
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginRequest").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The answer to a sign-in and to a refresh. The refresh token travels in a cookie that scripts cannot read.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenResponse {
    pub access_token: String,
    /// Seconds.
    pub expires_in: u32,
    /// Nothing but `PUT /api/auth/password` works until it is done.
    #[serde(default)]
    pub must_change_password: bool,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// `GET /api/auth/me`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    pub id: UserId,
    pub username: String,
    pub email: String,
    pub role: Role,
    pub permissions: Vec<Permission>,
    pub must_change_password: bool,
}

/// `PUT /api/auth/password`
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    pub current: String,
    pub new: String,
}

impl std::fmt::Debug for PasswordChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordChange")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_grow_from_requester_to_admin() {
        assert!(Role::ALL.is_sorted());
        for permission in Permission::ALL {
            assert!(Role::Admin.allows(*permission), "an admin may do everything");
        }
        let of = |role: Role| {
            Permission::ALL.iter().filter(|it| role.allows(**it)).map(|it| it.slug()).collect::<Vec<_>>()
        };
        assert_eq!(of(Role::Requester), ["session:own"]);
        assert!(of(Role::Viewer).contains(&"questions:ask") && !of(Role::Viewer).contains(&"sync:run"));
        assert!(of(Role::Operator).contains(&"sync:run") && !of(Role::Operator).contains(&"users:manage"));
    }
}

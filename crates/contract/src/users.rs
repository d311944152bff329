//! People who sign in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{auth::Role, ids::UserId, problem::FieldError};

/// A user as administrators see one. Passwords never leave the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub email: String,
    pub role: Role,
    /// A disabled user cannot sign in; what he did stays attributed to him.
    pub disabled: bool,
    pub must_change_password: bool,
    pub created_at: DateTime<Utc>,
    pub last_login_at: Option<DateTime<Utc>>,
}

/// `POST /api/users`
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    pub username: String,
    #[serde(default)]
    pub email: String,
    pub password: String,
    pub role: Role,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser")
            .field("username", &self.username)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// `PUT /api/users/{id}`: what is left out stays as it is. A new password ends the user's sessions.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

impl std::fmt::Debug for UserUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserUpdate")
            .field("role", &self.role)
            .field("disabled", &self.disabled)
            .finish_non_exhaustive()
    }
}

/// bcrypt reads no further than this.
pub const MAX_PASSWORD_BYTES: usize = 72;
/// Shorter ones are guessed.
pub const MIN_PASSWORD_CHARS: usize = 10;

/// The rule for new passwords, the same in the form and on the server.
pub fn check_password(pointer: &str, password: &str, errors: &mut Vec<FieldError>) {
    if password.chars().count() < MIN_PASSWORD_CHARS {
        errors.push(FieldError::new(pointer, format!("needs at least {MIN_PASSWORD_CHARS} characters")));
    }
    if password.len() > MAX_PASSWORD_BYTES {
        errors.push(FieldError::new(pointer, format!("has more than {MAX_PASSWORD_BYTES} bytes")));
    }
}

impl NewUser {
    /// Every rule that needs no database.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let name_ok = (2..=64).contains(&self.username.len())
            && self.username.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@'));
        if !name_ok {
            errors.push(FieldError::new("/username", "takes 2 to 64 letters, digits, `.`, `_`, `-` or `@`"));
        }
        check_email("/email", &self.email, &mut errors);
        check_password("/password", &self.password, &mut errors);
        errors
    }
}

impl UserUpdate {
    /// Every rule that needs no database.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Some(email) = &self.email {
            check_email("/email", email, &mut errors);
        }
        if let Some(password) = &self.password {
            check_password("/password", password, &mut errors);
        }
        errors
    }
}

fn check_email(pointer: &str, email: &str, errors: &mut Vec<FieldError>) {
    let plausible = email.is_empty()
        || (email.len() <= 254
            && !email.contains(char::is_whitespace)
            && email
                .split_once('@')
                .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@')));
    if !plausible {
        errors.push(FieldError::new(pointer, "is not an e-mail address"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(username: &str, email: &str, password: &str) -> Vec<String> {
        NewUser {
            username: username.into(),
            email: email.into(),
            password: password.into(),
            role: Role::Viewer,
        }
        .check()
        .into_iter()
        .map(|error| error.pointer)
        .collect()
    }

    #[test]
    fn a_sound_user_passes_and_each_fault_is_named() {
        assert!(user("ada.l", "ada@example.com", "long enough it is").is_empty());
        assert_eq!(user("", "no", "short"), ["/username", "/email", "/password"]);
        assert_eq!(user("ada", "", &"é".repeat(37)), ["/password"], "74 bytes are more than bcrypt reads");
    }
}

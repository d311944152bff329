//! How a use-case ends when it does not end well: grouped by what the caller can do about it.

use std::time::Duration;

use contract::problem::{Code, FieldError};

/// Any cause, for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A refusal or a failure.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    pub code: Code,
    /// What happened this time, for people. Never a cause.
    pub detail: String,
    pub errors: Vec<FieldError>,
    pub retry_after: Option<Duration>,
    #[source]
    pub source: Option<Cause>,
}

/// What every use-case answers.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A refusal.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, source: None }
    }

    /// Wrong fields.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::with_fields(Code::InvalidField, errors)
    }

    /// What is wrong with a request's `plan`, as the check names it.
    #[must_use]
    pub fn invalid_plan(errors: Vec<FieldError>) -> Self {
        let at = |it: FieldError| FieldError::new(format!("/plan{}", it.pointer), it.detail);
        Self::with_fields(Code::InvalidPlan, errors.into_iter().map(at).collect())
    }

    /// Wrong fields, under another code.
    #[must_use]
    pub fn with_fields(code: Code, errors: Vec<FieldError>) -> Self {
        let names: Vec<_> = errors.iter().map(|it| format!("{} {}", it.pointer, it.detail)).collect();
        Self { errors, ..Self::new(code, names.join("; ")) }
    }

    /// `what`: `account 7`.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("There is no {what}."))
    }

    /// Something of ours broke.
    pub fn internal(source: impl Into<Cause>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(Code::Internal, "The cause is in the log under this request's id.")
        }
    }

    /// With the cause for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Cause>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// With the time to wait.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

fn database_away(source: impl Into<Cause>) -> Error {
    Error::new(Code::DatabaseUnavailable, "PostgreSQL does not answer.")
        .because(source)
        .after(Duration::from_secs(2))
}

impl From<store::pool::Unavailable> for Error {
    fn from(error: store::pool::Unavailable) -> Self {
        database_away(error)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        if let Some(constraint) = store::broken_constraint(&error) {
            let taken = match constraint {
                store::users::NAME_TAKEN => Some(("/username", "is taken")),
                store::accounts::NAME_TAKEN | store::views::NAME_TAKEN => Some(("/name", "is taken")),
                store::synonyms::PHRASE_TAKEN => Some(("/phrase", "is there already")),
                store::accounts::NUMBER_TAKEN => Some(("/account_id", "is registered already")),
                _ => None,
            };
            if constraint == store::operations::BUSY {
                return Self::new(
                    Code::WrongState,
                    "Another operation acts on one of the desktops at this moment.",
                );
            }
            if let Some((pointer, detail)) = taken {
                return Self::with_fields(Code::NameTaken, vec![FieldError::new(pointer, detail)]);
            }
        }
        if store::timed_out(&error) {
            return Self::new(Code::QueryTimeout, "The database stopped it because it took too long.")
                .because(error);
        }
        if store::unavailable(&error) {
            return database_away(error);
        }
        Self::internal(error)
    }
}

impl From<queue::EnqueueError> for Error {
    fn from(error: queue::EnqueueError) -> Self {
        match error {
            queue::EnqueueError::Database(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<::reports::StoreError> for Error {
    fn from(error: ::reports::StoreError) -> Self {
        Self::internal(error)
    }
}

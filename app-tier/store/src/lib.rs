//! PostgreSQL: one module for each resource, each with plain functions over a connection.
//!
//! Deliberately opens no transaction and knows no use-case: `app` does. Functions take `&mut AsyncPgConnection`, so the
//! same one runs inside and outside a transaction. Invariant: queries are written here (and in `queue`) and nowhere else.

pub mod accounts;
pub mod audit;
pub mod billing;
pub mod changes;
pub mod evaluations;
pub mod events;
mod kept;
pub mod known_values;
pub mod migrations;
pub mod operations;
pub mod overview;
pub mod pool;
pub mod prices;
pub mod questions;
pub mod recommendations;
pub mod reports;
pub mod savings;
mod schema;
pub mod select;
pub mod sessions;
pub mod settings;
pub mod spend;
pub mod stats;
pub mod syncs;
pub mod synonyms;
pub mod usage;
pub mod users;
pub mod views;
pub mod workspaces;

pub use diesel::result::Error;

/// What every function here answers.
pub type Result<T> = std::result::Result<T, Error>;

/// The constraint that a statement broke, by its name in the migrations.
#[must_use]
pub fn broken_constraint(error: &Error) -> Option<&str> {
    match error {
        Error::DatabaseError(_, information) => information.constraint_name(),
        _ => None,
    }
}

/// The statement ran into its time limit.
#[must_use]
pub fn timed_out(error: &Error) -> bool {
    // SQLSTATE 57014; diesel does not tell codes it has no kind for.
    matches!(error, Error::DatabaseError(_, information) if information.message().contains("statement timeout"))
}

/// The server is away or turns connections away; trying again later helps.
#[must_use]
pub fn unavailable(error: &Error) -> bool {
    use diesel::result::DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    match error {
        Error::DatabaseError(ClosedConnection | UnableToSendCommand, _) | Error::BrokenTransactionManager => {
            true
        }
        Error::DatabaseError(_, information) => {
            let message = information.message();
            [
                "connection closed",
                "shutting down",
                "terminating connection",
                "starting up",
                "Connection refused",
            ]
            .iter()
            .any(|it| message.contains(it))
        }
        _ => false,
    }
}

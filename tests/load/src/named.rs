//! The people and roles whom the questions name, as they are in the practice estate: the large one has its own desktops, but
//! nobody signs in to the measured Skydesk, proposes anything there or has made a call that it read.
//!
//! They are those of the questions' `values.tsv`; each has done one thing, a year ago. The names are there for the linker:
//! whether an answer is right, is told by its plan.

use std::path::Path;

use anyhow::{Context as _, ensure};
use domain::questions::evaluation::values;

use crate::psql;
use crate::stack::Stack;

/// The account that what they did belongs to.
const ACCOUNT: &str = "(SELECT min(id) FROM accounts)";
/// What marks their rows.
const MARK: &str = "named in a question";

/// They are there while `measured` runs.
///
/// # Errors
/// The file cannot be read, PostgreSQL refuses, or the sync that makes the names known fails.
pub(crate) async fn present<T>(
    stack: &Stack,
    measured: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let names = Names::read(&stack.place.questions_dir)?;
    let outcome = async {
        psql::run(stack, &names.arrive().each_ref().map(String::as_str)).await?;
        // What is known is looked up anew after a sync.
        stack.full_sync().await?;
        measured.await
    }
    .await;
    psql::run(stack, &leave().each_ref().map(String::as_str)).await?;
    outcome
}

#[derive(Debug, Default)]
struct Names {
    /// Who has an account at Skydesk, has proposed, decided and asked for reports.
    users: Vec<String>,
    /// Who has made calls.
    actors: Vec<String>,
    /// In whose name roles were taken on.
    identities: Vec<String>,
}

impl Names {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join("values.tsv");
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut names = Self::default();
        for it in values(&text) {
            match (it.entity.as_str(), it.dimension.as_str()) {
                ("users", "username") => names.users.push(it.value),
                ("events", "actor") => names.actors.push(it.value),
                ("events", "source_identity") => names.identities.push(it.value),
                _ => {}
            }
        }
        ensure!(!names.users.is_empty(), "{} names nobody", file.display());
        Ok(names)
    }

    fn arrive(&self) -> [String; 5] {
        let (users, actors, identities) = (rows(&self.users), rows(&self.actors), rows(&self.identities));
        [
            // No hash is of this form, so nobody signs in as them.
            format!(
                "INSERT INTO users (username, email, password_hash, role)
                 SELECT name, '{MARK}', 'none', 'viewer' FROM {users}"
            ),
            format!(
                "INSERT INTO operations (action, parameters, state, reason, proposed_by, proposed_at, decided_by, decided_at)
                 SELECT 'reboot', '{{}}', 'rejected', '{MARK}', name, now() - interval '1 year', name, now() - interval '1 year'
                 FROM {users}"
            ),
            format!(
                "INSERT INTO reports (user_id, job_id, title, format, request, created_at, finished_at)
                 SELECT u.id, 0, '{MARK}', 'csv', '{{}}', now() - interval '1 year', now() - interval '1 year'
                 FROM users u WHERE u.email = '{MARK}'"
            ),
            format!(
                "INSERT INTO events (account, id, region, at, name, summary, actor, source_identity, read_only, touched)
                 SELECT {ACCOUNT}, '{MARK}: ' || kind || name, 'eu-west-1', now() - interval '1 year', 'RebootWorkspaces',
                        '{MARK}', name, CASE kind WHEN 'identity' THEN name END, false, '{{}}'
                 FROM (SELECT 'actor' AS kind, name FROM {actors} UNION SELECT 'identity', name FROM {identities}) AS named"
            ),
            format!(
                "INSERT INTO event_workspaces (account, event, at, read_only)
                 SELECT account, id, at, read_only FROM events WHERE summary = '{MARK}'"
            ),
        ]
    }
}

/// Their reports go with them, and what desktops their events name.
fn leave() -> [String; 3] {
    ["events WHERE summary", "operations WHERE reason", "users WHERE email"]
        .map(|it| format!("DELETE FROM {it} = '{MARK}'"))
}

/// A table of one column, `name`.
fn rows(names: &[String]) -> String {
    let rows: Vec<_> = names.iter().map(|it| format!("('{}')", it.replace('\'', "''"))).collect();
    format!("(VALUES {}) AS them(name)", rows.join(", "))
}

//! PostgreSQL's own client: for filling tables that no API fills, and as the floor of a CSV file.

use std::process::Stdio;

use anyhow::{Context as _, bail};
use tokio::process::Command;

use crate::peer;
use crate::stack::Stack;

/// `psql` that stops at the first error, connected to the stack's database.
pub(crate) fn client(stack: &Stack) -> Command {
    let mut psql = peer::command(&stack.place.postgres_bin.join("psql"));
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
    psql.arg(&stack.place.database_url);
    psql
}

/// Runs statements and answers what they print.
///
/// # Errors
/// PostgreSQL refuses, in its own words.
pub(crate) async fn run(stack: &Stack, statements: &[&str]) -> anyhow::Result<String> {
    let mut psql = client(stack);
    for it in statements {
        psql.args(["--command", it]);
    }
    let output = psql.stderr(Stdio::piped()).output().await.context("cannot start psql")?;
    if !output.status.success() {
        bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

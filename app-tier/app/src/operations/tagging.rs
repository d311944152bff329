//! Which desktops lack the tag with their own id, so that somebody can propose to give it to them.

use contract::operations::{MOST_DESKTOPS, OperationAction, Tagging};
use domain::operations::legal::{States, rule};

use crate::{OpCx, Result};

/// `GET /api/billing/tagging`
///
/// # Errors
/// PostgreSQL is away.
pub async fn tagging(cx: &OpCx) -> Result<Tagging> {
    let key = cx.app.settings().await?.cost_tag;
    let not_in = match rule(OperationAction::Tag).states {
        States::AllBut(states) => states,
        States::Only(_) => &[],
    };
    let mut conn = cx.app.conn().await?;
    Ok(store::operations::tagging(&mut conn, &key, cx.app.now(), not_in, MOST_DESKTOPS).await?)
}

//! The tag that holds each desktop's own id: what is known of it, and what to do next.

use contract::{
    billing::{CostTag, CostTagState},
    ids::AccountId,
};
use diesel_async::AsyncPgConnection;

use crate::Result;

/// Of one account, or of all together.
pub(crate) async fn of(
    conn: &mut AsyncPgConnection,
    account: Option<AccountId>,
    key: &str,
) -> Result<CostTag> {
    let known = store::billing::tag_state(conn, account, key).await?;
    let state = known.as_ref().map_or(CostTagState::Unknown, |it| it.state);
    Ok(CostTag {
        key: key.to_owned(),
        asked_at: known.as_ref().map(|it| it.asked_at),
        state,
        next: next(key, state, known.is_some()),
    })
}

fn next(key: &str, state: CostTagState, read: bool) -> String {
    match state {
        CostTagState::Unused => format!(
            "Give each desktop the tag {key} with its own id as the value. Costs carry it once the account that pays has \
             activated it; then Cost Explorer tells what each desktop costs, also beyond 14 days."
        ),
        CostTagState::Inactive => not_active(key),
        // Which those are is told by `contract::operations::Tagging`.
        CostTagState::Active => {
            format!("Of a desktop that lacks the tag {key} with its own id nothing is told by tag.")
        }
        CostTagState::Unknown if read => format!(
            "Costs do not carry the tag {key} yet, or AWS does not let this account look whether it is activated. The \
             account that pays sees it under Billing and Cost Management, Cost allocation tags."
        ),
        CostTagState::Unknown => "Costs were not read yet.".to_owned(),
    }
}

/// What the account that pays has to do.
pub(crate) fn not_active(key: &str) -> String {
    format!(
        "The tag {key} is not activated for costs. Whoever manages the account that pays can do that: Billing and Cost \
         Management, Cost allocation tags, choose {key}, Activate; a tag that is new shows there after up to a day. A \
         backfill, in the same place, lets up to 12 months before carry it too."
    )
}

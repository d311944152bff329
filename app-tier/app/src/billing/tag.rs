//! The tag that holds each desktop's own id: what is known of it, and what to do next.

use contract::{
    billing::{CostTag, CostTagState},
    ids::AccountId,
};
use diesel_async::AsyncPgConnection;
use store::billing::TagState;

use crate::Result;

/// Of one account, or of all together.
pub(crate) async fn of(
    conn: &mut AsyncPgConnection,
    account: Option<AccountId>,
    key: &str,
) -> Result<CostTag> {
    let known = store::billing::tag_state(conn, account, key).await?;
    let state = known.as_ref().map_or(CostTagState::Unknown, |it| it.state);
    let counted = |it: fn(&TagState) -> i64| known.as_ref().map_or(0, it);
    let without = counted(|it| it.desktops_without);
    Ok(CostTag {
        key: key.to_owned(),
        desktops_with: counted(|it| it.desktops_with),
        desktops_without: without,
        counted_at: known.as_ref().map(|it| it.counted_at),
        state,
        next: next(key, state, known.is_some(), without),
    })
}

fn next(key: &str, state: CostTagState, read: bool, without: i64) -> String {
    match state {
        CostTagState::Unused => format!(
            "Give each desktop the tag {key} with its own id as the value. Costs carry it once the account that pays has \
             activated it; then Cost Explorer tells what each desktop costs, also beyond 14 days."
        ),
        CostTagState::Inactive => not_active(key),
        CostTagState::Active if without == 0 => {
            "Every desktop had it when AWS was last asked: nothing is to be done.".to_owned()
        }
        // How many lack it now is told by `contract::operations::Tagging`.
        CostTagState::Active => {
            format!(
                "Of desktops that lack it nothing is told by tag. Give each the tag {key} with its own id."
            )
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

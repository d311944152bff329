//! The columns of the list of recommendations, and how their cells are shown.

use contract::recommendations::{Action, PriceOrigin, Recommendation};
use yew::prelude::*;

use crate::{
    components::{
        copy::id_with_copy,
        link::Go,
        status::{Meaning, status},
        time::Ago,
    },
    format,
    listing::columns::{Column, ColumnKind, column},
    routes::Route,
};

/// Everything that can be filtered by.
pub(super) const COLUMNS: &[Column] = &[
    column("user_name", "User", &["user"], ColumnKind::Name),
    column(
        "action",
        "What to do",
        &[],
        ColumnKind::Choice(&["to_always_on", "to_auto_stop", "set_timeout", "terminate"]),
    ),
    column("saves_p50", "Saves", &["saves"], ColumnKind::Number),
    column("saves_p90", "Saves at least", &["atleast"], ColumnKind::Number),
    column("confidence", "Confidence", &["sure"], ColumnKind::Number),
    column("account", "Account", &[], ColumnKind::Text),
    column("region", "Region", &[], ColumnKind::Text),
    column("running_mode", "Mode", &["mode"], ColumnKind::Choice(&["AUTO_STOP", "ALWAYS_ON"])),
    column("prices", "Prices", &[], ColumnKind::Choice(&["listed", "offline", "estimated"])),
    column("estimated", "Estimated", &[], ColumnKind::Bool),
    column("minutes", "New timeout", &[], ColumnKind::Number),
    column("compute_type", "Size", &["size"], ColumnKind::Text),
    column("days_known", "Days known", &["known"], ColumnKind::Number),
    column("days_missing", "Days missing", &["missing"], ColumnKind::Number),
    column("currency", "Currency", &[], ColumnKind::Text),
    column("why", "Why", &[], ColumnKind::Name),
    column("workspace_id", "Desktop id", &["id"], ColumnKind::Name),
    column("made_at", "Made", &["made"], ColumnKind::Time),
];

/// Whose desktop, and which.
pub(super) fn desktop(it: &Recommendation) -> Html {
    html! {
        <>
            <Go to={Route::Desktop { id: it.workspace_id.0.clone() }} class="link font-medium">{ &it.user_name }</Go>
            <span class="cell-more">{ id_with_copy(&it.workspace_id.0) }</span>
        </>
    }
}

/// What to do, and from when or to how much.
pub(super) fn action(it: &Recommendation) -> Html {
    let label = match it.action {
        Action::Terminate => status(Meaning::Warning, it.action.label()),
        _ => html! { <span class="font-medium">{ it.action.label() }</span> },
    };
    html! { <>{ label }<span class="cell-more">{ detail(it) }</span></> }
}

/// The figure or the day that belongs to the action.
pub(super) fn detail(it: &Recommendation) -> String {
    let minutes = |minutes: Option<i32>| minutes.map(|it| format!("{it} min"));
    let holds =
        it.holds_from.map_or_else(|| "at once".to_owned(), |day| format!("from {}", format::day(day)));
    match (it.action, minutes(it.minutes), minutes(it.auto_stop_minutes)) {
        (Action::SetTimeout, Some(to), Some(from)) => format!("from {from} to {to}"),
        (Action::SetTimeout, Some(to), None) => format!("to {to}"),
        (Action::Terminate, ..) => "cannot be undone".to_owned(),
        _ => holds,
    }
}

/// The day to which the savings are counted, itself among them.
pub(super) fn counted_to(it: &Recommendation) -> String {
    format!("to {}", format::day(it.saves_until.pred_opt().unwrap_or(it.saves_until)))
}

/// How much of the usage is known, and where the prices are from.
pub(super) fn data(it: &Recommendation) -> Html {
    let all = it.days_known.saturating_add(it.days_missing);
    let last = it.usage_until.pred_opt().unwrap_or(it.usage_until);
    let span = format!("Usage from {} to {}", format::day(it.usage_from), format::day(last));
    html! {
        <>
            <span title={span}>{ format!("{} of {all} days", it.days_known) }</span>
            <span class="cell-more cell-tags">
                { prices(it.prices) }
                if it.estimated && it.prices != PriceOrigin::Estimated {
                    <span class="tag" title="A price or a day of usage that it rests on is not exact">{ "Estimated" }</span>
                }
            </span>
        </>
    }
}

/// Where prices are from, as a badge.
pub(crate) fn prices(origin: PriceOrigin) -> Html {
    let (word, meaning) = match origin {
        PriceOrigin::Listed => ("Listed prices", "From AWS's price list"),
        PriceOrigin::Offline => {
            ("Offline table", "AWS's price list could not be read: from the table that came with the program")
        }
        PriceOrigin::Estimated => {
            ("Estimated prices", "At least one price is that of the same desktop with other volumes")
        }
    };
    html! { <span class={classes!("tag", (origin != PriceOrigin::Listed).then_some("tag-weak"))} title={meaning}>{ word }</span> }
}

/// When it was made.
pub(super) fn made(it: &Recommendation) -> Html {
    html! { <Ago at={it.made_at} /> }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{super::sums::testing::recommendation, *};

    #[test]
    fn columns_are_fields_of_a_recommendation_and_all_but_details_are_there() {
        let it = serde_json::to_value(recommendation("ws-1", "1", "0", "USD")).unwrap();
        let fields: BTreeSet<&str> = it.as_object().unwrap().keys().map(String::as_str).collect();
        let columns: BTreeSet<&str> = COLUMNS.iter().map(|it| it.name).collect();
        assert!(columns.is_subset(&fields), "{:?}", columns.difference(&fields));
        let missing: Vec<_> = fields.difference(&columns).copied().collect();
        assert_eq!(
            missing,
            [
                "auto_stop_minutes",
                "holds_from",
                "id",
                "operation_id",
                "saves_until",
                "usage_from",
                "usage_until"
            ]
        );
    }

    #[test]
    fn no_two_columns_share_a_name_in_the_filter() {
        let names: Vec<_> = COLUMNS.iter().flat_map(|it| it.aliases.iter().chain([&it.name])).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn choices_are_those_of_the_contract() {
        let choices = |name: &str| match COLUMNS.iter().find(|it| it.name == name).unwrap().kind {
            ColumnKind::Choice(values) => values.to_vec(),
            _ => vec![],
        };
        assert_eq!(choices("action"), Action::ALL.iter().map(|it| it.name()).collect::<Vec<_>>());
        assert_eq!(choices("prices"), PriceOrigin::ALL.iter().map(|it| it.name()).collect::<Vec<_>>());
    }

    #[test]
    fn an_action_says_to_what_and_from_when() {
        let mut it = recommendation("ws-1", "1", "0", "USD");
        assert_eq!((detail(&it).as_str(), counted_to(&it).as_str()), ("at once", "to 31 Dec 2026"));
        it.holds_from = Some(it.saves_until);
        assert_eq!(detail(&it), "from 1 Jan 2027");
        (it.action, it.minutes) = (Action::SetTimeout, Some(120));
        assert_eq!(detail(&it), "from 60 min to 120 min");
        it.auto_stop_minutes = None;
        assert_eq!(detail(&it), "to 120 min");
    }
}

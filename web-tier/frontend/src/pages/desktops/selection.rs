//! Desktops that are ticked in the table, and what can be done with them.
//!
//! The choice is of the page that is shown: it ends with another filter, order or page, so that nothing out of sight is
//! acted on.

use std::{collections::BTreeSet, rc::Rc};

use contract::{ids::WorkspaceId, reports::OneOrMany, workspaces::Workspace};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{components::export::Export, format::counted, pages::operations::Acts};

/// Ids of desktops.
pub(super) type Chosen = Rc<BTreeSet<String>>;

/// The choice with one desktop, or all of `ids`, in or out of it.
#[must_use]
pub(super) fn with<'a>(chosen: &Chosen, ids: impl IntoIterator<Item = &'a str>, wanted: bool) -> Chosen {
    let mut next = (**chosen).clone();
    for id in ids {
        if wanted {
            next.insert(id.to_owned());
        } else {
            next.remove(id);
        }
    }
    Rc::new(next)
}

/// A box to tick. A click on it is none on its row.
pub(super) fn tick(label: String, checked: bool, on_change: Callback<bool>) -> Html {
    let onchange =
        on_change.reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().checked());
    html! {
        <label class="tick" onclick={Callback::from(|event: MouseEvent| event.stop_propagation())}>
            <input type="checkbox" class="checkbox checkbox-xs checkbox-primary" {checked} {onchange} aria-label={label} data-testid="tick" />
        </label>
    }
}

/// The box over the column: ticks all that are shown, or none.
pub(super) fn tick_all(items: &[Workspace], chosen: &Chosen, on_choose: &Callback<Chosen>) -> Html {
    let ids: Vec<String> = items.iter().map(|it| it.id.0.clone()).collect();
    let all = !ids.is_empty() && ids.iter().all(|it| chosen.contains(it));
    let on_change = {
        let chosen = chosen.clone();
        on_choose.reform(move |wanted: bool| with(&chosen, ids.iter().map(String::as_str), wanted))
    };
    html! { <th scope="col" class="tick-cell">{ tick("Select all on this page".to_owned(), all, on_change) }</th> }
}

#[derive(Debug, Properties, PartialEq)]
pub(super) struct SelectionBarProps {
    pub(super) chosen: Chosen,
    pub(super) on_clear: Callback<()>,
}

/// What can be done with those that are ticked; nothing while none is.
#[component]
pub(super) fn SelectionBar(props: &SelectionBarProps) -> Html {
    let chosen = &props.chosen;
    if chosen.is_empty() {
        return Html::default();
    }
    let ids: Vec<String> = chosen.iter().cloned().collect();
    let filter = [("id".to_owned(), OneOrMany::Many(ids))].into();
    let count = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    html! {
        <div class="selection-bar" role="region" aria-label="Selection" data-testid="selection">
            <p class="font-medium" role="status">{ counted(count, "desktop selected", "desktops selected") }</p>
            <Acts ids={chosen.iter().cloned().map(WorkspaceId).collect::<Vec<_>>()} />
            <Export source="workspaces" filter={Some(filter)} />
            <button type="button" class="btn btn-sm btn-ghost" onclick={props.on_clear.reform(|_| ())}>{ "Clear" }</button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticking_adds_and_removes_only_what_is_named() {
        let none = Chosen::default();
        let two = with(&none, ["ws-1", "ws-2"], true);
        assert_eq!(two.iter().collect::<Vec<_>>(), ["ws-1", "ws-2"]);
        assert_eq!(with(&two, ["ws-1", "ws-9"], false).iter().collect::<Vec<_>>(), ["ws-2"]);
        assert!(none.is_empty());
    }
}

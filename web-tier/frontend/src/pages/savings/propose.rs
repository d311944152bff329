//! From a recommendation to its operation: the button that proposes it, or the way to the one that is open.

use contract::{
    auth::Permission,
    recommendations::{Action, Recommendation},
};
use yew::prelude::*;

use crate::{
    components::link::Go,
    pages::operations::{ActDialog, Open, Subject, use_open_operations},
    routes::Route,
    session::use_session,
};

/// What a list of recommendations needs to have them proposed.
#[derive(Debug)]
pub(super) struct Proposing {
    chosen: UseStateHandle<Option<Recommendation>>,
    may: bool,
    open: Open,
}

/// See [`Proposing`].
#[hook]
pub(super) fn use_proposing() -> Proposing {
    Proposing {
        chosen: use_state_eq(|| None),
        may: use_session().may(Permission::OperationsPropose),
        open: use_open_operations(),
    }
}

impl Proposing {
    /// The button at one of them, or the link to what is open; nothing for those who may not propose.
    pub(super) fn button(&self, it: &Recommendation) -> Html {
        // What was proposed since the list was read is among the open ones.
        let open = it.operation_id.or_else(|| self.open.of_recommendation(it.id));
        if let Some(id) = open {
            let to = Route::Operation { id: id.to_string() };
            return html! { <Go {to} class="link whitespace-nowrap" testid="proposed">{ "Proposed already" }</Go> };
        }
        if is_done(it) {
            let title = "The desktop is so already; new advice comes with the next reading";
            return html! { <span class="tag" {title}>{ "Done since" }</span> };
        }
        if !self.may {
            return Html::default();
        }
        let onclick = {
            let (chosen, it) = (self.chosen.setter(), it.clone());
            Callback::from(move |event: MouseEvent| {
                // The row that it stands in opens the desktop.
                event.stop_propagation();
                chosen.set(Some(it.clone()));
            })
        };
        html! { <button type="button" class="btn btn-xs" {onclick} data-testid="propose">{ "Propose this change" }</button> }
    }

    /// The dialog, while one is chosen. Stands outside of the rows, which would take its clicks for theirs.
    pub(super) fn dialog(&self) -> Html {
        let Some(it) = &*self.chosen else { return Html::default() };
        let on_close = {
            let chosen = self.chosen.setter();
            Callback::from(move |()| chosen.set(None))
        };
        let title = format!("{}: {}", it.action.label(), it.user_name);
        html! { <ActDialog subject={Subject::Recommendation(it.id)} {title} {on_close} /> }
    }
}

/// The desktop is as the recommendation wants it, which was made before.
fn is_done(it: &Recommendation) -> bool {
    let mode = it.running_mode.as_deref();
    match it.action {
        Action::ToAlwaysOn => mode == Some("ALWAYS_ON"),
        Action::ToAutoStop => mode == Some("AUTO_STOP"),
        Action::SetTimeout => it.minutes.is_some() && it.minutes == it.auto_stop_minutes,
        // What is terminated is no longer advised about.
        Action::Terminate => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sums::testing::recommendation, *};

    #[test]
    fn what_was_done_since_is_not_proposed_again() {
        let mut it = recommendation("ws-1", "1", "0", "USD");
        assert!(!is_done(&it));
        it.running_mode = Some("ALWAYS_ON".into());
        assert!(is_done(&it));
        (it.action, it.minutes) = (Action::SetTimeout, Some(120));
        assert!(!is_done(&it));
        it.auto_stop_minutes = Some(120);
        assert!(is_done(&it));
    }
}

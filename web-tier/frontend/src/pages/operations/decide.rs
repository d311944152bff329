//! Deciding about an operation: approve, reject, cancel, take back. Each asks first and says what follows.

use contract::{
    ids::OperationId,
    operations::{Decision, OperationAction, OperationState, OperationSummary},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::act::refused;
use crate::{
    client::failure::Failure,
    components::{dialog::Dialog, field::TextField},
    notices::use_voice,
    session::use_client,
};

/// What can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Approve,
    Reject,
    Cancel,
    Undo,
}

impl Deed {
    pub(super) const ALL: [Deed; 4] = [Deed::Approve, Deed::Reject, Deed::Cancel, Deed::Undo];

    pub(super) fn name(self) -> &'static str {
        match self {
            Deed::Approve => "approve",
            Deed::Reject => "reject",
            Deed::Cancel => "cancel",
            Deed::Undo => "undo",
        }
    }

    pub(super) fn label(self, it: &OperationSummary) -> &'static str {
        match self {
            Deed::Approve => "Approve",
            Deed::Reject => "Reject",
            Deed::Cancel if it.state == OperationState::Proposed => "Withdraw",
            Deed::Cancel => "Stop it",
            Deed::Undo => "Take it back",
        }
    }

    /// Whether the state allows it; whether the reader may is asked elsewhere.
    pub(super) fn fits(self, it: &OperationSummary) -> bool {
        match self {
            Deed::Approve | Deed::Reject => it.state == OperationState::Proposed,
            Deed::Cancel => !it.state.is_final(),
            Deed::Undo => it.undoable && it.state.is_final(),
        }
    }

    fn follows(self, it: &OperationSummary) -> String {
        match (self, it.state) {
            (Deed::Approve, _) => "A worker begins at once. Before it calls AWS for a desktop it looks whether the desktop is still \
                                   as it was when this was proposed.".to_owned(),
            (Deed::Reject, _) => format!("Nothing is done. {} is told why.", it.proposed_by),
            (Deed::Cancel, OperationState::Proposed) => "Nothing is done, and nobody can approve it any more.".to_owned(),
            (Deed::Cancel, _) => "Desktops that AWS was not asked for stay as they are. What was asked for already goes on.".to_owned(),
            (Deed::Undo, _) if it.action.is_direct() => "The opposite is done to the desktops that this was done to.".to_owned(),
            (Deed::Undo, _) => "The settings of before are proposed for the desktops that were changed; an administrator decides.".to_owned(),
        }
    }

    fn class(self, it: &OperationSummary) -> &'static str {
        let harms = self == Deed::Approve
            && matches!(it.action, OperationAction::Terminate | OperationAction::Rebuild);
        if harms || self == Deed::Reject { "btn btn-sm btn-error" } else { "btn btn-sm btn-primary" }
    }

    /// What was done, for the message.
    fn done(self) -> &'static str {
        match self {
            Deed::Approve => "approved",
            Deed::Reject => "rejected",
            Deed::Cancel => "cancelled",
            Deed::Undo => "taken back by a new operation",
        }
    }
}

#[derive(Debug, Properties, PartialEq)]
pub(super) struct DecideDialogProps {
    pub(super) deed: Deed,
    pub(super) operation: OperationSummary,
    /// Told the new operation, where taking back made one.
    pub(super) on_done: Callback<Option<OperationId>>,
    pub(super) on_close: Callback<()>,
}

/// See the module.
#[component]
pub(super) fn DecideDialog(props: &DecideDialogProps) -> Html {
    let DecideDialogProps { deed, operation: it, .. } = props;
    let (client, voice) = (use_client(), use_voice());
    let note = use_state_eq(String::new);
    let typed = use_state_eq(String::new);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state_eq(|| false);
    let word = it.confirmation.as_ref().filter(|_| *deed == Deed::Approve);
    // Who proposed it has to learn why it is not done.
    let wants_note = *deed == Deed::Reject;
    let ready = word.is_none_or(|word| typed.trim() == word) && (!wants_note || !note.trim().is_empty());
    let onsubmit = {
        let now_busy = *busy;
        let (deed, id, failure, busy, on_done) =
            (*deed, it.id, failure.setter(), busy.setter(), props.on_done.clone());
        let decision =
            Decision { note: note.trim().to_owned(), confirmation: word.map(|_| typed.trim().to_owned()) };
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !ready || now_busy {
                return;
            }
            let (client, voice, decision) = (client.clone(), voice.clone(), decision.clone());
            let (failure, busy, on_done) = (failure.clone(), busy.clone(), on_done.clone());
            busy.set(true);
            spawn_local(async move {
                let result = match deed {
                    Deed::Undo => client.undo_operation(id, &decision).await.map(Some),
                    deed => client.decide_operation(id, deed.name(), &decision).await.map(|()| None),
                };
                busy.set(false);
                match result {
                    Ok(made) => {
                        voice.good(format!("Operation {id} is {}", deed.done()));
                        on_done.emit(made);
                    }
                    Err(it) => failure.set(Some(it)),
                }
            });
        })
    };
    let input = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |it: String| state.set(it))
    };
    html! {
        <Dialog title={format!("{}: operation {}", deed.label(it), it.id)} on_close={props.on_close.clone()}>
            <form {onsubmit} data-testid="decide-dialog">
                <div class="dialog-body">
                    <p class="font-semibold">{ &it.summary }</p>
                    <p>{ deed.follows(it) }</p>
                    <TextField label={if wants_note { "Why" } else { "Note" }} value={(*note).clone()} on_input={input(&note)} testid="decide-note" autofocus=true
                        hint={if wants_note { "Needed: who proposed it has to know." } else { "For the audit log; may be left empty." }} />
                    if let Some(word) = word {
                        <TextField label={format!("Type {word} to confirm")} value={(*typed).clone()} on_input={input(&typed)} mono=true testid="decide-confirm" />
                    }
                    { refused(failure.as_ref()) }
                </div>
                <footer class="dialog-foot">
                    <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Close" }</button>
                    <button type="submit" class={deed.class(it)} disabled={!ready || *busy} data-testid="decide-submit">{ deed.label(it) }</button>
                </footer>
            </form>
        </Dialog>
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A proposal to stop 25 desktops, in some state.
    pub(in super::super) fn operation(state: &str) -> OperationSummary {
        let text = format!(
            r#"{{"id":7,"action":"stop","parameters":{{}},"summary":"Stop 25 desktops","state":"{state}",
            "counts":{{"total":25,"waiting":0,"under_way":0,"done":25,"failed":0,"unknown":0,"cancelled":0}},"workspace_id":null,
            "user_name":null,"reason":"","proposed_by":"grace","proposed_at":"2026-11-21T08:00:00Z","expires_at":null,
            "decided_by":null,"decided_at":null,"decision_note":null,"confirmation":null,"recommendation_id":null,"predicted":null,
            "undo_of":null,"undone_by":null,"undoable":true,"job_id":null,"began_at":null,"ended_at":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::operation, *};

    #[test]
    fn each_state_offers_what_fits_it() {
        let fits = |state: &str| {
            let it = operation(state);
            Deed::ALL
                .into_iter()
                .filter(|deed| deed.fits(&it))
                .map(|deed| deed.label(&it))
                .collect::<Vec<_>>()
        };
        assert_eq!(fits("proposed"), ["Approve", "Reject", "Withdraw"]);
        assert_eq!(fits("running"), ["Stop it"]);
        assert_eq!(fits("partly_done"), ["Take it back"]);
        let mut done = operation("done");
        done.undoable = false;
        assert!(!Deed::ALL.into_iter().any(|deed| deed.fits(&done)));
    }
}

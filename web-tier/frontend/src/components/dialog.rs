//! Modal dialogs on the browser's own `<dialog>`: it keeps the focus inside and gives it back.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::icon::Icon;

#[derive(Debug, Properties, PartialEq)]
pub struct DialogProps {
    pub title: AttrValue,
    pub on_close: Callback<()>,
    #[prop_or_default]
    pub wide: bool,
    pub children: Html,
}

/// A dialog that is open as long as it is rendered.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // It fails only when it is open already.
                let _ = dialog.show_modal();
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let oncancel = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            on_close.emit(());
        })
    };
    html! {
        <dialog ref={node} class={classes!("dialog", props.wide.then_some("dialog-wide"))} aria-label={props.title.clone()} {oncancel}>
            <header class="dialog-head">
                <h2 class="text-base font-semibold">{ &props.title }</h2>
                <button type="button" class="icon-button" aria-label="Close" onclick={props.on_close.reform(|_| ())}>
                    <Icon name="close" />
                </button>
            </header>
            { props.children.clone() }
        </dialog>
    }
}

#[derive(Debug, Properties, PartialEq)]
pub struct ConfirmProps {
    pub title: AttrValue,
    /// What follows, and whether it can be undone.
    pub children: Html,
    /// The verb on the button.
    pub verb: AttrValue,
    /// A word that has to be typed first, for what does harm.
    #[prop_or_default]
    pub word: Option<AttrValue>,
    pub busy: bool,
    pub on_confirm: Callback<()>,
    pub on_close: Callback<()>,
}

/// Asks before something is done.
#[component]
pub fn Confirm(props: &ConfirmProps) -> Html {
    let typed = use_state(String::new);
    let ready = props.word.as_ref().is_none_or(|word| typed.trim() == word.as_str());
    let on_input = {
        let typed = typed.setter();
        Callback::from(move |it: String| typed.set(it))
    };
    html! {
        <Dialog title={props.title.clone()} on_close={props.on_close.clone()}>
            <div class="dialog-body">
                { props.children.clone() }
                if let Some(word) = &props.word {
                    <super::field::TextField label={format!("Type {word} to confirm")} value={(*typed).clone()} {on_input} mono=true />
                }
            </div>
            <footer class="dialog-foot">
                <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                <button type="button" class="btn btn-sm btn-error" disabled={!ready || props.busy} data-testid="confirm"
                    onclick={props.on_confirm.reform(|_| ())}>
                    { &props.verb }
                </button>
            </footer>
        </Dialog>
    }
}

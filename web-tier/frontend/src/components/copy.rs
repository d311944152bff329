//! A button that puts a text on the clipboard.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::icon::Icon;
use crate::browser;

const THANKS_MS: u32 = 1_500;

#[derive(Debug, Properties, PartialEq)]
pub struct CopyProps {
    pub text: AttrValue,
    /// What it is: `id`, `request id`.
    pub what: AttrValue,
}

/// Copies `text`.
#[component]
pub fn Copy(props: &CopyProps) -> Html {
    let done = use_state_eq(|| false);
    {
        let setter = done.setter();
        use_effect_with(*done, move |done| {
            let timer = done.then(|| Timeout::new(THANKS_MS, move || setter.set(false)));
            move || drop(timer)
        });
    }
    let onclick = {
        let (done, text) = (done.setter(), props.text.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            browser::copy(&text);
            done.set(true);
        })
    };
    let label = if *done { "Copied".to_owned() } else { format!("Copy {}", props.what) };
    html! {
        <button type="button" class="icon-button align-middle" title={label.clone()} aria-label={label} {onclick}>
            <Icon name={if *done { "check" } else { "copy" }} />
        </button>
    }
}

/// An id in mono with its copy button.
pub fn id_with_copy(id: &str) -> Html {
    html! {
        <span class="inline-flex items-center gap-1">
            <code class="mono">{ id }</code><Copy text={id.to_owned()} what="id" />
        </span>
    }
}

//! A button that opens a small panel below itself; closes on Escape, on a click elsewhere, and when focus leaves.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, Node};
use yew::prelude::*;

use crate::browser::Listener;

#[derive(Debug, Properties, PartialEq)]
pub struct MenuProps {
    /// The name of the button for screen readers.
    pub label: AttrValue,
    /// What the button shows.
    pub face: Html,
    #[prop_or("btn btn-sm".into())]
    pub class: Classes,
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// Of the button, for whoever gives the keyboard back to it.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    pub children: Html,
}

/// See the module.
#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let open = use_state_eq(|| false);
    let node = use_node_ref();
    {
        let (open_now, open, node) = (*open, open.setter(), node.clone());
        use_effect_with(open_now, move |is_open| {
            let listeners = is_open.then(|| {
                let close_outside = {
                    let (open, node) = (open.clone(), node.clone());
                    move |event: Event| {
                        let target = event.target().and_then(|it| it.dyn_into::<Node>().ok());
                        let inside = node.cast::<Element>().is_some_and(|it| it.contains(target.as_ref()));
                        if !inside {
                            open.set(false);
                        }
                    }
                };
                let escape = move |event: Event| {
                    if event.dyn_ref::<KeyboardEvent>().is_some_and(|it| it.key() == "Escape") {
                        open.set(false);
                        let button = node.cast::<Element>().and_then(|it| it.first_element_child());
                        if let Some(button) = button.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                            let _ = button.focus();
                        }
                    }
                };
                [
                    Listener::on_window("mousedown", close_outside.clone()),
                    Listener::on_window("focusin", close_outside),
                    Listener::on_window("keydown", escape),
                ]
            });
            move || drop(listeners)
        });
    }
    let toggle = {
        let (now, open) = (*open, open.setter());
        Callback::from(move |_: MouseEvent| open.set(!now))
    };
    html! {
        <div ref={node} class="relative">
            <button type="button" id={props.id.clone()} class={props.class.clone()} aria-label={props.label.clone()} title={props.label.clone()}
                aria-expanded={if *open { "true" } else { "false" }} onclick={toggle} data-testid={props.testid.clone()}>
                { props.face.clone() }
            </button>
            if *open { <div class="menu-panel">{ props.children.clone() }</div> }
        </div>
    }
}

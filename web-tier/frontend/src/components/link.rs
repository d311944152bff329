//! Links inside of Skydesk that may carry a query, and can be opened in a new tab like any link.

use yew::prelude::*;
use yew_router::prelude::*;

use crate::{client::url, routes::Route};

#[derive(Debug, Properties, PartialEq)]
pub struct GoProps {
    pub to: Route,
    /// Names and values behind the question mark.
    #[prop_or_default]
    pub query: Vec<(String, String)>,
    #[prop_or_default]
    pub class: Classes,
    #[prop_or_default]
    pub label: Option<AttrValue>,
    #[prop_or_default]
    pub current: bool,
    /// Told after the click, such as to close a menu.
    #[prop_or_default]
    pub after: Callback<()>,
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    pub children: Html,
}

/// A link to a page.
#[component]
pub fn Go(props: &GoProps) -> Html {
    let navigator = use_navigator();
    let href = if props.query.is_empty() {
        props.to.to_path()
    } else {
        format!("{}?{}", props.to.to_path(), url::query(&props.query))
    };
    let onclick = {
        let (to, query, after) = (props.to.clone(), props.query.clone(), props.after.clone());
        Callback::from(move |event: MouseEvent| {
            let other_tab = event.ctrl_key() || event.meta_key() || event.shift_key() || event.button() != 0;
            event.stop_propagation();
            if let (false, Some(navigator)) = (other_tab, &navigator) {
                event.prevent_default();
                go(navigator, &to, &query);
            }
            after.emit(());
        })
    };
    html! {
        <a {href} {onclick} class={props.class.clone()} aria-label={props.label.clone()} data-testid={props.testid.clone()}
            aria-current={props.current.then_some("page")}>
            { props.children.clone() }
        </a>
    }
}

/// Goes to a page with a query.
pub fn go(navigator: &Navigator, to: &Route, query: &[(String, String)]) {
    // Pairs of texts can always be written as a query.
    let _written = navigator.push_with_query(to, query);
}

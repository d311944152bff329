//! The navigation at the left: one word each; collapsible on wide screens, a drawer on narrow ones.

use yew::prelude::*;
use yew_router::prelude::*;

use super::{icon::Icon, link::Go};
use crate::{
    pages::operations::use_open_operations,
    routes::{Route, SECTIONS},
    session::use_session,
};

#[derive(Debug, Properties, PartialEq)]
pub struct NavigationProps {
    pub collapsed: bool,
    pub on_collapse: Callback<()>,
    /// Told when a link was followed.
    pub after: Callback<()>,
}

/// See the module.
#[component]
pub fn Navigation(props: &NavigationProps) -> Html {
    let session = use_session();
    let waiting = use_open_operations().waiting();
    let here = use_route::<Route>().map(|it| it.section());
    let label = if props.collapsed { "Expand navigation" } else { "Collapse navigation" };
    html! {
        <nav aria-label="Main" class="nav" data-testid="navigation">
            <ul class="flex flex-col gap-0.5">
                { for SECTIONS.iter().filter(|it| session.may(it.needs)).map(|section| {
                    let current = here.as_ref() == Some(&section.route);
                    html! {
                        <li key={section.label}>
                            <Go to={section.route.clone()} {current} class={classes!("nav-link", current.then_some("is-current"))}
                                label={props.collapsed.then_some(AttrValue::from(section.label))} after={props.after.clone()}
                                testid={format!("nav-{}", section.icon)}>
                                <Icon name={section.icon} /><span class="nav-word">{ section.label }</span>
                                if section.route == Route::Operations && waiting > 0 {
                                    <span class="badge nav-badge" title="Wait for approval">{ waiting }<span class="sr-only">{ " wait for approval" }</span></span>
                                }
                            </Go>
                        </li>
                    }
                }) }
            </ul>
            <button type="button" class="nav-link nav-collapse" aria-label={label} title={label}
                onclick={props.on_collapse.reform(|_| ())}>
                <Icon name={if props.collapsed { "expand" } else { "collapse" }} /><span class="nav-word">{ "Collapse" }</span>
            </button>
        </nav>
    }
}

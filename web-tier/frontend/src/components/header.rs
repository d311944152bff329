//! The head of a page: breadcrumb, title, what it is about, and its actions at the right.

use yew::prelude::*;

use super::{icon::Icon, link::Go};
use crate::{browser, routes::Route};

#[derive(Debug, Properties, PartialEq)]
pub struct PageHeaderProps {
    pub title: AttrValue,
    /// What leads here, outermost first.
    #[prop_or_default]
    pub trail: Vec<(Route, AttrValue)>,
    /// What it is about. Empty keeps its line free for what is being read; `None` has no line.
    #[prop_or_default]
    pub subtitle: Option<Html>,
    /// Actions.
    #[prop_or_default]
    pub children: Html,
}

/// See the module. Also names the browser's tab.
#[component]
pub fn PageHeader(props: &PageHeaderProps) -> Html {
    use_effect_with(props.title.clone(), |title| browser::set_title(&format!("{title} · Skydesk")));
    html! {
        <header class="page-head">
            <div class="min-w-0">
                if !props.trail.is_empty() {
                    <nav aria-label="Breadcrumb" class="crumbs">
                        { for props.trail.iter().map(|(route, label)| html! {
                            <><Go to={route.clone()} class="link-quiet">{ label }</Go><Icon name="right" /></>
                        }) }
                        <span class="truncate" aria-current="page">{ &props.title }</span>
                    </nav>
                }
                <h1 class="page-title">{ &props.title }</h1>
                if let Some(subtitle) = &props.subtitle { <div class="page-subtitle">{ subtitle.clone() }</div> }
            </div>
            <div class="page-actions">{ props.children.clone() }</div>
        </header>
    }
}

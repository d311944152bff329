//! An address that leads nowhere.

use yew::prelude::*;

use crate::{
    components::{header::PageHeader, link::Go, loaded::empty},
    routes::Route,
};

#[component]
pub fn NotFoundPage() -> Html {
    let home =
        html! { <Go to={Route::Overview} class="btn btn-sm btn-primary">{ "Go to the overview" }</Go> };
    html! {
        <>
            <PageHeader title="Not found" />
            <section class="panel">
                { empty("search", "There is no such page", "The address may be mistyped or from an older version.", home) }
            </section>
        </>
    }
}

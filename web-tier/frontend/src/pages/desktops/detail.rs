//! The page of one desktop.

use contract::workspaces::WorkspaceDetail;
use yew::prelude::*;

use super::{
    facts::{facts, timeline, warnings},
    usage::UsageSection,
};
use crate::{
    components::{
        header::PageHeader,
        loaded::{Skeleton, loaded},
        status::desktop_state,
    },
    live::use_epochs,
    pages::savings::RecommendationsCard,
    remote::use_remote,
    routes::Route,
};

#[derive(Debug, Properties, PartialEq)]
pub struct DesktopPageProps {
    pub id: String,
}

/// See the module.
#[component]
pub fn DesktopPage(props: &DesktopPageProps) -> Html {
    let epoch = use_epochs().data;
    let reading =
        use_remote(props.id.clone(), epoch, |client, id| async move { client.workspace(&id).await });
    let known = reading.remote.ready();
    let title = known.map_or_else(|| props.id.clone(), |it| it.workspace.user_name.clone());
    let subtitle = known.map(|it| {
        let it = &it.workspace;
        html! { <span class="inline-flex flex-wrap items-center gap-x-3">{ desktop_state(&it.state) }<span>{ format!("{} / {}", it.account, it.region) }</span></span> }
    });
    html! {
        <>
            <PageHeader {title} trail={vec![(Route::Desktops, "Desktops".into())]} subtitle={subtitle.unwrap_or_default()} />
            { loaded(&reading, "this desktop", Skeleton::Block, |it| body(it)) }
        </>
    }
}

fn body(it: &WorkspaceDetail) -> Html {
    html! {
        <div class="flex flex-col gap-4" data-testid="desktop-detail">
            { warnings(&it.workspace) }
            <div class="grid grid-cols-1 items-start gap-4 lg:grid-cols-3">
                <div class="flex min-w-0 flex-col gap-4 lg:col-span-2">
                    <div class="panel facts-grid">{ facts(&it.workspace, "h2") }</div>
                    <RecommendationsCard id={it.workspace.id.0.clone()} />
                </div>
                <section class="panel" aria-label="Changes">
                    <header class="panel-head"><h2 class="panel-title">{ "Changes" }</h2></header>
                    <div class="panel-body">{ timeline(&it.changes) }</div>
                </section>
            </div>
            <UsageSection id={it.workspace.id.0.clone()} running_mode={it.workspace.running_mode.clone()} />
        </div>
    }
}

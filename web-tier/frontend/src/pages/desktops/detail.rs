//! The page of one desktop.

use contract::{
    ids::WorkspaceId,
    workspaces::{Workspace, WorkspaceDetail},
};
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
    pages::{
        costs::CostSection,
        events::EventsCard,
        operations::{Acts, Open, OperationsCard, operation_link, operation_state, use_open_operations},
        savings::RecommendationsCard,
    },
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
    let (epoch, open) = (use_epochs().data, use_open_operations());
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
            <PageHeader {title} trail={vec![(Route::Desktops, "Desktops".into())]} subtitle={subtitle.unwrap_or_default()}>
                if known.is_some_and(|it| it.workspace.gone_at.is_none()) { <Acts ids={vec![WorkspaceId(props.id.clone())]} /> }
            </PageHeader>
            { loaded(&reading, "this desktop", Skeleton::Block, |it| body(it, &open)) }
        </>
    }
}

/// What is proposed for it or under way.
fn open_operations(it: &Workspace, open: &Open) -> Html {
    let mut operations = open.of_desktop(&it.id).peekable();
    if operations.peek().is_none() {
        return Html::default();
    }
    html! {
        <ul class="flex flex-col gap-2" aria-label="Open operations" data-testid="desktop-operations">
            { for operations.map(|it| html! {
                <li key={it.id.to_string()} class="note flex-wrap items-center">{ operation_state(it.state) }<span>{ operation_link(it) }</span></li>
            }) }
        </ul>
    }
}

fn body(it: &WorkspaceDetail, open: &Open) -> Html {
    html! {
        <div class="flex flex-col gap-4" data-testid="desktop-detail">
            { warnings(&it.workspace) }
            { open_operations(&it.workspace, open) }
            <div class="grid grid-cols-1 items-start gap-4 lg:grid-cols-3">
                <div class="flex min-w-0 flex-col gap-4 lg:col-span-2">
                    <div class="panel facts-grid">{ facts(&it.workspace, "h2") }</div>
                    <RecommendationsCard id={it.workspace.id.0.clone()} />
                </div>
                <div class="flex min-w-0 flex-col gap-4">
                    <section class="panel" aria-label="Changes">
                        <header class="panel-head"><h2 class="panel-title">{ "Changes" }</h2></header>
                        <div class="panel-body">{ timeline(&it.changes) }</div>
                    </section>
                    <OperationsCard id={it.workspace.id.0.clone()} />
                    <EventsCard id={it.workspace.id.0.clone()} />
                </div>
            </div>
            <CostSection id={it.workspace.id.0.clone()} />
            <UsageSection id={it.workspace.id.0.clone()} running_mode={it.workspace.running_mode.clone()} />
        </div>
    }
}

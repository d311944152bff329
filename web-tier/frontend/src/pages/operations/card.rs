//! What was done to one desktop of late, on its page.

use contract::{auth::Permission, operations::OperationSummary};
use yew::prelude::*;

use super::look::{operation_link, operation_state};
use crate::{
    client::url,
    components::{
        link::Go,
        loaded::{Skeleton, loaded},
        time::Ago,
    },
    format::counted,
    live::use_epochs,
    remote::use_remote,
    routes::Route,
    session::use_session,
};

/// More stand on the page of operations.
const SHOWN: &str = "5";

#[derive(Debug, Properties, PartialEq)]
pub(crate) struct OperationsCardProps {
    /// The desktop's id.
    pub(crate) id: String,
}

/// See the module; nothing where nothing was done.
#[component]
pub(crate) fn OperationsCard(props: &OperationsCardProps) -> Html {
    let may = use_session().may(Permission::OperationsRead);
    let epoch = use_epochs().operations;
    let reading = use_remote((props.id.clone(), may), epoch, |client, (id, may)| async move {
        if !may {
            return Ok(None);
        }
        let query = url::query(&[("workspace_id", id.as_str()), ("limit", SHOWN)]);
        client.operations(&query).await.map(Some)
    });
    if !may {
        return Html::default();
    }
    let query = vec![("workspace_id".to_owned(), props.id.clone())];
    loaded(&reading, "the operations of this desktop", Skeleton::Rows(2), |page| {
        let Some(page) = page.as_ref().as_ref().filter(|it| !it.items.is_empty()) else {
            return Html::default();
        };
        let more = page.total - i64::try_from(page.items.len()).unwrap_or(0);
        html! {
            <section class="panel" aria-label="Operations" data-testid="desktop-operations-done">
                <header class="panel-head"><h2 class="panel-title">{ "Operations" }</h2></header>
                <div class="panel-body">
                    <ol class="timeline">{ for page.items.iter().map(entry) }</ol>
                    if more > 0 {
                        <p class="mt-4"><Go to={Route::Operations} {query} class="link">{ counted(more, "operation more", "operations more") }</Go></p>
                    }
                </div>
            </section>
        }
    })
}

fn entry(it: &OperationSummary) -> Html {
    html! {
        <li key={it.id.to_string()}>
            <p>{ operation_link(it) }</p>
            <div class="flex flex-wrap items-center gap-x-3 text-xs text-muted">
                { operation_state(it.state) }<span>{ "by " }{ &it.proposed_by }</span><Ago at={it.proposed_at} />
            </div>
        </li>
    }
}

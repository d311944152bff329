//! Kept questions on the overview, asked anew each time.

use std::rc::Rc;

use contract::{questions::Answer, views::View};
use yew::prelude::*;

use crate::{
    browser,
    charts::card::ChartCard,
    components::{
        icon::Icon,
        link::Go,
        loaded::{Skeleton, loaded},
    },
    live::{use_epochs, use_unhurried},
    pages::ask::{Shape, shape_of},
    remote::use_remote,
    routes::Route,
};

/// More would be asked at once than anybody reads.
const MOST: usize = 6;

/// Nothing as long as nobody has put a view here.
#[component]
pub(super) fn ViewsOnOverview() -> Html {
    let epochs = use_epochs();
    let epoch = use_unhurried(epochs.data);
    let reading = use_remote((), 0, |client, ()| async move { client.views().await });
    let Some(page) = reading.remote.ready() else { return Html::default() };
    let views: Vec<_> = page.items.iter().filter(|it| it.on_overview && it.fits).take(MOST).collect();
    if views.is_empty() {
        return Html::default();
    }
    html! {
        <div class="grid grid-cols-1 gap-4 lg:grid-cols-2" data-testid="overview-views">
            { for views.into_iter().map(|it| html! { <OneView key={it.id.to_string()} view={Rc::new(it.clone())} {epoch} /> }) }
        </div>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct OneViewProps {
    view: Rc<View>,
    epoch: u32,
}

#[component]
fn OneView(props: &OneViewProps) -> Html {
    let view = &props.view;
    let reading = use_remote(view.clone(), props.epoch, |client, view: Rc<View>| async move {
        client.view_answer(view.id, browser::timezone()).await
    });
    loaded(&reading, "the view", Skeleton::Block, |answer| card(view, answer))
}

fn card(view: &View, answer: &Answer) -> Html {
    let link = html! {
        <Go to={Route::Ask} query={address(view)} class="icon-button"><Icon name="right" /><span class="sr-only">{ format!("Open {}", view.name) }</span></Go>
    };
    let chart = |data, shape| html! { <ChartCard title={view.name.clone()} {data} {shape} plan={view.plan.clone()} note={link.clone()} testid="overview-view" /> };
    let panel = |body: Html| {
        html! {
            <section class="panel" aria-label={view.name.clone()} data-testid="overview-view">
                <header class="panel-head"><h2 class="panel-title">{ &view.name }</h2><span class="flex-1" />{ link.clone() }</header>
                <div class="panel-body">{ body }</div>
            </section>
        }
    };
    match shape_of(answer) {
        Shape::Chart(data, drawn) => chart(data, drawn),
        Shape::Figures(figures) => panel(html! {
            <div class="flex flex-wrap gap-x-10 gap-y-3">
                { for figures.iter().map(|(label, value)| html! { <p><span class="big-figure">{ value }</span><span class="block text-muted">{ label }</span></p> }) }
            </div>
        }),
        Shape::Table => panel(html! { <p>{ &answer.summary }</p> }),
    }
}

/// As the page of questions reads it.
fn address(view: &View) -> Vec<(String, String)> {
    let plan = serde_json::to_string(&view.plan).unwrap_or_default();
    vec![("q".to_owned(), view.name.clone()), ("plan".to_owned(), plan)]
}

//! Events as people would tell them: who did what to how many desktops, by actor and operation.

use std::{collections::BTreeMap, rc::Rc};

use chrono::{SecondsFormat, TimeDelta};
use contract::{
    events::{Action, Actions},
    reports::OneOrMany,
};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    UNREAD,
    deeds::{Look, SPANS, calls, counts},
    result, views,
};
use crate::{
    browser,
    charts::card::{ChartCard, Shape},
    client::url,
    components::{
        export::Export,
        field::CheckField,
        header::PageHeader,
        icon::Icon,
        link::{Go, go},
        loaded::{Skeleton, empty, loaded},
        more::{ROWS, use_more},
        schedules_link::SchedulesLink,
        segments::{Segment, segments},
        status::none,
        table::{cards, th},
        time::Ago,
    },
    format::{self, counted},
    live::use_epochs,
    pages::desktops::desktop_link,
    remote::use_remote,
    routes::Route,
};

/// Desktops that an address has room for.
const IN_ADDRESS: usize = 100;

/// See the module.
#[component]
pub fn ActionsPage() -> Html {
    let navigator = use_navigator();
    let look = Look::from_pairs(&use_location().map(|it| url::pairs(it.query_str())).unwrap_or_default());
    let epoch = use_epochs().data;
    let reading = use_remote(look.days, epoch, |client, days| async move {
        let from = browser::now() - TimeDelta::days(i64::from(days));
        client.event_actions(from).await
    });
    let change = Callback::from(move |look: Look| {
        if let Some(navigator) = &navigator {
            go(navigator, &Route::Events, &look.to_pairs());
        }
    });
    let known = reading.remote.ready();
    let subtitle = known.map(|it| {
        let count = counted(i64::try_from(it.items.len()).unwrap_or(i64::MAX), "action", "actions");
        html! { <>{ count }{ " since " }<Ago at={it.from} /></> }
    });
    let since =
        (browser::now() - TimeDelta::days(i64::from(look.days))).to_rfc3339_opts(SecondsFormat::Secs, true);
    let filter = BTreeMap::from([("min_at".to_owned(), OneOrMany::One(since))]);
    html! {
        <>
            <PageHeader title="Events" subtitle={subtitle.unwrap_or_default()}>
                <Export source="events" {filter} disabled={known.is_some_and(|it| it.items.is_empty())} />
            </PageHeader>
            <div class="toolbar flex-wrap items-center justify-between">
                { views(&Route::Events) }
                { spans(&look) }
            </div>
            { loaded(&reading, "the events", Skeleton::Rows(12), |it| {
                if it.items.is_empty() && !look.is_narrowed() {
                    return nothing(&look);
                }
                html! { <Body actions={it.clone()} look={look.clone()} change={change.clone()} /> }
            }) }
        </>
    }
}

/// Without an action in the time it may be that nothing was read, or that nothing was done.
fn nothing(look: &Look) -> Html {
    let most = SPANS.iter().map(|(days, _)| *days).max().unwrap_or(look.days);
    if look.days == most {
        let (title, hint) = UNREAD;
        return html! { <section class="panel">{ empty("events", title, hint, html! { <SchedulesLink /> }) }</section> };
    }
    let query = Look { days: most, ..look.clone() }.to_pairs();
    let back =
        html! { <Go to={Route::Events} {query} class="btn btn-sm">{ format!("Look {most} days back") }</Go> };
    let hint = "Nobody did anything to desktops in this time, as far as CloudTrail has told.";
    html! { <section class="panel">{ empty("events", "No events in this time", hint, back) }</section> }
}

fn spans(look: &Look) -> Html {
    let span = |(days, label): &(u32, &str)| {
        let query = Look { days: *days, ..look.clone() }.to_pairs();
        Segment::new(Route::Events, query, *label, *days == look.days)
    };
    segments("Time", SPANS.iter().map(span))
}

#[derive(Debug, Properties, PartialEq)]
struct BodyProps {
    actions: Rc<Actions>,
    look: Look,
    change: Callback<Look>,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    let BodyProps { actions, look, change } = props;
    let shown: Vec<&Action> = actions.items.iter().filter(|it| look.shows(it)).collect();
    let more = use_more(shown.len(), ROWS);
    let begins_late =
        actions.from > browser::now() - TimeDelta::days(i64::from(look.days)) + TimeDelta::hours(1);
    html! {
        <div class="flex flex-col gap-4">
            if begins_late {
                <p class="note note-warning">
                    <Icon name="alert" class="mt-0.5 text-warning" />
                    <span>{ "There are more events than are put together at once; what is shown begins " }<Ago at={actions.from} />{ "." }</span>
                </p>
            }
            <div class="grid grid-cols-1 gap-4 lg:grid-cols-2">
                { chart("Actions by actor", "Actor", &shown, |it| &it.actor, {
                    let look = look.clone();
                    change.reform(move |actor| Look { actor: Some(actor), ..look.clone() })
                }) }
                { chart("Actions by operation", "Operation", &shown, |it| &it.name, {
                    let look = look.clone();
                    change.reform(move |name| Look { name: Some(name), ..look.clone() })
                }) }
            </div>
            { narrowed(look, change) }
            if shown.is_empty() {
                <section class="panel">{ empty("events", "No action matches", "Loosen the filter or look further back.", Html::default()) }</section>
            } else {
                <div class="panel">
                    { cards("Actions", "actions-table", heads(), shown.iter().take(more.rows).map(|it| row(it)).collect()) }
                    { more.foot() }
                </div>
            }
        </div>
    }
}

fn chart(
    title: &'static str,
    dimension: &'static str,
    shown: &[&Action],
    of: impl Fn(&Action) -> &str,
    pick: Callback<String>,
) -> Html {
    let (data, single) = counts(shown, dimension, of);
    let names: Vec<String> = data.rows.iter().take(single).map(|it| it.label.clone()).collect();
    let on_pick = Callback::from(move |n: usize| {
        if let Some(name) = names.get(n) {
            pick.emit(name.clone());
        }
    });
    let file = format!("events-by-{}.csv", dimension.to_lowercase());
    html! { <ChartCard {title} {data} shape={Shape::Bars { axis: false }} {on_pick} {file} testid={format!("events-by-{}", dimension.to_lowercase())} /> }
}

/// What narrows the list, as chips, and the switch for what failed.
fn narrowed(look: &Look, change: &Callback<Look>) -> Html {
    let chip = |label: &'static str, value: &Option<String>, without: Look| {
        value.as_ref().map(|value| {
            let remove = change.reform(move |_: MouseEvent| without.clone());
            html! {
                <span class="chip" data-testid="filter-chip">
                    <span class="text-muted">{ label }</span><span class="font-medium">{ value }</span>
                    <button type="button" class="chip-remove" aria-label={format!("Remove {label} {value}")} onclick={remove}><Icon name="close" /></button>
                </span>
            }
        })
    };
    let on_failed = {
        let look = look.clone();
        change.reform(move |failed| Look { failed, ..look.clone() })
    };
    html! {
        <div class="flex flex-wrap items-center gap-2">
            { for chip("Actor is", &look.actor, Look { actor: None, ..look.clone() }) }
            { for chip("Operation is", &look.name, Look { name: None, ..look.clone() }) }
            <CheckField label="Only what AWS refused" checked={look.failed} on_change={on_failed} testid="only-failed" />
        </div>
    }
}

fn heads() -> Html {
    html! { <>{ th("When") }{ th("Actor") }{ th("What") }{ th("Result") }{ th("Desktops") }{ th("Account") }{ th("Calls") }</> }
}

fn row(it: &Action) -> Html {
    let took = (it.ended_at - it.began_at).num_minutes();
    let calls = html! {
        <Go to={Route::EventCalls} query={calls(it)} class="link">
            { counted(i64::try_from(it.event_ids.len()).unwrap_or(i64::MAX), "call", "calls") }
        </Go>
    };
    // The first call, the desktops of a failure and those of a success may all be one call's.
    let key = format!("{}-{}-{}", it.event_ids.first().map_or("", |it| &it.0), it.summary, it.account);
    html! {
        <tr {key} data-testid="action-row">
            <td>
                <Ago at={it.ended_at} />
                if took > 0 { <span class="cell-more">{ format!("over {}", format::span(u32::try_from(took).unwrap_or(u32::MAX))) }</span> }
            </td>
            <td data-label="Actor"><span class="cell-cut font-medium" title={it.actor.clone()}>{ &it.actor }</span></td>
            <td class="cell-text">{ format::capital(&it.summary) }<code class="cell-more">{ &it.name }</code></td>
            <td data-label="Result">{ result(it.error_code.as_deref()) }</td>
            <td data-label="Desktops">{ desktops(it) }</td>
            <td data-label="Account"><span>{ &it.account }<span class="cell-more">{ it.regions.join(", ") }</span></span></td>
            <td data-label="Calls">{ calls }</td>
        </tr>
    }
}

fn desktops(it: &Action) -> Html {
    let ids = &it.workspace_ids;
    let many = || counted(i64::try_from(ids.len()).unwrap_or(i64::MAX), "desktop", "desktops");
    match ids.as_slice() {
        [] => none(),
        [one] => desktop_link(&one.0, &one.0),
        few if few.len() <= IN_ADDRESS => {
            let ids = few.iter().map(|id| ("id".to_owned(), id.0.clone()));
            let query: Vec<_> = ids.chain([("gone".to_owned(), "any".to_owned())]).collect();
            html! { <Go to={Route::Desktops} {query} class="link">{ many() }</Go> }
        }
        _ => html! { many() },
    }
}

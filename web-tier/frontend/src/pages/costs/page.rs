//! The page of costs: the trend with its forecast by group, what desktops are known to cost beside the bill, and how it is known.

use std::rc::Rc;

use chrono::NaiveDate;
use contract::billing::{Billing, CostStatus, CurrencyCosts, Forecast, Group, Step};
use web_sys::HtmlInputElement;
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    chart::{Chart, charged, chart, label, running, shown, trend, whole},
    figure::{badge, figure},
    known::{AskingPanel, readings},
    look::{DAYS, Look, MONTHS, TAG},
    reconciled::Reconciled,
    tag::TagPanel,
};
use crate::{
    browser,
    charts::{columns::Columns, panel::ChartPanel, sparkline::Sparkline},
    client::url,
    components::{
        field::select,
        header::PageHeader,
        icon::Icon,
        link::go,
        loaded::{Skeleton, empty, loaded},
        schedules_link::SchedulesLink,
        segments::{Segment, segments},
        status::none,
        table::{cards, th, th_number},
        time::Ago,
    },
    format::{self, decimal, percent},
    live::use_epochs,
    remote::use_remote,
    routes::Route,
};

/// See the module.
#[component]
pub fn CostsPage() -> Html {
    let navigator = use_navigator();
    let look = Look::from_pairs(&use_location().map(|it| url::pairs(it.query_str())).unwrap_or_default());
    let epoch = use_epochs().data;
    let reading = use_remote(look.clone(), epoch, |client, look| async move {
        let (from, until) = look.range(browser::now().date_naive());
        client.billing(&look.group_by, look.by, from, until).await
    });
    let change = Callback::from(move |look: Look| {
        if let Some(navigator) = &navigator {
            go(navigator, &Route::Costs, &look.to_pairs());
        }
    });
    let oldest = reading.remote.ready().and_then(|it| it.currencies.iter().map(|it| it.total.as_of).min());
    let subtitle = oldest.map(|at| html! { <>{ "As of " }<Ago {at} /></> }).unwrap_or_default();
    html! {
        <>
            <PageHeader title="Costs" {subtitle} />
            <Choices look={look.clone()} change={change} />
            { loaded(&reading, "the costs", Skeleton::Block, |it| html! { <Body billing={it.clone()} /> }) }
        </>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct ChoicesProps {
    look: Look,
    change: Callback<Look>,
}

/// Group, step and span.
#[component]
fn Choices(props: &ChoicesProps) -> Html {
    let ChoicesProps { look, change } = props;
    let by_tag = use_state_eq(|| look.group_by.starts_with(TAG));
    let tag = use_state_eq(|| look.group_by.strip_prefix(TAG).unwrap_or_default().to_owned());
    let groups =
        [("service", "By service"), ("account", "By account"), ("region", "By region"), (TAG, "By tag…")];
    let options: Vec<_> =
        groups.iter().map(|(name, label)| ((*name).to_owned(), (*label).to_owned())).collect();
    let on_group = {
        let (look, change, by_tag) = (look.clone(), change.clone(), by_tag.setter());
        Callback::from(move |name: String| {
            by_tag.set(name == TAG);
            if name != TAG {
                change.emit(look.grouped(name));
            }
        })
    };
    let on_tag = {
        let tag = tag.setter();
        Callback::from(move |event: InputEvent| {
            tag.set(event.target_unchecked_into::<HtmlInputElement>().value())
        })
    };
    let onsubmit = {
        let (look, change, tag) = (look.clone(), change.clone(), (*tag).clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !tag.trim().is_empty() {
                change.emit(look.grouped(format!("{TAG}{}", tag.trim())));
            }
        })
    };
    let link =
        |to: Look, label: String, current: bool| Segment::new(Route::Costs, to.to_pairs(), label, current);
    let (spans, unit): (&[u32], _) =
        if look.by == Step::Month { (&MONTHS, "months") } else { (&DAYS, "days") };
    let value = if *by_tag { TAG } else { look.group_by.as_str() };
    html! {
        <div class="toolbar flex-wrap items-center">
            <div class="w-40">{ select(None, Some("Group"), value, &options, on_group, Some("cost-group".into())) }</div>
            if *by_tag {
                <form class="flex items-center gap-2" {onsubmit}>
                    <input class="input input-sm w-44" type="text" value={(*tag).clone()} oninput={on_tag} aria-label="Name of the tag" placeholder="Name of the tag: Team"
                        spellcheck="false" data-testid="cost-tag-name" />
                    <button type="submit" class="btn btn-sm">{ "Show" }</button>
                </form>
            }
            if !look.group_by.starts_with(TAG) {
                { segments("Step", Step::ALL.iter().rev().map(|step| link(look.by(*step), format!("By {}", step.name()), look.by == *step))) }
            }
            { segments("Time", spans.iter().map(|count| link(Look { count: *count, ..look.clone() }, format!("{count} {unit}"), look.count == *count))) }
        </div>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct BodyProps {
    billing: Rc<Billing>,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    let it = &props.billing;
    html! {
        <div class="flex flex-col gap-4">
            if it.currencies.is_empty() {
                <section class="panel">
                    { empty("costs", "No costs are known of this time",
                        "The schedule “billing” reads from Cost Explorer what AWS charges. If nothing comes, it may be switched off, the month's limit for \
                         asking AWS reached, or AWS may deny it: below stands how each account's last reading went.",
                        html! { <SchedulesLink /> }) }
                </section>
            }
            { for it.currencies.iter().map(|of| currency(it, of)) }
            { readings(&it.readings) }
            <div class="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
                <TagPanel tag={it.cost_tag.clone()} />
                <AskingPanel asking={it.asking.clone()} />
            </div>
        </div>
    }
}

fn currency(it: &Billing, of: &CurrencyCosts) -> Html {
    let Chart { data, estimated, forecast, table, summary } = chart(it, of);
    let title = format!(
        "Costs by {}{}",
        it.by.name(),
        if it.currencies.len() > 1 { format!(", {}", of.currency) } else { String::new() }
    );
    let file = format!("costs-by-{}-{}.csv", it.by.name(), of.currency);
    let note = of.forecast.as_ref().map(|it| html! { <p class="chart-note">{ "Forecast: " }{ &it.how }</p> });
    let lacks = of.periods.iter().any(|it| it.total.status == CostStatus::Partial);
    html! {
        <>
            { tiles(of) }
            if lacks {
                <p class="note note-warning" data-testid="costs-partial">
                    <Icon name="alert" class="mt-0.5 text-warning" />
                    <span>{ "A part of these costs is not known, such as an account that was not read; what is shown is less than the whole. Below stands what was \
                             read of each account." }</span>
                </p>
            }
            <ChartPanel title={title.clone()} {table} {file} note={note.unwrap_or_default()} testid="cost-chart">
                <Columns {data} {title} {estimated} derived={forecast} stacked=true {summary} />
            </ChartPanel>
            { groups(it, of) }
            <Reconciled items={of.reconciliation.clone()} />
        </>
    }
}

fn tiles(of: &CurrencyCosts) -> Html {
    let money = |amount| format::money(amount, &of.currency);
    html! {
        <div class="grid grid-cols-1 gap-3 sm:grid-cols-2" data-testid="cost-tiles">
            <div class="figure">
                <span class="figure-label"><Icon name="costs" />{ "In this time" }</span>
                <span class="figure-value whitespace-nowrap">{ money(of.total.amount) }</span>
                <span>{ badge(&of.total) }</span>
            </div>
            <div class="figure">
                <span class="figure-label"><Icon name="chart" />{ "This month will come to about" }</span>
                { match &of.forecast {
                    Some(it) => forecast(it),
                    None => html! { <><span class="figure-value">{ "–" }</span><span class="text-muted">{ "Not enough days of this month are known, or it is not in this time" }</span></> },
                } }
            </div>
        </div>
    }
}

fn forecast(it: &Forecast) -> Html {
    let money = |amount| format::money(amount, &it.currency);
    html! {
        <>
            <span class="figure-value whitespace-nowrap">{ money(it.expected) }</span>
            <span class="flex flex-wrap items-center gap-x-2 text-muted tabular">
                <span class="tag tag-weak" title={it.how.clone()}>{ "Forecast" }</span>
                { format!("{} to {} in eight of ten cases; {} charged before {}", money(it.low), money(it.high), money(it.to_date), format::day(it.known_until)) }
            </span>
        </>
    }
}

fn groups(it: &Billing, of: &CurrencyCosts) -> Html {
    let name = match it.group_by.strip_prefix(TAG) {
        Some(tag) => tag.to_owned(),
        None => format::capital(&it.group_by),
    };
    let ended = whole(of, running(it));
    let last = ended.map_or("Last whole".to_owned(), |(last, _)| shown(last, it.by));
    let heads = html! {
        <><th scope="col">{ name.clone() }</th>{ th_number("Total") }{ th_number("Share") }{ th("Where it is from") }{ th("Trend") }<th scope="col" class="text-right">{ last.clone() }</th></>
    };
    let rows = of.groups.iter().map(|group| row(group, it, of, ended, &last)).collect();
    html! { <section class="panel">{ cards(&format!("Costs by {name}"), "cost-groups", heads, rows) }</section> }
}

fn row(
    group: &Group,
    it: &Billing,
    of: &CurrencyCosts,
    ended: Option<(NaiveDate, NaiveDate)>,
    last: &str,
) -> Html {
    let name = label(group);
    let values: Vec<f64> = group.periods.iter().map(|it| it.total.amount.to_f64().max(0.0)).collect();
    let whole = ended.and_then(|(last, _)| charged(group, last));
    let change = ended.and_then(|it| trend(group, it)).map(|it| {
        let words = match it.round() {
            it if it > 0.0 => format!("+{} % to the one before", decimal(it)),
            it if it < 0.0 => format!("{} % to the one before", decimal(it)),
            _ => "As the one before".to_owned(),
        };
        html! { <span class="cell-more">{ words }</span> }
    });
    html! {
        <tr key={format!("{}-{name}", group.kind.name())}>
            <td class="font-medium">{ &name }</td>
            <td class="text-right tabular" data-label="Total">{ format::money(group.total.amount, &of.currency) }</td>
            <td class="text-right tabular" data-label="Share">{ percent(group.total.amount.nanos() / 1000, of.total.amount.nanos() / 1000) }</td>
            <td data-label="Where it is from">{ badge(&group.total) }</td>
            <td data-label="Trend"><Sparkline {values} label={format!("{name} by {}", it.by.name())} /></td>
            <td class="text-right" data-label={last.to_owned()}>
                <span>{ whole.map_or_else(none, figure) }{ change.unwrap_or_default() }</span>
            </td>
        </tr>
    }
}

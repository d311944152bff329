//! "What if": what a group of desktops would have cost in the last whole months under other rules, limits and timeouts.

use std::rc::Rc;

use contract::simulations::{Outcomes, Simulation};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    outcomes::{by_limit, by_rule, by_timeout, difference},
    tile, views,
};
use crate::{
    catalog::use_catalog,
    charts::{
        card::{ChartCard, Shape},
        lines::Lines,
        panel::ChartPanel,
    },
    client::url,
    components::{
        filter_box::FilterBox,
        header::PageHeader,
        icon::Icon,
        link::go,
        loaded::{Skeleton, empty, loaded},
        schedules_link::SchedulesLink,
        segments::{Segment, segments},
        status::{Meaning, status},
    },
    format::{self, counted, grouped},
    listing::query::ListQuery,
    pages::desktops::COLUMNS,
    remote::use_remote,
    routes::Route,
};

/// Whole months to look back at.
const MONTHS: [u32; 4] = [1, 3, 6, 12];

/// The group and the months, as they stand in the address.
#[derive(Debug, Clone, PartialEq)]
struct Look {
    months: u32,
    group: ListQuery,
}

impl Look {
    fn from_pairs(pairs: &[(String, String)]) -> Self {
        let (own, group): (Vec<_>, Vec<_>) = pairs.iter().cloned().partition(|(name, _)| name == "months");
        let months = own.first().and_then(|(_, value)| value.parse().ok()).filter(|it| MONTHS.contains(it));
        let mut group = ListQuery::from_pairs(&group);
        // It is no list.
        (group.sort, group.limit, group.cursor, group.open) = (None, None, None, None);
        Self { months: months.unwrap_or(1), group }
    }

    fn to_pairs(&self) -> Vec<(String, String)> {
        let mut pairs = ListQuery { page: 1, ..self.group.clone() }.to_pairs();
        pairs.push(("months".to_owned(), self.months.to_string()));
        pairs
    }
}

/// See the module.
#[component]
pub fn WhatIfPage() -> Html {
    let navigator = use_navigator();
    let catalog = use_catalog();
    let look = Look::from_pairs(&use_location().map(|it| url::pairs(it.query_str())).unwrap_or_default());
    // Months that are over do not change while somebody looks, and reckoning them takes seconds.
    let reading = use_remote(url::query(&look.to_pairs()), 0, |client, asked| async move {
        client.simulation(&asked).await
    });
    let on_group = {
        let months = look.months;
        Callback::from(move |group: ListQuery| {
            if let Some(navigator) = &navigator {
                go(navigator, &Route::WhatIf, &Look { months, group }.to_pairs());
            }
        })
    };
    let month = |months: &u32| {
        let query = Look { months: *months, ..look.clone() }.to_pairs();
        Segment::new(
            Route::WhatIf,
            query,
            counted(i64::from(*months), "month", "months"),
            *months == look.months,
        )
    };
    let subtitle = reading.remote.ready().map(|it| {
        let last = it.until.pred_opt().unwrap_or(it.until);
        html! { format!("{}, from {} to {}", counted(it.desktops, "desktop", "desktops"), format::day(it.from), format::day(last)) }
    });
    html! {
        <>
            <PageHeader title="What if" trail={vec![(Route::Savings, "Savings".into())]} subtitle={subtitle.unwrap_or_default()} />
            <div class="toolbar flex-wrap items-center">
                { views(&Route::WhatIf) }
                { segments("Time", MONTHS.iter().map(month)) }
                <FilterBox query={look.group.clone()} columns={COLUMNS} catalog={catalog.0} on_change={on_group}
                    placeholder="Group: mode:AutoStop tag.Team:Finance, or search" testid="what-if-group" />
            </div>
            if reading.pending {
                <p class="pb-3" role="status">{ status(Meaning::Moving, "Reckoning; large groups take some seconds") }</p>
            }
            { loaded(&reading, "the simulation", Skeleton::Block, |it| html! { <Body simulation={it.clone()} /> }) }
        </>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct BodyProps {
    simulation: Rc<Simulation>,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    let it = &props.simulation;
    html! {
        <div class="flex flex-col gap-4" data-testid="what-if">
            { reservations(it) }
            if it.outcomes.is_empty() {
                <section class="panel">
                    { empty("chart", "Nothing can be reckoned for this group",
                        "It needs desktops whose usage was read for the whole time and whose prices are known. Choose another group or fewer months, or look \
                         whether usage is read.", html! { <SchedulesLink /> }) }
                </section>
            }
            { for it.outcomes.iter().map(outcomes) }
            <p class="text-muted">{ "A look back, not a forecast: everybody connects as he did, and today's prices hold for all of it." }</p>
        </div>
    }
}

/// Where the figures are less than the whole truth.
fn reservations(it: &Simulation) -> Html {
    let mut said = Vec::new();
    if it.looked_at < it.desktops {
        said.push(format!(
            "{} of {} desktops were looked at, picked at random.",
            grouped(it.looked_at),
            grouped(it.desktops)
        ));
    }
    said.extend(it.left_out.iter().map(|out| {
        format!("Left out: {} {}.", counted(out.desktops, "desktop", "desktops"), out.reason.label())
    }));
    if it.estimated > 0 {
        said.push(format!(
            "Of {} a price or an hour of usage is not exact.",
            counted(it.estimated, "desktop", "desktops")
        ));
    }
    if it.unknown_days > 0 {
        said.push(format!(
            "{} of desktops are not known; they count as days without use.",
            counted(it.unknown_days, "day", "days")
        ));
    }
    if said.is_empty() {
        return Html::default();
    }
    html! {
        <div class="note note-warning" data-testid="what-if-reservations">
            <Icon name="info" class="mt-0.5 text-warning" />
            <ul class="flex flex-col gap-0.5">{ for said.into_iter().map(|it| html! { <li>{ it }</li> }) }</ul>
        </div>
    }
}

fn outcomes(of: &Outcomes) -> Html {
    let money = |amount| format::money(amount, &of.currency);
    let title = |title: &str| format!("{title}, {}", of.currency);
    let file = |what: &str| format!("what-if-{what}-{}.csv", of.currency);
    let (limits, limit_table) = by_limit(of);
    let (timeouts, as_it_is) = by_timeout(of);
    let note = |text: String| html! { <p class="chart-note">{ text }</p> };
    html! {
        <>
            <div class="grid grid-cols-1 gap-3 sm:grid-cols-3" data-testid="what-if-tiles">
                { tile("costs", "As it is", &[money(of.as_it_is)], counted(of.desktops, "desktop", "desktops")) }
                { tile("savings", "By Skydesk's advice", &[money(of.advice)], difference(of.advice, of.as_it_is, &of.currency)) }
                { tile("clock", "The least possible", &[money(of.hindsight)], format!("{}, had the future been known", difference(of.hindsight, of.as_it_is, &of.currency))) }
            </div>
            <div class="grid grid-cols-1 gap-4 lg:grid-cols-2">
                <ChartCard title={title("By rule")} data={by_rule(of)} shape={Shape::Bars { axis: false }} file={file("rules")} testid="what-if-rules"
                    note={note("The Cost Optimizer's rule is taken with the limit that would have cost least.".to_owned())} />
                if of.timeouts.desktops > 0 {
                    <ChartCard title={title("If AutoStop waited")} data={timeouts} shape={Shape::Bars { axis: false }} file={file("timeouts")} testid="what-if-timeouts"
                        note={note(format!("The {} in AutoStop alone. With the timeouts that they have: {as_it_is}.", counted(of.timeouts.desktops, "desktop", "desktops")))} />
                }
                if !of.limits.is_empty() {
                    <ChartPanel title={title("If the limit of the Cost Optimizer were")} table={limit_table} file={file("limits")} testid="what-if-limits" class={classes!("lg:col-span-2")}
                        note={note("To AlwaysOn when a month has more billable hours than the limit; back at the end of a month that had not.".to_owned())}>
                        <Lines data={limits} title={title("If the limit of the Cost Optimizer were")} />
                    </ChartPanel>
                }
            </div>
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_and_months_survive_the_address_and_what_is_a_lists_does_not() {
        let read = |text: &str| Look::from_pairs(&url::pairs(text));
        let it = read("running_mode=AUTO_STOP&q=smith&months=6&sort=-state&cursor=x&page=3");
        assert_eq!(url::query(&it.to_pairs()), "running_mode=AUTO_STOP&q=smith&months=6");
        assert_eq!(read("months=99").months, 1);
    }
}

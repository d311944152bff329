//! How one desktop is used: the week as a picture, its sessions, and what AutoStop bills for them.
//!
//! Days and months are those of the bill, in UTC; the week and the sessions are on the reader's clock. A part of its page:
//! reading it, and failing to, leaves the rest of the page as it is.

mod hours;
mod sessions;

use std::rc::Rc;

use contract::usage::{Activity, Usage};
use yew::prelude::*;

use super::facts::{pair, when};
use crate::{
    browser,
    charts::{
        Data,
        card::{ChartCard, Shape},
        heatmap::{Heatmap, Week},
        panel::ChartPanel,
    },
    components::{
        icon::Icon,
        link::Go,
        loaded::{Skeleton, empty, loaded},
        schedules_link::SchedulesLink,
        status::{Meaning, status},
        time::ago,
    },
    format,
    live::use_epochs,
    remote::use_remote,
    routes::Route,
};

/// As long as AWS keeps the points.
const DAYS: u32 = 63;
/// With less of the time known than this, in percent, the reader is warned.
const WELL_KNOWN: u8 = 90;

#[derive(Debug, Properties, PartialEq)]
pub(super) struct UsageSectionProps {
    pub(super) id: String,
    pub(super) running_mode: Option<String>,
}

/// See the module.
#[component]
pub(super) fn UsageSection(props: &UsageSectionProps) -> Html {
    let epoch = use_epochs().data;
    let asked = (props.id.clone(), browser::timezone());
    let reading = use_remote(asked, epoch, |client, (id, zone)| async move {
        let zone = zone.as_deref();
        client.usage(&id, DAYS, zone).await
    });
    html! {
        <section class="flex flex-col gap-3" aria-label="Usage" data-testid="usage">
            <h2 class="section-title">{ "Usage" }</h2>
            { loaded(&reading, "the usage of this desktop", Skeleton::Block, |usage| match usage.observed_until {
                None => unread(),
                Some(_) => html! { <Body usage={usage.clone()} always_on={props.running_mode.as_deref() == Some("ALWAYS_ON")} /> },
            }) }
        </section>
    }
}

fn unread() -> Html {
    let action = html! {
        <span class="flex flex-wrap items-center justify-center gap-2">
            <SchedulesLink /><Go to={Route::Overview} class="btn btn-sm">{ "Look at the freshness" }</Go>
        </span>
    };
    let hint = "The schedule “usage” reads from CloudWatch when somebody was connected; its first look takes a while. If nothing \
                comes, the schedule may be switched off, the month's limit for asking AWS reached, or AWS may deny it: the \
                overview's freshness says so.";
    html! { <div class="panel">{ empty("clock", "Usage was not read yet", hint, action) }</div> }
}

#[derive(Debug, Properties, PartialEq)]
struct BodyProps {
    usage: Rc<Usage>,
    always_on: bool,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    let (it, always_on) = (&*props.usage, props.always_on);
    if it.sessions.is_empty() && it.days.is_empty() {
        // Five charts of nothing say no more than this.
        return html! {
            <div class="flex flex-col gap-4">
                { facts(it, always_on) }
                <p class="panel panel-body text-muted" data-testid="usage-silent">
                    { format!("Nobody was connected in the last {DAYS} days, as far as they are known, so there are no hours to show.") }
                </p>
            </div>
        };
    }
    let week = Week(it.week.clone());
    let file = |what: &str| format!("usage-{what}-{}.csv", it.workspace_id);
    html! {
        <div class="flex flex-col gap-4">
            { facts(it, always_on) }
            if it.observed_percent < WELL_KNOWN {
                <p class="note note-warning">
                    <Icon name="alert" class="mt-0.5 text-warning" />
                    <span>{ format!("Only {} % of the time is known. Where it matters, figures are estimated and hatched.", it.observed_percent) }</span>
                </p>
            }
            <div class="grid grid-cols-1 gap-4 lg:grid-cols-2">
                <ChartPanel title="Hours of the week" heading="h3" table={week.table()} file={file("week")} testid="usage-week"
                    note={note(&format!("Minutes connected in {DAYS} days, in {}.", it.time_zone))}>
                    <Heatmap {week} title="Hours of the week" of={format!("connected in {DAYS} days")} />
                </ChartPanel>
                { hours::by_month(it, file("months")) }
            </div>
            { sessions::timeline(it, always_on, file("sessions")) }
            <div class="grid grid-cols-1 gap-4 lg:grid-cols-3">
                { hours::by_day(it, file("days")) }
                <ChartCard title="Hours by timeout" heading="h3" data={by_timeout(it)} shape={Shape::Bars { axis: false }}
                    file={file("timeouts")} testid="usage-timeouts" note={note(&timeout_note(it))} />
            </div>
        </div>
    }
}

fn note(text: &str) -> Html {
    html! { <p class="chart-note">{ text.to_owned() }</p> }
}

fn facts(it: &Usage, always_on: bool) -> Html {
    let connected: u32 = it.days.iter().map(|it| it.connected_minutes).sum();
    let billable: u32 = it.days.iter().map(|it| it.billable_hours).sum();
    let billable = format!("{} h in {DAYS} days", format::grouped(i64::from(billable)));
    let terms = match always_on {
        true => format!("If it were in AutoStop with {} min; AlwaysOn pays by the month", it.timeout_minutes),
        false => format!("With a timeout of {} min", it.timeout_minutes),
    };
    let small = |words: Html| html! { <span class="block text-xs text-muted">{ words }</span> };
    html! {
        <div class="panel panel-body">
            <dl class="fact-row">
                { pair("Activity", activity(it)) }
                { pair("Last used", when(it.last_used_at)) }
                { pair("Connected", html! { format!("{} h in {DAYS} days", format::hours(connected)) }) }
                { pair("Billable", html! { <>{ billable }{ small(html! { terms }) }</> }) }
                { pair("Known", html! {
                    <>
                        { format!("{} % of the last {DAYS} days", it.observed_percent) }
                        { small(html! { <>{ "Read until " }{ ago(it.observed_until) }</> }) }
                    </>
                }) }
            </dl>
        </div>
    }
}

fn activity(it: &Usage) -> Html {
    match it.activity {
        Activity::Unknown => status(Meaning::Calm, "Not known"),
        Activity::Never => status(Meaning::Warning, "Never used"),
        Activity::Abandoned => {
            let since =
                it.last_used_at.map(|at| format!(" since {}", format::day(browser::local(at).date_naive())));
            status(Meaning::Warning, format!("Abandoned{}", since.unwrap_or_default()))
        }
        Activity::Used => status(Meaning::Good, "In use"),
    }
}

/// Billable hours under each timeout, the present one marked.
fn by_timeout(it: &Usage) -> Data {
    let label = |minutes: u16| {
        let now = if minutes == it.timeout_minutes { " (now)" } else { "" };
        format!("{minutes} min{now}")
    };
    let rows = it.by_timeout.iter().map(|it| (label(it.timeout_minutes), i64::from(it.billable_hours)));
    Data::counts("Timeout", "hours", rows)
}

fn timeout_note(it: &Usage) -> String {
    let is_offered = it.by_timeout.iter().any(|choice| choice.timeout_minutes == it.timeout_minutes);
    let now = if is_offered {
        String::new()
    } else {
        format!(" It is {} min now, which is none of these.", it.timeout_minutes)
    };
    format!("What the sessions of {DAYS} days would bill if AutoStop waited so long.{now}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_timeout_is_marked_or_named() {
        let mut it = testing::usage();
        let labels = |it: &Usage| by_timeout(it).rows.into_iter().map(|it| it.label).collect::<Vec<_>>();
        assert_eq!(labels(&it), ["60 min (now)", "120 min"]);
        assert!(!timeout_note(&it).contains("now"));
        it.timeout_minutes = 300;
        assert_eq!(labels(&it), ["60 min", "120 min"]);
        assert!(timeout_note(&it).ends_with("It is 300 min now, which is none of these."));
    }
}

#[cfg(test)]
mod testing {
    use contract::{
        ids::WorkspaceId,
        usage::{TimeoutHours, UsageDay, UsageMonth, UsageSession},
    };

    use super::*;

    /// Three days at the turn of a month, one session over midnight of UTC.
    pub(super) fn usage() -> Usage {
        let at = |text: &str| text.parse().unwrap();
        Usage {
            workspace_id: WorkspaceId("ws-1".into()),
            from: at("2026-10-31T12:00:00Z"),
            until: at("2026-11-02T12:00:00Z"),
            observed_from: Some(at("2026-10-31T12:00:00Z")),
            observed_until: Some(at("2026-11-02T11:55:00Z")),
            observed_percent: 99,
            activity: Activity::Used,
            last_used_at: Some(at("2026-11-01T00:35:00Z")),
            timeout_minutes: 60,
            sessions: vec![UsageSession {
                began_at: at("2026-10-31T21:30:00Z"),
                last_seen_at: at("2026-11-01T00:30:00Z"),
                billed_until: at("2026-11-01T01:35:00Z"),
                connected_minutes: 150,
                estimated: false,
                open: false,
            }],
            days: vec![
                UsageDay { day: at_day(10, 31), connected_minutes: 120, billable_hours: 3, estimated: false },
                UsageDay { day: at_day(11, 1), connected_minutes: 30, billable_hours: 2, estimated: true },
            ],
            months: vec![
                UsageMonth {
                    month: at_day(10, 1),
                    connected_minutes: 120,
                    billable_hours: 3,
                    estimated: false,
                },
                UsageMonth {
                    month: at_day(11, 1),
                    connected_minutes: 30,
                    billable_hours: 2,
                    estimated: true,
                },
            ],
            by_timeout: [(60, 5), (120, 6)]
                .map(|(timeout_minutes, billable_hours)| TimeoutHours { timeout_minutes, billable_hours })
                .into(),
            week: vec![vec![0; 24]; 7],
            time_zone: "Europe/Berlin".into(),
        }
    }

    pub(super) fn at_day(month: u32, day: u32) -> chrono::NaiveDate {
        chrono::NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }
}

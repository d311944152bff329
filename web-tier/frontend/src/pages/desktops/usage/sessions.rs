//! The sessions of the last days on the reader's clock: when somebody was connected, and how long the timer ran on.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};
use contract::usage::{Usage, UsageSession};
use yew::prelude::*;

use super::note;
use crate::{
    browser,
    charts::{
        hatch::Hatch,
        lanes::{Bar, Lane, Lanes, Look},
        panel::ChartPanel,
        table::Table,
    },
    format,
};

/// Days that are shown, today among them.
const SHOWN: usize = 14;
/// AWS tells whether somebody was connected by slots of this length.
const SLOT: TimeDelta = TimeDelta::minutes(5);

/// A moment on the reader's clock.
type Local = DateTime<FixedOffset>;

pub(super) fn timeline(it: &Usage, always_on: bool, file: String) -> Html {
    let shown = shown(it, browser::local);
    let timer = if always_on { "AutoStop's timer would run" } else { "Billed until the timer ends" };
    let mut legend = vec![(Look::Full, "Connected"), (Look::Hatched(Hatch::Derived), timer)];
    if shown.iter().any(|it| it.estimated) {
        legend.push((Look::Hatched(Hatch::Estimated), "Estimated"));
    }
    let minutes = shown.iter().map(|it| it.connected_minutes).sum();
    let count = i64::try_from(shown.len()).unwrap_or(i64::MAX);
    let summary =
        format!("{}, {} connected", format::counted(count, "session", "sessions"), format::span(minutes));
    let title = format!("Sessions of the last {SHOWN} days");
    html! {
        <ChartPanel title={title.clone()} heading="h3" table={table(it, &shown)} {file} testid="usage-sessions"
            note={note(&format!("In {}; a day is 24 hours wide.", it.time_zone))}>
            <Lanes {title} lanes={lanes(&shown, it.until, browser::local)} items={shown.iter().map(|it| it.spoken()).collect::<Vec<_>>()}
                unit="sessions" {summary} {legend} />
        </ChartPanel>
    }
}

/// A session on the reader's clock.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    began: Local,
    /// The end of the last slot in which somebody was connected.
    left: Local,
    /// The end of the timer, or of what is known while it runs.
    until: Local,
    connected_minutes: u32,
    estimated: bool,
    open: bool,
}

impl Shown {
    /// `Tue 17 Nov 2026, 09:05–12:40, billed until 13:40; connected 3 h 20 min`
    fn spoken(&self) -> String {
        let timer = if self.open {
            "the timer still runs".to_owned()
        } else {
            format!("billed until {}", self.after(self.until))
        };
        let estimated = if self.estimated { "; estimated" } else { "" };
        format!(
            "{}–{}, {timer}; connected {}{estimated}",
            self.began.format("%a %-d %b %Y, %H:%M"),
            self.after(self.left),
            format::span(self.connected_minutes),
        )
    }

    /// A later time, with its day where that is another one.
    fn after(&self, at: Local) -> String {
        let pattern = if at.date_naive() == self.began.date_naive() { "%H:%M" } else { "%a %-d %b %H:%M" };
        at.format(pattern).to_string()
    }
}

/// Those that reach into the days that are shown, oldest first.
fn shown(it: &Usage, local: impl Fn(DateTime<Utc>) -> Local) -> Vec<Shown> {
    let first = first_day(local(it.until).date_naive());
    let on_clock = |session: &UsageSession| {
        let left = (session.last_seen_at + SLOT).min(it.until);
        Shown {
            began: local(session.began_at),
            left: local(left),
            until: local(session.billed_until.min(it.until).max(left)),
            connected_minutes: session.connected_minutes,
            estimated: session.estimated,
            open: session.open,
        }
    };
    it.sessions.iter().map(on_clock).filter(|it| it.until.date_naive() >= first).collect()
}

fn first_day(today: NaiveDate) -> NaiveDate {
    let back = u64::try_from(SHOWN - 1).unwrap_or(0);
    today.checked_sub_days(Days::new(back)).unwrap_or(today)
}

/// A lane for each day, today's first.
fn lanes(sessions: &[Shown], until: DateTime<Utc>, local: impl Fn(DateTime<Utc>) -> Local) -> Vec<Lane> {
    let today = local(until).date_naive();
    let days = first_day(today).iter_days().take_while(|day| *day <= today);
    let mut lanes: Vec<(NaiveDate, Lane)> = days
        .map(|day| (day, Lane { label: day.format("%a %-d %b").to_string(), bars: Vec::new() }))
        .collect();
    for (item, session) in sessions.iter().enumerate() {
        let full = if session.estimated { Look::Hatched(Hatch::Estimated) } else { Look::Full };
        let parts = [
            (session.began, session.left, full),
            (session.left, session.until, Look::Hatched(Hatch::Derived)),
        ];
        for (begin, end, look) in parts {
            for (day, from, to) in by_day(begin, end) {
                let lane = lanes.iter_mut().find(|(of, _)| *of == day);
                lane.into_iter().for_each(|(_, lane)| lane.bars.push(Bar { from, to, look, item }));
            }
        }
    }
    lanes.into_iter().rev().map(|(_, lane)| lane).collect()
}

/// A stretch cut at each midnight of the clock: day, and hours since its midnight. A stretch that ends at an earlier time than it
/// began, as one may when clocks are set back, takes no room.
fn by_day(begin: Local, end: Local) -> impl Iterator<Item = (NaiveDate, f64, f64)> {
    let (first, last) = (begin.date_naive(), end.date_naive());
    first.iter_days().take_while(move |day| *day <= last).filter_map(move |day| {
        let from = if day == first { since_midnight(begin) } else { 0.0 };
        let to = if day == last { since_midnight(end) } else { 24.0 };
        (to > from).then_some((day, from, to))
    })
}

fn since_midnight(at: Local) -> f64 {
    f64::from(at.num_seconds_from_midnight()) / 3600.0
}

fn table(it: &Usage, shown: &[Shown]) -> Table {
    let heads = ["Began", "Last connected", "Billed until", "Connected minutes", "Estimated", "Timer"];
    let row = |session: &Shown| {
        let word = |yes: bool, one: &str, other: &str| if yes { one } else { other }.to_owned();
        vec![
            format::exact(session.began),
            format::exact(session.left),
            if session.open { String::new() } else { format::exact(session.until) },
            session.connected_minutes.to_string(),
            word(session.estimated, "yes", "no"),
            word(session.open, "runs", "ended"),
        ]
    };
    let figures_from = heads.len();
    // Days without a session are an answer as well.
    let rows = if shown.is_empty() {
        vec![vec![format!("None, from {SHOWN} days ago to {}", format::exact(browser::local(it.until)))]]
    } else {
        shown.iter().rev().map(row).collect()
    };
    Table { heads: heads.map(ToOwned::to_owned).into(), rows, figures_from }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::usage, *};

    fn east(hours: i32) -> impl Fn(DateTime<Utc>) -> Local + Copy {
        move |at| at.with_timezone(&FixedOffset::east_opt(hours * 3600).unwrap())
    }

    #[test]
    fn a_session_over_midnight_is_in_two_lanes() {
        let it = usage();
        let sessions = shown(&it, east(0));
        let lanes = lanes(&sessions, it.until, east(0));
        assert_eq!(lanes.len(), SHOWN);
        assert_eq!(
            [&lanes[0].label, &lanes[1].label, &lanes[2].label],
            ["Mon 2 Nov", "Sun 1 Nov", "Sat 31 Oct"]
        );
        let bars = |n: usize| lanes[n].bars.iter().map(|it| (it.from, it.to, it.look)).collect::<Vec<_>>();
        let (left, until) = (35.0 / 60.0, 95.0 / 60.0);
        assert_eq!(bars(2), [(21.5, 24.0, Look::Full)]);
        assert_eq!(bars(1), [(0.0, left, Look::Full), (left, until, Look::Hatched(Hatch::Derived))]);
        assert!(bars(0).is_empty());
    }

    #[test]
    fn days_are_those_of_the_readers_clock() {
        let it = usage();
        let lanes = lanes(&shown(&it, east(3)), it.until, east(3));
        assert!(lanes[2].bars.is_empty());
        assert_eq!(lanes[1].bars[0].from, 0.5);
    }

    #[test]
    fn estimated_sessions_are_hatched_and_open_ones_end_with_what_is_known() {
        let mut it = usage();
        it.sessions[0].estimated = true;
        it.sessions[0].open = true;
        it.until = "2026-11-01T01:00:00Z".parse().unwrap();
        let sessions = shown(&it, east(0));
        assert_eq!(
            sessions[0].spoken(),
            "Sat 31 Oct 2026, 21:30–Sun 1 Nov 00:35, the timer still runs; connected 2 h 30 min; estimated"
        );
        let bars = &lanes(&sessions, it.until, east(0))[0].bars;
        assert_eq!(bars[0].look, Look::Hatched(Hatch::Estimated));
        assert_eq!(bars[1].to, 1.0);
    }

    #[test]
    fn sessions_before_the_first_lane_are_left_out() {
        let mut it = usage();
        it.until = "2026-11-14T12:00:00Z".parse().unwrap();
        assert_eq!(shown(&it, east(0)).len(), 1);
        it.until = "2026-11-15T12:00:00Z".parse().unwrap();
        assert_eq!(shown(&it, east(0)), []);
    }

    #[test]
    fn clocks_that_are_set_back_make_no_bar_of_negative_width() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
        let bars = by_day(at("2026-10-25T02:50:00+02:00"), at("2026-10-25T02:10:00+01:00"));
        assert_eq!(bars.count(), 0);
        let bars: Vec<_> = by_day(at("2026-10-25T02:50:00+02:00"), at("2026-10-25T04:00:00+01:00")).collect();
        assert_eq!(bars.len(), 1);
    }
}

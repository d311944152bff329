//! A week as a picture: a row for each weekday, a column for each hour, and the more minutes the stronger the colour.
//!
//! One hue from the ground of the page to its full strength, in at most five steps: the order is told by lightness, which
//! eyes that mix hues see as well, in both themes.

use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use super::{
    scale::{Bands, every},
    table::Table,
    width::use_width,
};
use crate::format::span;

const LEFT: f64 = 38.0;
const ROW: f64 = 24.0;
const BOTTOM: f64 = 20.0;
/// An hour's label needs so much of the axis.
const LABEL: f64 = 26.0;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS: usize = 24;
const STEPS: u32 = 5;

/// Minutes in steps of a round size; none is a step of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    size: u32,
    most: u32,
}

impl Steps {
    /// So that the most of all minutes is in the fifth step at the latest.
    #[must_use]
    pub fn up_to(most: u32) -> Self {
        let least = most.div_ceil(STEPS).max(1);
        let unit = match least {
            0..=30 => 5,
            31..=60 => 15,
            61..=120 => 30,
            _ => 60,
        };
        Self { size: least.next_multiple_of(unit), most }
    }

    /// Zero for none, then 1 to 5.
    #[must_use]
    pub fn of(self, minutes: u32) -> u32 {
        minutes.div_ceil(self.size).min(STEPS)
    }

    /// The steps that are in use, each with the most minutes that are in it.
    pub fn bounds(self) -> impl Iterator<Item = (u32, u32)> {
        (1..=self.of(self.most)).map(move |step| (step, step * self.size))
    }
}

/// Minutes by weekday from Monday and by hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Week(pub Vec<Vec<u32>>);

impl Week {
    fn at(&self, (day, hour): (usize, usize)) -> u32 {
        self.0.get(day).and_then(|it| it.get(hour)).copied().unwrap_or(0)
    }

    /// The hour with the most minutes, the earliest of them; `None` when there are no minutes.
    fn busiest(&self) -> Option<(usize, usize)> {
        let all = (0..WEEKDAYS.len()).flat_map(|day| (0..HOURS).map(move |hour| (day, hour)));
        all.rev().max_by_key(|it| self.at(*it)).filter(|it| self.at(*it) > 0)
    }

    /// `Tue 14:00–15:00: 5 h 25 min`
    fn spoken(&self, cell: (usize, usize)) -> String {
        let (day, hour) = cell;
        let name = WEEKDAYS.get(day).copied().unwrap_or_default();
        format!("{name} {hour:02}:00–{:02}:00: {}", hour + 1, span(self.at(cell)))
    }

    /// Weekdays below each other, the hours beside; in minutes.
    #[must_use]
    pub fn table(&self) -> Table {
        let heads = std::iter::once("Minutes".to_owned()).chain((0..HOURS).map(|it| format!("{it:02}:00")));
        let rows = WEEKDAYS.iter().enumerate().map(|(day, name)| {
            let cells = (0..HOURS).map(|hour| self.at((day, hour)).to_string());
            std::iter::once((*name).to_owned()).chain(cells).collect()
        });
        Table { heads: heads.collect(), rows: rows.collect(), figures_from: 1 }
    }
}

/// The cell that an arrow key leads to.
fn moved((day, hour): (usize, usize), key: &str) -> Option<(usize, usize)> {
    Some(match key {
        "ArrowLeft" => (day, hour.saturating_sub(1)),
        "ArrowRight" => (day, (hour + 1).min(HOURS - 1)),
        "ArrowUp" => (day.saturating_sub(1), hour),
        "ArrowDown" => ((day + 1).min(WEEKDAYS.len() - 1), hour),
        "Home" => (day, 0),
        "End" => (day, HOURS - 1),
        _ => return None,
    })
}

#[derive(Debug, Properties, PartialEq)]
pub struct HeatmapProps {
    pub week: Week,
    pub title: AttrValue,
    /// What the minutes are of: `connected in 63 days`.
    pub of: AttrValue,
}

/// See the module.
#[component]
pub fn Heatmap(props: &HeatmapProps) -> Html {
    let HeatmapProps { week, title, of } = props;
    let node = use_node_ref();
    let width = use_width(&node);
    let active = use_state_eq(|| None::<(usize, usize)>);
    let busiest = week.busiest();
    let steps = Steps::up_to(busiest.map_or(0, |it| week.at(it)));
    #[expect(clippy::as_conversions, reason = "seven rows")]
    let body = ROW * WEEKDAYS.len() as f64;
    // Thin cells would be all gap.
    let gap = if width < 480.0 { 0.12 } else { 0.1 };
    let columns = Bands { count: HOURS, range: (LEFT, width.max(LEFT + 24.0)), gap };
    let rows = Bands { count: WEEKDAYS.len(), range: (0.0, body), gap: 0.1 };
    let step = every(HOURS, width - LEFT, LABEL);
    let onkeydown = {
        let (active, now, begin) = (active.setter(), *active, busiest.unwrap_or_default());
        Callback::from(move |event: KeyboardEvent| {
            if let Some(cell) = moved(now.unwrap_or(begin), &event.key()) {
                // The first key leads to where it begins.
                active.set(Some(now.map_or(begin, |_| cell)));
                event.prevent_default();
            }
        })
    };
    let onmousemove = {
        let (active, node) = (active.setter(), node.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(element) = node.cast::<Element>().and_then(|it| it.query_selector("svg").ok()?) {
                let corner = element.get_bounding_client_rect();
                let (x, y) =
                    (f64::from(event.client_x()) - corner.left(), f64::from(event.client_y()) - corner.top());
                active.set((x >= LEFT && y <= body).then(|| (rows.under(y), columns.under(x))));
            }
        })
    };
    let clear = {
        let active = active.setter();
        move || active.set(None)
    };
    let (leave, blur) = (clear.clone(), clear);
    let line = match (*active, busiest) {
        (Some(cell), _) => week.spoken(cell),
        (None, Some(cell)) => format!("Busiest: {}", week.spoken(cell)),
        (None, None) => format!("No minute {of}"),
    };
    html! {
        <div ref={node} class="chart">
            <p class="chart-line" aria-live="polite">{ line }</p>
            <svg height={(body + BOTTOM).to_string()} width={width.to_string()} tabindex="0" role="img" class="chart-svg"
                aria-label={format!("{title}. Arrow keys move through weekdays and hours.")} {onkeydown} {onmousemove}
                onmouseleave={move |_: MouseEvent| leave()} onblur={move |_: FocusEvent| blur()}>
                <title>{ title }</title>
                <desc>{ format!("Minutes {of}, by weekday and hour") }</desc>
                { for WEEKDAYS.iter().enumerate().map(|(day, name)| html! {
                    <g key={*name}>
                        <text class="chart-tick" x="0" y={format!("{:.1}", rows.middle(day) + 4.0)}>{ *name }</text>
                        { for (0..HOURS).map(|hour| html! {
                            <rect class={classes!(heat(steps.of(week.at((day, hour)))), (*active == Some((day, hour))).then_some("is-active"))}
                                x={format!("{:.1}", columns.start(hour))} y={format!("{:.1}", rows.start(day))}
                                width={format!("{:.1}", columns.width())} height={format!("{:.1}", rows.width())} rx="2" />
                        }) }
                    </g>
                }) }
                { for (0..HOURS).step_by(step).map(|hour| html! {
                    <text class="chart-tick" x={format!("{:.1}", columns.middle(hour))} y={format!("{:.1}", body + 15.0)} text-anchor="middle">
                        { format!("{hour:02}") }
                    </text>
                }) }
            </svg>
            <ul class="legend" aria-label="Minutes by colour">
                <li class="inline-flex items-center gap-1.5">{ patch(0) }{ "none" }</li>
                { for steps.bounds().map(|(step, most)| html! {
                    <li class="inline-flex items-center gap-1.5">{ patch(step) }{ format!("up to {}", span(most)) }</li>
                }) }
            </ul>
        </div>
    }
}

fn heat(step: u32) -> &'static str {
    match step {
        0 => "heat heat-0",
        1 => "heat heat-1",
        2 => "heat heat-2",
        3 => "heat heat-3",
        4 => "heat heat-4",
        _ => "heat heat-5",
    }
}

fn patch(step: u32) -> Html {
    html! { <svg width="10" height="10" aria-hidden="true"><rect class={heat(step)} x="0.5" y="0.5" width="9" height="9" rx="2" /></svg> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_the_most_is_in_one_of_them() {
        assert_eq!(Steps::up_to(540).bounds().map(|it| it.1).collect::<Vec<_>>(), [120, 240, 360, 480, 600]);
        assert_eq!(Steps::up_to(325).bounds().map(|it| it.1).collect::<Vec<_>>(), [90, 180, 270, 360]);
        assert_eq!(Steps::up_to(10).bounds().collect::<Vec<_>>(), [(1, 5), (2, 10)]);
        assert_eq!(Steps::up_to(0).bounds().count(), 0);
        for most in 0..4_000 {
            let steps = Steps::up_to(most);
            let bounds: Vec<_> = steps.bounds().collect();
            assert_eq!(steps.of(0), 0);
            assert!(bounds.last().is_none_or(|it| it.1 >= most && it.0 <= STEPS), "{most}");
        }
    }

    #[test]
    fn a_step_ends_at_its_bound() {
        let steps = Steps::up_to(540);
        assert_eq!([0, 1, 120, 121, 600, 9_999].map(|it| steps.of(it)), [0, 1, 1, 2, 5, 5]);
    }

    fn week() -> Week {
        let mut rows = vec![vec![0; HOURS]; WEEKDAYS.len()];
        rows[1][14] = 325;
        rows[4][9] = 325;
        Week(rows)
    }

    #[test]
    fn the_earliest_of_the_busiest_hours_is_told() {
        assert_eq!(week().busiest(), Some((1, 14)));
        assert_eq!(week().spoken((1, 14)), "Tue 14:00–15:00: 5 h 25 min");
        assert_eq!(Week::default().busiest(), None);
        assert_eq!(Week::default().spoken((6, 23)), "Sun 23:00–24:00: 0 min");
    }

    #[test]
    fn arrows_stay_within_the_week() {
        assert_eq!(moved((0, 0), "ArrowUp"), Some((0, 0)));
        assert_eq!(moved((6, 23), "ArrowRight"), Some((6, 23)));
        assert_eq!(moved((3, 5), "ArrowDown"), Some((4, 5)));
        assert_eq!(moved((3, 5), "Tab"), None);
    }

    #[test]
    fn the_table_has_a_row_for_each_weekday() {
        let table = week().table();
        assert_eq!((table.heads.len(), table.rows.len()), (25, 7));
        assert_eq!(table.rows[1][15], "325");
    }
}

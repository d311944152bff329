//! Days below each other, each a lane from midnight to midnight, with bars where something was.

use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::{
    hatch::{Hatch, Hatches, use_hatches},
    scale::{Linear, every},
    swatch, tone,
    width::use_width,
};

const LEFT: f64 = 82.0;
const RIGHT: f64 = 10.0;
const ROW: f64 = 22.0;
const BAR: f64 = 12.0;
const BOTTOM: f64 = 20.0;
/// A time of day needs so much of the axis.
const LABEL: f64 = 46.0;
const HOURS: usize = 24;

/// How a bar is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Full,
    Hatched(Hatch),
}

/// A part of a lane, in hours since midnight.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub from: f64,
    pub to: f64,
    pub look: Look,
    /// Which of the items it is a part of.
    pub item: usize,
}

/// A day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lane {
    pub label: String,
    pub bars: Vec<Bar>,
}

#[derive(Debug, Properties, PartialEq)]
pub struct LanesProps {
    pub title: AttrValue,
    pub lanes: Vec<Lane>,
    /// What each item is, in words; an item may have bars in several lanes.
    pub items: Vec<String>,
    /// What an item is called: `sessions`.
    pub unit: AttrValue,
    /// Said while nothing is pointed at.
    pub summary: AttrValue,
    /// What the looks mean, in this order.
    pub legend: Vec<(Look, &'static str)>,
}

/// See the module.
#[component]
pub fn Lanes(props: &LanesProps) -> Html {
    let LanesProps { title, lanes, items, unit, .. } = props;
    let node = use_node_ref();
    let width = use_width(&node);
    let hatches = use_hatches();
    let active = use_state_eq(|| None::<usize>);
    #[expect(clippy::as_conversions, reason = "lanes of a chart")]
    let body = ROW * lanes.len() as f64;
    let right = (width - RIGHT).max(LEFT + 24.0);
    #[expect(clippy::as_conversions, reason = "hours of a day")]
    let scale = Linear { domain: (0.0, HOURS as f64), range: (LEFT, right) };
    // Hours of which a day is a multiple.
    let fits = every(HOURS, right - LEFT, LABEL);
    let step = [2, 3, 4, 6, 12].into_iter().find(|it| *it >= fits).unwrap_or(HOURS);
    let onkeydown = {
        let (active, now, last) = (active.setter(), *active, items.len().saturating_sub(1));
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" | "ArrowDown" => now.map_or(0, |it| (it + 1).min(last)),
                "ArrowLeft" | "ArrowUp" => now.map_or(last, |it| it.saturating_sub(1)),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            active.set(Some(next));
            event.prevent_default();
        })
    };
    let clear = {
        let active = active.setter();
        move || active.set(None)
    };
    let (leave, blur) = (clear.clone(), clear);
    let point = |item: usize| {
        let active = active.setter();
        Callback::from(move |_: MouseEvent| active.set(Some(item)))
    };
    let line = active.and_then(|it| items.get(it)).map_or_else(|| props.summary.to_string(), Clone::clone);
    html! {
        <div ref={node} class="chart">
            <p class="chart-line" aria-live="polite">{ line }</p>
            <svg height={(body + BOTTOM).to_string()} width={width.to_string()} tabindex="0" role="img" class="chart-svg"
                aria-label={format!("{title}. {} {unit}; arrow keys move through them.", items.len())} {onkeydown}
                onmouseleave={move |_: MouseEvent| leave()} onblur={move |_: FocusEvent| blur()}>
                <title>{ title }</title>
                <desc>{ format!("{} days from midnight to midnight, with {} {unit}", lanes.len(), items.len()) }</desc>
                { hatches.definitions(1) }
                { for (0..=HOURS).step_by(step).map(|hour| axis(&scale, hour, body)) }
                { for lanes.iter().enumerate().map(|(n, lane)| {
                    #[expect(clippy::as_conversions, reason = "lanes of a chart")]
                    let top = ROW * n as f64 + (ROW - BAR) / 2.0;
                    html! {
                        <g key={lane.label.clone()}>
                            <text class="chart-tick" x="0" y={format!("{:.1}", top + BAR - 2.0)}>{ &lane.label }</text>
                            <rect class="lane-track" x={LEFT.to_string()} y={format!("{top:.1}")} width={format!("{:.1}", right - LEFT)} height={BAR.to_string()} rx="2" />
                            { for lane.bars.iter().map(|bar| drawn(bar, &scale, top, &hatches, *active, items, point(bar.item))) }
                        </g>
                    }
                }) }
            </svg>
            <ul class="legend">
                { for props.legend.iter().map(|(look, words)| html! {
                    <li class="inline-flex items-center gap-1.5">
                        { match look { Look::Full => swatch(0), Look::Hatched(hatch) => hatches.swatch(*hatch, 0) } }{ *words }
                    </li>
                }) }
            </ul>
        </div>
    }
}

fn drawn(
    bar: &Bar,
    scale: &Linear,
    top: f64,
    hatches: &Hatches,
    active: Option<usize>,
    items: &[String],
    onmouseenter: Callback<MouseEvent>,
) -> Html {
    let (left, right) = (scale.at(bar.from), scale.at(bar.to));
    let (look, fill) = match bar.look {
        Look::Full => ("mark", None),
        Look::Hatched(hatch) => ("hatch-frame", Some(hatches.fill(hatch, 0))),
    };
    let class = classes!("lane-bar", tone(0), look, (active == Some(bar.item)).then_some("is-active"));
    html! {
        <rect {class} {fill} {onmouseenter} x={format!("{left:.1}")} y={format!("{top:.1}")}
            width={format!("{:.1}", (right - left).max(1.5))} height={BAR.to_string()} rx="1.5">
            <title>{ items.get(bar.item).cloned().unwrap_or_default() }</title>
        </rect>
    }
}

fn axis(scale: &Linear, hour: usize, bottom: f64) -> Html {
    #[expect(clippy::as_conversions, reason = "hours of a day")]
    let x = format!("{:.1}", scale.at(hour as f64));
    html! {
        <g key={hour}>
            <line class="chart-grid" x1={x.clone()} x2={x.clone()} y1="0" y2={bottom.to_string()} />
            <text class="chart-tick" {x} y={format!("{:.1}", bottom + 15.0)} text-anchor="middle">{ format!("{hour:02}") }</text>
        </g>
    }
}

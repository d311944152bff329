//! Lines over time, one per series, with a line that follows the pointer or the arrow keys and shows the values.

use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use super::{
    Data, legend,
    scale::{Bands, Linear, every, polyline, ticks},
    tone,
    width::use_width,
};
use crate::format::decimal;

const HEIGHT: f64 = 240.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 26.0;
/// A date needs so much of the axis.
const LABEL: f64 = 84.0;

#[derive(Debug, Properties, PartialEq)]
pub struct LinesProps {
    pub data: Data,
    pub title: AttrValue,
}

/// See the module.
#[component]
pub fn Lines(props: &LinesProps) -> Html {
    let LinesProps { data, title } = props;
    let node = use_node_ref();
    let width = use_width(&node);
    let active = use_state_eq(|| None::<usize>);
    let count = data.rows.len();
    let ticks = ticks(data.most(false), 4);
    let floor = HEIGHT - BOTTOM;
    let scale = Linear { domain: (0.0, ticks.last().copied().unwrap_or(1.0)), range: (floor, TOP) };
    let bands = Bands { count, range: (LEFT, (width - RIGHT).max(LEFT + 10.0)), gap: 0.0 };
    let step = every(count, width - LEFT - RIGHT, LABEL);
    let onkeydown = {
        let (active, now) = (active.setter(), *active);
        let last = count.saturating_sub(1);
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowRight" | "ArrowUp" => active.set(Some(now.map_or(0, |it| (it + 1).min(last)))),
                "ArrowLeft" | "ArrowDown" => active.set(Some(now.map_or(last, |it| it.saturating_sub(1)))),
                "Home" => active.set(Some(0)),
                "End" => active.set(Some(last)),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let onmousemove = {
        let (active, node) = (active.setter(), node.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(element) = node.cast::<Element>() {
                let x = f64::from(event.client_x()) - element.get_bounding_client_rect().left();
                active.set(Some(bands.under(x)));
            }
        })
    };
    let clear = {
        let active = active.setter();
        move || active.set(None)
    };
    let (leave, blur) = (clear.clone(), clear);
    let shown = active.filter(|it| *it < count);
    html! {
        <div ref={node} class="chart">
            <svg height={HEIGHT.to_string()} width={width.to_string()} tabindex="0" role="img" class="chart-svg"
                aria-label={format!("{title}. {count} points; arrow keys move through them.")} {onkeydown} {onmousemove}
                onmouseleave={move |_: MouseEvent| leave()} onblur={move |_: FocusEvent| blur()}>
                <title>{ title }</title>
                <desc>{ format!("{} by {}", data.unit, data.dimension) }</desc>
                { for ticks.iter().map(|tick| {
                    let y = scale.at(*tick);
                    html! {
                        <g>
                            <line class="chart-grid" x1={LEFT.to_string()} x2={(width - RIGHT).to_string()} y1={format!("{y:.1}")} y2={format!("{y:.1}")} />
                            <text class="chart-tick" x={(LEFT - 8.0).to_string()} y={format!("{:.1}", y + 4.0)} text-anchor="end">{ decimal(*tick) }</text>
                        </g>
                    }
                }) }
                <text class="chart-tick" x="2" y="12">{ &data.unit }</text>
                { for data.rows.iter().enumerate().filter(|(n, _)| n % step == 0).map(|(n, row)| html! {
                    <text class="chart-tick" x={format!("{:.1}", bands.middle(n))} y={(HEIGHT - 8.0).to_string()} text-anchor="middle">{ &row.label }</text>
                }) }
                { for (0..data.series.len()).map(|series| {
                    let points: Vec<(f64, f64)> = data.rows.iter().enumerate()
                        .filter_map(|(n, row)| row.values.get(series).map(|it| (bands.middle(n), scale.at(*it)))).collect();
                    let line = polyline(&points);
                    let area = match (points.first(), points.last()) {
                        (Some(first), Some(last)) if data.series.len() == 1 =>
                            Some(format!("{line} L{:.1} {floor} L{:.1} {floor} Z", last.0, first.0)),
                        _ => None,
                    };
                    html! {
                        <g class={tone(series)}>
                            if let Some(d) = area { <path class="area" {d} /> }
                            <path class="line" d={line} />
                            if points.len() <= 31 {
                                { for points.iter().map(|(x, y)| html! { <circle class="mark" cx={format!("{x:.1}")} cy={format!("{y:.1}")} r="2.5" /> }) }
                            }
                        </g>
                    }
                }) }
                if let Some(n) = shown { { cursor(data, n, &scale, bands.middle(n), width, floor) } }
            </svg>
            { legend(data) }
            <p class="sr-only" aria-live="polite">{ shown.map(|it| data.spoken(it)) }</p>
        </div>
    }
}

fn cursor(data: &Data, index: usize, scale: &Linear, x: f64, width: f64, floor: f64) -> Html {
    let Some(row) = data.rows.get(index) else { return Html::default() };
    // Beside the line, on the side that has room.
    let (anchor, text_x) = if x > width / 2.0 { ("end", x - 8.0) } else { ("start", x + 8.0) };
    html! {
        <g class="chart-cursor">
            <line x1={format!("{x:.1}")} x2={format!("{x:.1}")} y1={TOP.to_string()} y2={floor.to_string()} />
            { for row.values.iter().enumerate().map(|(series, value)| html! {
                <circle class={classes!("mark", tone(series))} cx={format!("{x:.1}")} cy={format!("{:.1}", scale.at(*value))} r="4" />
            }) }
            <text class="chart-figure" x={format!("{text_x:.1}")} y="14" text-anchor={anchor}>{ data.spoken(index) }</text>
        </g>
    }
}

//! Horizontal bars, stacked or beside each other when a row has several values: labels at the left, figures at the end.

use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::{
    Data, breadth, fitted, legend,
    scale::{Bands, Linear, ticks},
    tone,
    width::use_width,
};
use crate::format::decimal;

const ROW: f64 = 28.0;
const AXIS: f64 = 24.0;
const FIGURE: f64 = 76.0;

#[derive(Debug, Properties, PartialEq)]
pub struct BarsProps {
    pub data: Data,
    pub title: AttrValue,
    /// Grid lines, and below them values with their unit.
    #[prop_or_default]
    pub axis: bool,
    /// The values of a row below each other, each from the ground, and the figure of the first; else one after the other.
    #[prop_or_default]
    pub beside: bool,
    /// Told the row that was clicked or entered.
    #[prop_or_default]
    pub on_pick: Option<Callback<usize>>,
}

/// See the module.
#[component]
pub fn Bars(props: &BarsProps) -> Html {
    let BarsProps { data, .. } = props;
    let node = use_node_ref();
    let width = use_width(&node);
    let active = use_state_eq(|| None::<usize>);
    let count = data.rows.len();
    #[expect(clippy::as_conversions, reason = "rows of a chart")]
    let body = ROW * count as f64;
    let height = body + if props.axis { AXIS } else { 0.0 };
    let label_width = label_width(data, width);
    // As many ticks as have room for their labels.
    let most = data.most(!props.beside);
    let ticks = ticks(most, if width < 480.0 { 2 } else { 4 });
    // Without an axis nobody sees a round end; the longest bar may use all the room.
    let top = if props.axis { ticks.last().copied().unwrap_or(1.0) } else { most.max(1.0) };
    let scale = Linear { domain: (0.0, top), range: (label_width, (width - FIGURE).max(label_width + 10.0)) };
    let bands = Bands { count, range: (0.0, body), gap: 0.36 };
    #[expect(clippy::as_conversions, reason = "a handful of series")]
    let thickness =
        if props.beside { bands.width() / data.series.len().max(1) as f64 } else { bands.width() };
    let onkeydown = {
        let (active, now, on_pick) = (active.setter(), *active, props.on_pick.clone());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" | "ArrowRight" => {
                    active.set(Some(now.map_or(0, |it| (it + 1).min(count.saturating_sub(1)))))
                }
                "ArrowUp" | "ArrowLeft" => active.set(Some(now.map_or(0, |it| it.saturating_sub(1)))),
                "Enter" => now.iter().zip(&on_pick).for_each(|(row, pick)| pick.emit(*row)),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let clear = {
        let active = active.setter();
        move || active.set(None)
    };
    let (leave, blur) = (clear.clone(), clear);
    html! {
        <div ref={node} class="chart">
            <svg height={height.to_string()} width={width.to_string()} tabindex="0" role="img" class="chart-svg"
                aria-label={format!("{}. {} bars; arrow keys move through them.", props.title, count)} {onkeydown}
                onmouseleave={move |_: MouseEvent| leave()} onblur={move |_: FocusEvent| blur()}>
                <title>{ &props.title }</title>
                <desc>{ format!("Bars of {} by {}", data.unit, data.dimension) }</desc>
                if props.axis { { for ticks.iter().map(|tick| grid(scale.at(*tick), body, &decimal(*tick))) } }
                { for data.rows.iter().enumerate().map(|(n, row)| {
                    let (mut end, mut top) = (0.0, bands.start(n));
                    let parts = row.values.iter().map(|it| if it.is_finite() { *it } else { 0.0 }).enumerate().map(|(series, value)| {
                        let from = if props.beside { 0.0 } else { end };
                        let (left, right, y) = (scale.at(from), scale.at(from + value), top);
                        end = f64::max(end, from + value);
                        if props.beside {
                            top += thickness;
                        }
                        html! {
                            <rect class={classes!("mark", tone(series))} x={format!("{left:.1}")} y={format!("{y:.1}")}
                                width={format!("{:.1}", (right - left).max(if value > 0.0 { 1.5 } else { 0.0 }))}
                                height={format!("{thickness:.1}")} rx="2" />
                        }
                    }).collect::<Html>();
                    let figure = if props.beside { row.values.first().copied().unwrap_or(f64::NAN) } else { end };
                    let enter = { let active = active.setter(); move |_: MouseEvent| active.set(Some(n)) };
                    let pick = props.on_pick.clone();
                    let middle = format!("{:.1}", bands.middle(n) + 4.5);
                    let class = classes!("chart-row", (*active == Some(n)).then_some("is-active"), pick.as_ref().map(|_| "can-pick"));
                    let y = format!("{:.1}", bands.start(n) - bands.gap * ROW / 2.0);
                    html! {
                        <g {class} onmouseenter={enter} onclick={Callback::from(move |_: MouseEvent| pick.iter().for_each(|it| it.emit(n)))}>
                            <rect class="chart-hover" x="0" {y} width={width.to_string()} height={ROW.to_string()} rx="4" />
                            <text class="chart-label" x="4" y={middle.clone()}>{ fitted(&row.label, label_width - 12.0) }
                                <title>{ data.spoken(n) }</title>
                            </text>
                            { parts }
                            <text class="chart-figure" x={format!("{:.1}", scale.at(end) + 8.0)} y={middle}>{ data.written(figure) }</text>
                        </g>
                    }
                }) }
                if props.axis {
                    <text class="chart-tick" x={format!("{:.1}", width - 2.0)} y={format!("{:.1}", height - 6.0)} text-anchor="end">{ &data.unit }</text>
                }
            </svg>
            { legend(data) }
            <p class="sr-only" aria-live="polite">{ active.map(|it| data.spoken(it)) }</p>
        </div>
    }
}

/// As wide as the longest label needs, within reason.
fn label_width(data: &Data, width: f64) -> f64 {
    let longest = data.rows.iter().map(|row| breadth(&row.label)).fold(0.0, f64::max);
    let wanted = longest + 20.0;
    wanted.clamp(56.0, 200.0).min((width * 0.4).max(56.0))
}

fn grid(x: f64, bottom: f64, label: &str) -> Html {
    let x = format!("{x:.1}");
    html! {
        <g>
            <line class="chart-grid" x1={x.clone()} x2={x.clone()} y1="0" y2={bottom.to_string()} />
            <text class="chart-tick" {x} y={(bottom + AXIS - 6.0).to_string()} text-anchor="middle">{ label.to_owned() }</text>
        </g>
    }
}

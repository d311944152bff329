//! Columns over time, one beside the other where a row has several values; estimated ones are hatched.

use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use super::{
    Data,
    hatch::{Hatch, use_hatches},
    scale::{Bands, Linear, every, ticks},
    swatch, tone,
    width::use_width,
};
use crate::format::decimal;

const HEIGHT: f64 = 200.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 22.0;
/// Wider columns only look heavier.
const WIDEST: f64 = 44.0;
/// Columns that would be thinner than this stand in front of each other instead, the first at the back.
const THINNEST: f64 = 4.0;
/// A date needs so much of the axis.
const LABEL: f64 = 64.0;

#[derive(Debug, Properties, PartialEq)]
pub struct ColumnsProps {
    pub data: Data,
    pub title: AttrValue,
    /// Which rows are estimated.
    pub estimated: Vec<bool>,
    /// Said while nothing is pointed at.
    pub summary: AttrValue,
}

/// See the module.
#[component]
pub fn Columns(props: &ColumnsProps) -> Html {
    let ColumnsProps { data, title, estimated, .. } = props;
    let node = use_node_ref();
    let width = use_width(&node);
    let hatches = use_hatches();
    let active = use_state_eq(|| None::<usize>);
    let (count, series) = (data.rows.len(), data.series.len());
    let ticks = ticks(data.most(false), 4);
    let floor = HEIGHT - BOTTOM;
    let scale = Linear { domain: (0.0, ticks.last().copied().unwrap_or(1.0)), range: (floor, TOP) };
    let gap = if count > 31 { 0.16 } else { 0.3 };
    let bands = Bands { count, range: (LEFT, (width - RIGHT).max(LEFT + 24.0)), gap };
    let (each, shift) = beside(bands.width(), series);
    #[expect(clippy::as_conversions, reason = "a handful of series")]
    let all = each + shift * series.saturating_sub(1) as f64;
    let onkeydown = {
        let (active, now, last) = (active.setter(), *active, count.saturating_sub(1));
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" | "ArrowUp" => now.map_or(0, |it| (it + 1).min(last)),
                "ArrowLeft" | "ArrowDown" => now.map_or(last, |it| it.saturating_sub(1)),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            active.set(Some(next));
            event.prevent_default();
        })
    };
    let onmousemove = {
        let (active, node) = (active.setter(), node.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(element) = node.cast::<Element>() {
                let x = f64::from(event.client_x()) - element.get_bounding_client_rect().left();
                active.set((x >= LEFT).then(|| bands.under(x)));
            }
        })
    };
    let clear = {
        let active = active.setter();
        move || active.set(None)
    };
    let (leave, blur) = (clear.clone(), clear);
    let is_estimated = |row: usize| estimated.get(row).copied().unwrap_or(false);
    let line = match active.filter(|it| *it < count) {
        Some(row) => format!("{}{}", data.spoken(row), if is_estimated(row) { " (estimated)" } else { "" }),
        None => props.summary.to_string(),
    };
    let step = every(count, width - LEFT - RIGHT, LABEL);
    html! {
        <div ref={node} class="chart">
            <p class="chart-line" aria-live="polite">{ line }</p>
            <svg height={HEIGHT.to_string()} width={width.to_string()} tabindex="0" role="img" class="chart-svg"
                aria-label={format!("{title}. {count} columns; arrow keys move through them.")} {onkeydown} {onmousemove}
                onmouseleave={move |_: MouseEvent| leave()} onblur={move |_: FocusEvent| blur()}>
                <title>{ title }</title>
                <desc>{ format!("Columns of {} by {}", data.unit, data.dimension.to_lowercase()) }</desc>
                { hatches.definitions(series) }
                { for ticks.iter().map(|tick| {
                    let y = scale.at(*tick);
                    html! {
                        <g>
                            <line class="chart-grid" x1={LEFT.to_string()} x2={width.to_string()} y1={format!("{y:.1}")} y2={format!("{y:.1}")} />
                            <text class="chart-tick" x={(LEFT - 8.0).to_string()} y={format!("{:.1}", y + 4.0)} text-anchor="end">{ decimal(*tick) }</text>
                        </g>
                    }
                }) }
                <text class="chart-tick" x="0" y="10">{ &data.unit }</text>
                { for data.rows.iter().enumerate().map(|(n, row)| {
                    let left = bands.middle(n) - all / 2.0;
                    html! {
                        <g class={classes!("chart-column", (*active == Some(n)).then_some("is-active"))}>
                            <rect class="chart-hover" x={format!("{:.1}", bands.start(n) - 1.0)} y={TOP.to_string()}
                                width={format!("{:.1}", bands.width() + 2.0)} height={format!("{:.1}", floor - TOP)} />
                            { for row.values.iter().enumerate().filter(|(_, it)| **it > 0.0).map(|(series, value)| {
                                let (look, fill) = match is_estimated(n) {
                                    true => ("hatch-frame", Some(hatches.fill(Hatch::Estimated, series))),
                                    false => ("mark", None),
                                };
                                #[expect(clippy::as_conversions, reason = "a handful of series")]
                                let x = left + shift * series as f64;
                                let y = scale.at(*value).min(floor - 1.0);
                                html! {
                                    <rect class={classes!(look, tone(series))} {fill} x={format!("{x:.1}")} y={format!("{y:.1}")}
                                        width={format!("{:.1}", (each - 0.75).max(1.0))} height={format!("{:.1}", floor - y)} />
                                }
                            }) }
                            if n % step == 0 {
                                <text class="chart-tick" x={format!("{:.1}", bands.middle(n))} y={(HEIGHT - 6.0).to_string()} text-anchor="middle">{ &row.label }</text>
                            }
                        </g>
                    }
                }) }
            </svg>
            <ul class="legend">
                { for data.series.iter().enumerate().map(|(n, name)| html! {
                    <li class="inline-flex items-center gap-1.5">{ swatch(n) }{ name }</li>
                }) }
                if estimated.contains(&true) {
                    <li class="inline-flex items-center gap-1.5">{ hatches.swatch(Hatch::Estimated, 0) }{ "Estimated" }</li>
                }
            </ul>
        </div>
    }
}

/// How wide each of `series` columns in a band is, and how far the next one stands from it.
fn beside(band: f64, series: usize) -> (f64, f64) {
    #[expect(clippy::as_conversions, reason = "a handful of series")]
    let each = (band / series.max(1) as f64).min(WIDEST);
    if each < THINNEST { (band, 0.0) } else { (each, each) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thin_columns_stand_in_front_of_each_other() {
        assert_eq!(beside(20.0, 2), (10.0, 10.0));
        assert_eq!(beside(400.0, 2), (WIDEST, WIDEST));
        assert_eq!(beside(5.0, 2), (5.0, 0.0));
        assert_eq!(beside(5.0, 0), (5.0, 5.0));
    }
}

//! Lines over time, one per series, with a line that follows the pointer or the arrow keys and shows the values.

use yew::prelude::*;

use super::{
    Data, legend,
    plot::{Room, use_cursor},
    scale::{Bands, Linear, axis, polyline},
    tone,
    width::use_width,
};

const ROOM: Room = Room { height: 240.0, left: 52.0, right: 16.0, top: 26.0, bottom: 26.0, label: 84.0 };

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
    let count = data.rows.len();
    let ticks = axis(data.least(false), data.most(false), 4);
    let scale = ROOM.scale(&ticks);
    let ground = scale.at(0.0);
    let bands = Bands { count, range: (ROOM.left, (width - ROOM.right).max(ROOM.left + 10.0)), gap: 0.0 };
    let cursor = use_cursor(&node, bands);
    html! {
        <div ref={node} class="chart">
            <svg height={ROOM.height.to_string()} width={width.to_string()} tabindex="0" role="img" class="chart-svg"
                aria-label={format!("{title}. {count} points; arrow keys move through them.")} onkeydown={cursor.onkeydown}
                onmousemove={cursor.onmousemove} onmouseleave={cursor.onmouseleave} onblur={cursor.onblur}>
                <title>{ title }</title>
                <desc>{ format!("{} by {}", data.unit, data.dimension) }</desc>
                { ROOM.values(&ticks, &scale, width, &data.unit) }
                { ROOM.labels(data, &bands, width) }
                { for (0..data.series.len()).map(|series| {
                    let points: Vec<(f64, f64)> = data.rows.iter().enumerate()
                        .filter_map(|(n, row)| row.values.get(series).filter(|it| it.is_finite()).map(|it| (bands.middle(n), scale.at(*it)))).collect();
                    let line = polyline(&points);
                    let area = match (points.first(), points.last()) {
                        (Some(first), Some(last)) if data.series.len() == 1 =>
                            Some(format!("{line} L{:.1} {ground} L{:.1} {ground} Z", last.0, first.0)),
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
                if let Some(n) = cursor.at { { values_at(data, n, &scale, bands.middle(n), width) } }
            </svg>
            { legend(data) }
            <p class="sr-only" aria-live="polite">{ cursor.at.map(|it| data.spoken(it)) }</p>
        </div>
    }
}

fn values_at(data: &Data, index: usize, scale: &Linear, x: f64, width: f64) -> Html {
    let Some(row) = data.rows.get(index) else { return Html::default() };
    // Beside the line, on the side that has room.
    let (anchor, text_x) = if x > width / 2.0 { ("end", x - 8.0) } else { ("start", x + 8.0) };
    html! {
        <g class="chart-cursor">
            <line x1={format!("{x:.1}")} x2={format!("{x:.1}")} y1={ROOM.top.to_string()} y2={ROOM.floor().to_string()} />
            { for row.values.iter().enumerate().filter(|(_, it)| it.is_finite()).map(|(series, value)| html! {
                <circle class={classes!("mark", tone(series))} cx={format!("{x:.1}")} cy={format!("{:.1}", scale.at(*value))} r="4" />
            }) }
            <text class="chart-figure" x={format!("{text_x:.1}")} y="14" text-anchor={anchor}>{ data.spoken(index) }</text>
        </g>
    }
}

//! Columns over time, beside each other or stacked where a row has several values. What is not measured is hatched; what is
//! below zero hangs from the ground.

use yew::prelude::*;

use super::{
    Data,
    hatch::{Hatch, use_hatches},
    plot::{Room, use_cursor},
    scale::{Bands, axis},
    swatch, tone,
    width::use_width,
};

const ROOM: Room = Room { height: 200.0, left: 44.0, right: 16.0, top: 22.0, bottom: 22.0, label: 64.0 };
/// Figures with five digits need more than hours do.
const WIDE: f64 = 58.0;
/// Wider columns only look heavier.
const WIDEST: f64 = 44.0;
/// Columns that would be thinner than this stand in front of each other instead, the first at the back.
const THINNEST: f64 = 4.0;

#[derive(Debug, Properties, PartialEq)]
pub struct ColumnsProps {
    pub data: Data,
    pub title: AttrValue,
    /// Which rows are estimated.
    #[prop_or_default]
    pub estimated: Vec<bool>,
    /// A series that is none of the measured ones, such as a forecast.
    #[prop_or_default]
    pub derived: Option<usize>,
    /// The values of a row on top of each other.
    #[prop_or_default]
    pub stacked: bool,
    /// Said while nothing is pointed at.
    pub summary: AttrValue,
}

/// See the module.
#[component]
pub fn Columns(props: &ColumnsProps) -> Html {
    let ColumnsProps { data, title, estimated, stacked, derived, .. } = props;
    let node = use_node_ref();
    let width = use_width(&node);
    let hatches = use_hatches();
    let (count, series) = (data.rows.len(), data.series.len());
    let ticks = axis(data.least(*stacked), data.most(*stacked), 4);
    let room = if data.most(*stacked) >= 10_000.0 { Room { left: WIDE, ..ROOM } } else { ROOM };
    let scale = room.scale(&ticks);
    let gap = if count > 31 { 0.16 } else { 0.3 };
    let bands = Bands { count, range: (room.left, (width - room.right).max(room.left + 24.0)), gap };
    let cursor = use_cursor(&node, bands);
    let (each, shift) =
        if *stacked { (bands.width().min(WIDEST), 0.0) } else { beside(bands.width(), series) };
    #[expect(clippy::as_conversions, reason = "a handful of series")]
    let all = each + shift * series.saturating_sub(1) as f64;
    let is_estimated = |row: usize| estimated.get(row).copied().unwrap_or(false);
    let line = match cursor.at {
        Some(row) => format!("{}{}", data.spoken(row), if is_estimated(row) { " (estimated)" } else { "" }),
        None => props.summary.to_string(),
    };
    html! {
        <div ref={node} class="chart">
            <p class="chart-line" aria-live="polite">{ line }</p>
            <svg height={room.height.to_string()} width={width.to_string()} tabindex="0" role="img" class="chart-svg"
                aria-label={format!("{title}. {count} columns; arrow keys move through them.")} onkeydown={cursor.onkeydown}
                onmousemove={cursor.onmousemove} onmouseleave={cursor.onmouseleave} onblur={cursor.onblur}>
                <title>{ title }</title>
                <desc>{ format!("Columns of {} by {}", data.unit, data.dimension.to_lowercase()) }</desc>
                { hatches.definitions(series) }
                { room.values(&ticks, &scale, width, &data.unit) }
                { for data.rows.iter().enumerate().map(|(n, row)| {
                    let left = bands.middle(n) - all / 2.0;
                    let ends = if *stacked { stack(&row.values) } else { row.values.iter().map(|it| (0.0, *it)).collect() };
                    html! {
                        <g class={classes!("chart-column", (cursor.at == Some(n)).then_some("is-active"))}>
                            <rect class="chart-hover" x={format!("{:.1}", bands.start(n) - 1.0)} y={room.top.to_string()}
                                width={format!("{:.1}", bands.width() + 2.0)} height={format!("{:.1}", room.floor() - room.top)} />
                            { for ends.iter().enumerate().filter(|(_, (from, to))| to.is_finite() && from != to).map(|(series, (from, to))| {
                                let hatch = if *derived == Some(series) { Some(Hatch::Derived) } else { is_estimated(n).then_some(Hatch::Estimated) };
                                let (look, fill) = match hatch {
                                    Some(hatch) => ("hatch-frame", Some(hatches.fill(hatch, series))),
                                    None => ("mark", None),
                                };
                                #[expect(clippy::as_conversions, reason = "a handful of series")]
                                let x = left + shift * series as f64;
                                let (a, b) = (scale.at(*from), scale.at(*to));
                                // Little is not nothing.
                                let height = (a - b).abs().max(1.0);
                                html! {
                                    <rect class={classes!(look, tone(series))} {fill} x={format!("{x:.1}")} y={format!("{:.1}", if to < from { a } else { a - height })}
                                        width={format!("{:.1}", (each - 0.75).max(1.0))} height={format!("{height:.1}")} />
                                }
                            }) }
                        </g>
                    }
                }) }
                if ticks.first().is_some_and(|it| *it < 0.0) {
                    <line class="chart-ground" x1={room.left.to_string()} x2={(width - room.right).to_string()}
                        y1={format!("{:.1}", scale.at(0.0))} y2={format!("{:.1}", scale.at(0.0))} />
                }
                { room.labels(data, &bands, width) }
            </svg>
            <ul class="legend">
                { for data.series.iter().enumerate().map(|(n, name)| html! {
                    <li class="inline-flex items-center gap-1.5">
                        { if *derived == Some(n) { hatches.swatch(Hatch::Derived, n) } else { swatch(n) } }{ name }
                    </li>
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

/// Where each value begins and ends on top of those before it; those below zero hang below each other.
fn stack(values: &[f64]) -> Vec<(f64, f64)> {
    let (mut top, mut bottom) = (0.0, 0.0);
    values
        .iter()
        .map(|value| {
            let value = if value.is_finite() { *value } else { 0.0 };
            let end = if value < 0.0 { &mut bottom } else { &mut top };
            let from = *end;
            *end += value;
            (from, *end)
        })
        .collect()
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

    #[test]
    fn values_above_and_below_zero_are_stacked_apart() {
        assert_eq!(
            stack(&[3.0, -1.0, f64::NAN, 2.0, -4.0]),
            [(0.0, 3.0), (0.0, -1.0), (3.0, 3.0), (3.0, 5.0), (-1.0, -5.0)]
        );
    }
}

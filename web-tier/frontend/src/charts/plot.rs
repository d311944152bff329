//! What charts over time share: bands from left to right over an axis of values, and the one band that pointer and arrow keys
//! are at.

use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use super::{
    Data,
    scale::{Bands, Linear, every},
};
use crate::format::decimal;

/// The room around a plot, in pixels, and its height with all of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    pub height: f64,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    /// A label below needs so much of the axis.
    pub label: f64,
}

impl Room {
    /// Where values end and labels begin.
    #[must_use]
    pub fn floor(&self) -> f64 {
        self.height - self.bottom
    }

    /// From the first tick at the floor to the last at the top.
    #[must_use]
    pub fn scale(&self, ticks: &[f64]) -> Linear {
        let low = ticks.first().copied().unwrap_or(0.0);
        let high = ticks.last().copied().unwrap_or(1.0);
        Linear { domain: (low, high), range: (self.floor(), self.top) }
    }

    /// Grid lines with their values at the left, and the unit above them.
    pub fn values(&self, ticks: &[f64], scale: &Linear, width: f64, unit: &str) -> Html {
        html! {
            <>
                { for ticks.iter().map(|tick| {
                    let y = scale.at(*tick);
                    html! {
                        <g>
                            <line class="chart-grid" x1={self.left.to_string()} x2={(width - self.right).to_string()} y1={format!("{y:.1}")} y2={format!("{y:.1}")} />
                            <text class="chart-tick" x={(self.left - 8.0).to_string()} y={format!("{:.1}", y + 4.0)} text-anchor="end">{ decimal(*tick) }</text>
                        </g>
                    }
                }) }
                <text class="chart-tick" x="0" y="11">{ unit.to_owned() }</text>
            </>
        }
    }

    /// As many labels of bands as keep their distance.
    pub fn labels(&self, data: &Data, bands: &Bands, width: f64) -> Html {
        let step = every(data.rows.len(), width - self.left - self.right, self.label);
        let y = (self.height - 7.0).to_string();
        data.rows.iter().enumerate().filter(|(n, _)| n % step == 0).map(|(n, row)| html! {
            <text class="chart-tick" x={format!("{:.1}", bands.middle(n))} y={y.clone()} text-anchor="middle">{ &row.label }</text>
        }).collect()
    }
}

/// Where pointer or keys are, and the listeners that move it.
#[derive(Debug)]
pub struct Cursor {
    pub at: Option<usize>,
    pub onkeydown: Callback<KeyboardEvent>,
    pub onmousemove: Callback<MouseEvent>,
    pub onmouseleave: Callback<MouseEvent>,
    pub onblur: Callback<FocusEvent>,
}

/// A cursor over the bands of the chart in `node`.
#[hook]
pub fn use_cursor(node: &NodeRef, bands: Bands) -> Cursor {
    let active = use_state_eq(|| None::<usize>);
    let last = bands.count.saturating_sub(1);
    let onkeydown = {
        let (active, now) = (active.setter(), *active);
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
                active.set((x >= bands.range.0).then(|| bands.under(x)));
            }
        })
    };
    let leave = {
        let active = active.setter();
        Callback::from(move |()| active.set(None))
    };
    Cursor {
        at: active.filter(|it| *it < bands.count),
        onkeydown,
        onmousemove,
        onmouseleave: leave.reform(|_| ()),
        onblur: leave.reform(|_| ()),
    }
}

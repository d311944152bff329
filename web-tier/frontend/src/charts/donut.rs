//! Shares of a whole in at most five parts, with the whole in the middle and a list beside it.

use yew::prelude::*;

use super::{
    Data,
    scale::{angles, ring},
    swatch, tone,
};
use crate::format::{decimal, percent};

#[derive(Debug, Properties, PartialEq)]
pub struct DonutProps {
    /// One series, folded to five rows before.
    pub data: Data,
    pub title: AttrValue,
    /// Told the row that was clicked; rows beyond `pickable` are sums of others.
    #[prop_or_default]
    pub on_pick: Option<Callback<usize>>,
    #[prop_or(usize::MAX)]
    pub pickable: usize,
}

/// See the module.
#[component]
pub fn Donut(props: &DonutProps) -> Html {
    let DonutProps { data, title, .. } = props;
    let active = use_state_eq(|| None::<usize>);
    let values: Vec<f64> = data.rows.iter().map(|row| row.values.first().copied().unwrap_or(0.0)).collect();
    let whole: f64 = values.iter().sum();
    let enter = |n: Option<usize>| {
        let active = active.setter();
        Callback::from(move |()| active.set(n))
    };
    let shown = active.and_then(|it| values.get(it)).copied().unwrap_or(whole);
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "counts, shown as percentages"
    )]
    let share = |value: f64| percent(value as i64, whole as i64);
    html! {
        <div class="donut">
            <svg viewBox="-80 -80 160 160" width="152" height="152" role="img" aria-label={title.clone()} class="shrink-0">
                <title>{ title }</title>
                <desc>{ format!("Shares of {} {}", decimal(whole), data.unit) }</desc>
                if whole <= 0.0 { <path class="bar-track" d={ring((0.0, std::f64::consts::TAU), 52.0, 76.0)} /> }
                { for angles(&values).into_iter().enumerate().filter(|(_, (from, to))| to > from).map(|(n, part)| html! {
                    <path class={classes!("mark", "donut-part", tone(n), (*active == Some(n)).then_some("is-active"))}
                        d={ring(part, 52.0, 76.0)}
                        onmouseenter={enter(Some(n)).reform(|_| ())} onmouseleave={enter(None).reform(|_| ())} />
                }) }
                <text class="donut-figure" text-anchor="middle" y="4">{ decimal(shown) }</text>
                <text class="chart-tick" text-anchor="middle" y="22">{ &data.unit }</text>
            </svg>
            <ul class="donut-list">
                { for data.rows.iter().zip(&values).enumerate().map(|(n, (row, value))| {
                    let pick = props.on_pick.clone().filter(|_| n < props.pickable);
                    let words = html! {
                        <>
                            { swatch(n) }<span class="truncate">{ &row.label }</span>
                            <span class="ml-auto pl-3 tabular font-medium">{ decimal(*value) }</span>
                            <span class="w-11 whitespace-nowrap text-right tabular text-muted">{ share(*value) }</span>
                        </>
                    };
                    let (over, out) = (enter(Some(n)), enter(None));
                    let (focus, blur) = (over.clone(), out.clone());
                    html! {
                        <li key={row.label.clone()} onmouseenter={over.reform(|_| ())} onmouseleave={out.reform(|_| ())}>
                            if let Some(pick) = pick {
                                <button type="button" class="donut-row" onclick={pick.reform(move |_: MouseEvent| n)}
                                    onfocus={focus.reform(|_| ())} onblur={blur.reform(|_| ())}>{ words }</button>
                            } else {
                                <span class="donut-row">{ words }</span>
                            }
                        </li>
                    }
                }) }
            </ul>
        </div>
    }
}

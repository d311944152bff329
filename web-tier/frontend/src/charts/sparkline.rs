//! A course at the height of a word, without axes: only for beside a figure that says the value.

use yew::prelude::*;

use super::scale::{Linear, polyline};

const WIDTH: f64 = 72.0;
const HEIGHT: f64 = 18.0;

#[derive(Debug, Properties, PartialEq)]
pub struct SparklineProps {
    pub values: Vec<f64>,
    pub label: AttrValue,
}

/// See the module; nothing for less than two values.
#[component]
pub fn Sparkline(props: &SparklineProps) -> Html {
    let points = points(&props.values);
    if points.len() < 2 {
        return Html::default();
    }
    html! {
        <svg class="sparkline tone-1" width={WIDTH.to_string()} height={HEIGHT.to_string()} role="img" aria-label={props.label.clone()}>
            <title>{ &props.label }</title>
            <path class="line" d={polyline(&points)} />
        </svg>
    }
}

fn points(values: &[f64]) -> Vec<(f64, f64)> {
    let most = values.iter().copied().fold(0.0, f64::max).max(1.0);
    let y = Linear { domain: (0.0, most), range: (HEIGHT - 1.5, 1.5) };
    #[expect(clippy::as_conversions, reason = "samples of a sparkline")]
    let x = Linear { domain: (0.0, values.len().saturating_sub(1) as f64), range: (1.0, WIDTH - 1.0) };
    #[expect(clippy::as_conversions, reason = "samples of a sparkline")]
    values.iter().enumerate().map(|(n, value)| (x.at(n as f64), y.at(*value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_course_fills_its_box() {
        assert_eq!(points(&[0.0, 5.0, 10.0]), [(1.0, 16.5), (36.0, 9.0), (71.0, 1.5)]);
        assert_eq!(points(&[]), []);
    }
}

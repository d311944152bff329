//! Hatchings: parts of a chart that are not measured, told apart without colour.

use yew::prelude::*;

use super::tone;
use crate::components::field::use_id;

/// The two hatchings; both differ from a full mark and from each other in direction and weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hatch {
    /// Not seen but follows from what was: thin, rising lines on pale ground.
    Derived,
    /// Estimated: bold, falling lines.
    Estimated,
}

/// The patterns of one chart. Their names are unique on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hatches(String);

/// Names for the patterns of a chart.
#[hook]
pub fn use_hatches() -> Hatches {
    Hatches(use_id("hatch"))
}

impl Hatches {
    fn id(&self, hatch: Hatch, series: usize) -> String {
        let kind = match hatch {
            Hatch::Derived => "derived",
            Hatch::Estimated => "estimated",
        };
        format!("{}-{kind}-{series}", self.0)
    }

    /// The value of `fill`.
    #[must_use]
    pub fn fill(&self, hatch: Hatch, series: usize) -> String {
        format!("url(#{})", self.id(hatch, series))
    }

    /// What a chart defines before it uses them, in the colour of each of its series.
    pub fn definitions(&self, series: usize) -> Html {
        html! {
            <defs>
                { for (0..series).flat_map(|n| [Hatch::Derived, Hatch::Estimated].map(|it| self.pattern(it, n))) }
            </defs>
        }
    }

    fn pattern(&self, hatch: Hatch, series: usize) -> Html {
        let (turn, line, ground) = match hatch {
            Hatch::Derived => ("rotate(45)", "1.25", "hatch-pale"),
            Hatch::Estimated => ("rotate(-45)", "2.5", "hatch-none"),
        };
        html! {
            <pattern id={self.id(hatch, series)} class={tone(series)} width="4.5" height="4.5" patternUnits="userSpaceOnUse" patternTransform={turn}>
                <rect class={ground} width="4.5" height="4.5" />
                <line class="hatch-line" x1="1.5" x2="1.5" y1="0" y2="4.5" stroke-width={line} />
            </pattern>
        }
    }

    /// A patch for the legend.
    pub fn swatch(&self, hatch: Hatch, series: usize) -> Html {
        html! {
            <svg width="14" height="10" aria-hidden="true">
                <rect class={classes!("hatch-frame", tone(series))} width="13" height="9" x="0.5" y="0.5" rx="2" fill={self.fill(hatch, series)} />
            </svg>
        }
    }
}

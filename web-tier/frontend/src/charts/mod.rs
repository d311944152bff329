//! Our own charts in SVG: bars (stacked too), columns, lines, heat map, lanes of a day, donut and sparkline over the same
//! scales.
//!
//! Each can be read as a table, followed by keyboard and told to a screen reader. Deliberately no styles in
//! attributes: the content security policy forbids them, so colours are classes and sizes are SVG attributes.

pub mod bars;
pub mod card;
pub mod columns;
pub mod donut;
pub mod hatch;
pub mod heatmap;
pub mod lanes;
pub mod lines;
pub mod panel;
pub mod plot;
pub mod scale;
pub mod sparkline;
pub mod table;
mod width;

use yew::prelude::*;

use crate::format::{cents, decimal};

/// What a chart shows: for each row one value per series.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// What the rows are: `State`, `Day`.
    pub dimension: String,
    /// One name per value of a row.
    pub series: Vec<String>,
    pub rows: Vec<Row>,
    /// `desktops`, `GiB`
    pub unit: String,
    /// Its values are amounts of money, which have two decimals.
    pub money: bool,
}

/// One label and its values; what is not known is not a number.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    pub label: String,
    pub values: Vec<f64>,
}

impl Data {
    /// One series of counts.
    pub fn counts(dimension: &str, unit: &str, rows: impl IntoIterator<Item = (String, i64)>) -> Self {
        #[expect(clippy::as_conversions, reason = "a chart has a thousand pixels at most")]
        let rows = rows.into_iter().map(|(label, count)| Row { label, values: vec![count as f64] }).collect();
        Self {
            dimension: dimension.to_owned(),
            series: vec![unit.to_owned()],
            rows,
            unit: unit.to_owned(),
            money: false,
        }
    }

    /// Any of its values is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.rows.iter().flat_map(|it| &it.values).any(|it| it.is_finite())
    }

    /// The largest value above zero, or the largest sum of such where values are stacked.
    #[must_use]
    pub fn most(&self, stacked: bool) -> f64 {
        let of = |row: &Row| {
            let values = row.values.iter().copied().filter(|it| it.is_finite() && *it > 0.0);
            if stacked { values.sum() } else { values.fold(0.0, f64::max) }
        };
        self.rows.iter().map(of).fold(0.0, f64::max)
    }

    /// The same below zero; zero where there is none.
    #[must_use]
    pub fn least(&self, stacked: bool) -> f64 {
        let of = |row: &Row| {
            let values = row.values.iter().copied().filter(|it| it.is_finite() && *it < 0.0);
            if stacked { values.sum() } else { values.fold(0.0, f64::min) }
        };
        self.rows.iter().map(of).fold(0.0, f64::min)
    }

    /// A value as people read it.
    #[must_use]
    pub fn written(&self, value: f64) -> String {
        if self.money { cents(value) } else { decimal(value) }
    }

    /// A row in words: `eu-west-1: 1,204 desktops`.
    #[must_use]
    pub fn spoken(&self, index: usize) -> String {
        let Some(row) = self.rows.get(index) else { return String::new() };
        if self.series.len() == 1 {
            let value = row.values.first().copied().unwrap_or(0.0);
            return format!("{}: {} {}", row.label, self.written(value), self.unit);
        }
        let parts: Vec<String> = self
            .series
            .iter()
            .zip(&row.values)
            .map(|(name, value)| format!("{name} {}", self.written(*value)))
            .collect();
        format!("{}: {}", row.label, parts.join(", "))
    }
}

/// The class of a series' colour; the palette has eight.
#[must_use]
pub fn tone(index: usize) -> &'static str {
    const TONES: [&str; 8] = ["tone-1", "tone-2", "tone-3", "tone-4", "tone-5", "tone-6", "tone-7", "tone-8"];
    TONES.get(index % TONES.len()).copied().unwrap_or("tone-1")
}

/// How wide one of our letters is, about.
const LETTER: f64 = 7.3;

/// How wide a text is, about: capitals and the like take more than their share.
#[must_use]
pub fn breadth(text: &str) -> f64 {
    text.chars().map(letter_breadth).sum()
}

fn letter_breadth(letter: char) -> f64 {
    if letter.is_uppercase() || matches!(letter, 'm' | 'w' | '@' | '%') { 1.25 * LETTER } else { LETTER }
}

/// A text cut to so many pixels, at the width of our letters.
#[must_use]
pub fn fitted(text: &str, pixels: f64) -> String {
    if breadth(text) <= pixels {
        return text.to_owned();
    }
    let mut room = pixels - LETTER;
    let mut cut: String = text
        .chars()
        .enumerate()
        .take_while(|(n, letter)| {
            room -= letter_breadth(*letter);
            // So few say nothing, but more than none.
            *n < 2 || room >= 0.0
        })
        .map(|(_, letter)| letter)
        .collect();
    cut.push('…');
    cut
}

/// Names of series with their colours; nothing for a single one.
pub fn legend(data: &Data) -> Html {
    if data.series.len() < 2 {
        return Html::default();
    }
    html! {
        <ul class="legend">
            { for data.series.iter().enumerate().map(|(n, name)| html! {
                <li class="inline-flex items-center gap-1.5">{ swatch(n) }{ name }</li>
            }) }
        </ul>
    }
}

/// A patch of a series' colour.
pub fn swatch(index: usize) -> Html {
    html! { <svg class={classes!("swatch", tone(index))} width="10" height="10" aria-hidden="true"><rect width="10" height="10" rx="2" /></svg> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_in_words() {
        let one = Data::counts("Region", "desktops", [("eu-west-1".to_owned(), 1204)]);
        assert_eq!(one.spoken(0), "eu-west-1: 1,204 desktops");
        assert_eq!(one.spoken(9), "");
        let two = Data {
            series: vec!["a".into(), "b".into()],
            rows: vec![Row { label: "x".into(), values: vec![1.0, 2.5] }],
            ..Data::default()
        };
        assert_eq!(two.spoken(0), "x: a 1, b 2.5");
        assert_eq!((two.most(true), two.most(false)), (3.5, 2.5));
        assert_eq!(Data { money: true, ..two }.spoken(0), "x: a 1.00, b 2.50");
    }

    #[test]
    fn what_is_below_zero_or_unknown_has_its_own_bound() {
        let data = Data {
            rows: vec![Row { label: "x".into(), values: vec![4.0, -1.0, f64::NAN, -2.0] }],
            ..Data::default()
        };
        assert_eq!([data.most(true), data.least(true), data.least(false)], [4.0, -3.0, -2.0]);
        assert!(data.is_known() && !Data::default().is_known());
    }

    #[test]
    fn long_labels_are_cut() {
        assert_eq!(fitted("production", 100.0), "production");
        assert_eq!(fitted("production-of-everything", 60.0), "product…");
        assert_eq!(fitted("PRODUCTION", 60.0), "PRODU…");
        assert_eq!(fitted("production", 1.0), "pr…");
    }
}

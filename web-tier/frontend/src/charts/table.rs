//! The figures behind a chart as a table: to be read on the page, and to be taken home as CSV.

use yew::prelude::*;

use super::Data;
use crate::client::url::encode;

/// Heads and rows of texts. The first cell of a row names it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// From this column on the cells are figures.
    pub figures_from: usize,
}

impl Table {
    /// What a chart of values shows.
    #[must_use]
    pub fn of(data: &Data) -> Self {
        let heads = std::iter::once(data.dimension.clone()).chain(data.series.iter().cloned()).collect();
        let row = |it: &super::Row| {
            std::iter::once(it.label.clone()).chain(it.values.iter().map(|it| data.written(*it))).collect()
        };
        Self { heads, rows: data.rows.iter().map(row).collect(), figures_from: 1 }
    }

    /// As a file, by RFC 4180. Grouped figures lose their commas and typographic minus, so that programs read them.
    #[must_use]
    pub fn csv(&self) -> String {
        let field = |(n, text): (usize, &String)| {
            if n >= self.figures_from && is_figure(text) {
                text.replace(',', "").replace('−', "-")
            } else if text.contains(['"', ',', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.clone()
            }
        };
        let mut lines = String::new();
        for row in std::iter::once(&self.heads).chain(&self.rows) {
            lines.push_str(&row.iter().enumerate().map(field).collect::<Vec<_>>().join(","));
            lines.push_str("\r\n");
        }
        lines
    }

    /// The same as an address that a browser saves without asking anybody.
    #[must_use]
    pub fn csv_address(&self) -> String {
        format!("data:text/csv;charset=utf-8,{}", encode(&self.csv()))
    }

    /// On the page; it scrolls inside of its box.
    pub fn shown(&self, title: &str) -> Html {
        let right = |n: usize| (n >= self.figures_from).then_some("text-right");
        html! {
            <div class="table-box max-h-72" role="region" aria-label={title.to_owned()} tabindex="0">
                <table class="data-table">
                    <thead><tr>
                        { for self.heads.iter().enumerate().map(|(n, name)| html! { <th scope="col" class={right(n)}>{ name }</th> }) }
                    </tr></thead>
                    <tbody>
                        { for self.rows.iter().map(|row| html! {
                            <tr>
                                { for row.iter().enumerate().map(|(n, text)| match n {
                                    0 => html! { <th scope="row">{ text }</th> },
                                    _ => html! { <td class={right(n)}>{ text }</td> },
                                }) }
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
        }
    }
}

/// Written by `format::decimal` and its kin.
fn is_figure(text: &str) -> bool {
    text.contains(|it: char| it.is_ascii_digit())
        && text.chars().all(|it| it.is_ascii_digit() || matches!(it, ',' | '.' | '−'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_becomes_rows() {
        let data = Data::counts("Region", "desktops", [("eu-west-1".to_owned(), 1204)]);
        let table = Table::of(&data);
        assert_eq!(table.heads, ["Region", "desktops"]);
        assert_eq!(table.rows, [["eu-west-1", "1,204"]]);
        assert_eq!(table.csv(), "Region,desktops\r\neu-west-1,1204\r\n");
    }

    #[test]
    fn what_separates_is_quoted_and_only_figures_lose_their_groups() {
        let table = Table {
            heads: vec!["Day".into(), "Hours".into(), "Note".into()],
            rows: vec![vec!["Mon, 3 Mar".into(), "−1,204.5".into(), "12 \"or\" 13, about".into()]],
            figures_from: 1,
        };
        assert_eq!(table.csv(), "Day,Hours,Note\r\n\"Mon, 3 Mar\",-1204.5,\"12 \"\"or\"\" 13, about\"\r\n");
        assert!(table.csv_address().starts_with("data:text/csv;charset=utf-8,Day%2CHours%2CNote%0D%0A"));
    }
}

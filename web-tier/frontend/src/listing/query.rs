//! The state of a list, in the form in which it stands in the address: filters, search text, order, page.
//!
//! Pure. Invariant: `from_pairs(to_pairs(it)) == it`, so a link shows the same thing.

use std::collections::BTreeMap;

use contract::reports::OneOrMany;

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// Several terms on one column are alternatives.
    Is,
    AtLeast,
    AtMost,
}

/// One condition, one chip.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    pub column: String,
    pub comparison: Comparison,
    pub value: String,
}

impl Term {
    pub fn is(column: impl Into<String>, value: impl Into<String>) -> Self {
        Self { column: column.into(), comparison: Comparison::Is, value: value.into() }
    }

    /// The parameter's name in the API.
    #[must_use]
    pub fn parameter(&self) -> String {
        match self.comparison {
            Comparison::Is => self.column.clone(),
            Comparison::AtLeast => format!("min_{}", self.column),
            Comparison::AtMost => format!("max_{}", self.column),
        }
    }
}

/// The order of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    pub column: String,
    pub descending: bool,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    pub terms: Vec<Term>,
    /// Case-insensitive part of the columns that the server searches.
    pub text: String,
    pub sort: Option<Sort>,
    /// `None`: the page's own choice.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    /// The number of the page that `cursor` opens, for the reader only.
    pub page: u32,
    /// The row whose panel is open.
    pub open: Option<String>,
}

impl ListQuery {
    /// Reads an address; every name that means nothing else is a column.
    #[must_use]
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut it = Self { page: 1, ..Self::default() };
        for (name, value) in pairs {
            match name.as_str() {
                "q" | "sort" | "limit" | "cursor" | "page" | "open" if value.is_empty() => {}
                "q" => it.text.clone_from(value),
                "sort" => it.sort = Some(sort(value)),
                "limit" => it.limit = value.parse().ok(),
                "cursor" => it.cursor = Some(value.clone()),
                "page" => it.page = value.parse().unwrap_or(1),
                "open" => it.open = Some(value.clone()),
                name => it.terms.push(term(name, value)),
            }
        }
        it
    }

    /// As it stands in the address.
    #[must_use]
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        let mut pairs = self.filter_pairs();
        let mut push = |name: &str, value: Option<String>| {
            pairs.extend(value.map(|it| (name.to_owned(), it)));
        };
        push("limit", self.limit.map(|it| it.to_string()));
        push("cursor", self.cursor.clone());
        push("page", (self.page > 1).then(|| self.page.to_string()));
        push("open", self.open.clone());
        pairs
    }

    /// What the API is asked for one page.
    #[must_use]
    pub fn api_pairs(&self, default_limit: u32) -> Vec<(String, String)> {
        let mut pairs = self.filter_pairs();
        pairs.push(("limit".to_owned(), self.limit.unwrap_or(default_limit).to_string()));
        pairs.extend(self.cursor.clone().map(|it| ("cursor".to_owned(), it)));
        pairs
    }

    /// Filter, search text and order, without the page: what a report takes.
    #[must_use]
    pub fn report_filter(&self) -> BTreeMap<String, OneOrMany> {
        let mut filter = BTreeMap::<String, OneOrMany>::new();
        for (name, value) in self.filter_pairs() {
            let mut values = filter.get(&name).map(|it| it.values().to_vec()).unwrap_or_default();
            values.push(value);
            let values = match <[String; 1]>::try_from(values) {
                Ok([one]) => OneOrMany::One(one),
                Err(many) => OneOrMany::Many(many),
            };
            filter.insert(name, values);
        }
        filter
    }

    fn filter_pairs(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<_> = self.terms.iter().map(|it| (it.parameter(), it.value.clone())).collect();
        if !self.text.is_empty() {
            pairs.push(("q".to_owned(), self.text.clone()));
        }
        if let Some(Sort { column, descending }) = &self.sort {
            pairs.push(("sort".to_owned(), format!("{}{column}", if *descending { "-" } else { "" })));
        }
        pairs
    }

    /// Whether anything narrows the list.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        !self.terms.is_empty() || !self.text.is_empty()
    }

    /// The same list from its first page, changed.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut it = Self { cursor: None, page: 1, ..self.clone() };
        change(&mut it);
        it
    }

    /// The same list without anything that narrows it.
    #[must_use]
    pub fn cleared(&self) -> Self {
        self.changed(|it| {
            it.terms.clear();
            it.text.clear();
        })
    }

    /// One condition more; a bound replaces the one before.
    pub fn add(&mut self, term: Term) {
        if term.comparison != Comparison::Is {
            self.terms.retain(|it| it.column != term.column || it.comparison != term.comparison);
        }
        if !self.terms.contains(&term) {
            self.terms.push(term);
        }
    }

    /// A click on a header: ascending, descending, no order.
    pub fn toggle_sort(&mut self, column: &str) {
        self.sort = match self.sort.take() {
            Some(sort) if sort.column == column && sort.descending => None,
            Some(sort) if sort.column == column => Some(Sort { descending: true, ..sort }),
            _ => Some(Sort { column: column.to_owned(), descending: false }),
        };
    }
}

fn sort(value: &str) -> Sort {
    match value.strip_prefix('-') {
        Some(column) => Sort { column: column.to_owned(), descending: true },
        None => Sort { column: value.to_owned(), descending: false },
    }
}

fn term(name: &str, value: &str) -> Term {
    let (comparison, column) = if let Some(column) = name.strip_prefix("min_") {
        (Comparison::AtLeast, column)
    } else if let Some(column) = name.strip_prefix("max_") {
        (Comparison::AtMost, column)
    } else {
        (Comparison::Is, name)
    };
    Term { column: column.to_owned(), comparison, value: value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::url;

    fn read(text: &str) -> ListQuery {
        ListQuery::from_pairs(&url::pairs(text))
    }

    const ADDRESS: &str = "state=AVAILABLE&state=STOPPED&min_root_volume_gib=100&tags.Cost%20center=1%2F2&q=smith&sort=-user_name&limit=100&cursor=abc&page=3&open=ws-1";

    #[test]
    fn an_address_survives_reading_and_writing() {
        let it = read(ADDRESS);
        assert_eq!(it.terms.len(), 4);
        assert_eq!(it.sort, Some(Sort { column: "user_name".into(), descending: true }));
        assert_eq!(url::query(&it.to_pairs()), ADDRESS);
        assert_eq!(read(""), ListQuery { page: 1, ..ListQuery::default() });
    }

    #[test]
    fn no_value_is_a_condition_too() {
        let it = read("bundle=&q=&sort=");
        assert_eq!(it.terms, [Term::is("bundle", "")]);
        assert_eq!((it.text.as_str(), it.sort), ("", None));
    }

    #[test]
    fn the_api_is_not_told_what_is_ours() {
        let asked = url::query(&read(ADDRESS).api_pairs(50));
        assert!(!asked.contains("page=") && !asked.contains("open="));
        assert!(asked.ends_with("limit=100&cursor=abc"));
        assert!(url::query(&read("").api_pairs(50)).ends_with("limit=50"));
    }

    #[test]
    fn any_change_starts_again_at_the_first_page() {
        let it = read(ADDRESS).changed(|it| it.text.clear());
        assert_eq!((it.cursor, it.page), (None, 1));
    }

    #[test]
    fn a_report_takes_filter_and_order_but_no_page() {
        let filter = read(ADDRESS).report_filter();
        assert_eq!(filter["state"], OneOrMany::Many(vec!["AVAILABLE".into(), "STOPPED".into()]));
        assert_eq!(filter["sort"], OneOrMany::One("-user_name".into()));
        assert!(!filter.contains_key("cursor") && !filter.contains_key("limit"));
    }

    #[test]
    fn a_bound_replaces_the_one_before_and_values_gather() {
        let mut it = read("state=AVAILABLE&min_root_volume_gib=100");
        it.add(term("min_root_volume_gib", "200"));
        it.add(Term::is("state", "STOPPED"));
        it.add(Term::is("state", "STOPPED"));
        assert_eq!(url::query(&it.to_pairs()), "state=AVAILABLE&min_root_volume_gib=200&state=STOPPED");
    }

    #[test]
    fn a_header_goes_up_down_and_off() {
        let mut it = read("");
        let mut click = || {
            it.toggle_sort("state");
            it.sort.as_ref().map(|it| it.descending)
        };
        assert_eq!([click(), click(), click()], [Some(false), Some(true), None]);
    }
}

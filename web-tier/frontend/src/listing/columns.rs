//! The columns of a list as filters know them.

/// How a column's values are told apart and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Compared as a whole.
    Text,
    /// A part is enough: names of people and machines.
    Name,
    /// A text with few values, which the completion offers.
    Choice(&'static [&'static str]),
    Number,
    Bool,
    Time,
}

impl ColumnKind {
    /// Whether `>=` and `<=` mean anything.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::Number | Self::Time)
    }
}

/// A column that can be filtered by.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// As the API calls it.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// Shorter names for the filter text.
    pub aliases: &'static [&'static str],
    pub kind: ColumnKind,
    /// Whether the server sorts by it.
    pub sortable: bool,
}

/// A column that the server sorts by, as it does by all but a few.
#[must_use]
pub const fn column(
    name: &'static str,
    label: &'static str,
    aliases: &'static [&'static str],
    kind: ColumnKind,
) -> Column {
    Column { name, label, aliases, kind, sortable: true }
}

/// A column by its name or one of its short names, in any case.
#[must_use]
pub fn find<'a>(columns: &'a [Column], name: &str) -> Option<&'a Column> {
    let is = |it: &&str| it.eq_ignore_ascii_case(name);
    columns.iter().find(|it| is(&it.name) || it.aliases.iter().any(is))
}

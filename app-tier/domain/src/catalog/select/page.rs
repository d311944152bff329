//! A page of a list. Seek, not offset: a page costs the same wherever it is.

use contract::{catalog::Kind, ids::UserId};

use super::{
    Bind, Select,
    conditions::{Rows, conditions, expression},
};
use crate::catalog::{Entity, Field, check::Condition};

/// Which rows of a list, for the API.
#[derive(Debug)]
pub struct ListPage {
    pub entity: &'static Entity,
    /// The column and the user, where only his rows are meant.
    pub own: Option<(&'static str, UserId)>,
    pub conditions: Vec<Condition>,
    /// Lower-case text to be found in the entity's search column.
    pub search: Option<String>,
    pub sort: Field,
    pub descending: bool,
    /// The last row of the page before: its sort value and its key.
    pub after: Option<(Option<Bind>, Bind)>,
    /// Rows that no longer exist too.
    pub with_gone: bool,
    pub limit: u32,
}

impl ListPage {
    fn rows(&self) -> Rows<'_> {
        Rows {
            entity: self.entity,
            own: self.own,
            conditions: &self.conditions,
            compare: None,
            part: &[],
            search: self.search.as_deref(),
            with_gone: self.with_gone,
        }
    }
}

/// `columns`, then `sort_value` (text) and `total`; one row more than the limit tells whether there is a next page.
#[must_use]
pub fn list(page: &ListPage, columns: &str) -> Select {
    let mut out = Select::default();
    let key = page.entity.key;
    out.sql(&format!("SELECT {columns}, "));
    sort_value(&page.sort, &mut out);
    out.sql(" AS sort_value, (");
    total(page, &mut out);
    out.sql(&format!(") AS total FROM {}", page.entity.view));
    let more = conditions(&page.rows(), &mut out);
    if let Some((value, last)) = &page.after {
        out.sql(if more { " AND " } else { " WHERE " });
        seek(page, value.as_ref(), last, &mut out);
    }
    out.sql(" ORDER BY ");
    let direction = if page.descending { " DESC" } else { "" };
    if page.sort.name != key {
        expression(&page.sort, &mut out);
        out.sql(direction);
        // Without the clause an index on a column that is never null serves both directions.
        out.sql(if page.sort.nullable { " NULLS LAST, " } else { ", " });
    }
    // Spelled out: of a limit that it does not know PostgreSQL expects the worst, and plans each page anew instead.
    out.sql(&format!("{key}{direction} LIMIT {}", u64::from(page.limit) + 1));
    out
}

/// The total alone, for a page that came out empty.
#[must_use]
pub fn list_total(page: &ListPage) -> Select {
    let mut out = Select::default();
    out.sql("SELECT (");
    total(page, &mut out);
    out.sql(") AS total");
    out
}

/// How many rows the list has on all its pages.
fn total(page: &ListPage, out: &mut Select) {
    let everything =
        page.conditions.is_empty() && page.search.is_none() && !page.with_gone && page.own.is_none();
    if let Some(counted) = page.entity.counted.filter(|_| everything) {
        out.sql(counted);
        return;
    }
    out.sql(&format!("SELECT count(*) FROM {}", page.entity.view));
    conditions(&page.rows(), out);
}

/// What a cursor keeps of the sort column, as text: numbers and times as JSON writes them.
fn sort_value(sort: &Field, out: &mut Select) {
    if matches!(sort.kind, Kind::Text | Kind::Choice) {
        expression(sort, out);
        return;
    }
    out.sql("to_jsonb(");
    expression(sort, out);
    out.sql(") #>> '{}'");
}

fn seek(page: &ListPage, value: Option<&Bind>, last: &Bind, out: &mut Select) {
    let key = page.entity.key;
    let beyond = if page.descending { "<" } else { ">" };
    if page.sort.name == key {
        out.sql(&format!("{key} {beyond} "));
        out.bind(last.clone());
        return;
    }
    let Some(value) = value else {
        // The page before ended among the rows without a value, which come last.
        out.sql("(");
        expression(&page.sort, out);
        out.sql(&format!(" IS NULL AND {key} {beyond} "));
        out.bind(last.clone());
        out.sql(")");
        return;
    };
    if page.sort.nullable {
        out.sql("(");
    }
    out.sql("(");
    expression(&page.sort, out);
    out.sql(&format!(", {key}) {beyond} ("));
    out.bind(value.clone());
    out.sql(", ");
    out.bind(last.clone());
    out.sql(")");
    if page.sort.nullable {
        out.sql(" OR ");
        expression(&page.sort, out);
        out.sql(" IS NULL)");
    }
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;

    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn a_page_seeks() {
        let entity = Catalog::for_role(Role::Viewer).entity("workspaces").unwrap();
        let mut page = ListPage {
            entity,
            own: None,
            conditions: Vec::new(),
            search: Some("smith".into()),
            sort: entity.field("user_name").unwrap(),
            descending: false,
            after: Some((Some(Bind::Text("jane".into())), Bind::Text("ws-1".into()))),
            with_gone: false,
            limit: 50,
        };
        insta::assert_snapshot!(list(&page, "id").text(), @"SELECT id, user_name AS sort_value, (SELECT count(*) FROM ask_workspaces WHERE gone_at IS NULL AND search LIKE $1) AS total FROM ask_workspaces WHERE gone_at IS NULL AND search LIKE $2 AND (user_name, id) > ($3, $4) ORDER BY user_name, id LIMIT 51");
        page.sort = entity.field("last_connected_at").unwrap();
        page.descending = true;
        page.search = None;
        insta::assert_snapshot!(list(&page, "id").text(), @"SELECT id, to_jsonb(last_connected_at) #>> '{}' AS sort_value, (SELECT coalesce(sum(n), 0)::bigint FROM workspace_counts) AS total FROM ask_workspaces WHERE gone_at IS NULL AND ((last_connected_at, id) < ($1, $2) OR last_connected_at IS NULL) ORDER BY last_connected_at DESC NULLS LAST, id DESC LIMIT 51");
        page.after = Some((None, Bind::Text("ws-1".into())));
        insta::assert_snapshot!(list(&page, "id").text(), @"SELECT id, to_jsonb(last_connected_at) #>> '{}' AS sort_value, (SELECT coalesce(sum(n), 0)::bigint FROM workspace_counts) AS total FROM ask_workspaces WHERE gone_at IS NULL AND (last_connected_at IS NULL AND id < $1) ORDER BY last_connected_at DESC NULLS LAST, id DESC LIMIT 51");
    }
}

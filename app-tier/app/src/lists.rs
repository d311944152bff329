//! What all lists share: the query string, the cursor and the page.
//!
//! A cursor is the last row's sort value and key, with a fingerprint of filter and sort, so that a cursor of another list
//! is refused instead of giving a page from nowhere.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use contract::{
    catalog::Kind,
    page::{DEFAULT_LIMIT, MAX_LIMIT, Page},
    problem::{Code, FieldError},
    query::{Filter, Op, Order, Plan},
};
use diesel_async::AsyncPgConnection;
use domain::catalog::{
    Catalog, Entity,
    check::{Moment, check},
    filters,
    select::{Bind, ListPage, list_total, number},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::workspaces::{Listed, Listing};

use crate::{Error, Result};

/// The pairs of a query string, in order.
pub type Pairs = [(String, String)];

/// A list of the catalog as asked for.
#[derive(Debug)]
pub struct ListRequest {
    pub page: ListPage,
    /// The same filters and order as a plan, for reports. The search is apart.
    pub plan: Plan,
    fingerprint: String,
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    /// Of filter and sort.
    f: String,
    /// The sort value; none for a row without.
    v: Option<String>,
    k: String,
}

impl ListRequest {
    /// Reads the query string of a list of `entity`.
    ///
    /// # Errors
    /// Every parameter that is not understood.
    pub fn read(entity: &'static Entity, catalog: &Catalog, pairs: &Pairs, at: Moment) -> Result<Self> {
        let mut reserved = Reserved::default();
        let mut errors = Vec::new();
        let mut columns = Vec::new();
        for (name, value) in pairs {
            match name.as_str() {
                "limit" => match value.parse::<u32>().ok().filter(|it| (1..=MAX_LIMIT).contains(it)) {
                    Some(limit) => reserved.limit = Some(limit),
                    None => errors.push(FieldError::new("limit", format!("takes 1 to {MAX_LIMIT}"))),
                },
                "sort" => reserved.sort = Some(value.clone()),
                "cursor" => reserved.cursor = Some(value.clone()).filter(|it| !it.is_empty()),
                "q" if entity.search.is_some() => {
                    reserved.search = Some(value.trim().to_lowercase()).filter(|it| !it.is_empty())
                }
                "gone" if entity.dimension("gone_at").is_some() => match value.as_str() {
                    "false" => {}
                    "any" => reserved.with_gone = true,
                    "true" => columns.push(("not_gone_at", "")),
                    _ => errors.push(FieldError::new("gone", "takes true, false or any")),
                },
                _ => columns.push((name.as_str(), value.as_str())),
            }
        }
        let gone = columns.iter().any(|(name, _)| *name == "not_gone_at");
        columns.retain(|(name, _)| *name != "not_gone_at");
        let mut filters = match filters::from_query(entity, columns) {
            Ok(filters) => filters,
            Err(more) => {
                errors.extend(more);
                Vec::new()
            }
        };
        if gone {
            filters.push(Filter { dimension: "gone_at".to_owned(), op: Op::NotEmpty, values: Vec::new() });
        }
        let sort_text = reserved.sort.unwrap_or_else(|| entity.default_order.to_owned());
        let (descending, sort_name) = match sort_text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, sort_text.as_str()),
        };
        let sort = entity.field(sort_name).filter(|it| it.kind != Kind::Tags && it.clock.is_none());
        if sort.is_none() {
            errors.push(FieldError::new("sort", format!("`{sort_name}` is no column of this list")));
        }
        if !errors.is_empty() {
            return Err(Error::with_fields(Code::InvalidQuery, errors));
        }
        let order = Some(Order { by: sort_name.to_owned(), descending });
        let plan = Plan { entity: entity.name.to_owned(), filters, order, ..Plan::default() };
        let fingerprint = fingerprint(&plan, &sort_text, reserved.search.as_deref(), reserved.with_gone);
        let checked =
            check(&plan, catalog, at).map_err(|errors| Error::with_fields(Code::InvalidQuery, errors))?;
        let sort =
            sort.ok_or_else(|| Error::new(Code::InvalidQuery, "There is no such column to sort by."))?;
        let after =
            reserved.cursor.map(|text| read_cursor(&text, &fingerprint, entity, sort.kind)).transpose()?;
        let page = ListPage {
            entity,
            own: checked.own,
            conditions: checked.filters,
            search: reserved.search,
            sort,
            descending,
            after,
            with_gone: reserved.with_gone,
            limit: reserved.limit.unwrap_or(DEFAULT_LIMIT),
        };
        Ok(Self { page, plan, fingerprint })
    }

    /// The page of rows read: one more than the limit tells that there is another page.
    pub fn answer<T>(&self, rows: Vec<Listed<T>>, total: i64, key: impl Fn(&T) -> String) -> Page<T> {
        let last = self.last_of(rows.len()).and_then(|n| rows.get(n));
        let next = last.map(|row| self.cursor(row.sort_value.clone(), key(&row.item)));
        Page { items: rows.into_iter().take(self.limit()).map(|row| row.item).collect(), next, total }
    }

    /// How many there are in all, when no row told it: a page after the last one has none.
    ///
    /// # Errors
    /// PostgreSQL refuses.
    pub async fn total(&self, conn: &mut AsyncPgConnection, told: Option<i64>) -> Result<i64> {
        match told {
            Some(total) => Ok(total),
            None => Ok(store::select::total(conn, list_total(&self.page)).await?),
        }
    }

    /// As [`ListRequest::answer`], written as the JSON of a [`Page`].
    ///
    /// # Errors
    /// A value has no form in JSON.
    pub fn write(&self, rows: &Listing, total: i64) -> Result<JsonPage> {
        let next = self.last_of(rows.len()).and_then(|n| rows.mark(n));
        let next = next.map(|it| self.cursor(it.sort_value, it.item));
        // A desktop takes about a thousand bytes.
        let mut json = Vec::with_capacity(1200 * (rows.len() + 1));
        json.extend_from_slice(b"{\"items\":");
        rows.write(self.limit(), &mut json).map_err(Error::internal)?;
        json.extend_from_slice(b",\"next\":");
        serde_json::to_writer(&mut json, &next).map_err(Error::internal)?;
        json.extend_from_slice(b",\"total\":");
        serde_json::to_writer(&mut json, &total).map_err(Error::internal)?;
        json.push(b'}');
        Ok(JsonPage(json))
    }

    fn limit(&self) -> usize {
        usize::try_from(self.page.limit).unwrap_or(usize::MAX)
    }

    /// The place of the page's last row, when rows come after it.
    fn last_of(&self, rows: usize) -> Option<usize> {
        self.limit().checked_sub(1).filter(|_| rows > self.limit())
    }

    fn cursor(&self, sort_value: Option<String>, key: String) -> String {
        let cursor = Cursor { f: self.fingerprint.clone(), v: sort_value, k: key };
        // A cursor is texts only, which always become JSON.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
    }
}

/// A page that is JSON already.
#[derive(Debug)]
pub struct JsonPage(pub Vec<u8>);

#[derive(Default)]
struct Reserved {
    limit: Option<u32>,
    sort: Option<String>,
    cursor: Option<String>,
    search: Option<String>,
    with_gone: bool,
}

fn fingerprint(plan: &Plan, sort: &str, search: Option<&str>, with_gone: bool) -> String {
    let text = format!("{plan:?}|{sort}|{search:?}|{with_gone}");
    let digest = Sha256::digest(text.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default())
}

fn read_cursor(text: &str, fingerprint: &str, entity: &Entity, kind: Kind) -> Result<(Option<Bind>, Bind)> {
    let bad = || {
        Error::with_fields(
            Code::InvalidCursor,
            vec![FieldError::new("cursor", "does not belong to this list")],
        )
    };
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_not_base64| bad())?;
    let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_not_ours| bad())?;
    if cursor.f != fingerprint {
        return Err(bad());
    }
    let key_kind = entity.dimension(entity.key).map_or(Kind::Text, |it| it.kind);
    let value = cursor.v.map(|it| typed(&it, kind).ok_or_else(bad)).transpose()?;
    Ok((value, typed(&cursor.k, key_kind).ok_or_else(bad)?))
}

fn typed(text: &str, kind: Kind) -> Option<Bind> {
    match kind {
        Kind::Number => text.parse().ok().map(number),
        Kind::Bool => text.parse().ok().map(Bind::Bool),
        Kind::Time | Kind::Date => DateTime::parse_from_rfc3339(text).ok().map(|it| Bind::Time(it.to_utc())),
        Kind::Text | Kind::Choice | Kind::Tags => Some(Bind::Text(text.to_owned())),
    }
}

/// Lists that go by number, newest first: the cursor is the last number seen.
#[derive(Debug)]
pub struct NumberedRequest<'a> {
    pub limit: u32,
    pub cursor: Option<i64>,
    /// What is left of the query string.
    pub filters: Vec<(&'a str, &'a str)>,
}

impl<'a> NumberedRequest<'a> {
    /// Reads `limit` and `cursor`; the rest must be among `known`.
    ///
    /// # Errors
    /// Every parameter that is not understood.
    pub fn read(pairs: &'a Pairs, known: &[&str]) -> Result<Self> {
        let mut request = Self { limit: DEFAULT_LIMIT, cursor: None, filters: Vec::new() };
        let mut errors = Vec::new();
        for (name, value) in pairs {
            match name.as_str() {
                "limit" => match value.parse().ok().filter(|it| (1..=MAX_LIMIT).contains(it)) {
                    Some(limit) => request.limit = limit,
                    None => errors.push(FieldError::new("limit", format!("takes 1 to {MAX_LIMIT}"))),
                },
                "cursor" => match value.parse() {
                    Ok(cursor) => request.cursor = Some(cursor),
                    Err(_) => {
                        return Err(Error::with_fields(
                            Code::InvalidCursor,
                            vec![FieldError::new("cursor", "does not belong to this list")],
                        ));
                    }
                },
                other if known.contains(&other) => request.filters.push((name, value)),
                other => errors.push(FieldError::new(other, "is no parameter of this list")),
            }
        }
        if errors.is_empty() { Ok(request) } else { Err(Error::with_fields(Code::InvalidQuery, errors)) }
    }

    /// The value of a filter, if it is there.
    #[must_use]
    pub fn filter(&self, name: &str) -> Option<&'a str> {
        self.filters.iter().find(|(it, _)| *it == name).map(|(_, value)| *value)
    }

    /// One row more than asked for tells that there is another page.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The page of rows fetched.
    pub fn answer<T>(&self, mut items: Vec<T>, total: i64, number: impl Fn(&T) -> i64) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|it| number(it).to_string());
        Page { items, next, total }
    }
}

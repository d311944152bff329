//! The type-check of a plan: names against the catalog, operators and values against kinds, times made absolute.
//!
//! Invariant: a [`Checked`] plan names only what the asker's catalog holds; [`super::select`] takes nothing else.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use contract::{
    catalog::Kind,
    problem::FieldError,
    query::{Aggregate, Filter, Grain, Op, Plan, Value},
};

use super::{Catalog, Entity, Field};

/// More groups by, measures or columns than this are refused.
const MAX_PARTS: usize = 32;
/// More values than this in one filter are refused.
const MAX_VALUES: usize = 200;

/// A plan that fits the catalog.
#[derive(Debug)]
pub struct Checked {
    pub entity: &'static Entity,
    pub measures: Vec<(Aggregate, Option<Field>)>,
    pub group_by: Vec<(Field, Option<Grain>)>,
    pub columns: Vec<Field>,
    pub filters: Vec<Condition>,
    /// Position among the answer's columns, from 0, and whether it descends.
    pub order: Option<(OrderBy, bool)>,
    pub limit: Option<u32>,
    pub zone: Tz,
    /// Lower-case text to be found in the entity's search column. Only lists have it.
    pub search: Option<String>,
    /// Rows that no longer exist too. Only lists have it.
    pub with_gone: bool,
}

/// What an answer is ordered by.
#[derive(Debug, PartialEq, Eq)]
pub enum OrderBy {
    /// A column of the answer, from 0.
    Answer(usize),
    /// A dimension that a list does not show.
    Hidden(Field),
}

/// One filter with typed values.
#[derive(Debug, PartialEq)]
pub struct Condition {
    pub field: Field,
    pub op: Op,
    pub values: Typed,
}

/// The values of a filter, all of the dimension's kind.
#[derive(Debug, PartialEq)]
pub enum Typed {
    None,
    Texts(Vec<String>),
    Numbers(Vec<f64>),
    Bool(bool),
    Time(DateTime<Utc>),
}

/// When and where a question is asked: dates mean days of this zone.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub now: DateTime<Utc>,
    pub zone: Tz,
}

impl Moment {
    /// The asker's today.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// The instant a day begins. Where a change of clocks swallows midnight, the first instant after it.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        (0..=3)
            .find_map(|hours| {
                self.zone.from_local_datetime(&(midnight + chrono::Duration::hours(hours))).earliest()
            })
            .map_or_else(|| Utc.from_utc_datetime(&midnight), |it| it.with_timezone(&Utc))
    }
}

/// Checks a plan against what the asker may read.
///
/// # Errors
/// Every mistake with its JSON pointer into the plan.
pub fn check(plan: &Plan, catalog: &Catalog, at: Moment) -> Result<Checked, Vec<FieldError>> {
    let Some(entity) = catalog.entity(&plan.entity) else {
        let known: Vec<_> = catalog.entities().iter().map(|it| it.name).collect();
        return Err(vec![FieldError::new("/entity", format!("is none of: {}", known.join(", ")))]);
    };
    let mut faults = Faults { entity, errors: Vec::new() };
    for (pointer, n) in [
        ("/measures", plan.measures.len()),
        ("/group_by", plan.group_by.len()),
        ("/columns", plan.columns.len()),
        ("/filters", plan.filters.len()),
    ] {
        if n > MAX_PARTS {
            faults.add(pointer, format!("has more than {MAX_PARTS} parts"));
        }
    }
    let measures = measures(plan, &mut faults);
    let group_by = group_by(plan, &mut faults);
    let columns = columns(plan, entity, &mut faults);
    let filters =
        plan.filters.iter().enumerate().filter_map(|(n, it)| condition(it, n, at, &mut faults)).collect();
    if plan.limit == Some(0) {
        faults.add("/limit", "is at least 1");
    }
    let order = order(plan, &group_by, &columns, &mut faults);
    if !faults.errors.is_empty() {
        return Err(faults.errors);
    }
    Ok(Checked {
        entity,
        measures,
        group_by,
        columns,
        filters,
        order,
        limit: plan.limit,
        zone: at.zone,
        search: None,
        with_gone: false,
    })
}

struct Faults {
    entity: &'static Entity,
    errors: Vec<FieldError>,
}

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.errors.push(FieldError::new(pointer, detail));
    }

    fn field(&mut self, name: &str, pointer: &str) -> Option<Field> {
        let field = self.entity.field(name);
        if field.is_none() {
            self.add(pointer, format!("{} have no `{name}`", self.entity.plural));
        }
        field
    }
}

fn measures(plan: &Plan, faults: &mut Faults) -> Vec<(Aggregate, Option<Field>)> {
    let mut checked = Vec::new();
    for (n, it) in plan.measures.iter().enumerate() {
        let pointer = format!("/measures/{n}/of");
        match (it.function, &it.of) {
            (Aggregate::Count, None) => checked.push((Aggregate::Count, None)),
            (Aggregate::Count, Some(_)) => faults.add(pointer, "`count` counts rows and takes no dimension"),
            (function, None) => faults.add(pointer, format!("`{}` needs a dimension", function.name())),
            (function, Some(name)) => {
                if let Some(field) = faults.field(name, &pointer) {
                    if field.aggregates().contains(&function) {
                        checked.push((function, Some(field)));
                    } else {
                        faults.add(pointer, format!("there is no `{}` of {}", function.name(), field.label));
                    }
                }
            }
        }
    }
    checked
}

fn group_by(plan: &Plan, faults: &mut Faults) -> Vec<(Field, Option<Grain>)> {
    if plan.measures.is_empty() && !plan.group_by.is_empty() {
        faults.add("/group_by", "needs a measure");
    }
    let mut checked: Vec<(Field, Option<Grain>)> = Vec::new();
    for (n, it) in plan.group_by.iter().enumerate() {
        let pointer = format!("/group_by/{n}/dimension");
        let Some(field) = faults.field(&it.dimension, &pointer) else { continue };
        if !field.groupable() {
            faults.add(pointer, format!("cannot group by {}", field.label));
        } else if field.kind == Kind::Time && it.grain.is_none() {
            faults.add(format!("/group_by/{n}/grain"), "a time needs day, week or month");
        } else if field.kind != Kind::Time && it.grain.is_some() {
            faults.add(format!("/group_by/{n}/grain"), "is for times only");
        } else if checked.iter().any(|(other, _)| *other == field) {
            faults.add(pointer, "is there twice");
        } else {
            checked.push((field, it.grain));
        }
    }
    checked
}

fn columns(plan: &Plan, entity: &Entity, faults: &mut Faults) -> Vec<Field> {
    if !plan.measures.is_empty() {
        if !plan.columns.is_empty() {
            faults.add("/columns", "are for lists; this plan has measures");
        }
        return Vec::new();
    }
    if plan.columns.is_empty() {
        return entity.default_columns.iter().filter_map(|name| entity.field(name)).collect();
    }
    plan.columns
        .iter()
        .enumerate()
        .filter_map(|(n, name)| faults.field(name, &format!("/columns/{n}")))
        .collect()
}

fn order(
    plan: &Plan,
    group_by: &[(Field, Option<Grain>)],
    columns: &[Field],
    faults: &mut Faults,
) -> Option<(OrderBy, bool)> {
    let order = plan.order.as_ref()?;
    if plan.measures.is_empty() {
        if let Some(n) = columns.iter().position(|it| it.name == order.by) {
            return Some((OrderBy::Answer(n), order.descending));
        }
        let field = faults.field(&order.by, "/order/by")?;
        if field.kind == Kind::Tags {
            faults.add("/order/by", "cannot order by all tags; name one as tags.NAME");
            return None;
        }
        return Some((OrderBy::Hidden(field), order.descending));
    }
    let groups = group_by.iter().map(|(field, _)| field.name.clone());
    let figures = plan.measures.iter().map(contract::query::Measure::key);
    let position = groups.chain(figures).position(|key| key == order.by);
    if position.is_none() {
        faults.add("/order/by", "is neither grouped by nor measured");
    }
    position.map(|n| (OrderBy::Answer(n), order.descending))
}

fn condition(filter: &Filter, n: usize, at: Moment, faults: &mut Faults) -> Option<Condition> {
    let field = faults.field(&filter.dimension, &format!("/filters/{n}/dimension"))?;
    if !field.ops().contains(&filter.op) {
        faults
            .add(format!("/filters/{n}/op"), format!("`{}` does not fit {}", filter.op.name(), field.label));
        return None;
    }
    let values = format!("/filters/{n}/values");
    if filter.op.is_unary() {
        if !filter.values.is_empty() {
            faults.add(values, format!("`{}` takes none", filter.op.name()));
            return None;
        }
        return Some(Condition { field, op: filter.op, values: Typed::None });
    }
    let several = matches!(filter.op, Op::Is | Op::IsNot | Op::Contains) && field.kind != Kind::Bool;
    if filter.values.is_empty() || filter.values.len() > MAX_VALUES || (!several && filter.values.len() != 1)
    {
        faults.add(values, if several { "takes 1 to 200 values" } else { "takes one value" });
        return None;
    }
    let mut typed = None;
    for (m, value) in filter.values.iter().enumerate() {
        match add_value(&mut typed, field.kind, value, at) {
            Ok(()) => {}
            Err(wanted) => {
                faults.add(format!("{values}/{m}"), format!("`{value}` is not {wanted}"));
                return None;
            }
        }
    }
    typed.map(|values| Condition { field, op: filter.op, values })
}

fn add_value(typed: &mut Option<Typed>, kind: Kind, value: &Value, at: Moment) -> Result<(), &'static str> {
    match kind {
        Kind::Text | Kind::Choice => {
            let Value::Text(text) = value else { return Err("a text") };
            match typed.get_or_insert_with(|| Typed::Texts(Vec::new())) {
                Typed::Texts(them) => them.push(text.clone()),
                _ => return Err("a text"),
            }
        }
        Kind::Number => {
            let number = match value {
                Value::Number(it) => Some(*it),
                Value::Text(text) => text.parse().ok(),
                _ => None,
            };
            let number = number.filter(|it| it.is_finite()).ok_or("a number")?;
            match typed.get_or_insert_with(|| Typed::Numbers(Vec::new())) {
                Typed::Numbers(them) => them.push(number),
                _ => return Err("a number"),
            }
        }
        Kind::Bool => {
            let flag = match value {
                Value::Bool(it) => Some(*it),
                Value::Text(text) => match text.as_str() {
                    "true" | "yes" => Some(true),
                    "false" | "no" => Some(false),
                    _ => None,
                },
                _ => None,
            };
            *typed = Some(Typed::Bool(flag.ok_or("true or false")?));
        }
        Kind::Time | Kind::Date => {
            *typed = Some(Typed::Time(
                instant(value, at).ok_or("a time, such as 2026-03-03 or 2026-03-03T08:00:00Z")?,
            ));
        }
        Kind::Tags => return Err("possible here"),
    }
    Ok(())
}

fn instant(value: &Value, at: Moment) -> Option<DateTime<Utc>> {
    match value {
        Value::Ago { days_ago } => {
            Some(at.start_of(at.today().checked_sub_days(Days::new(u64::from(*days_ago)))?))
        }
        Value::Text(text) => match text.parse::<NaiveDate>() {
            Ok(day) => Some(at.start_of(day)),
            Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|it| it.with_timezone(&Utc)),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn moment(now: &str, zone: &str) -> Moment {
        Moment { now: now.parse().unwrap(), zone: zone.parse().unwrap() }
    }

    fn faults(plan: serde_json::Value) -> Vec<String> {
        let plan: Plan = serde_json::from_value(plan).unwrap();
        let catalog = Catalog::for_role(Role::Viewer);
        match check(&plan, &catalog, moment("2026-11-21T10:00:00Z", "UTC")) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.into_iter().map(|it| it.pointer).collect(),
        }
    }

    #[test]
    fn every_mistake_is_found_at_its_place() {
        assert_eq!(faults(json!({"entity": "users"})), ["/entity"]);
        let plan = json!({"entity": "workspaces", "measures": [{"function": "sum", "of": "state"}, {"function": "count", "of": "id"}],
            "group_by": [{"dimension": "password"}, {"dimension": "last_connected_at"}, {"dimension": "region", "grain": "day"}],
            "filters": [{"dimension": "state", "op": "at_least", "values": ["x"]}, {"dimension": "root_volume_gib", "op": "is", "values": ["big"]},
                {"dimension": "gone_at", "op": "empty", "values": [1]}, {"dimension": "root_encrypted", "op": "is", "values": [true, false]}],
            "order": {"by": "state"}, "limit": 0});
        assert_eq!(
            faults(plan),
            [
                "/measures/0/of",
                "/measures/1/of",
                "/group_by/0/dimension",
                "/group_by/1/grain",
                "/group_by/2/grain",
                "/filters/0/op",
                "/filters/1/values/0",
                "/filters/2/values",
                "/filters/3/values",
                "/limit",
                "/order/by",
            ]
        );
    }

    #[test]
    fn a_day_begins_where_the_asker_is() {
        let berlin = moment("2026-03-30T00:30:00+02:00", "Europe/Berlin");
        assert_eq!(
            instant(&Value::Ago { days_ago: 0 }, berlin).unwrap().to_rfc3339(),
            "2026-03-29T22:00:00+00:00"
        );
        assert_eq!(
            instant(&Value::Ago { days_ago: 1 }, berlin).unwrap().to_rfc3339(),
            "2026-03-28T23:00:00+00:00",
            "an hour shorter"
        );
        // Clocks in Beirut went from 23:59 to 01:00 that night: the day began at one.
        let beirut = moment("2026-03-29T12:00:00Z", "Asia/Beirut");
        assert_eq!(beirut.start_of("2026-03-29".parse().unwrap()).to_rfc3339(), "2026-03-28T22:00:00+00:00");
    }

    proptest! {
        #[test]
        fn no_plan_makes_the_check_panic(entity in "workspaces|changes|x", dimension in "[a-z_.]{0,12}|state|root_volume_gib|last_connected_at",
            op in 0usize..11, text in ".{0,20}", number in any::<f64>(), days in any::<u32>(), limit in any::<u32>()) {
            let plan = Plan {
                entity,
                filters: vec![Filter { dimension, op: Op::ALL[op], values: vec![Value::Text(text), Value::Number(number), Value::Ago { days_ago: days }] }],
                limit: Some(limit),
                ..Plan::default()
            };
            let _ = check(&plan, &Catalog::for_role(Role::Admin), moment("2026-11-21T10:00:00Z", "Asia/Tokyo"));
        }
    }
}

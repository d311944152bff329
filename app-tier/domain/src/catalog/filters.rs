//! The query string of a list as filters of a plan: `?state=STOPPED&state=ERROR&min_root_volume_gib=100`.
//!
//! `column=value`, repeated for alternatives; `column=` for rows without a value; `column=*text*` for a part of a text;
//! `not_column=value`; `min_column` and `max_column` for numbers and times (from and until).

use contract::{
    catalog::Kind,
    problem::FieldError,
    query::{Filter, Op, Value},
};

use super::Entity;

/// Reads the pairs that name a dimension of the entity.
///
/// # Errors
/// Every parameter that names nothing, or that does not fit.
pub fn from_query<'a>(
    entity: &Entity,
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Filter>, Vec<FieldError>> {
    let mut filters: Vec<Filter> = Vec::new();
    let mut errors = Vec::new();
    for (name, value) in pairs {
        match one(entity, name, value) {
            Ok(filter) => {
                let same = |it: &&mut Filter| {
                    it.dimension == filter.dimension
                        && it.op == filter.op
                        && matches!(it.op, Op::Is | Op::IsNot | Op::Contains)
                };
                match filters.iter_mut().find(same) {
                    Some(earlier) => earlier.values.extend(filter.values),
                    None => filters.push(filter),
                }
            }
            Err(detail) => errors.push(FieldError::new(name, detail)),
        }
    }
    if errors.is_empty() { Ok(filters) } else { Err(errors) }
}

fn one(entity: &Entity, name: &str, value: &str) -> Result<Filter, String> {
    if let Some(field) = entity.field(name) {
        let (op, text) = match value.strip_prefix('*').and_then(|it| it.strip_suffix('*')) {
            Some(part) if !part.is_empty() && field.ops().contains(&Op::Contains) => (Op::Contains, part),
            _ if value.is_empty() && field.ops().contains(&Op::Empty) => {
                return Ok(Filter { dimension: name.to_owned(), op: Op::Empty, values: Vec::new() });
            }
            _ => (Op::Is, value),
        };
        if !field.ops().contains(&op) {
            return Err(format!("{} is not compared by equality; use min_{name} or max_{name}", field.label));
        }
        return Ok(Filter::new(name, op, typed(field.kind, text)?));
    }
    for (prefix, number, time) in
        [("min_", Op::AtLeast, Op::Since), ("max_", Op::AtMost, Op::Before), ("not_", Op::IsNot, Op::IsNot)]
    {
        let Some((rest, field)) =
            name.strip_prefix(prefix).and_then(|rest| Some((rest, entity.field(rest)?)))
        else {
            continue;
        };
        let op = if field.kind == Kind::Time { time } else { number };
        if !field.ops().contains(&op) {
            return Err(format!(
                "{} has no {}",
                field.label,
                if prefix == "not_" { "negation" } else { "range" }
            ));
        }
        return Ok(Filter::new(rest, op, typed(field.kind, value)?));
    }
    Err("is no column of this list".to_owned())
}

fn typed(kind: Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Number => {
            text.parse().map(Value::Number).map_err(|_not_a_number| format!("`{text}` is not a number"))
        }
        Kind::Bool => {
            text.parse().map(Value::Bool).map_err(|_not_a_flag| format!("`{text}` is neither true nor false"))
        }
        _ => Ok(Value::text(text)),
    }
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;

    use super::*;
    use crate::catalog::Catalog;

    fn read(pairs: &[(&str, &str)]) -> Result<String, Vec<String>> {
        let entity = Catalog::for_role(Role::Viewer).entity("workspaces").unwrap();
        from_query(entity, pairs.iter().copied())
            .map(|filters| serde_json::to_string(&filters).unwrap())
            .map_err(|errors| errors.into_iter().map(|it| it.pointer).collect())
    }

    #[test]
    fn repeated_values_are_alternatives() {
        let text = read(&[("state", "STOPPED"), ("region", "eu-west-1"), ("state", "ERROR")]).unwrap();
        assert_eq!(
            text,
            r#"[{"dimension":"state","op":"is","values":["STOPPED","ERROR"]},{"dimension":"region","op":"is","values":["eu-west-1"]}]"#
        );
    }

    #[test]
    fn ranges_parts_and_the_empty_value() {
        let text = read(&[
            ("min_root_volume_gib", "100"),
            ("max_last_connected_at", "2026-03-03"),
            ("user_name", "*smith*"),
            ("bundle", ""),
        ]);
        assert_eq!(
            text.unwrap(),
            r#"[{"dimension":"root_volume_gib","op":"at_least","values":[100.0]},{"dimension":"last_connected_at","op":"before","values":["2026-03-03"]},{"dimension":"user_name","op":"contains","values":["smith"]},{"dimension":"bundle","op":"empty"}]"#
        );
    }

    #[test]
    fn what_names_nothing_is_refused_by_name() {
        let pairs = [
            ("password", "x"),
            ("min_state", "a"),
            ("root_volume_gib", "big"),
            ("last_connected_at", "2026-01-01"),
            ("root_encrypted", "1"),
        ];
        assert_eq!(read(&pairs).unwrap_err(), pairs.map(|(name, _)| name));
    }
}

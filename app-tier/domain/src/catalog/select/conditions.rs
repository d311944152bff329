//! What rows have to fulfil.

use contract::{catalog::Kind, ids::UserId, query::Op};

use super::{Bind, Select};
use crate::catalog::{
    DESKTOP_PREFIX, Entity, Field,
    check::{Compared, Condition, Typed},
};

/// The column of a dimension, what is under a tag's name, or a part of a time.
pub(super) fn expression(field: &Field, out: &mut Select) {
    let name = match field.of_desktop {
        true => format!("\"{DESKTOP_PREFIX}{}\"", field.column),
        false => field.column.to_owned(),
    };
    if let Some(clock) = field.clock {
        let zone = if field.is_date() { "UTC" } else { field.zone.name() };
        for (n, text) in clock.around().iter().enumerate() {
            if n > 0 {
                out.sql(&format!("{name} AT TIME ZONE "));
                out.bind(Bind::Text(zone.to_owned()));
            }
            out.sql(text);
        }
        return;
    }
    let column = |out: &mut Select| out.sql(&name);
    match &field.tag {
        None => column(out),
        Some(tag) => {
            out.sql("(");
            column(out);
            out.sql(" ->> ");
            out.bind(Bind::Text(tag.clone()));
            out.sql(")");
        }
    }
}

/// Which rows of an entity are meant.
pub(super) struct Rows<'a> {
    pub(super) entity: &'a Entity,
    pub(super) own: Option<(&'static str, UserId)>,
    pub(super) conditions: &'a [Condition],
    /// Of either stretch.
    pub(super) compare: Option<&'a Compared>,
    /// What is said about a part of the rows: it tells which rows are thought of, too.
    pub(super) part: &'a [Condition],
    pub(super) search: Option<&'a str>,
    pub(super) with_gone: bool,
}

/// ` WHERE …`; says whether there was anything to write.
pub(super) fn conditions(rows: &Rows<'_>, out: &mut Select) -> bool {
    let mut any = false;
    let mut separate = |out: &mut Select| {
        out.sql(if any { " AND " } else { " WHERE " });
        any = true;
    };
    if let Some((column, user)) = rows.own {
        separate(out);
        out.sql(&format!("{column} = "));
        out.bind(Bind::Integer(user.0));
    }
    let compared = rows.compare.map_or([].as_slice(), |it| it.this.as_slice());
    let named = |dimension: &str| {
        let all = rows.conditions.iter().chain(rows.part).chain(compared);
        all.into_iter().any(|it| it.field.name == dimension)
    };
    if let Some((dimension, sql)) = rows.entity.standing
        && !rows.with_gone
        && !named(dimension)
    {
        separate(out);
        out.sql(sql);
    }
    for it in rows.conditions {
        separate(out);
        condition(it, out);
    }
    if let Some(Compared { this, other }) = rows.compare {
        separate(out);
        out.sql("((");
        all_of(this, out);
        out.sql(") OR (");
        all_of(other, out);
        out.sql("))");
    }
    if let (Some(column), Some(text)) = (rows.entity.search, rows.search) {
        separate(out);
        out.sql(&format!("{column} LIKE "));
        out.bind(Bind::Text(format!("%{}%", escape_like(text))));
    }
    any
}

/// The conditions, joined by `AND`.
pub(super) fn all_of<'a>(conditions: impl IntoIterator<Item = &'a Condition>, out: &mut Select) {
    for (n, it) in conditions.into_iter().enumerate() {
        if n > 0 {
            out.sql(" AND ");
        }
        condition(it, out);
    }
}

fn condition(it: &Condition, out: &mut Select) {
    match (it.op, &it.values) {
        (Op::Empty, _) => {
            out.sql("(");
            expression(&it.field, out);
            out.sql(" IS NULL");
            if it.field.kind == Kind::Tags {
                out.sql(" OR ");
                expression(&it.field, out);
                out.sql(" = '{}'");
            }
            out.sql(")");
        }
        (Op::NotEmpty, _) => {
            out.sql("(");
            expression(&it.field, out);
            out.sql(if it.field.kind == Kind::Tags { " <> '{}')" } else { " IS NOT NULL)" });
        }
        (Op::Contains, Typed::Texts(texts)) => {
            let patterns = texts.iter().map(|it| format!("%{}%", escape_like(it))).collect();
            expression(&it.field, out);
            out.sql(" ILIKE ANY (");
            out.bind(Bind::Texts(patterns));
            out.sql(")");
        }
        (op, values) => {
            // A desktop that never connected is on the "before" side of every day, and is not any value.
            let or_null = it.field.nullable && matches!(op, Op::Before | Op::IsNot);
            if or_null {
                out.sql("(");
                expression(&it.field, out);
                out.sql(" IS NULL OR ");
            }
            if op == Op::IsNot {
                out.sql("NOT ");
            }
            expression(&it.field, out);
            compare(op, values, out);
            if or_null {
                out.sql(")");
            }
        }
    }
}

fn compare(op: Op, values: &Typed, out: &mut Select) {
    let sign = match op {
        Op::AtLeast | Op::Since => " >= ",
        Op::AtMost => " <= ",
        Op::MoreThan => " > ",
        Op::LessThan | Op::Before => " < ",
        _ => " = ",
    };
    out.sql(sign);
    match values {
        Typed::None => out.sql("NULL"),
        Typed::Bool(it) => out.bind(Bind::Bool(*it)),
        Typed::Time(it) => out.bind(Bind::Time(*it)),
        Typed::Texts(them) => match them.as_slice() {
            [one] => out.bind(Bind::Text(one.clone())),
            _ => any_of(Bind::Texts(them.clone()), out),
        },
        Typed::Numbers(them) => match them.as_slice() {
            [one] => out.bind(number(*one)),
            _ => any_of(Bind::Numbers(them.clone()), out),
        },
    }
}

fn any_of(bind: Bind, out: &mut Select) {
    out.sql("ANY (");
    out.bind(bind);
    out.sql(")");
}

/// Whole numbers as integers, so that an index on an integer column serves.
#[must_use]
pub fn number(value: f64) -> Bind {
    // 2^53: beyond it a float no longer tells whole numbers apart.
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            reason = "whole and in range, as checked above"
        )]
        return Bind::Integer(value as i64);
    }
    Bind::Number(value)
}

/// A text that a pattern of `LIKE` takes as it is.
#[must_use]
pub fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

//! What rows have to fulfil.

use contract::{catalog::Kind, query::Op};

use super::{Bind, Select};
use crate::catalog::{
    Entity, Field,
    check::{Condition, Typed},
};

/// The column of a dimension, or what is under a tag's name.
pub(super) fn expression(field: &Field, out: &mut Select) {
    match &field.tag {
        None => out.sql(&field.name),
        Some(tag) => {
            out.sql("(tags ->> ");
            out.bind(Bind::Text(tag.clone()));
            out.sql(")");
        }
    }
}

/// ` WHERE …`; says whether there was anything to write.
pub(super) fn conditions(
    entity: &Entity,
    conditions: &[Condition],
    search: Option<&str>,
    with_gone: bool,
    out: &mut Select,
) -> bool {
    let mut any = false;
    let mut separate = |out: &mut Select| {
        out.sql(if any { " AND " } else { " WHERE " });
        any = true;
    };
    if let Some((dimension, sql)) = entity.standing
        && !with_gone
        && !conditions.iter().any(|it| it.field.name == dimension)
    {
        separate(out);
        out.sql(sql);
    }
    for it in conditions {
        separate(out);
        condition(it, out);
    }
    if let (Some(column), Some(text)) = (entity.search, search) {
        separate(out);
        out.sql(&format!("{column} LIKE "));
        out.bind(Bind::Text(format!("%{}%", escape_like(text))));
    }
    any
}

fn condition(it: &Condition, out: &mut Select) {
    match (it.op, &it.values) {
        (Op::Empty, _) => {
            out.sql("(");
            expression(&it.field, out);
            out.sql(if it.field.kind == Kind::Tags { " IS NULL OR tags = '{}')" } else { " IS NULL)" });
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

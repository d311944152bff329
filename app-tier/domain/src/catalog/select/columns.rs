//! The columns of an answer, in its order: groups, then figures; of a list its dimensions.

use contract::{
    catalog::Kind,
    query::{Aggregate, Grain, Measure},
    questions::Column,
};

use crate::catalog::{Field, check::Checked};

/// The columns of the answer to a plan.
#[must_use]
pub fn columns(plan: &Checked) -> Vec<Column> {
    if plan.measures.is_empty() {
        return plan.columns.iter().map(of_field).collect();
    }
    let groups = plan.group_by.iter().map(|(field, grain)| match grain {
        None => of_field(field),
        Some(Grain::Hour) => column(field.name.clone(), field.label.clone(), Kind::Time, None),
        Some(_) => column(field.name.clone(), field.label.clone(), Kind::Date, None),
    });
    let figures = plan.measures.iter().flat_map(|(function, field)| figure(*function, field.as_ref(), plan));
    groups.chain(figures).collect()
}

/// How many there are.
pub(super) fn how_many(plan: &Checked) -> usize {
    if plan.measures.is_empty() {
        plan.columns.len()
    } else {
        let figures = plan.measures.iter().map(|(function, _)| per_figure(*function, plan));
        plan.group_by.len() + figures.sum::<usize>()
    }
}

/// How many columns a figure has.
pub(super) fn per_figure(function: Aggregate, plan: &Checked) -> usize {
    Measure { function, of: None }.keys(plan.compare.is_some()).len()
}

fn figure(function: Aggregate, field: Option<&Field>, plan: &Checked) -> Vec<Column> {
    let of = field.map_or(plan.entity.plural, |it| it.label.as_str());
    let per =
        plan.per.iter().map(|(field, grain)| format!(" per {}", one(field, *grain))).collect::<String>();
    let label = match function {
        Aggregate::Count => plan.entity.plural.to_owned(),
        Aggregate::Distinct => format!("different {of}"),
        Aggregate::Share => format!("share of {of}"),
        Aggregate::Average if field.is_none() => format!("average number of {of}{per}"),
        Aggregate::Average => format!("average {of}{per}"),
        _ => format!("{} {of}", function.name()),
    };
    let unit = match function {
        Aggregate::Count | Aggregate::Distinct => None,
        Aggregate::Share => Some("%"),
        _ => field.and_then(|it| it.unit),
    };
    let measure = Measure { function, of: field.map(|it| it.name.clone()) };
    let kinds = [
        (label.clone(), unit),
        (format!("{label} before"), unit),
        (format!("change of {label}"), unit),
        (format!("growth of {label}"), Some("%")),
    ];
    measure
        .keys(plan.compare.is_some())
        .into_iter()
        .zip(kinds)
        .map(|(name, (label, unit))| column(name, label, Kind::Number, unit))
        .collect()
}

/// One of what averages are per, in words.
fn one(field: &Field, grain: Option<Grain>) -> String {
    match grain {
        None => field.label.clone(),
        Some(grain) => grain.name().to_owned(),
    }
}

fn of_field(it: &Field) -> Column {
    column(it.name.clone(), it.label.clone(), it.kind, it.unit)
}

fn column(name: String, label: String, kind: Kind, unit: Option<&str>) -> Column {
    Column { name, label, kind, unit: unit.map(str::to_owned) }
}

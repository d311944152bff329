//! Follow-ups: "and in Frankfurt?", "by account instead", "how many is that" edit the plan before.
//!
//! What the question names replaces what the plan says of the same; the rest of the plan stays.

mod compare;
mod parts;

use contract::{
    catalog::Kind,
    query::{Aggregate, Filter, Measure, Op, Order, Plan, Value},
};

use self::{
    compare::edit_comparison,
    parts::{choose_alike, drop_parts, drop_place, drop_time, edit_bound, edit_number, list_rows},
};
use super::reader::{Doubt, Head, Reader, Reading, whole};
use crate::{
    catalog::{
        Catalog,
        check::{Moment, check},
    },
    questions::{
        conditions,
        link::{Keyword, Linked, Mark, Meaning, Unit},
    },
};

/// Longer questions stand alone unless they say otherwise.
const SHORT: usize = 6;

fn has(linked: &Linked, wanted: impl Fn(Keyword) -> bool) -> bool {
    linked.marks.iter().any(|it| matches!(it.meaning, Meaning::Keyword(it) if wanted(it)))
}

/// Its first word that says something edits.
fn opens(linked: &Linked) -> bool {
    let first = linked.marks.iter().find(|it| !matches!(it.meaning, Meaning::Noise | Meaning::Break));
    first.is_some_and(|it| {
        matches!(
            it.meaning,
            Meaning::Keyword(
                Keyword::FollowUp
                    | Keyword::And
                    | Keyword::Only
                    | Keyword::By
                    | Keyword::Instead
                    | Keyword::InsteadOf
                    | Keyword::Make
                    | Keyword::Drop
                    | Keyword::Also
                    | Keyword::Versus
                    | Keyword::Comparison
                    | Keyword::Not
                    | Keyword::Without
                    | Keyword::Share
            )
        )
    })
}

/// It points to what was said before.
fn refers(linked: &Linked) -> bool {
    has(linked, |it| matches!(it, Keyword::It | Keyword::Ones))
}

/// It adds to what was said, and replaces nothing.
fn adds(reader: &Reader<'_>) -> bool {
    let first = reader.linked.marks.first().map_or("", |it| it.text.as_str());
    let plus = first.split(' ').next() == Some("plus") || first == "as well as";
    // "dearest on top" is an order.
    let orders = |it: &str| it == "on top" && reader.ranking.is_some();
    let too = |it: &Mark| it.meaning == Meaning::Keyword(Keyword::Too) && !orders(&it.text);
    plus || reader.linked.marks.iter().any(too)
}

/// "add the number of people"
fn begins_with_add(reader: &Reader<'_>) -> bool {
    let first = reader.linked.marks.iter().find(|it| it.meaning != Meaning::Noise);
    first.is_some_and(|it| it.text.split(' ').next() == Some("add"))
}

/// "show user, directory and last connection only": nothing but what a list should show.
fn names_columns(linked: &Linked) -> bool {
    has(linked, |it| matches!(it, Keyword::List | Keyword::Only))
        && linked.marks.iter().all(|it| {
            matches!(
                it.meaning,
                Meaning::Noise
                    | Meaning::Break
                    | Meaning::Field(_)
                    | Meaning::Keyword(
                        Keyword::List | Keyword::Only | Keyword::And | Keyword::Also | Keyword::With
                    )
            )
        })
}

/// The plan before, edited by what a question says; `None` when the question stands alone.
///
/// `alone`: it can be read as one that follows nothing, and does so where it is long and says nothing of an edit.
pub(super) fn edited(
    linked: Linked,
    previous: &Plan,
    catalog: &Catalog,
    at: Moment,
    alone: bool,
) -> Option<Reading> {
    let says = linked
        .marks
        .iter()
        .filter(|it| !matches!(it.meaning, Meaning::Noise | Meaning::Break | Meaning::Hint))
        .count();
    let (opens, refers) = (opens(&linked), refers(&linked));
    if alone && !opens && !refers && says > SHORT && !names_columns(&linked) {
        return None;
    }
    let names_itself = linked.marks.iter().any(|it| it.meaning == Meaning::Entity);
    let mut reader = Reader::new(linked, catalog, at, true);
    let mut plan = previous.clone();
    drop_parts(&mut reader, &mut plan);
    drop_time(&mut reader, &mut plan);
    drop_place(&mut reader, &mut plan);
    reader.read();
    edit_bound(&mut reader, &mut plan);
    edit_number(&mut reader, &mut plan);
    choose_alike(&mut reader, previous);
    let mut said = std::mem::take(&mut reader.plan);
    if reader.share && said.part.is_empty() {
        // "what fraction of them is encrypted": what is said now is the part, and what was one bounds the whole.
        said.part = said.filters.extract_if(.., |it| it.dimension != reader.entity.time).collect();
        let said_again = |it: &Filter| said.part.iter().any(|other| other.dimension == it.dimension);
        if !said.part.is_empty() && !plan.part.iter().any(said_again) {
            plan.filters.append(&mut plan.part);
        }
    }
    edit_figures(&mut reader, &mut plan, &said);
    edit_filters(&reader, &mut plan, &said);
    edit_idle_days(&mut reader, &mut plan);
    if !said.having.is_empty() {
        plan.having = said.having.clone();
    }
    edit_groups(&reader, &mut plan, &said);
    edit_order(&mut reader, &mut plan);
    edit_comparison(&mut reader, &mut plan);
    // "the total instead", "by user"
    plan.settle_per();
    if plan == *previous {
        reader.doubt(Doubt::NothingEdited);
    }
    reader.plan = plan;
    let mut reading = reader.finish();
    reading.plans.retain(|it| check(it, catalog, at).is_ok());
    if reading.plans.is_empty() {
        reading.doubts.push(Doubt::NoPlan);
    }
    // A question that says little says it about the plan before.
    reading.score += if opens {
        2.5
    } else if refers {
        2.0
    } else {
        1.5
    };
    // "the three biggest files" are those of the plan before.
    let ranks = says <= 3 && reading.plans.iter().any(|it| it.limit.is_some() && it.limit != previous.limit);
    let again = ranks && previous.entity == reading.linked.entity.name;
    if names_itself && !opens && !refers && !again {
        reading.score -= 3.0;
    }
    reading.grounded = true;
    Some(reading)
}

fn edit_figures(reader: &mut Reader<'_>, plan: &mut Plan, said: &Plan) {
    if reader.share {
        let of = plan.measures.iter().find_map(|it| it.of.clone());
        plan.measures = vec![Measure { function: Aggregate::Share, of }];
        plan.columns.clear();
        plan.order = None;
        return;
    }
    // "which one saves the most": of the rows that were listed.
    if plan.measures.is_empty()
        && matches!(reader.head, Head::Which(_) | Head::List(_) | Head::None)
        && let (Some(ranking), [figure]) = (&mut reader.ranking, said.measures.as_slice())
        && said.group_by.is_empty()
        && figure.of.is_some()
    {
        ranking.by = figure.of.clone();
        return;
    }
    let is_number = |it: &str| reader.field(it).is_some_and(|it| it.kind == Kind::Number);
    // "and the user volume?"
    if let (false, [name], [measure]) =
        (plan.measures.is_empty(), said.columns.as_slice(), plan.measures.as_mut_slice())
        && is_number(name)
        && measure.of.as_deref().is_some_and(is_number)
    {
        let earlier = measure.key();
        measure.of = Some(name.clone());
        let key = measure.key();
        for it in plan.order.iter_mut().filter(|it| it.by == earlier) {
            it.by.clone_from(&key);
        }
        return;
    }
    match reader.head {
        Head::List(_)
            if said.measures.is_empty() && (!said.columns.is_empty() || said.filters.is_empty()) =>
        {
            list_rows(plan);
            plan.columns = said.columns.clone();
        }
        // "show me the stopped ones": they were counted before.
        Head::List(_)
            if has(&reader.linked, |it| it == Keyword::Ones)
                && !has(&reader.linked, |it| it == Keyword::Only)
                && said.measures.is_empty()
                && said.group_by.is_empty() =>
        {
            list_rows(plan);
            plan.columns = said.columns.clone();
        }
        // "which of them were rejected", "which desktops are these": they were counted before.
        Head::Which(n)
            if (reader.text(n) == "which ones"
                || (n + 1..reader.len())
                    .any(|it| matches!(reader.keyword(it), Some(Keyword::It | Keyword::Ones))))
                && reader.text(n).starts_with("which")
                && !reader.linked.marks.iter().any(|it| matches!(it.meaning, Meaning::Number(..)))
                && said.measures.is_empty()
                && said.group_by.is_empty()
                && reader.ranking.as_ref().is_none_or(|it| it.dated)
                && plan.having.is_empty()
                && plan.limit.is_none()
                && !plan.measures.is_empty() =>
        {
            list_rows(plan);
            plan.columns.clone_from(&said.columns);
        }
        Head::Who(_) => {
            plan.measures.clear();
            plan.group_by.clear();
            plan.having.clear();
            plan.order = None;
            plan.limit = None;
            plan.columns = said.columns.clone();
        }
        // "add the number of people", "average size too"
        _ if !said.measures.is_empty()
            && (adds(reader) || begins_with_add(reader))
            && !plan.measures.is_empty() =>
        {
            for it in &said.measures {
                if !plan.measures.contains(it) {
                    plan.measures.push(it.clone());
                }
            }
        }
        _ if !said.measures.is_empty() => {
            if said.measures != plan.measures {
                plan.order = None;
                plan.limit = None;
                plan.limit_per = None;
                plan.having.clear();
            }
            plan.measures = said.measures.clone();
            plan.columns.clear();
        }
        _ if !said.columns.is_empty() && plan.measures.is_empty() => {
            if has(&reader.linked, |it| it == Keyword::Only) {
                plan.columns.clear();
            }
            for it in &said.columns {
                if !plan.columns.contains(it) {
                    plan.columns.push(it.clone());
                }
            }
        }
        _ => {}
    }
}

/// What is said of a dimension replaces what was said of it.
fn edit_filters(reader: &Reader<'_>, plan: &mut Plan, said: &Plan) {
    // "just the ones in Virginia, and per team as well": the groups are more, the desktops fewer.
    let also = adds(reader) && !has(&reader.linked, |it| it == Keyword::Only);
    let is_time = |it: &Filter| matches!(it.op, Op::Since | Op::Before);
    for it in &said.filters {
        let opposite = |other: &Filter| {
            other.dimension == it.dimension
                && (!is_time(it) || is_time(other))
                && !said.filters.contains(other)
        };
        if (!also || is_time(it))
            && (it.op != Op::IsNot
                || plan.filters.iter().any(|other| opposite(other) && other.op == Op::IsNot))
        {
            plan.filters.retain(|other| !opposite(other));
        }
        // "who else, besides Marco": nobody is Marco and somebody else.
        let denied = |other: &Filter| {
            it.op == Op::IsNot
                && other.op == Op::Is
                && other.dimension == it.dimension
                && other.values.iter().all(|value| it.values.contains(value))
        };
        plan.filters.retain(|other| !denied(other));
    }
    for it in &said.filters {
        // "now for Development", where the part was Production.
        let of_part = plan.part.iter().position(|other| other.dimension == it.dimension && other.op == it.op);
        let whole = plan.filters.iter().any(|other| other.dimension == it.dimension);
        match of_part.and_then(|n| plan.part.get_mut(n)) {
            Some(part) if !whole && !also => *part = it.clone(),
            Some(_) if !whole => conditions::join(&mut plan.part, it.clone()),
            // "also the stopped ones"
            _ if also && !is_time(it) => conditions::join(&mut plan.filters, it.clone()),
            _ if plan.filters.contains(it) => {}
            _ => plan.filters.push(it.clone()),
        }
    }
    if !said.part.is_empty() {
        plan.part = said.part.clone();
    }
}

/// "make that 60 days"
fn edit_idle_days(reader: &mut Reader<'_>, plan: &mut Plan) {
    let found = reader.live().into_iter().find_map(|n| match reader.meaning(n) {
        Meaning::Number(number, Some(Unit::Days)) => whole(*number).map(|days| (n, days)),
        _ => None,
    });
    let Some((n, days)) = found else { return };
    for filter in &mut plan.filters {
        for value in &mut filter.values {
            if let Value::Ago { days_ago } = value
                && !matches!(*days_ago, 0)
            {
                *days_ago = days;
                reader.take(n);
            }
        }
    }
}

fn edit_groups(reader: &Reader<'_>, plan: &mut Plan, said: &Plan) {
    if said.group_by.is_empty() || matches!(reader.head, Head::Who(_)) {
        return;
    }
    // "add a split by account"
    if adds(reader) || has(&reader.linked, |it| it == Keyword::Also) {
        for it in &said.group_by {
            if !plan.group_by.contains(it) {
                plan.group_by.push(it.clone());
            }
        }
    } else {
        let gone = |by: &str| {
            plan.group_by.iter().any(|it| it.dimension == by)
                && !said.group_by.iter().any(|it| it.dimension == by)
        };
        if plan.order.as_ref().is_some_and(|it| gone(&it.by)) {
            plan.order = None;
        }
        plan.group_by = said.group_by.clone();
    }
    plan.limit_per = plan.limit_per.take().filter(|it| plan.group_by.iter().any(|by| by.dimension == *it));
    plan.columns.clear();
    if plan.measures.is_empty() {
        let usual = reader.entity.words.measures.iter().find(|it| it.usual && reader.entity.words.sliced);
        plan.measures.push(usual.map_or_else(Measure::count, |it| Measure {
            function: it.function,
            of: it.of.map(str::to_owned),
        }));
        plan.order = None;
        plan.limit = None;
    }
}

/// "top 3 only", "highest first", "newest first"
fn edit_order(reader: &mut Reader<'_>, plan: &mut Plan) {
    let Some(ranking) = reader.ranking.clone() else { return };
    // "and the smallest one?" after the biggest
    if let ([measure], true) = (plan.measures.as_mut_slice(), plan.group_by.is_empty())
        && matches!(measure.function, Aggregate::Minimum | Aggregate::Maximum)
    {
        measure.function = if ranking.descending { Aggregate::Maximum } else { Aggregate::Minimum };
        return;
    }
    let measured = plan.measures.first().map(|it| if ranking.moved { it.key_change() } else { it.key() });
    let earlier = plan.order.as_ref().map(|it| it.by.clone());
    let by = match (ranking.by, measured) {
        (Some(name), None) => Some(name),
        (Some(name), Some(_)) => {
            plan.measures.iter().find(|it| it.of.as_ref() == Some(&name)).map(Measure::key)
        }
        (None, Some(measure)) => Some(earlier.filter(|_| !ranking.dated).unwrap_or(measure)),
        (None, None) if ranking.dated => Some(reader.entity.time.to_owned()),
        (None, None) => earlier.or_else(|| {
            reader.entity.words.measures.iter().find(|it| it.usual).and_then(|it| it.of).map(str::to_owned)
        }),
    };
    match by {
        Some(by) => {
            plan.order = Some(Order { by, descending: ranking.descending });
            plan.limit = ranking.limit.or(plan.limit);
        }
        None => reader.doubt(Doubt::HighestOfWhat),
    }
}

/// "what do they cost": of another entity, what the plan before was narrowed to.
pub(super) fn carried(mut reading: Reading, previous: &Plan, catalog: &Catalog, at: Moment) -> Reading {
    let entity = reading.linked.entity;
    // "quick one"
    let points =
        |it: &Mark| matches!(it.meaning, Meaning::Keyword(Keyword::It | Keyword::Ones)) && it.text != "one";
    if !reading.linked.marks.iter().any(points) || entity.name == previous.entity {
        return reading;
    }
    let narrowed = |it: &Filter| {
        let from = catalog.entity(&previous.entity)?;
        let dimension = conditions::carried_name(&it.dimension, from, entity, catalog)?;
        Some(Filter { dimension, ..it.clone() })
    };
    let narrowed: Option<Vec<Filter>> = previous.filters.iter().map(narrowed).collect();
    let Some(mut narrowed) = narrowed else {
        reading.doubts.push(Doubt::UnknownReference);
        reading.score -= 2.0;
        return reading;
    };
    if let Some((dimension, value)) = entity.words.desktops {
        narrowed.push(Filter::new(dimension, Op::Is, Value::text(value)));
    }
    for plan in &mut reading.plans {
        for it in &narrowed {
            if !plan.filters.iter().any(|other| other.dimension == it.dimension) {
                plan.filters.push(it.clone());
            }
        }
    }
    reading.plans.retain(|it| check(it, catalog, at).is_ok());
    reading
}

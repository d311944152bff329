//! What a follow-up takes out of the plan before, and where a number or a name of it finds its place there.

use contract::{
    catalog::Kind,
    query::{GroupBy, Having, Op, Plan, Value},
};

use super::has;
use crate::questions::{
    link::{Keyword, Meaning, Unit},
    rules::reader::{Bound, Reader, whole},
};

/// "drop the region", "skip the limit", "instead of the accounts, the regions": parts of the plan before that go.
pub(super) fn drop_parts(reader: &mut Reader<'_>, plan: &mut Plan) {
    for n in reader.live() {
        let instead = reader.keyword(n) == Some(Keyword::InsteadOf);
        if !instead && reader.keyword(n) != Some(Keyword::Drop) {
            continue;
        }
        let Some(next) = reader.next(n) else { continue };
        let next =
            if reader.keyword(next) == Some(Keyword::By) { reader.next(next).unwrap_or(next) } else { next };
        let timed = reader.field_at(next).is_some_and(|it| it.kind == Kind::Time);
        let Some(grain) = (match reader.meaning(next) {
            Meaning::Field(_) if timed => Some(true),
            Meaning::Grain(..) => Some(true),
            Meaning::Field(_) => Some(false),
            _ => None,
        }) else {
            continue;
        };
        let name = reader.field_at(next).map(|it| it.name);
        let grouped = plan
            .group_by
            .iter()
            .position(|it| if grain { it.grain.is_some() } else { Some(&it.dimension) == name.as_ref() });
        for it in n..=next {
            reader.take(it);
        }
        plan.filters.retain(|it| Some(&it.dimension) != name.as_ref());
        let Some(at) = grouped else { continue };
        plan.group_by.remove(at);
        // What stands in its place is named without "by".
        let other = reader.live().into_iter().find_map(|it| reader.groupable_at(it).map(|field| (it, field)));
        let step = reader.live().into_iter().find_map(|it| match reader.meaning(it) {
            Meaning::Grain(step, _) => Some((it, *step)),
            _ => None,
        });
        if let (true, true, Some((place, step))) = (instead, grain, step) {
            reader.take(place);
            for it in reader.live() {
                if reader.keyword(it) == Some(Keyword::By) && reader.next(it) == Some(place) {
                    reader.take(it);
                }
            }
            plan.group_by.insert(at, GroupBy { dimension: reader.entity.time.to_owned(), grain: Some(step) });
        } else if instead && let Some((place, field)) = other {
            reader.take(place);
            plan.group_by.insert(at, GroupBy::values(field.name));
            plan.order = plan.order.take().filter(|it| Some(&it.by) != name.as_ref());
            plan.limit_per = None;
        }
    }
}

/// "all time", "without the time limit": the plan's own time bounds it no more.
pub(super) fn drop_time(reader: &mut Reader<'_>, plan: &mut Plan) {
    const SAID: &[&str] = &["all time", "time limit", "any time", "all years", "whole time", "full history"];
    const WORDS: &[&str] =
        &["all", "time", "limit", "any", "years", "whole", "full", "history", "without", "of"];
    let texts: Vec<&str> = (0..reader.len()).map(|n| reader.text(n)).filter(|it| *it != "the").collect();
    let said = format!(" {} ", texts.join(" "));
    let time = reader.entity.time;
    if !SAID.iter().any(|it| said.contains(&format!(" {it} ")))
        || !plan.filters.iter().any(|it| it.dimension == time)
    {
        return;
    }
    plan.filters.retain(|it| it.dimension != time);
    for n in reader.live() {
        if reader.text(n).split(' ').all(|word| WORDS.contains(&word)) {
            reader.take(n);
        }
    }
}

/// "everywhere", "in all regions": the plan's own place bounds it no more.
pub(super) fn drop_place(reader: &mut Reader<'_>, plan: &mut Plan) {
    const SAID: &[&str] = &["everywhere", "anywhere", "worldwide", "globally", "everyplace", "all over"];
    let is_place = |name: &str| name.trim_start_matches("desktop.") == "region";
    let all = |reader: &Reader<'_>, n: usize| {
        reader.keyword(n) == Some(Keyword::All)
            && reader.next(n).is_some_and(|it| reader.field_at(it).is_some_and(|it| is_place(&it.name)))
    };
    let Some(n) = (0..reader.len()).find(|n| SAID.contains(&reader.text(*n)) || all(reader, *n)) else {
        return;
    };
    let before = plan.filters.len();
    plan.filters.retain(|it| !is_place(&it.dimension));
    if plan.filters.len() < before {
        reader.take(n);
        if let Some(field) = reader.next(n).filter(|_| all(reader, n)) {
            reader.take(field);
        }
    }
}

/// The rows behind a figure, of a share those of its part. A list stays as it is.
pub(super) fn list_rows(plan: &mut Plan) {
    if plan.measures.is_empty() {
        return;
    }
    plan.measures.clear();
    plan.group_by.clear();
    plan.having.clear();
    plan.compare = None;
    plan.filters.append(&mut plan.part);
    plan.order = None;
    plan.limit = None;
    plan.limit_per = None;
}

/// Of what a name may mean, that which the plan before is about.
pub(super) fn choose_alike(reader: &mut Reader<'_>, previous: &Plan) {
    for choice in std::mem::take(&mut reader.choices) {
        let alike =
            choice.iter().find(|it| previous.filters.iter().any(|other| other.dimension == it.dimension));
        match alike {
            Some(it) => reader.plan.filters.push(it.clone()),
            None => reader.choices.push(choice),
        }
    }
}

/// "more than 120": the condition that the plan before has, with another number, or one on its figure.
pub(super) fn edit_bound(reader: &mut Reader<'_>, plan: &mut Plan) {
    let Some(Bound { sign, op, number, unit }) = reader.bound.take() else { return };
    // "make it 200 GB" says no other sign.
    let kept = op == Op::Is && has(&reader.linked, |it| it == Keyword::Make);
    let op = |earlier: Op| if kept { earlier } else { op };
    let of = |reader: &Reader<'_>, name: &str| {
        reader.field(name).filter(|it| it.kind == Kind::Number).map(|it| it.unit)
    };
    let fits = |to: Option<Option<&str>>| to.and_then(|to| Unit::convert(unit, number, to));
    let figure = plan
        .measures
        .first()
        .map(|it| (it.key(), it.of.as_ref().map_or(Some(None), |name| of(reader, name))));
    if let Some(having) = plan.having.first_mut() {
        having.op = op(having.op);
        having.value = figure.and_then(|(_, to)| fits(to)).unwrap_or(number);
        return;
    }
    if !plan.group_by.is_empty()
        && let Some((by, to)) = figure
        && let Some(value) = fits(to)
    {
        plan.having.push(Having { by, op: op(Op::Is), value });
        return;
    }
    let found =
        plan.filters.iter_mut().find_map(|it| fits(of(reader, &it.dimension)).map(|number| (it, number)));
    match found {
        Some((filter, number)) => {
            filter.op = op(filter.op);
            filter.values = vec![Value::Number(number)];
        }
        None => reader.by_unit(sign, op(Op::Is), number, unit),
    }
}

/// "make it ten": another limit; where there is none, another figure of the condition that the plan before has.
pub(super) fn edit_number(reader: &mut Reader<'_>, plan: &mut Plan) {
    let makes = has(&reader.linked, |it| it == Keyword::Make);
    let number = reader.live().into_iter().find_map(|n| match reader.meaning(n) {
        Meaning::Number(number, unit) => Some((n, *number, *unit)),
        _ => None,
    });
    let Some((n, number, unit)) = number.filter(|_| makes) else { return };
    let unit_of = |name: &str| reader.field(name).filter(|it| it.kind == Kind::Number).map(|it| it.unit);
    let fits = |to: Option<Option<&str>>| to.and_then(|to| Unit::convert(unit, number, to));
    if let (Some(limit), Some(whole), None) = (plan.limit.as_mut(), whole(number), unit) {
        *limit = whole;
        return reader.take(n);
    }
    let of = plan.measures.first().map(|it| it.of.as_ref().map_or(Some(None), |name| unit_of(name)));
    let having = plan.having.first_mut().and_then(|it| Some((&mut it.value, fits(of?)?)));
    if let Some((value, number)) = having {
        *value = number;
        return reader.take(n);
    }
    let found = plan.filters.iter_mut().find_map(|it| Some((fits(unit_of(&it.dimension))?, it)));
    if let Some((number, filter)) = found {
        filter.values = vec![Value::Number(number)];
        reader.take(n);
    }
}

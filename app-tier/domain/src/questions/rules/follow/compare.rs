//! What a follow-up compares the plan before with: "vs last month", "and the week before?".

use contract::query::{Compare, Filter, Measure, Op, Plan};

use super::has;
use crate::questions::{
    conditions,
    link::{Keyword, Meaning},
    rules::reader::{Doubt, Reader},
    times::Stretch,
};

/// "vs last month", "compare it with the week before"
pub(super) fn edit_comparison(reader: &mut Reader<'_>, plan: &mut Plan) {
    let says = |wanted: fn(Keyword) -> bool| has(&reader.linked, wanted);
    let asked = says(|it| matches!(it, Keyword::Versus | Keyword::Comparison | Keyword::Moved(_)));
    if !asked && says(|it| it == Keyword::OneBefore) {
        // "and the week before?"
        return shift_back(reader, plan);
    }
    let other = match reader.compared.take() {
        Some(other) => Some(other),
        None if asked => own_stretch(reader, plan).and_then(|it| one_before(reader, &it)),
        None => return,
    };
    match other.and_then(|it| Some(Compare { since: it.since?, before: it.before })) {
        Some(compare) => {
            if plan.measures.is_empty() {
                plan.measures.push(Measure::count());
                plan.columns.clear();
            }
            plan.compare = Some(compare);
        }
        None => reader.doubt(Doubt::NothingToCompare),
    }
}

/// The stretch before, or the same of the year before where that is said.
fn one_before(reader: &Reader<'_>, own: &Stretch) -> Option<Stretch> {
    let year = reader.linked.marks.iter().any(|it| {
        it.meaning == Meaning::Keyword(Keyword::OneBefore) && it.text.split(' ').any(|word| word == "year")
    });
    if year { own.year_before(reader.at.today()) } else { own.one_before() }
}

/// The same question of the stretch before.
fn shift_back(reader: &mut Reader<'_>, plan: &mut Plan) {
    let Some(earlier) = own_stretch(reader, plan).and_then(|it| one_before(reader, &it)) else {
        return reader.doubt(Doubt::NothingToCompare);
    };
    let time = reader.entity.time;
    plan.filters.retain(|it| it.dimension != time);
    let since = earlier.since.map(|it| Filter::new(time, Op::Since, it));
    let before = earlier.before.map(|it| Filter::new(time, Op::Before, it));
    plan.filters.extend(since.into_iter().chain(before));
}

/// The time that the plan is about.
fn own_stretch(reader: &Reader<'_>, plan: &Plan) -> Option<Stretch> {
    Some(conditions::stretch_of(reader.entity.time, &plan.filters)).filter(|it| it.since.is_some())
}

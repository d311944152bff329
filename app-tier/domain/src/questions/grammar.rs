//! What a language model may write: a small plan language, its grammar for one question, and the way back to a plan.
//!
//! The model sees the names of the catalog and placeholders for what was linked (`v1`), never a value; the grammar holds
//! only placeholders that exist, so a plan cannot hold an invented value. What comes back is read as if a stranger had
//! written it: [`parse`] accepts nothing that the question's own [`Slots`] do not hold.
//!
//! ```text
//! count in v1 with v2 by bundle top 5
//! list with v1
//! average root_volume_gib by region
//! ```

use contract::{
    catalog::Kind,
    query::{Aggregate, Filter, GroupBy, Measure, Op, Order, Plan, Value},
};

use super::link::{Linked, Meaning, Unit};
use crate::catalog::Entity;

/// The conditions that a question offers, by placeholder: `v1` is the first.
#[derive(Debug, Clone)]
pub struct Slots {
    entity: &'static Entity,
    slots: Vec<Slot>,
}

/// One linked thing and what it may become.
#[derive(Debug, Clone, PartialEq)]
struct Slot {
    /// What the model reads: the dimension, never the value.
    shown: String,
    /// Every filter it can mean; `v1`, or `v1a`, `v1b` where there are several.
    filters: Vec<Filter>,
    /// The placeholder in the question's text, and the words it replaces.
    start: usize,
    end: usize,
}

impl Slot {
    /// The names of the `n`th slot and what they mean.
    fn placeholders(&self, n: usize) -> impl Iterator<Item = (String, &Filter)> {
        let single = self.filters.len() == 1;
        let name = move |letter| if single { format!("v{n}") } else { format!("v{n}{letter}") };
        self.filters.iter().zip('a'..).map(move |(filter, letter)| (name(letter), filter))
    }
}

impl Slots {
    /// The conditions that can be made of what was linked.
    #[must_use]
    pub fn new(linked: &Linked) -> Self {
        let entity = linked.entity;
        let activity = entity.activity.as_ref().map(|it| it.dimension);
        let mut slots = Vec::new();
        let mut compare = Op::Is;
        for mark in &linked.marks {
            let filters = match &mark.meaning {
                Meaning::Keyword(super::link::Keyword::Compare(op)) => {
                    compare = *op;
                    continue;
                }
                Meaning::Value(them) => them
                    .iter()
                    .take(3)
                    .map(|(field, value)| Filter::new(field.clone(), Op::Is, value.clone()))
                    .collect(),
                Meaning::Number(number, unit) => {
                    numbers(entity, std::mem::replace(&mut compare, Op::Is), *number, *unit)
                }
                Meaning::Happened(_, it) | Meaning::Time(it) => {
                    let dimension = activity.unwrap_or(entity.time);
                    let since = it.since.iter().map(|value| Filter::new(dimension, Op::Since, value.clone()));
                    let before =
                        it.before.iter().map(|value| Filter::new(dimension, Op::Before, value.clone()));
                    since.chain(before).take(1).collect()
                }
                Meaning::Idle(_, value) => {
                    activity.map(|it| Filter::new(it, Op::Before, value.clone())).into_iter().collect()
                }
                Meaning::Never(_) => {
                    let empty =
                        |it: &str| Filter { dimension: it.to_owned(), op: Op::Empty, values: Vec::new() };
                    activity.map(empty).into_iter().collect()
                }
                _ => continue,
            };
            let filters: Vec<Filter> = filters;
            if let Some(first) = filters.first() {
                slots.push(Slot {
                    shown: first.dimension.clone(),
                    filters,
                    start: mark.start,
                    end: mark.end,
                });
            }
        }
        slots.truncate(8);
        Self { entity, slots }
    }

    /// How many conditions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether nothing was linked that could be a condition.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The question with its linked values replaced: `desktops of (v1: user_name)`.
    #[must_use]
    pub fn masked(&self, question: &str) -> String {
        let chars: Vec<char> = question.chars().collect();
        let mut text = String::new();
        let mut at = 0;
        for (n, slot) in self.slots.iter().enumerate() {
            text.extend(chars.get(at..slot.start).unwrap_or_default());
            text.push_str(&format!("(v{}: {})", n + 1, slot.shown));
            at = slot.end;
        }
        text.extend(chars.get(at..).unwrap_or_default());
        text
    }

    fn placeholders(&self) -> impl Iterator<Item = (String, &Filter)> {
        (1..).zip(&self.slots).flat_map(|(n, slot)| slot.placeholders(n))
    }

    /// The grammar (GBNF) of this question's plans: whatever it lets through, [`Self::parse`] reads.
    ///
    /// Conditions come in the order of the question, each at most once: `from3` is any of the third and later ones.
    #[must_use]
    pub fn grammar(&self) -> String {
        let quoted =
            |texts: &[String]| texts.iter().map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(" | ");
        let mut rules = vec![
            "shape ::= \"count\" | figure \" \" numeric".to_owned(),
            "figure ::= \"average\" | \"sum\" | \"minimum\" | \"maximum\"".to_owned(),
            format!("numeric ::= {}", quoted(&self.names(|kind| kind == Kind::Number))),
            format!("group ::= {}", quoted(&self.names(is_group))),
            "number ::= [1-9] [0-9]{0,2}".to_owned(),
        ];
        let last = self.slots.len();
        for (n, slot) in (1..).zip(&self.slots) {
            let any = quoted(&slot.placeholders(n).map(|(name, _)| name).collect::<Vec<_>>());
            rules.push(match n {
                n if n == last => format!("from{n} ::= {any}"),
                n => format!("from{n} ::= ({any}) (\" and \" from{0})? | from{0}", n + 1),
            });
        }
        let conditions = if self.slots.is_empty() { "" } else { " (\" with \" from1)?" };
        let grouped = "(\" by \" group (\" and \" group)? (\" top \" number | \" bottom \" number)?)?";
        format!("root ::= \"list\"{conditions} | shape{conditions} {grouped}\n{}\n", rules.join("\n"))
    }

    fn names(&self, wanted: impl Fn(Kind) -> bool) -> Vec<String> {
        self.entity
            .dimensions
            .iter()
            .filter(|it| wanted(it.kind) && it.name != "id")
            .map(|it| it.name.to_owned())
            .collect()
    }

    /// Reads what a model wrote. `None` for anything that the grammar would not have let through.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<Plan> {
        let mut words = text.trim().split(' ').peekable();
        let mut plan = Plan { entity: self.entity.name.to_owned(), ..Plan::default() };
        match words.next()? {
            "count" => plan.measures.push(Measure::count()),
            "list" => {}
            figure => {
                let function = Aggregate::parse(figure).filter(|it| *it != Aggregate::Count)?;
                let field =
                    self.entity.field(words.next()?).filter(|it| it.aggregates().contains(&function))?;
                plan.measures.push(Measure { function, of: Some(field.name) });
            }
        }
        if words.next_if_eq(&"with").is_some() {
            loop {
                let name = words.next()?;
                let (_, filter) = self.placeholders().find(|(it, _)| it == name)?;
                if plan.filters.contains(filter) {
                    return None;
                }
                plan.filters.push(filter.clone());
                if words.next_if_eq(&"and").is_none() {
                    break;
                }
            }
        }
        if words.next_if_eq(&"by").is_some() {
            loop {
                let field =
                    self.entity.field(words.next()?).filter(|it| it.groupable() && it.kind != Kind::Time)?;
                let group = GroupBy::values(field.name);
                // Said twice, it is still one.
                if !plan.group_by.contains(&group) {
                    plan.group_by.push(group);
                }
                if words.next_if_eq(&"and").is_none() {
                    break;
                }
            }
            if plan.measures.is_empty() {
                plan.measures.push(Measure::count());
            }
        }
        if let Some(end) = words.next_if(|it| matches!(*it, "top" | "bottom")) {
            plan.limit = Some(words.next()?.parse().ok().filter(|it| (1..=999).contains(it))?);
            let by = plan.measures.first()?.key();
            plan.order = Some(Order { by, descending: end == "top" });
        }
        words.next().is_none().then_some(plan)
    }
}

fn numbers(entity: &Entity, op: Op, number: f64, unit: Option<Unit>) -> Vec<Filter> {
    let numbers = entity.dimensions.iter().filter(|it| it.kind == Kind::Number && it.unit.is_some());
    let fits = numbers
        .filter_map(|it| Some((it.name, unit.and_then(|unit| Unit::convert(Some(unit), number, it.unit))?)));
    fits.map(|(name, number)| Filter::new(name, op, Value::Number(number))).collect()
}

/// What a model may group by: of the rest every row would be a group of its own, or it takes a grain.
fn is_group(kind: Kind) -> bool {
    !matches!(kind, Kind::Number | Kind::Time | Kind::Date | Kind::Tags)
}

/// The part of the prompt that is the same for every question of one role: what the language is and what there is.
#[must_use]
pub fn instructions(entity: &Entity) -> String {
    let names = |wanted: fn(Kind) -> bool| {
        let names: Vec<_> = entity
            .dimensions
            .iter()
            .filter(|it| wanted(it.kind) && it.name != "id")
            .map(|it| it.name)
            .collect();
        names.join(" ")
    };
    format!(
        "Translate the question about {plural} into one query.\n\
         Form: count|list|average N|sum N|minimum N|maximum N [with V and V] [by G and G] [top K|bottom K]\n\
         N: {numbers}\n\
         G: {groups}\n\
         V: the placeholders v1, v2 of the question.\n\
         Examples:\n\
         How many {plural} per region? -> count by region\n\
         Show {plural} that are (v1: state) -> list with v1\n\
         Mean system disk in (v1: region) for each bundle -> average root_volume_gib with v1 by bundle\n\
         Which three accounts hold most (v1: running_mode) {plural}? -> count with v1 by account top 3\n\
         Tell me the amount of (v1: state) {plural} owned by (v2: user_name) -> count with v1 and v2",
        plural = entity.plural,
        numbers = names(|kind| kind == Kind::Number),
        groups = names(is_group),
    )
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        catalog::{
            Catalog,
            check::{Moment, check},
            sentence,
        },
        questions::link::{Prepared, link},
    };

    fn at() -> Moment {
        Moment { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: chrono_tz::UTC }
    }

    fn slots(question: &str) -> Slots {
        let catalog = Catalog::for_role(Role::Viewer);
        Slots::new(&link(
            &Prepared::new(question, &[], at()),
            catalog.entity("workspaces").unwrap(),
            &catalog,
        ))
    }

    const QUESTION: &str = "Give a tally of switched off boxes around Dublin larger than 100 GB";

    #[test]
    fn the_model_sees_placeholders_only() {
        let slots = slots(QUESTION);
        assert_eq!(
            slots.masked(QUESTION),
            "Give a tally of (v1: state) boxes around (v2: region) larger than (v3: root_volume_gib)"
        );
        assert!(
            slots.grammar().ends_with(
                "from1 ::= (\"v1\") (\" and \" from2)? | from2\n\
                 from2 ::= (\"v2\") (\" and \" from3)? | from3\n\
                 from3 ::= \"v3a\" | \"v3b\"\n"
            ),
            "{}",
            slots.grammar()
        );
    }

    #[test]
    fn what_is_written_in_the_language_becomes_a_plan() {
        let slots = slots(QUESTION);
        let words =
            |text: &str| slots.parse(text).map(|it| sentence::plan(&it, &Catalog::for_role(Role::Viewer)));
        assert_eq!(
            words("count with v1 and v2").unwrap(),
            "number of desktops with state STOPPED in eu-west-1"
        );
        assert_eq!(
            words("list with v1 and v3b by bundle top 3").unwrap(),
            "number of desktops with state STOPPED with user volume more than 100 GiB, by bundle, the 3 with the highest number"
        );
        assert_eq!(
            words("average root_volume_gib by region").unwrap(),
            "average root volume of desktops, by region"
        );
    }

    #[test]
    fn anything_else_is_refused() {
        let slots = slots(QUESTION);
        for text in [
            "",
            "count with v9",
            "count with v1 and v1",
            "drop table",
            "count by password",
            "sum state",
            "count top 0",
            "list top 5",
            "count by region; x",
            "count with v3",
        ] {
            assert_eq!(slots.parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_parses_also_passes_the_check(text in "(count|list|average root_volume_gib|sum id)( with v[1-4][ab]?( and v[1-4][ab]?)?)?( by (region|state|tags|bundle|observed_at)( and region)?)?( (top|bottom) [0-9]{1,3})?") {
            if let Some(plan) = slots(QUESTION).parse(&text) {
                let repeated = plan.group_by.len() == 2 && plan.group_by[0] == plan.group_by[1];
                prop_assert_eq!(check(&plan, &Catalog::for_role(Role::Viewer), at()).is_ok(), !repeated, "{}", text);
            }
        }
    }
}

//! What a language model reads of a question and what it may write: a small language for plans about anything that the
//! asker may read, and the ways between lines and plans.
//!
//! ```text
//! workspaces count with v1 not v2 by bundle top v3
//! billing sum cost over v1 vs before by service top change all
//! usage sum billable_hours with v1 by user_name having v2
//! workspaces share part v2 with v1
//! workspaces list computer_name state with v1 top last_connected_at v2
//! billing sum cost over now vs v1 by user_name having rose
//! reports count with no rows by month top first all
//! usage sum billable_hours with earlier v1 v3
//! none
//! ```
//!
//! `over now vs v1` is this month beside the last, `no rows` none of them, `top first` by the first group. The last but one is
//! after an answer: `v1` is the time that was asked about, and `earlier` the stretch before that. The model
//! sees the names of the catalog and placeholders for what was linked, or named by the plan on the screen, never a value; a line holds placeholders
//! and no values, so a plan cannot hold an invented one. What comes back is read as if a stranger had written it:
//! [`Slots::parse`] takes the lines that [`Slots::grammar`] lets through and no others, and of these only what passes the
//! catalog's check.
//!
//! Deliberately not all of the plan language: see [`Unsaid`] for what has no line.

mod figures;
mod language;
mod masked;
mod means;
mod previous;
mod read;
mod rules;
mod slots;
#[cfg(test)]
mod tests;
mod write;

use contract::query::{Aggregate, Filter, GroupBy, Measure, Plan};

pub use self::{language::NONE, write::Unsaid};
use self::{
    language::placeholder,
    rules::Rules,
    slots::{Found, Slot},
};
use super::{conditions, link::StoredValue, words::Question};
use crate::catalog::{
    Catalog, Clock, DESKTOP_PREFIX, Entity,
    check::{Moment, check, instant},
};

/// The prompt's part that is the same for every question: a model that was not taught the language writes none anyway.
pub const INSTRUCTIONS: &str = "Query plan.";

/// What stands ahead of the plan on the screen, where there is one, in what the model reads.
pub(super) const AFTER: &str = "after";

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Plan(Box<Plan>),
    /// No plan answers this.
    None,
}

/// A question with its placeholders, and the language of its lines.
#[derive(Debug)]
pub struct Slots {
    catalog: Catalog,
    at: Moment,
    found: Found,
    masked: String,
    rules: Rules,
    sees_all: bool,
}

impl Slots {
    /// Links the question for every entity of the catalog. `stored` are the values of the database that its names call.
    #[must_use]
    pub fn new(question: &Question, catalog: &Catalog, stored: &[StoredValue], at: Moment) -> Self {
        let found = slots::find(question, catalog, stored, at);
        let masked = masked::masked(&question.text, &found);
        Self::of(found, masked, catalog, at)
    }

    /// As somebody asks it, after `previous` or nothing. A plan that cannot be put ahead of the question is left out, and
    /// [`Slots::sees_all`] tells.
    #[must_use]
    pub fn asked(
        previous: Option<&Plan>,
        question: &Question,
        catalog: &Catalog,
        stored: &[StoredValue],
        at: Moment,
    ) -> Self {
        let after = previous.and_then(|it| Self::after(it, question, catalog, stored, at));
        let sees_all = after.is_some() || previous.is_none();
        Self { sees_all, ..after.unwrap_or_else(|| Self::new(question, catalog, stored, at)) }
    }

    /// The same of a question that may follow a plan up: what that plan names has slots, too, and its line is read ahead of
    /// the question. `None` where that plan has no line, or is none for the asker.
    #[must_use]
    pub fn after(
        previous: &Plan,
        question: &Question,
        catalog: &Catalog,
        stored: &[StoredValue],
        at: Moment,
    ) -> Option<Self> {
        check(previous, catalog, at).ok()?;
        let slots = previous::slots(previous, catalog, at)?;
        let alone = Found { of_previous: slots.len(), slots, beyond: Vec::new(), desktops: false };
        let alone = Self::of(alone, String::new(), catalog, at);
        let line = alone.write(previous).ok()?;
        let slots = alone.found.slots;
        let label = |word: &str| {
            let slot = slots.iter().enumerate().find(|(n, _)| placeholder(*n) == word);
            slot.map_or_else(|| word.to_owned(), |(_, it)| format!("({word}: {})", it.label))
        };
        let line: Vec<String> = line.split(' ').map(label).collect();
        let mut found = slots::find(question, catalog, stored, at);
        found.of_previous = slots.len();
        found.slots.splice(0..0, slots);
        let masked = format!("{AFTER} {} : {}", line.join(" "), masked::masked(&question.text, &found));
        Some(Self::of(found, masked, catalog, at))
    }

    fn of(found: Found, masked: String, catalog: &Catalog, at: Moment) -> Self {
        let rules = language::language(catalog, &found);
        Self { catalog: catalog.clone(), at, found, masked, rules, sees_all: true }
    }

    /// The question with placeholders in place of what was linked: `desktops of (v1: user)`.
    #[must_use]
    pub fn masked(&self) -> &str {
        &self.masked
    }

    /// The model was taught what the plan says. It was not what averages are per, by how many percent a figure moved, parts of
    /// times, nor a figure that came later; and an average of rows by each user or desktop is what it writes for an average per one.
    #[must_use]
    pub fn is_taught(&self, plan: &Plan) -> bool {
        let entity = self.catalog.entity(&plan.entity);
        let taught = |of: &str| entity.and_then(|it| it.dimension(of)).is_none_or(|it| it.taught);
        let sliced = entity.is_some_and(|it| it.words.sliced);
        let averages = plan.measures.iter().any(|it| it.function == Aggregate::Average);
        let single = |it: &GroupBy| matches!(it.dimension.as_str(), "user_name" | "workspace_id");
        let of_each = sliced && averages && plan.group_by.iter().any(single);
        let growth: Vec<String> = plan.measures.iter().map(Measure::key_growth).collect();
        let figures = plan.having.iter().map(|it| &it.by).chain(plan.order.iter().map(|it| &it.by));
        let grows = figures.into_iter().any(|it| growth.contains(it));
        let named = plan.group_by.iter().map(|it| &it.dimension).chain(&plan.columns);
        let named = named.chain(plan.filters.iter().chain(&plan.part).map(|it| &it.dimension));
        let grows = grows || named.into_iter().any(|it| Clock::split(it).is_some());
        let of_numbers = plan.measures.iter().filter_map(|it| it.of.as_deref());
        plan.per.is_none() && !of_each && !grows && of_numbers.into_iter().all(taught)
    }

    /// The plan on the screen, if there is one, is part of it.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        self.sees_all
    }

    /// The language as llama.cpp reads it (GBNF).
    #[must_use]
    pub fn grammar(&self) -> String {
        self.rules.gbnf()
    }

    /// Reads what a model wrote; `None` for anything that is no line of the language.
    #[must_use]
    pub fn parse(&self, line: &str) -> Option<Said> {
        let words: Vec<&str> = line.trim().split(' ').collect();
        if !self.rules.allows(&words) {
            return None;
        }
        if words == [NONE] {
            return Some(Said::None);
        }
        let plan = read::plan(&words, &self.catalog, &self.found.slots)?;
        check(&plan, &self.catalog, self.at).is_ok().then(|| Said::Plan(Box::new(plan)))
    }

    /// The line that says a plan.
    ///
    /// # Errors
    /// The first part of the plan that the language cannot say with these slots.
    pub fn write(&self, plan: &Plan) -> Result<String, Unsaid> {
        let entities = self.catalog.entities();
        let n = entities.iter().position(|it| it.name == plan.entity).ok_or(Unsaid::Entity)?;
        let entity = entities.get(n).copied().ok_or(Unsaid::Entity)?;
        let mut plan = self.with_linked_times(n, entity, plan.clone());
        self.line(n, entity, &plan).or_else(|why| {
            plan.filters.push(conditions::what_changed(entity, &plan.filters).ok_or(why)?);
            self.line(n, entity, &plan)
        })
    }

    fn line(&self, n: usize, entity: &'static Entity, plan: &Plan) -> Result<String, Unsaid> {
        let plan = &write::ordered(plan);
        let slots = &self.found.slots;
        let words = write::Line {
            entity,
            catalog: &self.catalog,
            n,
            slots,
            of_previous: self.found.of_previous,
            plan,
        }
        .words()?;
        let line = words.join(" ");
        match self.parse(&line) {
            Some(Said::Plan(it)) if write::ordered(&it) == *plan => Ok(line),
            _ => Err(Unsaid::Form),
        }
    }

    /// Times as the question's words have them, where both are the same moment: "since Monday" is since the week began.
    fn with_linked_times(&self, n: usize, entity: &Entity, mut plan: Plan) -> Plan {
        let linked = || {
            let (of_previous, own) =
                self.found.slots.split_at(self.found.of_previous.min(self.found.slots.len()));
            let means = own.iter().chain(of_previous).filter_map(|it| it.means.get(n));
            means.flat_map(|it| &it.alternatives).flat_map(|it| &it.filters)
        };
        for it in plan.filters.iter_mut().chain(&mut plan.part) {
            let Some(field) = self.catalog.field(entity, &it.dimension) else { continue };
            let moment = |filter: &Filter| instant(filter.values.first()?, &field, self.at);
            let Some(wanted) = moment(it) else { continue };
            let of_it = |other: &&Filter| other.dimension == it.dimension && other.op == it.op;
            if let Some(same) = linked().filter(of_it).find(|other| moment(other) == Some(wanted)) {
                it.values.clone_from(&same.values);
            }
        }
        plan
    }

    /// Whether a line makes use of everything that was linked, talk around the question apart, and what is no value in
    /// what the line is about; what the plan on the screen names may go. A name beside a value of what it names is used with it.
    #[must_use]
    pub fn is_used_up(&self, line: &str) -> bool {
        let Some(Said::Plan(plan)) = self.parse(line) else { return false };
        let words: Vec<&str> = line.split(' ').collect();
        let about = self.catalog.entities().iter().position(|it| it.name == plan.entity);
        let slots = &self.found.slots;
        let used = |n: usize| words.contains(&placeholder(n).as_str());
        let overlaps = |slot: &Slot| {
            let shares = |it: &Slot| slot.start < it.end && it.start < slot.end;
            slots.iter().enumerate().any(|(n, it)| shares(it) && used(n))
        };
        let says_nothing = |slot: &Slot| {
            let means = about.and_then(|n| slot.means.get(n));
            means.is_some_and(|it| it.plain || it.names().any(|it| dimensions(&plan).any(|name| name == it)))
        };
        // "Is it csv or xlsx that people ask for?" is answered by format: the values are among the groups.
        let among = |slot: &Slot, group: &str| {
            let means = about.and_then(|n| slot.means.get(n));
            means.is_some_and(|it| it.alternatives.iter().any(|it| it.is_of(group)))
        };
        let groups = || plan.group_by.iter().map(|it| it.dimension.as_str());
        let named: Vec<&str> =
            groups().filter(|it| slots.iter().filter(|slot| among(slot, it)).count() > 1).collect();
        let is_group = |slot: &Slot| named.iter().any(|it| among(slot, it));
        let said = |it: &Slot| it.aside || overlaps(it) || says_nothing(it) || is_group(it);
        self.found.beyond.is_empty() && slots.iter().all(said)
    }
}

/// Every dimension that a plan names; those of desktops as the desktops' own.
fn dimensions(plan: &Plan) -> impl Iterator<Item = &str> {
    let filters = plan.filters.iter().chain(&plan.part).map(|it| it.dimension.as_str());
    let groups = plan.group_by.iter().map(|it| it.dimension.as_str());
    let measures = plan.measures.iter().filter_map(|it| it.of.as_deref());
    let shown = plan.columns.iter().map(String::as_str).chain(plan.order.iter().map(|it| it.by.as_str()));
    let all = filters.chain(groups).chain(measures).chain(shown);
    all.map(|it| it.strip_prefix(DESKTOP_PREFIX).unwrap_or(it))
}

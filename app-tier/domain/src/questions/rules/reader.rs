//! One reading of a question: as one about one entity.
//!
//! Passes over the marks, each for one shape; a pass files what it understands into the plan and marks it used. Invariant:
//! a mark that no pass used counts against the reading; none is dropped in silence.

mod around;
mod besides;
mod clocks;
mod columns;
mod compare;
mod either;
mod emptiness;
mod extremes;
mod figures;
mod filters;
mod finish;
mod groups;
mod having;
mod numbers;
mod order;
mod per;
mod ranks;
mod score;
mod shares;
mod sides;
mod signs;
mod slices;
mod steps;
mod texts;
mod unrecorded;

use contract::{
    catalog::Kind,
    query::{Filter, Measure, Op, Plan, Value},
};

pub(in crate::questions) use self::around::{Around, around};
pub(super) use self::{figures::Head, ranks::Ranking};
use super::asides;
pub(super) use super::doubt::Doubt;
use crate::{
    catalog::{Catalog, Entity, Field, check::Moment},
    questions::{
        link::{Keyword, Linked, Mark, Meaning, Unit},
        times::Stretch,
    },
};

/// What a reading came to.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) linked: Linked,
    /// Every plan that it can mean.
    pub(super) plans: Vec<Plan>,
    pub(super) score: f64,
    /// Marks that say something and were not accounted for.
    pub(super) left: Vec<usize>,
    /// What was decided although something else was possible.
    pub(super) doubts: Vec<Doubt>,
    /// Something names the entity, or what only it has.
    pub(super) grounded: bool,
    /// What no plan of this entity can do.
    pub(super) refused: Option<&'static str>,
}

/// A number with a sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) sign: usize,
    pub(super) op: Op,
    pub(super) number: f64,
    pub(super) unit: Option<Unit>,
}

/// What has been read so far.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) entity: &'static Entity,
    pub(super) catalog: &'a Catalog,
    pub(super) at: Moment,
    pub(super) linked: Linked,
    pub(super) used: Vec<bool>,
    /// Talk around the question, left out of the reading.
    pub(super) aside: Vec<bool>,
    pub(super) plan: Plan,
    pub(super) head: Head,
    /// Each a choice between conditions of which nothing tells which is meant.
    pub(super) choices: Vec<Vec<Filter>>,
    /// Measures of which nothing tells which is meant.
    pub(super) figures: Vec<Measure>,
    /// Conditions from this mark on are the part of a share.
    pub(super) part_from: Option<usize>,
    /// And those before this one: "the RDS share of the bill".
    pub(super) part_until: Option<usize>,
    pub(super) share: bool,
    /// Of a share, the whole is cut into groups, and nothing is its part.
    pub(super) cut: bool,
    pub(super) ranking: Option<Ranking>,
    /// The time that the question is about.
    pub(super) stretch: Option<Stretch>,
    pub(super) compared: Option<Stretch>,
    /// It says what time of a day or a week is meant.
    pub(super) recurs: bool,
    pub(super) doubts: Vec<Doubt>,
    pub(super) refused: Option<&'static str>,
    /// A number with its sign that nothing says what it is of; an edit finds that in the plan before.
    pub(super) bound: Option<Bound>,
    /// A dimension of which a word stands for several values; single ones after it narrow it.
    pub(super) broad: Option<String>,
    /// Those are meant of which the figure rose (`true`) or fell.
    pub(super) more: Option<bool>,
    /// How much a figure moved is asked in percent of what it was.
    pub(super) in_percent: bool,
    /// Values went from one to another.
    pub(super) flipped: bool,
    /// The rows themselves are asked for.
    pub(super) rows: bool,
    /// It edits the plan before: nothing is added that was not said.
    pub(super) edits: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(linked: Linked, catalog: &'a Catalog, at: Moment, edits: bool) -> Self {
        let aside = asides::asides(&linked);
        Self {
            entity: linked.entity,
            catalog,
            at,
            plan: Plan { entity: linked.entity.name.to_owned(), ..Plan::default() },
            linked,
            used: aside.clone(),
            aside,
            head: Head::None,
            choices: Vec::new(),
            figures: Vec::new(),
            part_from: None,
            part_until: None,
            share: false,
            cut: false,
            ranking: None,
            stretch: None,
            compared: None,
            recurs: false,
            doubts: Vec::new(),
            refused: None,
            bound: None,
            more: None,
            in_percent: false,
            broad: None,
            flipped: false,
            rows: false,
            edits,
        }
    }

    /// Every pass, in the order in which they rely on each other.
    pub(super) fn read(&mut self) {
        self.find_alternatives();
        self.find_head();
        self.find_share();
        self.find_ranking();
        self.find_stretches();
        self.find_clocks();
        self.find_groups();
        self.find_numbers();
        self.find_conditions();
        self.find_figures();
        self.find_columns();
    }

    pub(super) fn mark(&self, n: usize) -> Option<&Mark> {
        self.linked.marks.get(n)
    }

    pub(super) fn meaning(&self, n: usize) -> &Meaning {
        self.linked.marks.get(n).map_or(&Meaning::Noise, |it| &it.meaning)
    }

    pub(super) fn text(&self, n: usize) -> &str {
        self.linked.marks.get(n).map_or("", |it| it.text.as_str())
    }

    pub(super) fn len(&self) -> usize {
        self.linked.marks.len()
    }

    pub(super) fn is_used(&self, n: usize) -> bool {
        self.used.get(n).copied().unwrap_or(true)
    }

    pub(super) fn take(&mut self, n: usize) {
        if let Some(it) = self.used.get_mut(n) {
            *it = true;
        }
    }

    pub(super) fn doubt(&mut self, why: Doubt) {
        self.doubts.push(why);
    }

    /// Unused marks that may say something.
    pub(super) fn live(&self) -> Vec<usize> {
        (0..self.len()).filter(|n| !self.is_used(*n)).collect()
    }

    pub(super) fn is_silent(&self, n: usize) -> bool {
        matches!(
            self.meaning(n),
            Meaning::Noise
                | Meaning::Hint
                | Meaning::Keyword(Keyword::It | Keyword::Ones | Keyword::All | Keyword::Only)
        )
    }

    /// The next mark that says something, used or not, within the same statement.
    pub(super) fn next(&self, n: usize) -> Option<usize> {
        (n + 1..self.len())
            .take_while(|it| *self.meaning(*it) != Meaning::Break)
            .find(|it| !self.is_silent(*it) && !self.aside.get(*it).copied().unwrap_or(false))
    }

    /// Nothing stands after it in its statement.
    pub(super) fn ends(&self, n: usize) -> bool {
        n + 1 >= self.len() || *self.meaning(n + 1) == Meaning::Break
    }

    /// The one before.
    pub(super) fn previous(&self, n: usize) -> Option<usize> {
        (0..n)
            .rev()
            .take_while(|it| *self.meaning(*it) != Meaning::Break)
            .find(|it| !self.is_silent(*it) && !self.aside.get(*it).copied().unwrap_or(false))
    }

    pub(super) fn keyword(&self, n: usize) -> Option<Keyword> {
        match self.meaning(n) {
            Meaning::Keyword(it) => Some(*it),
            _ => None,
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<Field> {
        self.catalog.field(self.entity, name)
    }

    /// The dimension that a mark names.
    pub(super) fn field_at(&self, n: usize) -> Option<Field> {
        match self.meaning(n) {
            Meaning::Field(name) => self.field(name),
            _ => None,
        }
    }

    /// A dimension that one can group by.
    pub(super) fn groupable_at(&self, n: usize) -> Option<Field> {
        self.field_at(n).filter(|it| {
            it.groupable() && !matches!(it.kind, Kind::Number | Kind::Time | Kind::Date | Kind::Bool)
        })
    }

    /// The same mark stands for the rows themselves: "desktops" of recommendations, each of which is of one.
    pub(super) fn names_rows(&self, n: usize) -> bool {
        match self.meaning(n) {
            Meaning::Entity => true,
            Meaning::Field(name) => self.entity.words.stands_for == Some(name.as_str()),
            _ => false,
        }
    }

    /// "who rebuilt Priya's desktop": whose desktop it is, and not who did it, also of those who do such things.
    pub(super) fn owner(&self, n: usize, fitting: &mut Vec<(String, Value)>) {
        let owns = self.text(n + 1) == "'s" || self.text(n).ends_with("'s");
        let desktop =
            self.next(n).is_some_and(|it| *self.meaning(it) == Meaning::Field("workspace_id".to_owned()));
        if !owns || !desktop || self.entity.dimension("user_name").is_none() {
            return;
        }
        let person = |it: &str| {
            self.entity.words.who == Some(it) || matches!(it, "actor" | "source_identity" | "user_name")
        };
        if fitting.iter().any(|(it, _)| person(it)) {
            fitting.retain(|(it, _)| person(it));
            fitting.iter_mut().for_each(|(it, _)| "user_name".clone_into(it));
            fitting.dedup();
        }
    }

    /// The mark of who rejected, where that is said or asked for: "rejected by Wei", "that Wei turned down", "who declined". Whoever
    /// else is named is another.
    pub(super) fn who_rejected(&self) -> Option<usize> {
        let doers = self.entity.words.doers;
        if doers.is_empty() {
            return None;
        }
        let rejected = |n: &usize| match self.meaning(*n) {
            Meaning::Value(them) => them.iter().any(|(_, it)| *it == Value::text("rejected")),
            _ => false,
        };
        let is_person = |it: &usize| match self.meaning(*it) {
            Meaning::Value(them) => them.iter().any(|(name, _)| doers.iter().any(|(_, doer)| doer == name)),
            _ => false,
        };
        let asks = |it: &usize| matches!(self.head, Head::Who(head) if head == *it);
        let named = (0..self.len()).any(|it| is_person(&it));
        let by_whom = (1..self.len()).find(|it| {
            self.text(it - 1) == "by" && self.keyword(*it) == Some(Keyword::Who) && self.ends(*it)
        });
        // "of Wei that were rejected", "by Wei rejected", "proposed by Wei and rejected": his, and not by him.
        let passive = |from: usize, n: usize| {
            let text = |it: usize| self.text(it).split(' ').any(|it| PASSIVE.contains(&it));
            (from.saturating_sub(1)..n).filter(|it| *it != from).any(text)
        };
        (0..self.len()).filter(rejected).find_map(|n| {
            let by = self.next(n).filter(|it| self.text(*it) == "by");
            let after = by.and_then(|it| self.next(it)).filter(is_person);
            let person = self.previous(n).filter(|it| is_person(it) && !passive(*it, n));
            let who = self.previous(n).filter(|it| asks(it)).or(by_whom).filter(|_| !named);
            after.or(person).or(who)
        })
    }

    /// Who did what a verb of the question says: of "approved" who decided.
    pub(super) fn doer(&self) -> Option<&'static str> {
        let doers = self.entity.words.doers;
        if self.who_rejected().is_some() {
            return doers.iter().find(|(time, _)| *time == "decided_at").map(|(_, doer)| *doer);
        }
        (0..self.len()).find_map(|n| match self.meaning(n) {
            Meaning::TimeOf(time) => doers.iter().find(|(it, _)| it == time).map(|(_, doer)| *doer),
            _ => None,
        })
    }

    /// Whom "who" asks for.
    pub(super) fn who(&self) -> Option<&'static str> {
        // "whose desktops were rebooted": not by whom.
        let whose = match self.head {
            Head::Who(n) => {
                let of_desktop = |it| matches!(self.meaning(it), Meaning::Field(it) if it == "workspace_id");
                self.text(n) == "whose" || self.text(n) == "whos" && self.next(n).is_some_and(of_desktop)
            }
            _ => false,
        };
        let owner = self.entity.dimension("user_name").filter(|_| whose && self.entity.has_desktops());
        owner.map(|it| it.name).or_else(|| self.doer()).or(self.entity.words.who)
    }

    pub(super) fn find(&self, wanted: impl Fn(Keyword) -> bool) -> Option<usize> {
        (0..self.len()).find(|n| !self.is_used(*n) && self.keyword(*n).is_some_and(&wanted))
    }
}

/// They stand before what was done to something, or whose it is.
const PASSIVE: &[&str] = &[
    "'s", "is", "are", "was", "were", "be", "been", "being", "get", "gets", "got", "getting", "gotten", "by",
    "of", "from", "for", "to", "and", "proposed",
];

/// A number that counts something.
pub(in crate::questions) fn whole(number: f64) -> Option<u32> {
    let text = format!("{number}");
    text.parse().ok()
}

/// Reads a linked question as one that stands alone.
pub(super) fn fresh(linked: Linked, catalog: &Catalog, at: Moment) -> Reading {
    let mut reader = Reader::new(linked, catalog, at, false);
    reader.read();
    reader.finish()
}

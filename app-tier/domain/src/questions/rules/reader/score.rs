//! How well a reading fits the question: what it accounts for against what it leaves, and what binds the question to the
//! entity.
//!
//! Invariant: a word that says something and that no pass used is in [`Reading::left`].

use contract::{
    catalog::Kind,
    query::{Aggregate, Plan, Value},
};

use super::{Doubt, Head, Reader, Reading};
use crate::{
    catalog::{DESKTOP_PREFIX, check::check},
    questions::{
        link::{Keyword, Mark, Meaning, Unit},
        words::stem,
    },
};

/// How much a question is bound to the entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Anchor {
    None,
    Loose,
    Firm,
}

impl Reader<'_> {
    /// Weighs what was explained against what was left.
    pub(super) fn reading(mut self, mut plans: Vec<Plan>) -> Reading {
        if !self.edits {
            let before = plans.len();
            plans.retain(|it| check(it, self.catalog, self.at).is_ok());
            if plans.is_empty() || plans.len() < before {
                self.doubt(Doubt::NoPlan);
            }
        }
        let mut score = 0.0;
        let mut left = Vec::new();
        let mut grounded = false;
        if self.flipped {
            score += 1.0;
        }
        let usual = self.entity.activity.is_some() && !self.entity.of_house || self.edits;
        let mut anchor =
            if usual || self.flipped || self.counts_users() { Anchor::Firm } else { Anchor::None };
        for n in 0..self.len() {
            if self.aside.get(n).copied().unwrap_or(false) {
                continue;
            }
            let Some(mark) = self.mark(n) else { continue };
            // A name of several words accounts for each of them.
            let words = mark.text.split(' ').count().clamp(1, 6);
            let extra: f64 = (1..words).map(|_| 0.6).sum();
            let weight = match &mark.meaning {
                Meaning::Entity => 2.5,
                Meaning::Figure(_) => 3.0,
                Meaning::Hint => 0.9,
                Meaning::Value(them) => {
                    let desktop = them.iter().all(|(it, _)| it.starts_with(DESKTOP_PREFIX));
                    if desktop { 1.7 } else { 2.0 }
                }
                Meaning::Condition { filters, .. } => {
                    if filters.iter().all(|it| it.dimension.starts_with(DESKTOP_PREFIX)) { 1.7 } else { 2.0 }
                }
                Meaning::Field(name) if name.starts_with(DESKTOP_PREFIX) => 1.2,
                Meaning::Field(_) => 1.5,
                Meaning::Happened(name, _) | Meaning::Idle(name, _) | Meaning::Never(name) => {
                    if name.starts_with(DESKTOP_PREFIX) { 2.2 } else { 2.5 }
                }
                Meaning::Time(_) => 1.5,
                Meaning::TimeOf(_) => 1.2,
                Meaning::Number(..) | Meaning::Grain(..) | Meaning::Quoted(_) => 1.0,
                Meaning::Keyword(_) if self.of_money(&mark.text) => 2.0,
                Meaning::Keyword(_) => 0.5,
                Meaning::Noise | Meaning::Break => 0.0,
                Meaning::Unknown => 2.0,
            };
            // What is called as this entity calls it is rather this one's.
            let own = match &mark.meaning {
                Meaning::Figure(it) if it.of.is_some_and(|it| self.is_label(it, &mark.text)) => 1.3,
                Meaning::Field(name) if words > 1 && self.is_label(name, &mark.text) => 1.0,
                // "terminate operations" names them, too.
                Meaning::Value(_) if words > 1 && mark.text.ends_with(self.entity.plural) => 1.5,
                _ => 0.0,
            };
            grounded |= self.is_used(n) && self.grounds(&mark.meaning);
            // "which quarter was our most expensive"
            grounded |= self.of_money(&mark.text) && self.plan.group_by.iter().any(|it| it.grain.is_some());
            if self.is_used(n) {
                anchor = anchor.max(self.anchors(mark));
            }
            if self.is_used(n) && mark.meaning != Meaning::Unknown {
                score += weight + extra + own;
            } else if mark.meaning == Meaning::Unknown && self.is_used(n) {
                score += 0.5;
            } else if weight > 0.0 {
                score -= f64::max(weight, 1.5);
                left.push(n);
            }
        }
        // What others have as well does not make a question one about this.
        score -= match anchor {
            Anchor::None => 3.0,
            Anchor::Loose => 1.0,
            Anchor::Firm => 0.0,
        };
        if !self.entity.of_house
            && self.entity.activity.is_none()
            && self.entity.words.stands_for != Some("workspace_id")
            && !self.edits
            && !self.is_timed()
            && !self.entity.words.sliced
        {
            // What was done was done at some time: without one the state of things is asked for.
            score -= 1.0;
        }
        if (0..self.len()).any(|n| self.of_money(self.text(n))) && self.entity.words.desktops.is_none() {
            self.doubt(Doubt::NoMoney);
        }
        // A property's name alone says not that it changed.
        let changes = self.entity.words.stands_for.is_some() && self.entity.tells_changes();
        let changed = (0..self.len()).any(|n| {
            matches!(
                self.meaning(n),
                Meaning::Entity | Meaning::TimeOf(_) | Meaning::Hint | Meaning::Figure(_)
            ) || matches!(self.meaning(n), Meaning::Value(them) if them.iter().any(|(it, _)| it == "kind"))
        });
        if changes && !changed && !self.flipped && !self.edits {
            score -= 2.0;
        }
        score -= self.nothing_done();
        for it in &self.doubts {
            score -= it.weight();
        }
        let Self { linked, doubts, refused, .. } = self;
        Reading { linked, plans, score, left, doubts, grounded, refused }
    }

    /// The dimension's own name, and no other word for it.
    fn is_label(&self, dimension: &str, text: &str) -> bool {
        self.field(dimension).is_some_and(|it| !it.of_desktop && stem(&it.label) == stem(text))
    }

    /// Says something that only a question about this would say.
    fn anchors(&self, mark: &Mark) -> Anchor {
        const COMMON: &[&str] = &[
            "user_name",
            "account",
            "region",
            "directory",
            "running_mode",
            "compute_type",
            "workspace_id",
            "currency",
            "field",
            "new",
            "name",
            "action",
            "kind",
            "service",
            "minutes",
        ];
        let firm = |it: bool| if it { Anchor::Firm } else { Anchor::None };
        let own = |name: &String| {
            let time = self.field(name).is_some_and(|it| it.kind == Kind::Time || it.clock.is_some());
            let doer = name == "actor" && self.entity.words.stands_for.is_some();
            !name.starts_with(DESKTOP_PREFIX) && !COMMON.contains(&name.as_str()) && !time && !doer
        };
        match &mark.meaning {
            // "account" and "user" are in many a question that is not about them.
            Meaning::Entity
                if self.entity.of_house && crate::catalog::is_desktop_dimension(self.entity.singular) =>
            {
                let desktops = (0..self.len())
                    .any(|n| matches!(self.meaning(n), Meaning::Field(name) if name == "desktops"));
                let asked = self.entity.key == "name" && !desktops && !matches!(self.head, Head::None);
                if self.rows || asked { Anchor::Firm } else { Anchor::Loose }
            }
            Meaning::Entity
                if matches!(mark.text.as_str(), "use" | "used" | "uses")
                    && self.stretch.is_none()
                    && self.ranking.is_none() =>
            {
                Anchor::None
            }
            Meaning::TimeOf(_) if self.entity.words.sliced => {
                firm(self.is_timed() || self.plan.group_by.iter().any(|it| it.grain.is_some()))
            }
            // What happened may have been noticed, or done.
            Meaning::Hint if mark.text.starts_with("happen") => Anchor::Loose,
            Meaning::Entity | Meaning::TimeOf(_) | Meaning::Hint => Anchor::Firm,
            Meaning::Keyword(_) if self.of_money(&mark.text) => firm(self.entity.words.sliced),
            Meaning::Number(_, Some(unit @ Unit::Hours)) => firm(self.bounds_hours(*unit)),
            Meaning::Figure(it) => firm(it.of.is_some()),
            Meaning::Field(_) if mark.text.starts_with("happen") => Anchor::Loose,
            Meaning::Field(name) => {
                firm((own(name) || name == "kind") && !self.entity.of_house || name == "service")
            }
            Meaning::Value(them) => {
                let named = |(name, _): &(String, Value)| {
                    own(name) && (!self.entity.of_house || name.ends_with("state") || name == "role")
                };
                let done = |(name, _): &(String, Value)| {
                    name == "name" || name == "service" && !stem(&mark.text).contains("workspace")
                };
                match them.iter().any(|it| named(it) || done(it)) {
                    true if self.entity.of_house => Anchor::Loose,
                    it => firm(it),
                }
            }
            // What failed may be a call, an operation or a job.
            Meaning::Condition { filters, .. } if filters.iter().any(|it| it.dimension == "error_code") => {
                Anchor::Loose
            }
            Meaning::Condition { filters, .. } => {
                firm(filters.iter().any(|it| own(&it.dimension) || it.dimension == "service"))
            }
            Meaning::Happened(name, _) | Meaning::Idle(name, _) | Meaning::Never(name) => {
                firm(own(name) && !self.entity.of_house)
            }
            _ => Anchor::None,
        }
    }

    /// "users above 50 hours", and not "AutoStop above 2 hours", which is a timeout.
    fn bounds_hours(&self, unit: Unit) -> bool {
        let measured = |of: &str| self.field(of).is_some_and(|it| it.unit == Some(unit.name()));
        let bounds = self.plan.having.iter().any(|it| it.by.starts_with("sum_"));
        let mode = |n: usize| {
            self.meaning(n).dimensions().contains(&"running_mode") || self.text(n).contains("timeout")
        };
        let timeout = self.stretch.is_none() && (0..self.len()).any(mode);
        bounds && !timeout && self.entity.words.measures.iter().any(|it| it.of.is_some_and(measured))
    }

    /// Says something that a question about this may say.
    fn grounds(&self, meaning: &Meaning) -> bool {
        matches!(
            meaning,
            Meaning::Entity
                | Meaning::Figure(_)
                | Meaning::Value(_)
                | Meaning::Condition { .. }
                | Meaning::Idle(..)
                | Meaning::Never(_)
                | Meaning::Happened(..)
                | Meaning::Field(_)
                | Meaning::TimeOf(_)
        )
    }

    fn is_timed(&self) -> bool {
        self.stretch.is_some() || self.recurs
    }

    /// "how many users did we have per month": those who used their desktops.
    fn counts_users(&self) -> bool {
        let timed = self.is_timed() || self.plan.group_by.iter().any(|it| it.grain.is_some());
        self.entity.words.sliced
            && self.entity.words.desktops.is_none()
            && timed
            && self
                .plan
                .measures
                .iter()
                .any(|it| it.function == Aggregate::Distinct && it.of.as_deref() == self.entity.words.who)
    }

    /// "most expensive": what is ranked is money.
    fn of_money(&self, text: &str) -> bool {
        const MONEY: &[&str] =
            &["expensive", "costliest", "priciest", "dearest", "cheapest", "costly", "cheaper"];
        text.split(' ').any(|it| MONEY.contains(&it))
    }

    /// Of what was done it says neither what nor when: "desktops owned by marco.ricci".
    fn nothing_done(&mut self) -> f64 {
        if self.edits || self.entity.dimension("actor").is_none() || self.entity.words.stands_for.is_some() {
            return 0.0;
        }
        let filed = |name: &str| self.plan.filters.iter().any(|it| it.dimension == name);
        let named = (0..self.len()).any(|n| {
            matches!(self.meaning(n), Meaning::Entity | Meaning::Hint | Meaning::Keyword(Keyword::Who))
        });
        let created = self.plan.filters.iter().any(|it| it.values == [Value::text("CreateWorkspaces")])
            && !named
            && !filed("actor");
        if !named && !self.is_timed() && !filed("name") && !filed("read_only") && !filed("error_code") {
            let did = (0..self.len()).any(|n| matches!(self.text(n), "do" | "did" | "done" | "doing"));
            if !did {
                self.doubt(Doubt::NothingDone);
            }
        }
        // A desktop that was created is a new one first.
        if created { 1.5 } else { 0.0 }
    }
}

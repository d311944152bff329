//! From what was filed to the plans that it can mean, and how well they fit the question.

use contract::{
    catalog::Kind,
    query::{Aggregate, Compare, Filter, Having, Measure, Op, Order, Plan},
};

use super::{Doubt, Head, Reader, Reading};
use crate::questions::link::{Keyword, Meaning, says_little};

/// More readings than this are too many to ask.
const MAX_READINGS: usize = 4;

impl Reader<'_> {
    /// What all of it means together.
    pub(in crate::questions::rules) fn finish(mut self) -> Reading {
        self.separate();
        self.close_share();
        self.asks_when();
        self.standing_times();
        self.usual_measure();
        if !self.edits {
            self.close_comparison();
            self.close_ranking();
        }
        self.divide();
        self.doubt_averages();
        self.asks_for_the_unrecorded();
        self.advises_something();
        self.asks_whether();
        self.corrects();
        self.narrows_nothing();
        let alternatives = self.alternatives();
        let plans = self.plans(alternatives);
        self.reading(plans)
    }

    /// "is Priya's desktop running", "Yuki: Windows or Linux": of one row, what it is, rather than only if it is so.
    fn asks_whether(&mut self) {
        let of_two = |n: usize| {
            let (Some(before), Some(after)) = (self.previous(n), self.next(n)) else { return false };
            self.keyword(n) == Some(Keyword::Or) && self.meaning(before).is_of_the_same(self.meaning(after))
        };
        let asks = matches!(self.first_word(), "is" | "are" | "was" | "were") || (0..self.len()).any(of_two);
        let plan = &self.plan;
        let figures = !plan.measures.is_empty() || !plan.group_by.is_empty() || !self.figures.is_empty();
        if !asks || self.edits || self.head != Head::None || figures || self.share || self.ranking.is_some() {
            return;
        }
        // What stands after whatever it is asked of, which may be a number: "is report 118 done".
        let named = |n: usize| match self.meaning(n) {
            Meaning::Field(name) => vec![name.as_str()],
            Meaning::Number(_, None) => vec![self.entity.key],
            it => it.dimensions(),
        };
        let identity = (0..self.len()).rev().find(|n| named(*n).iter().any(|it| self.entity.is_of_one(it)));
        let Some(identity) = identity else { return };
        let asked = (identity + 1..self.len()).find_map(|n| {
            let dimensions = named(n);
            self.plan.filters.iter().position(|it| {
                let kind = self.field(&it.dimension).filter(|it| !it.of_desktop).map(|it| it.kind);
                it.op == Op::Is
                    && matches!(kind, Some(Kind::Bool | Kind::Choice))
                    && dimensions.contains(&it.dimension.as_str())
            })
        });
        let narrowed = plan.filters.iter().any(|it| it.op == Op::Is && self.entity.is_of_one(&it.dimension));
        let Some(at) = asked.filter(|_| narrowed) else { return };
        let dimension = self.plan.filters.remove(at).dimension;
        if !self.plan.columns.contains(&dimension) {
            self.plan.columns.push(dimension);
        }
    }

    /// "when did operation 112 end", "when was Otto Meyer last on": of one row, that time.
    fn asks_when(&mut self) {
        let asks = self.first_word() == "when";
        let of_one = |it: &Filter| it.op == Op::Is && self.entity.is_of_one(&it.dimension);
        if !asks || self.edits || !self.plan.measures.is_empty() || !self.plan.filters.iter().any(of_one) {
            return;
        }
        let named = (0..self.len()).find_map(|n| match self.meaning(n) {
            Meaning::TimeOf(name) => Some((n, name.clone())),
            Meaning::Field(name) => {
                self.field(name).filter(|it| it.kind == Kind::Time).map(|it| (n, it.name))
            }
            _ => None,
        });
        // "last connected" is when; "her newest desktop" is which.
        let last = (0..self.len()).any(|n| {
            self.keyword(n) == Some(Keyword::Latest) && self.text(n).split(' ').any(|word| word == "last")
        });
        if self.ranking.as_ref().is_some_and(|it| !(it.dated && last)) {
            return;
        }
        let activity = self.entity.activity.as_ref().filter(|_| self.ranking.is_some());
        let dimension = match (&named, activity) {
            (Some((_, name)), _) => name.clone(),
            (None, Some(it)) => it.dimension.to_owned(),
            (None, None) => return,
        };
        if let Some((n, _)) = named {
            self.take(n);
        }
        self.ranking = None;
        if !self.plan.columns.contains(&dimension) {
            self.plan.columns.push(dimension);
        }
    }

    /// How it begins, talk around it left out.
    pub(super) fn first_word(&self) -> &str {
        let first = (0..self.len()).find(|n| !self.aside.get(*n).copied().unwrap_or(false));
        first.map_or("", |n| self.text(n).split(' ').next().unwrap_or_default())
    }

    /// "users should move to Windows 11": of advice, some that there is.
    fn advises_something(&mut self) {
        let moves =
            |text: &str| text.starts_with("should ") && (text.contains("move") || text.contains("switch"));
        let advises = (0..self.len()).any(|n| *self.meaning(n) == Meaning::Hint && moves(self.text(n)));
        let filters = self.plan.filters.iter().chain(&self.plan.part).chain(self.choices.iter().flatten());
        if advises && !filters.into_iter().any(|it| it.dimension == "action") {
            self.doubt(Doubt::NothingNarrowed);
        }
    }

    /// "in Dublin no sorry Frankfurt"
    fn corrects(&mut self) {
        const CORRECTIONS: &[&str] = &[
            " no wait ",
            " no sorry ",
            " sorry no ",
            " wait no ",
            " i meant ",
            " i mean ",
            " or was it ",
            " oh no ",
            " or rather ",
            " scratch that ",
        ];
        let texts: Vec<&str> = (0..self.len()).map(|n| self.text(n)).filter(|it| *it != ",").collect();
        let said = format!(" {} ", texts.join(" "));
        if CORRECTIONS.iter().any(|it| said.contains(it)) {
            self.doubt(Doubt::Corrected);
        }
    }

    /// A list of all there is, from a question that says more than that.
    fn narrows_nothing(&mut self) {
        let plan = &self.plan;
        let bare = plan.measures.is_empty()
            && plan.filters.is_empty()
            && (plan.columns.is_empty() || matches!(self.head, Head::Who(_)))
            && plan.order.is_none()
            && plan.limit.is_none()
            && self.figures.is_empty()
            && self.choices.is_empty();
        let more = (0..self.len()).any(|n| {
            let aside = self.aside.get(n).copied().unwrap_or(false);
            match self.meaning(n) {
                Meaning::Unknown | Meaning::TimeOf(_) | Meaning::Field(_) | Meaning::Value(_) => true,
                Meaning::Keyword(Keyword::Who | Keyword::With | Keyword::And) => true,
                Meaning::Noise => !aside && says_little(self.text(n)),
                _ => false,
            }
        });
        if bare && more && !self.edits {
            self.doubt(Doubt::NothingNarrowed);
        }
    }

    /// "gone desktops": a time that is told by its verb alone happened at all.
    fn standing_times(&mut self) {
        for n in self.live() {
            let Meaning::TimeOf(name) = self.meaning(n).clone() else { continue };
            let never = self
                .previous(n)
                .filter(|it| matches!(self.keyword(*it), Some(Keyword::Not)) && !self.is_used(*it));
            if name == "gone_at" {
                self.take(n);
                self.plan.filters.push(Filter { dimension: name, op: Op::NotEmpty, values: Vec::new() });
            } else if let Some(not) = never
                && self.field(&name).is_some_and(|it| it.nullable)
            {
                self.take(n);
                self.take(not);
                self.plan.filters.push(Filter { dimension: name, op: Op::Empty, values: Vec::new() });
            }
        }
    }

    /// The figure that is meant when none is named.
    fn usual_measure(&mut self) {
        if !self.plan.measures.is_empty() || !self.figures.is_empty() || self.edits {
            return;
        }
        let words = self.entity.words;
        let wants = !self.plan.group_by.is_empty()
            || matches!(self.head, Head::HowMuch(_))
            || self.ranking.as_ref().is_some_and(|it| it.moved)
            || self.compared.is_some();
        let sliced = words.sliced && !self.rows;
        if !wants && !sliced {
            return;
        }
        // "the biggest account", "the most used bundle": by what? "the busiest weekday for reboots" is that of the most.
        let busiest = (0..self.len()).any(|it| self.text(it).ends_with("busiest"));
        let most = self.recurs && busiest && !words.sliced;
        if self.ranking.as_ref().is_some_and(|it| it.size || it.vague)
            && !self.plan.group_by.is_empty()
            && !most
        {
            self.doubt(Doubt::BestOfWhat);
        }
        if let Some(usual) = words.measures.iter().find(|it| it.usual) {
            if sliced || matches!(self.head, Head::HowMuch(_)) {
                return self
                    .add_measure(Measure { function: usual.function, of: usual.of.map(str::to_owned) });
            }
            return self.add_measure(Measure::count());
        }
        let named = (0..self.len()).any(|n| matches!(self.meaning(n), Meaning::Entity | Meaning::TimeOf(_)));
        if sliced {
            // Hours, or minutes? Nothing tells.
            let is_time = |it: &str| self.field(it).is_some_and(|it| it.unit.is_some());
            let possible = words
                .measures
                .iter()
                .filter(|it| it.function == Aggregate::Sum && it.of.is_some_and(is_time));
            self.figures =
                possible.map(|it| Measure { function: it.function, of: it.of.map(str::to_owned) }).collect();
            let who = words
                .who
                .filter(|who| !self.plan.columns.is_empty() && self.plan.columns.iter().all(|it| it == who));
            let listed = !self.plan.columns.is_empty()
                && matches!(self.head, Head::Which(_) | Head::Who(_) | Head::List(_) | Head::Any(_));
            if who.is_some() || listed || !named {
                // "which users worked on Monday" are rows.
                self.figures.clear();
            }
            if !self.plan.columns.is_empty() && !self.figures.is_empty() {
                self.plan.columns.clear();
            }
            if self.figures.is_empty() && self.plan.columns.is_empty() && !self.plan.group_by.is_empty() {
                self.add_measure(Measure::count());
            }
            return;
        }
        self.add_measure(Measure::count());
    }

    fn close_comparison(&mut self) {
        let Some(other) = self.compared.clone() else { return };
        let Some(since) = other.since else { return self.doubt(Doubt::NothingToCompare) };
        if self.plan.measures.is_empty() {
            self.add_measure(Measure::count());
        }
        self.plan.compare = Some(Compare { since, before: other.before });
        if let (Some(up), Some(measure), false) =
            (self.more, self.plan.measures.first(), self.plan.group_by.is_empty())
        {
            let op = if up { Op::MoreThan } else { Op::LessThan };
            self.plan.having.push(Having { by: measure.key_change(), op, value: 0.0 });
        }
    }

    /// Every combination of what could be meant.
    fn alternatives(&mut self) -> Vec<Vec<Filter>> {
        let mut all: Vec<Vec<Filter>> = vec![Vec::new()];
        for choice in std::mem::take(&mut self.choices) {
            let joined = |chosen: &Vec<Filter>, more: &Filter| {
                chosen.iter().chain(std::iter::once(more)).cloned().collect::<Vec<_>>()
            };
            all = all
                .iter()
                .flat_map(|chosen| choice.iter().map(|more| joined(chosen, more)).collect::<Vec<_>>())
                .collect();
            all.truncate(MAX_READINGS);
        }
        all
    }

    fn plans(&mut self, alternatives: Vec<Vec<Filter>>) -> Vec<Plan> {
        let mut plans = Vec::new();
        for filters in alternatives {
            let mut plan = self.plan.clone();
            for it in filters {
                if self.share {
                    plan.part.push(it);
                } else if let Some(earlier) =
                    plan.filters.iter_mut().find(|other| other.dimension == it.dimension && other.op == it.op)
                {
                    earlier.values.extend(
                        it.values
                            .into_iter()
                            .filter(|value| !earlier.values.contains(value))
                            .collect::<Vec<_>>(),
                    );
                } else {
                    plan.filters.push(it);
                }
            }
            if self.figures.is_empty() {
                plans.push(plan);
            } else {
                for measure in &self.figures {
                    let mut plan =
                        Plan { measures: vec![measure.clone()], columns: Vec::new(), ..plan.clone() };
                    if let Some(ranking) =
                        self.ranking.as_ref().filter(|it| !plan.group_by.is_empty() && !it.dated)
                    {
                        plan.order = Some(Order { by: measure.key(), descending: ranking.descending });
                        plan.limit = ranking.limit;
                    }
                    plans.push(plan);
                }
            }
        }
        if let (Some(ranking), [plan]) = (&self.ranking, plans.as_slice())
            && ranking.size
            && plan.measures.is_empty()
            && plan.order.is_none()
        {
            // "the biggest desktops": by which of their sizes?
            let sizes =
                self.entity.dimensions.iter().filter(|it| it.unit == Some("GiB") || it.unit == Some("B"));
            let orders = sizes.map(|it| Plan {
                order: Some(Order { by: it.name.to_owned(), descending: ranking.descending }),
                limit: ranking.limit,
                ..plan.clone()
            });
            let orders: Vec<_> = orders.collect();
            if !orders.is_empty() {
                self.doubts.retain(|it| !matches!(it, Doubt::HighestOfWhat | Doubt::NothingEdited));
                plans = orders;
            }
        }
        plans.truncate(MAX_READINGS);
        plans
    }
}

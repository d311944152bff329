//! What is asked for: a number, a list, a figure of something.

use contract::{
    catalog::Kind,
    query::{Aggregate, Measure},
};

use super::{Doubt, Reader};
use crate::questions::{
    conditions,
    link::{Keyword, Meaning},
};

/// How the question begins, in the sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::questions::rules) enum Head {
    None,
    HowMany(usize),
    HowMuch(usize),
    List(usize),
    Which(usize),
    Who(usize),
    Any(usize),
}

impl Reader<'_> {
    pub(super) fn find_head(&mut self) {
        for n in self.live() {
            let head = match self.keyword(n) {
                Some(Keyword::HowMany) => Head::HowMany(n),
                Some(Keyword::HowMuch) => Head::HowMuch(n),
                // "how many of each"
                Some(Keyword::Separately) if self.text(n).starts_with("how ") => {
                    self.head = Head::HowMany(n);
                    continue;
                }
                Some(Keyword::List) => Head::List(n),
                Some(Keyword::Which) => Head::Which(n),
                Some(Keyword::Who) => Head::Who(n),
                Some(Keyword::Any) => Head::Any(n),
                _ => continue,
            };
            self.take(n);
            let weight = |it: Head| match it {
                Head::None => 0,
                Head::Any(_) => 1,
                Head::List(_) => 2,
                Head::Which(_) | Head::Who(_) => 3,
                Head::HowMany(_) | Head::HowMuch(_) => 4,
            };
            // "show me how many", "which desktops are there": the more telling one.
            if weight(head) > weight(self.head) {
                self.head = head;
            }
        }
        // "list the charges of Emil Walsh": each of them.
        if let Head::List(head) = self.head {
            let listed = self.next(head).is_some_and(|it| matches!(self.text(it), "charges" | "bills"));
            self.rows |= listed && self.text(head).starts_with("list");
        }
        for n in self.live() {
            if *self.meaning(n) == Meaning::Entity {
                let text = self.text(n).to_owned();
                if self
                    .entity
                    .words
                    .rows
                    .iter()
                    .any(|it| crate::questions::words::stem(it) == crate::questions::words::stem(&text))
                {
                    self.rows = true;
                }
            }
        }
    }

    /// The mark that the head asks for: "how many [stopped] DESKTOPS".
    pub(super) fn target(&self, head: usize) -> Option<usize> {
        let mut at = head;
        loop {
            at = self.next(at)?;
            match self.meaning(at) {
                // "vdi users", "desktop cost": what is named first only says which.
                Meaning::Entity
                    if !super::ranks::is_plural(self.text(at))
                        && self.next(at) == Some(at + 1)
                        && matches!(self.meaning(at + 1), Meaning::Field(_) | Meaning::Figure(_)) => {}
                Meaning::Entity | Meaning::Figure(_) | Meaning::Field(_) => return Some(at),
                Meaning::Value(_)
                | Meaning::Condition { .. }
                | Meaning::Idle(..)
                | Meaning::TimeOf(_)
                | Meaning::Number(..)
                | Meaning::Keyword(
                    Keyword::Distinct
                    | Keyword::Not
                    | Keyword::Or
                    | Keyword::And
                    | Keyword::Any
                    | Keyword::Most
                    | Keyword::Top
                    | Keyword::Fewest,
                ) => {}
                _ => return None,
            }
        }
    }

    pub(super) fn find_figures(&mut self) {
        self.count_what();
        self.named_functions();
        let counts = |it: usize| self.keyword(it) == Some(Keyword::Distinct) && self.text(it).contains(' ');
        let repeated = matches!(self.head, Head::HowMany(_)) || (0..self.len()).any(counts);
        for n in self.live() {
            let Meaning::Figure(figure) = self.meaning(n) else { continue };
            let figure = *figure;
            self.take(n);
            // "lines of the bill over 500 dollars" are listed.
            if self.rows
                && self.entity.words.sliced
                && figure.usual
                && self.plan.group_by.is_empty()
                && !repeated
                && !matches!(self.head, Head::HowMuch(_))
            {
                continue;
            }
            if figure.function == Aggregate::Count && (repeated || !self.plan.measures.is_empty()) {
                continue;
            }
            // "how many users did we pay desktops for": they are counted, not what was paid.
            let counted = |it: &Measure| it.function == Aggregate::Distinct;
            if repeated && self.plan.measures.iter().any(counted) && !self.is_joined(n) {
                continue;
            }
            // "how many hours were the desktops in use": hours of them.
            let summed = self.plan.measures.iter().any(|it| it.function == Aggregate::Sum);
            if repeated && figure.function == Aggregate::Distinct && summed && !self.is_joined(n) {
                continue;
            }
            self.add_measure(Measure { function: figure.function, of: figure.of.map(str::to_owned) });
        }
        self.sum_what_is_counted();
        if self.share {
            let of = self
                .plan
                .measures
                .iter()
                .find_map(|it| it.of.clone().filter(|_| it.function == Aggregate::Sum));
            self.plan.measures = vec![Measure { function: Aggregate::Share, of }];
        }
    }

    /// "rows exported per requester": what each row has a number of. Accounts are asked how many desktops they have.
    fn sum_what_is_counted(&mut self) {
        let first = (0..self.len()).find(|n| !self.is_silent(*n)).filter(|n| !self.is_used(*n));
        let Some((n, field)) = first.and_then(|n| Some((n, self.field_at(n)?))) else { return };
        let counts = field.kind == Kind::Number && matches!(field.unit, None | Some("B"));
        let account = crate::catalog::is_desktop_dimension(self.entity.singular);
        if counts && !account && self.plan.measures.is_empty() && !self.plan.group_by.is_empty() {
            self.take(n);
            self.add_measure(Measure { function: Aggregate::Sum, of: Some(field.name) });
        }
    }

    /// "and cost"
    fn is_joined(&self, n: usize) -> bool {
        // "and number of desktops in use", "and for how many hours"
        let counts = |it: &usize| self.keyword(*it) == Some(Keyword::HowMany);
        let before = self.previous(n).and_then(|it| if counts(&it) { self.previous(it) } else { Some(it) });
        before.is_some_and(|it| matches!(self.keyword(it), Some(Keyword::And)))
    }

    fn push_measure(&mut self, measure: Measure) {
        if !self.plan.measures.contains(&measure) {
            self.plan.measures.push(measure);
        }
    }

    pub(super) fn add_measure(&mut self, measure: Measure) {
        let same = |it: &Measure| {
            it.of == measure.of
                && measure.of.is_some()
                && (it.function == measure.function || measure.function == Aggregate::Sum)
        };
        if !self.plan.measures.iter().any(|it| *it == measure || same(it)) {
            self.plan.measures.push(measure);
        }
    }

    /// "how many desktops", "how many different users", "how many hours".
    fn count_what(&mut self) {
        let distinct = self.find(|it| it == Keyword::Distinct);
        let head = match (self.head, distinct) {
            (_, Some(n)) => n,
            (Head::HowMany(n), None) => n,
            _ => return,
        };
        // "directories with at least 10 different users": they are counted where that is told of them.
        let told = distinct.and_then(|n| self.next(n)).filter(|it| self.is_used(*it));
        let told = told.and_then(|it| self.field_at(it)).is_some_and(|field| {
            let of =
                |it: &Measure| it.function == Aggregate::Distinct && it.of.as_deref() == Some(&field.name);
            self.plan.measures.iter().any(of)
        });
        if let Some(n) = distinct.filter(|_| told) {
            return self.take(n);
        }
        // "number of desktops and number of different people"
        if let (Head::HowMany(how_many), Some(n)) = (self.head, distinct)
            && how_many < n
            && let Some(rows) = self.target(how_many).filter(|it| *it < n && !self.is_used(*it))
            && *self.meaning(rows) == Meaning::Entity
        {
            self.take(rows);
            self.add_measure(Measure::count());
        }
        if let Some(n) = distinct {
            self.take(n);
            if self.entity.of_house && crate::catalog::is_desktop_dimension(self.entity.singular) {
                self.doubt(Doubt::NeverTwice);
            }
        }
        // "number and savings of recommendations"
        let and = self.next(head).filter(|it| self.text(*it) == "and" && distinct.is_none());
        let rows =
            !self.entity.words.sliced && (0..self.len()).any(|it| *self.meaning(it) == Meaning::Entity);
        if rows && and.and_then(|it| self.next(it)).is_some_and(|it| self.meaning(it).is_figure()) {
            return self.add_measure(Measure::count());
        }
        // "number of rebuilds of PCoIP desktops": deeds are counted.
        let deed = self.next(head).filter(|it| {
            let dimensions = self.meaning(*it).dimensions();
            let named = dimensions.iter().any(|it| matches!(*it, "name" | "kind" | "action" | "field"));
            named && self.text(*it).ends_with('s') && distinct.is_none()
        });
        if deed.is_some_and(|it| self.text(it + 1) == "of") && self.entity.words.deeds {
            return self.add_measure(Measure::count());
        }
        // "desktop count", "desktops, how many": before it where nothing follows.
        let before = || {
            self.previous(head).filter(|it| {
                matches!(self.meaning(*it), Meaning::Entity | Meaning::Field(_)) && !self.is_used(*it)
            })
        };
        // "reboot count on desktops of …": what is counted stands before.
        let counted_before = matches!(self.text(head), "count" | "counts" | "tally" | "number")
            && matches!(self.text(head + 1), "on" | "in" | "for" | "from" | "at")
            && self
                .previous(head)
                .is_some_and(|it| matches!(self.meaning(it), Meaning::Value(_) | Meaning::Entity));
        let after = self.target(head).filter(|it| !self.is_used(*it) && !counted_before);
        let target = after.or_else(before);
        let counted = target.and_then(|n| match self.meaning(n) {
            Meaning::Figure(_) => None,
            Meaning::Entity => Some(Measure::count()),
            Meaning::Field(name)
                if self.entity.words.stands_for == Some(name.as_str()) && distinct.is_none() =>
            {
                // One desktop changes often; it appears and goes once.
                let changed =
                    |it: &contract::query::Filter| matches!(it.dimension.as_str(), "field" | "old" | "new");
                Some(match self.plan.filters.iter().any(changed) {
                    true => Measure { function: Aggregate::Distinct, of: Some(name.clone()) },
                    false => Measure::count(),
                })
            }
            // "how many people changed something"
            Meaning::Field(name)
                if name == "user_name"
                    && self.entity.tells_changes()
                    && (n..self.len()).any(|it| matches!(self.text(it), "something" | "anything"))
                    && self.next(n).is_some_and(|it| self.text(it) == "changed") =>
            {
                let who = self.entity.words.who.map(str::to_owned);
                Some(Measure { function: Aggregate::Distinct, of: who })
            }
            Meaning::Field(_) => self.field_at(n).and_then(|it| match it.kind {
                Kind::Number if distinct.is_none() => {
                    Some(Measure { function: Aggregate::Sum, of: Some(it.name) })
                }
                Kind::Number | Kind::Text | Kind::Choice => {
                    Some(Measure { function: Aggregate::Distinct, of: Some(it.name) })
                }
                // "how many days": the rows are days.
                Kind::Time if it.name == self.entity.time && it.finest == contract::query::Grain::Day => {
                    Some(Measure::count())
                }
                _ => None,
            }),
            _ => None,
        });
        let figure_named = target.is_some_and(|n| matches!(self.meaning(n), Meaning::Figure(_)));
        if let (Some(n), Some(measure)) = (target, counted) {
            let desktops = measure.of.as_deref() == Some("workspace_id");
            let name = measure.of.clone();
            self.take(n);
            if desktops && self.entity.words.desktops.is_some() {
                self.desktops_service();
            }
            let grouped =
                name.as_ref().is_some_and(|it| self.plan.group_by.iter().any(|group| group.dimension == *it));
            if grouped {
                self.add_measure(Measure::count());
            } else {
                self.add_measure(measure);
            }
        } else if !figure_named {
            let other = (0..self.len())
                .any(|n| matches!(self.meaning(n), Meaning::Figure(it) if it.of.is_some() || it.function == Aggregate::Sum) && !self.is_used(n));
            if !other {
                self.add_measure(Measure::count());
            }
        }
    }

    /// "average root volume", "total hours", "highest cost".
    fn named_functions(&mut self) {
        let mut shared: Option<(usize, String)> = None;
        for n in self.live() {
            let Some(Keyword::Figure(function)) = self.keyword(n) else { continue };
            self.take(n);
            let is_figure = |reader: &Self, it: usize| match reader.meaning(it) {
                Meaning::Figure(figure) => figure.of.is_some() && figure.function == Aggregate::Sum,
                Meaning::Field(name) => reader.field(name).is_some_and(|it| it.kind == Kind::Number),
                _ => false,
            };
            let after = (n + 1..self.len()).find(|it| !self.is_used(*it) && is_figure(self, *it));
            let found = after.or_else(|| (0..n).rev().find(|it| !self.is_used(*it) && is_figure(self, *it)));
            let of = found.and_then(|it| match self.meaning(it) {
                Meaning::Figure(figure) => figure.of.map(str::to_owned),
                Meaning::Field(name) => Some(name.clone()),
                _ => None,
            });
            // "min and max cost": what is joined is of the same.
            let of_before = shared.as_ref().filter(|(at, _)| {
                (at + 1..n).all(|it| {
                    self.is_silent(it) || matches!(self.keyword(it), Some(Keyword::And | Keyword::Figure(_)))
                })
            });
            match (of, found) {
                (Some(of), Some(it)) => {
                    self.take(it);
                    let plain = Measure { function: Aggregate::Sum, of: Some(of.clone()) };
                    self.plan.measures.retain(|it| *it != plain || function == Aggregate::Sum);
                    shared = Some((n, of.clone()));
                    self.push_measure(Measure { function, of: Some(of) });
                }
                _ if of_before.is_some() => {
                    let of = of_before.map(|(_, of)| of.clone());
                    self.push_measure(Measure { function, of });
                }
                _ if function == Aggregate::Sum => {
                    let counted = self.next(n).filter(|it| !self.is_used(*it) && self.names_rows(*it));
                    if counted.is_some() && !self.entity.words.sliced && self.plan.measures.is_empty() {
                        self.add_measure(Measure::count());
                    }
                }
                // The usual figure, where it is not named: "what does a desktop cost on average".
                _ => match self.entity.words.measures.iter().find(|it| it.usual) {
                    Some(usual) => self.add_measure(Measure { function, of: usual.of.map(str::to_owned) }),
                    None => self.doubt(Doubt::FigureOfNothing),
                },
            }
        }
    }

    /// Of rows that are not all about desktops, those that are.
    pub(super) fn desktops_service(&mut self) {
        if let Some(it) = conditions::of_desktops(self.entity)
            && !self.plan.filters.iter().any(|other| other.dimension == it.dimension)
        {
            self.plan.filters.push(it);
        }
    }
}

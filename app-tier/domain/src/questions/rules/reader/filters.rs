//! Conditions: values, their negation, what is empty and what is not, texts, and activity.

use contract::query::{Filter, Op, Value};

use super::{Doubt, Head, Reader, whole};
use crate::{
    catalog::DESKTOP_PREFIX,
    questions::{
        conditions,
        link::{Keyword, Meaning, Unit},
    },
};

impl Reader<'_> {
    pub(super) fn find_conditions(&mut self) {
        self.find_known_text();
        self.find_flips();
        for n in self.live() {
            if self.is_used(n) {
                continue;
            }
            match self.meaning(n).clone() {
                Meaning::Value(candidates) => {
                    self.take(n);
                    if self.is_verb(n) {
                        continue;
                    }
                    self.value(n, candidates);
                }
                Meaning::Condition { filters, either } => {
                    self.take(n);
                    self.condition(n, filters, either);
                }
                Meaning::Happened(dimension, stretch) => {
                    self.take(n);
                    let negated = self.negation(n).is_some();
                    let counted = matches!(self.head, Head::HowMany(_)) && !self.entity.of_house;
                    if stretch.rolling.is_none() && (counted || stretch.before.is_some()) {
                        self.doubt(Doubt::LastConnection);
                    } else if stretch.rolling.is_none() {
                        self.doubt(Doubt::Likely);
                    }
                    if negated {
                        match &stretch.since {
                            Some(since) => self.file(n, Filter::new(dimension, Op::Before, since.clone())),
                            None => self.doubt(Doubt::NotBefore),
                        }
                        continue;
                    }
                    for it in conditions::of_stretch(&dimension, &stretch) {
                        self.file(n, it);
                    }
                }
                Meaning::Idle(dimension, value) => {
                    self.take(n);
                    if self.text(n).starts_with("zombie") {
                        self.desktops_service();
                    }
                    self.idle(n, dimension, value);
                }
                Meaning::Never(dimension) => {
                    self.take(n);
                    self.file(n, conditions::empty(dimension));
                }
                Meaning::Quoted(text) => {
                    self.take(n);
                    self.contains(n, text);
                }
                _ => {}
            }
        }
        self.find_contained();
        self.find_emptiness();
    }

    /// "running" before a mode, an operating system, a bundle.
    fn is_verb(&self, n: usize) -> bool {
        let desktops = self.entity.has_desktops().then(|| self.catalog.desktops()).flatten();
        // "when was it connected the last time": the field says it.
        if let Some(activity) = &self.entity.activity
            && (0..self.len())
                .any(|it| matches!(self.meaning(it), Meaning::Field(name) if name == activity.dimension))
            && activity.happened.contains(&self.text(n))
        {
            return true;
        }
        let verbs = [Some(self.entity), desktops].into_iter().flatten().flat_map(|it| it.words.verbs);
        let of =
            |name: &str, dimensions: &[&str]| dimensions.contains(&name.trim_start_matches(DESKTOP_PREFIX));
        let follows = |dimensions: &[&str]| {
            let next = self.next(n);
            let next = if next.is_some_and(|it| matches!(self.keyword(it), Some(Keyword::Compare(_)))) {
                next.and_then(|it| self.next(it))
            } else {
                next
            };
            next.is_some_and(|it| match self.meaning(it) {
                Meaning::Value(them) => them.iter().any(|(name, _)| of(name, dimensions)),
                Meaning::Condition { filters, .. } => filters.iter().any(|it| of(&it.dimension, dimensions)),
                _ => false,
            })
        };
        // "running AlwaysOn desktops" are running.
        let leads = self.previous(n).is_none_or(|it| {
            matches!(self.keyword(it), Some(Keyword::Which | Keyword::List | Keyword::HowMany | Keyword::Any))
        });
        let named = self.next(n).and_then(|it| self.next(it)).is_some_and(|it| self.names_rows(it));
        !(leads && named)
            && verbs.into_iter().any(|(word, dimensions)| *word == self.text(n) && follows(dimensions))
    }

    /// Into the part of a share where the mark stands there, else into the conditions.
    pub(super) fn file(&mut self, n: usize, filter: Filter) {
        let into = match (self.part_from, self.part_until) {
            (Some(from), _) if n >= from => &mut self.plan.part,
            (_, Some(until)) if n < until => &mut self.plan.part,
            _ => &mut self.plan.filters,
        };
        conditions::join(into, filter);
    }

    /// The negation that a mark stands under, taken: "not in", "except the A and B ones", "A left out".
    pub(super) fn negation(&mut self, n: usize) -> Option<Keyword> {
        let mut at = n;
        let mut spoken = false;
        for _ in 0..6 {
            let Some(before) = self.previous(at) else { break };
            match self.keyword(before) {
                Some(it @ (Keyword::Not | Keyword::Without)) => {
                    self.take(before);
                    return Some(it);
                }
                // "drop tax"
                Some(it @ (Keyword::Drop | Keyword::Moved(false)))
                    if self.edits && (it == Keyword::Drop || self.text(before) == "drop") =>
                {
                    self.take(before);
                    return Some(it);
                }
                Some(Keyword::And | Keyword::Or) => spoken = self.text(before) != ",",
                Some(Keyword::Versus) if self.text(before) == "than" => {}
                _ if matches!(self.meaning(before), Meaning::Field(_)) && before + 3 > n => {}
                // "except A and B": what is joined stands under the same; after a comma, if it is of the same.
                _ if matches!(self.meaning(before), Meaning::Value(_))
                    && (spoken || self.meaning(before).is_of_the_same(self.meaning(n)))
                    && self.joined(before, at) =>
                {
                    spoken = false;
                }
                _ => break,
            }
            at = before;
        }
        // "A and B left out": what is joined stands under the same.
        let mut after = self.next(n)?;
        for _ in 0..6 {
            match self.keyword(after) {
                Some(Keyword::LeftOut) => {
                    self.take(after);
                    return Some(Keyword::LeftOut);
                }
                // "in Ireland, Frankfurt left out"
                Some(Keyword::And | Keyword::Or) if self.text(after) != "," => {}
                _ if self.meaning(after).is_of_the_same(self.meaning(n)) => {}
                _ => break,
            }
            after = self.next(after)?;
        }
        None
    }

    /// Only "and", "or" and commas lie between.
    fn joined(&self, from: usize, to: usize) -> bool {
        to == from + 1
            || (from + 1..to)
                .all(|it| self.is_silent(it) || matches!(self.keyword(it), Some(Keyword::And | Keyword::Or)))
                && (from + 1..to).any(|it| matches!(self.keyword(it), Some(Keyword::And | Keyword::Or)))
            || matches!(self.keyword(to), Some(Keyword::And | Keyword::Or))
    }

    fn value(&mut self, n: usize, candidates: Vec<(String, Value)>) {
        // "with the KMSKey.Disabled error": the word for what is named.
        let of_error = |it: &Meaning| match it {
            Meaning::Value(them) => them.iter().any(|(name, _)| name.ends_with("error_code")),
            Meaning::Condition { filters, .. } => {
                filters.iter().any(|it| it.dimension.ends_with("error_code"))
            }
            _ => false,
        };
        if matches!(self.text(n), "error" | "errors")
            && [self.previous(n), self.next(n)].into_iter().flatten().any(|it| of_error(self.meaning(it)))
        {
            return;
        }
        // Of a change, "the dev-na directory" is where the desktop is, not what changed.
        let of_place = |it: usize| match (self.meaning(it), candidates.as_slice()) {
            (Meaning::Value(them), [(field, Value::Text(name))]) if field == "field" => them
                .iter()
                .any(|(dimension, _)| dimension.strip_prefix(DESKTOP_PREFIX).unwrap_or(dimension) == name),
            _ => false,
        };
        if self.previous(n).is_some_and(of_place) {
            return;
        }
        let mut fitting = candidates;
        for at in [self.previous(n), self.next(n)].into_iter().flatten() {
            if let Meaning::Field(name) = self.meaning(at).clone()
                && let Some(named) = self.same_field(&name, &fitting)
            {
                fitting.retain(|(it, _)| *it == named);
                if !self.is_used(at) {
                    self.take(at);
                }
                self.plan.columns.retain(|it| *it != name);
                break;
            }
        }
        // "last 5 operations" are operations, although a department may be called so.
        let text = self.text(n).to_owned();
        let elsewhere = self.catalog.entities().iter().any(|it| it.plural == text || it.singular == text);
        let beside = |it: Option<usize>| {
            it.is_some_and(|it| matches!(self.meaning(it), Meaning::Entity | Meaning::Field(_)))
        };
        if elsewhere && !beside(self.next(n)) && !beside(self.previous(n)) {
            self.doubt(Doubt::OthersName);
        }
        self.prefer(n, &mut fitting);
        self.owner(n, &mut fitting);
        // Who approved is not who proposed.
        let rejected = self.who_rejected();
        if let Some(doer) = self.doer().filter(|_| rejected.is_none_or(|it| it == n)) {
            for (it, _) in &mut fitting {
                if self.entity.words.who == Some(it.as_str())
                    || self.entity.words.doers.iter().any(|(_, doer)| doer == it)
                {
                    *it = doer.to_owned();
                }
            }
            fitting.dedup();
        }
        let negation = self.negation(n);
        // "not finished yet" waits or runs: what died has finished, too.
        let verb = matches!(self.text(n), "finished" | "completed" | "complete" | "ended");
        if negation.is_some() && verb && self.is_done(n) && self.entity.dimension("finished_at").is_some() {
            return self.file(n, conditions::empty("finished_at"));
        }
        let op = if negation.is_some() { Op::IsNot } else { Op::Is };
        match fitting.as_slice() {
            [] => {}
            [(dimension, value)] => {
                // "Linux, Ubuntu and Rocky": of the kind that was named, these.
                if op == Op::Is && self.broad.take_if(|it| it == dimension).is_some() {
                    let values = std::slice::from_ref(value);
                    let narrowed =
                        |it: &Filter| it.dimension == *dimension && is_broad(it) && covers(it, values);
                    self.plan.filters.retain(|it| !narrowed(it));
                    self.plan.part.retain(|it| !narrowed(it));
                    let beside = |it: &Filter| it.dimension == *dimension && it.op == Op::Contains;
                    if self.plan.filters.iter().chain(&self.plan.part).any(beside) {
                        // "graphics and performance": no condition says a kind or something else.
                        self.doubt(Doubt::TwoKinds);
                    }
                }
                self.file(n, Filter::new(dimension.clone(), op, value.clone()));
            }
            several => {
                let same_dimension =
                    several.iter().all(|(it, _)| several.first().is_some_and(|(first, _)| first == it));
                if same_dimension {
                    for (dimension, value) in several {
                        self.file(n, Filter::new(dimension.clone(), op, value.clone()));
                    }
                    self.doubt(Doubt::Likely);
                } else {
                    let choice = several.iter().map(|(it, value)| Filter::new(it.clone(), op, value.clone()));
                    self.choices.push(choice.collect());
                }
            }
        }
    }

    /// The dimension of a value that a field next to it names. Tags that differ by case are one to people.
    fn same_field(&self, name: &str, values: &[(String, Value)]) -> Option<String> {
        let lower = name.to_lowercase();
        let exact = values.iter().find(|(it, _)| it == name);
        exact.or_else(|| values.iter().find(|(it, _)| it.to_lowercase() == lower)).map(|(it, _)| it.clone())
    }

    /// Of several dimensions the one that other words make likely.
    pub(super) fn prefer(&self, n: usize, fitting: &mut Vec<(String, Value)>) {
        if fitting.len() < 2 {
            return;
        }
        // "for each other, the one that is asked about already": two values joined are of one dimension.
        for at in [self.previous(n), self.next(n)].into_iter().flatten() {
            let beside = match self.keyword(at) {
                Some(Keyword::And | Keyword::Or) if at < n => self.previous(at),
                Some(Keyword::And | Keyword::Or) => self.next(at),
                _ => None,
            };
            if let Some(Meaning::Value(them)) = beside.map(|it| self.meaning(it).clone()) {
                let common: Vec<_> = fitting
                    .iter()
                    .filter(|(it, _)| them.iter().any(|(other, _)| other == it))
                    .cloned()
                    .collect();
                if !common.is_empty() {
                    *fitting = common;
                }
            }
        }
        // The row's own goes before its desktop's when the value is the same.
        let own: Vec<String> = fitting
            .iter()
            .filter(|(it, _)| !it.starts_with(DESKTOP_PREFIX))
            .map(|(it, _)| it.clone())
            .collect();
        fitting.retain(|(it, _)| {
            it.strip_prefix(DESKTOP_PREFIX).is_none_or(|rest| !own.iter().any(|own| own == rest))
        });
        // "Production" is written as the account is, not as the tag "production".
        let raw = self.mark(n).map(|it| it.raw.clone()).unwrap_or_default();
        if raw.chars().any(char::is_uppercase) {
            let exact: Vec<_> =
                fitting.iter().filter(|(_, value)| *value == Value::text(raw.clone())).cloned().collect();
            if !exact.is_empty() {
                *fitting = exact;
            }
        }
        // A desktop's tag "Name" repeats the computer's name.
        if fitting.iter().any(|(it, _)| it.ends_with("computer_name")) {
            fitting.retain(|(it, _)| !it.ends_with("tags.Name"));
        }
        if fitting.iter().any(|(it, _)| it == "actor" || it == "user_name")
            && fitting.iter().any(|(it, _)| it == "source_identity")
        {
            fitting.retain(|(it, _)| it != "source_identity");
        }
    }

    fn condition(&mut self, n: usize, filters: Vec<Filter>, either: bool) {
        let negated = self.negation(n).is_some();
        let filters = self.of_volume(filters);
        let turned: Option<Vec<Filter>> =
            filters.into_iter().map(|it| if negated { conditions::turn(it) } else { Some(it) }).collect();
        let Some(filters) = turned else { return self.doubt(Doubt::NotOfCondition) };
        // The value or field that "both" and "all" speak of may follow.
        match filters.as_slice() {
            several if either && several.len() > 1 => {
                self.choices.push(several.to_vec());
            }
            _ => {
                for it in filters {
                    // "g4dn graphics": what is said of the kind before says more.
                    let narrower = |other: &Filter| {
                        other.dimension == it.dimension && other.op == Op::Is && covers(&it, &other.values)
                    };
                    if is_broad(&it) && self.plan.filters.iter().chain(&self.plan.part).any(narrower) {
                        continue;
                    }
                    // "PowerPro and GeneralPurpose"
                    let beside = |other: &Filter| other.dimension == it.dimension && other.op == Op::Is;
                    if it.op == Op::Contains && self.plan.filters.iter().chain(&self.plan.part).any(beside) {
                        self.doubt(Doubt::TwoKinds);
                    }
                    if is_broad(&it) {
                        self.broad = Some(it.dimension.clone());
                    }
                    self.file(n, it);
                }
            }
        }
    }

    /// "encrypted on the system drive", "has the user disk encrypted": of that volume, not of both.
    fn of_volume(&mut self, mut filters: Vec<Filter>) -> Vec<Filter> {
        let volume = |it: usize| {
            let name = self.field_at(it).filter(|_| !self.is_used(it))?.name;
            let (of, name) =
                name.strip_prefix(DESKTOP_PREFIX).map_or(("", name.as_str()), |it| (DESKTOP_PREFIX, it));
            let it = name.strip_suffix("_volume_gib")?;
            Some(format!("{of}{it}_encrypted"))
        };
        let both = |it: &&mut Filter| {
            it.dimension.strip_prefix(DESKTOP_PREFIX).unwrap_or(&it.dimension) == "encrypted"
        };
        let Some(both) = filters.iter_mut().find(both) else { return filters };
        let mut named = (0..self.len()).filter_map(|it| Some((it, volume(it)?)));
        let (Some((at, dimension)), None) = (named.next(), named.next()) else { return filters };
        // "How much user volume is unencrypted", "root volume over 100 GB and encrypted": of what is measured.
        let measured =
            |it: &usize| matches!(self.keyword(*it), Some(Keyword::Figure(_) | Keyword::Compare(_)));
        if !matches!(self.head, Head::HowMuch(_)) && !self.live().iter().any(measured) {
            both.dimension = dimension;
            self.take(at);
        }
        filters
    }

    fn idle(&mut self, n: usize, dimension: String, value: Value) {
        // "unused the longest" is an order, not a condition.
        let bare = self.text(n).split(' ').count() <= 2;
        if self.ranking.as_ref().is_some_and(|it| bare && it.dated && !it.descending) {
            if let Some(ranking) = &mut self.ranking {
                ranking.by = Some(dimension);
            }
            return;
        }
        let days = self.live().into_iter().find_map(|it| match self.meaning(it) {
            Meaning::Number(number, Some(Unit::Days)) => whole(*number).map(|days| (it, days)),
            _ => None,
        });
        let value = match days {
            Some((at, days_ago)) => {
                self.take(at);
                if let Some(sign) =
                    self.previous(at).filter(|it| matches!(self.keyword(*it), Some(Keyword::Compare(_))))
                {
                    self.take(sign);
                }
                Value::Ago { days_ago }
            }
            None => value,
        };
        let op = if self.negation(n).is_some() { Op::Since } else { Op::Before };
        self.file(n, Filter::new(dimension, op, value));
    }
}

/// A word for several values of a dimension: "Linux", "graphics".
fn is_broad(filter: &Filter) -> bool {
    filter.op == Op::Contains || filter.op == Op::Is && filter.values.len() > 1
}

/// Each of these values is one that a broad condition lets through.
fn covers(broad: &Filter, values: &[Value]) -> bool {
    let within = |it: &Value| match (broad.op, it) {
        (Op::Contains, Value::Text(text)) => {
            broad.values.iter().any(|it| matches!(it, Value::Text(part) if text.contains(part.as_str())))
        }
        _ => broad.values.contains(it),
    };
    values.iter().all(within)
}

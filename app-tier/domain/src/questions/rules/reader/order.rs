//! What an answer is ordered by, once it is known what is in it.

use contract::{
    catalog::Kind,
    query::{Aggregate, Filter, Measure, Order},
};

use super::{Doubt, Head, Reader};
use crate::questions::link::{Keyword, Meaning};

impl Reader<'_> {
    pub(super) fn close_ranking(&mut self) {
        let Some(ranking) = self.ranking.clone() else { return };
        if !self.figures.is_empty() && !ranking.dated && ranking.by.is_none() {
            // Each of the readings is ordered by its own figure.
            return;
        }
        let by = match (&ranking.by, self.plan.measures.first()) {
            (Some(name), None) => Some(name.clone()),
            (Some(name), Some(_)) if self.plan.group_by.iter().any(|it| it.dimension == *name) => {
                Some(name.clone())
            }
            (Some(name), Some(_)) => {
                let of = self.plan.measures.iter().find(|it| it.of.as_ref() == Some(name));
                let found = of.map(Measure::key);
                if found.is_none() {
                    self.doubt(Doubt::OrderedByUnmeasured);
                }
                found
            }
            (None, Some(measure)) if !self.plan.group_by.is_empty() => {
                let time = self
                    .plan
                    .group_by
                    .iter()
                    .find(|it| it.grain.is_some() && ranking.dated)
                    .map(|it| it.dimension.clone());
                Some(time.unwrap_or_else(|| match ranking.moved {
                    true if self.in_percent => measure.key_growth(),
                    true => measure.key_change(),
                    false => measure.key(),
                }))
            }
            // "top 10 recommendations by expected saving", "top 5 expected savings" are rows, in the order of that.
            (None, Some(measure))
                if !ranking.dated && self.rows_listed()
                    || measure.function == Aggregate::Sum
                        && ranking.limit.is_some_and(|it| it > 1)
                        && !matches!(self.head, Head::HowMuch(_)) =>
            {
                let of = measure.of.clone();
                self.plan.measures.clear();
                of
            }
            (None, Some(measure))
                if measure.function == Aggregate::Sum
                    && matches!(self.head, Head::None | Head::Which(_) | Head::List(_)) =>
            {
                // "the highest cost": of a row.
                let function = if ranking.descending { Aggregate::Maximum } else { Aggregate::Minimum };
                let of = measure.of.clone();
                self.plan.measures = vec![Measure { function, of }];
                self.doubt(Doubt::Likely);
                return;
            }
            (None, Some(_)) => None,
            (None, None) => self.order_of_rows(ranking.dated, ranking.size),
        };
        match by {
            Some(by) => {
                self.plan.order = Some(Order { by, descending: ranking.descending });
                self.plan.limit = ranking.limit.or(self.plan.limit);
                if self.plan.limit.is_none() || self.plan.order.is_none() {
                    self.plan.limit_per = None;
                }
            }
            None if self.choices.is_empty() => self.doubt(Doubt::HighestOfWhat),
            None => {
                self.plan.limit = ranking.limit;
            }
        }
    }

    fn rows_listed(&self) -> bool {
        !self.entity.words.sliced
            && (0..self.len()).any(|n| self.names_rows(n))
            && !matches!(self.head, Head::HowMany(_) | Head::HowMuch(_))
            && self.plan.group_by.is_empty()
    }

    /// What a list without figures is ordered by.
    fn order_of_rows(&mut self, dated: bool, size: bool) -> Option<String> {
        if dated {
            let named = self.plan.filters.iter().find_map(|it| {
                self.field(&it.dimension)
                    .filter(|it| it.kind == Kind::Time && !it.of_desktop)
                    .map(|it| it.name)
            });
            let born = self
                .entity
                .words
                .times
                .iter()
                .find(|_| self.entity.activity.is_some())
                .map(|(name, _)| (*name).to_owned());
            let spoken = (0..self.len()).find_map(|n| match self.meaning(n) {
                Meaning::TimeOf(name) => Some((n, name.clone())),
                _ => None,
            });
            let spoken = spoken.map(|(n, name)| {
                // "by first seen"
                if self.previous(n).is_some_and(|it| self.keyword(it) == Some(Keyword::By)) {
                    self.take(n);
                }
                name
            });
            let asked = (0..self.len()).find_map(|n| {
                self.field_at(n).filter(|it| it.kind == Kind::Time && !it.of_desktop).map(|it| it.name)
            });
            return spoken.or(named).or(asked).or(born).or_else(|| Some(self.entity.time.to_owned()));
        }
        let number =
            |it: &Filter| self.field(&it.dimension).filter(|it| it.kind == Kind::Number).map(|it| it.name);
        if let Some(name) = self.plan.filters.iter().find_map(number) {
            return Some(name);
        }
        let column =
            self.plan.columns.iter().find(|it| self.field(it).is_some_and(|it| it.kind == Kind::Number));
        if let Some(name) = column {
            return Some(name.clone());
        }
        if let Some(name) = self
            .live()
            .into_iter()
            .find_map(|n| self.field_at(n).filter(|it| it.kind == Kind::Number).map(|it| (n, it.name)))
        {
            self.take(name.0);
            return Some(name.1);
        }
        if let Some(of) = self.entity.words.measures.iter().find(|it| it.usual).and_then(|it| it.of) {
            let sorted = self.ranking.as_ref().is_some_and(|it| it.limit.is_none());
            self.doubt(if size || sorted { Doubt::Likely } else { Doubt::BestOfWhat });
            return Some(of.to_owned());
        }
        None
    }
}

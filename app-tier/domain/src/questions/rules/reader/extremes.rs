//! The ends of something as figures: "the smallest and the largest root volume", which are no ranking of rows.

use contract::{
    catalog::Kind,
    query::{Aggregate, Measure},
};

use super::{Head, Reader, ranks::is_plural};
use crate::questions::link::{Keyword, Meaning};

impl Reader<'_> {
    /// "the smallest and the largest root volume", "sum, mean and number of charges": several figures of one thing.
    pub(super) fn find_joined_functions(&mut self) {
        let function = |reader: &Self, n: usize| match reader.keyword(n)? {
            Keyword::Most => Some(Aggregate::Maximum),
            Keyword::Fewest => Some(Aggregate::Minimum),
            Keyword::Figure(it) => Some(it),
            Keyword::Compare(_) if reader.text(n).trim_start_matches("a ") == "maximum of" => {
                Some(Aggregate::Maximum)
            }
            Keyword::Compare(_) if reader.text(n).trim_start_matches("a ") == "minimum of" => {
                Some(Aggregate::Minimum)
            }
            Keyword::HowMany if ["number", "count"].contains(&reader.text(n).trim_end_matches(" of")) => {
                Some(Aggregate::Count)
            }
            _ => None,
        };
        let joins = |reader: &Self, n: usize| {
            reader.text(n) == ","
                || *reader.meaning(n) == Meaning::Break
                || reader.keyword(n) == Some(Keyword::And)
        };
        for n in self.live() {
            let mut said = Vec::new();
            let mut at = n;
            let mut joined = true;
            while let Some(it) = function(self, at).filter(|_| joined) {
                said.push(it);
                let rest = (at + 1..self.len()).take_while(|it| joins(self, *it) || self.is_silent(*it));
                let between: Vec<usize> = rest.collect();
                joined = between.iter().any(|it| joins(self, *it))
                    || between.is_empty()
                        && !matches!(self.keyword(at), Some(Keyword::Most | Keyword::Fewest))
                        && self.is_min_or_max(at + 1);
                at += 1 + between.len();
            }
            // "count and total" counts what follows.
            if said.len() < 2 || said.len() == 2 && said.contains(&Aggregate::Count) {
                continue;
            }
            let of = match self.meaning(at) {
                Meaning::Figure(it) => it.of.map(str::to_owned),
                _ => self.field_at(at).filter(|it| it.kind == Kind::Number).map(|it| it.name),
            };
            let Some(of) = of else { continue };
            for it in n..=at {
                self.take(it);
            }
            for function in said {
                let of = (function != Aggregate::Count).then(|| of.clone());
                self.plan.measures.push(Measure { function, of });
            }
            return;
        }
    }

    /// "min max and average size"
    fn is_min_or_max(&self, n: usize) -> bool {
        matches!(self.keyword(n), Some(Keyword::Figure(Aggregate::Minimum | Aggregate::Maximum)))
    }

    /// "what is the biggest root disk", "smallest root volume in the lab": a figure, where no rows are asked for.
    pub(super) fn is_extreme(&mut self, n: usize) -> bool {
        let asks = match self.head {
            Head::Which(head) => {
                matches!(self.text(head), "what" | "whats" | "what is") && self.next(head) == Some(n)
            }
            Head::None => {
                let row = |it: usize| self.names_rows(it) || self.groupable_at(it).is_some();
                let alone = |it: usize| !self.mark(it + 1).is_some_and(|_| row(it + 1));
                let one =
                    |it: usize| !is_plural(self.text(it)) && self.first_after(it).is_none() && alone(it);
                self.previous(n).is_none() && self.next(n).is_some_and(one)
            }
            _ => false,
        };
        // "highest expected saving per directory", of rows that each have one.
        let cut = |it: usize| self.next(it).is_some_and(|it| self.keyword(it) == Some(Keyword::By));
        let of_figure = |it: usize| match self.meaning(it) {
            Meaning::Figure(figure) if !self.entity.words.sliced && cut(it) => {
                figure.of.and_then(|it| self.field(it))
            }
            _ => None,
        };
        let named = |it: usize| self.field_at(it).or_else(|| of_figure(it));
        let field = self.next(n).and_then(|it| named(it).map(|field| (it, field)));
        let Some((at, field)) = field.filter(|(_, it)| asks && it.kind == Kind::Number) else { return false };
        let most = self.keyword(n) == Some(Keyword::Most);
        self.take(at);
        let function = if most { Aggregate::Maximum } else { Aggregate::Minimum };
        self.plan.measures.push(Measure { function, of: Some(field.name) });
        true
    }
}

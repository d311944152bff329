//! What is asked in a second breath: "and how many each", "and which kind", "separately". It cuts the answer to the first into
//! groups, and never narrows it.

use contract::query::GroupBy;

use super::{Head, Reader};
use crate::questions::link::{Keyword, Meaning};

impl Reader<'_> {
    /// "separately", "how many of each", "how much is final and how much estimated": one group for each of several values.
    pub(super) fn separate(&mut self) {
        // "what did we pay for each"
        let each = (0..self.len()).find(|n| {
            let of = self.next(*n).filter(|it| {
                matches!(
                    self.meaning(*it),
                    Meaning::Entity | Meaning::Field(_) | Meaning::Grain(..) | Meaning::Value(_)
                )
            });
            let each = self.keyword(*n) == Some(Keyword::Each)
                || self.keyword(*n) == Some(Keyword::By) && self.text(*n).ends_with("each");
            each && of.is_none()
        });
        let said = self.find(|it| it == Keyword::Separately).or(each);
        let heads = (0..self.len())
            .filter(|it| {
                matches!(self.keyword(*it), Some(Keyword::HowMany | Keyword::HowMuch))
                    || self.text(*it).starts_with("how much of")
            })
            .count();
        if let Some((n, name)) = self.asks_how_many_each() {
            self.take(n);
            return self.plan.group_by.push(GroupBy::values(name));
        }
        if said.is_none() && heads < 2 {
            return;
        }
        // "can you split it by department"
        let by = |n: usize| (n..self.len()).any(|it| self.keyword(it) == Some(Keyword::By));
        if let Some(n) =
            said.filter(|it| self.text(*it) == "split" && by(*it) && !self.plan.group_by.is_empty())
        {
            return self.take(n);
        }
        let several = |it: &&contract::query::Filter| it.op == contract::query::Op::Is && it.values.len() > 1;
        let filters = self.plan.filters.iter().chain(&self.plan.part);
        let Some(dimension) = filters.rev().find(several).map(|it| it.dimension.clone()) else { return };
        if let Some(n) = said {
            self.take(n);
        }
        if !self.plan.part.is_empty() {
            self.plan.filters.append(&mut self.plan.part);
            self.share = false;
            for it in &mut self.plan.measures {
                if it.function == contract::query::Aggregate::Share {
                    it.function = contract::query::Aggregate::Sum;
                }
            }
            self.plan.measures.retain(|it| it.of.is_some() || it.function != contract::query::Aggregate::Sum);
        }
        if !self.plan.group_by.iter().any(|it| it.dimension == dimension) {
            self.plan.group_by.push(GroupBy::values(dimension));
        }
    }

    /// "who terminated desktops and how many": the word that asks it, and who did. "and how many are stopped" asks for another
    /// number than that who is asked by.
    fn asks_how_many_each(&self) -> Option<(usize, &'static str)> {
        let Head::HowMany(n) = self.head else { return None };
        let who = |it: usize| self.keyword(it) == Some(Keyword::Who) && self.previous(it).is_none();
        let no_more = |it: usize| {
            self.is_silent(it)
                || matches!(self.meaning(it), Meaning::Entity | Meaning::TimeOf(_) | Meaning::Break)
                || self.keyword(it) == Some(Keyword::Each)
        };
        let asks = (0..n).any(who)
            && self.previous(n).is_some_and(|it| self.text(it) == "and")
            && (n + 1..self.len()).all(no_more)
            && self.ranking.is_none()
            && self.plan.group_by.is_empty();
        self.who().filter(|_| asks).map(|name| (n, name))
    }

    /// "how many jobs failed, and which kind": at the end of a count.
    pub(super) fn is_asked_too(&self, n: usize) -> bool {
        let which = self.keyword(n) == Some(Keyword::Which);
        let and = self.previous(n).is_some_and(|it| self.keyword(it) == Some(Keyword::And));
        let field = self.next(n).filter(|it| self.groupable_at(*it).is_some());
        which
            && and
            && matches!(self.head, Head::HowMany(_))
            && field.is_some_and(|it| self.next(it).is_none())
    }
}

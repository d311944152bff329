//! The signs of numbers: "more than", "or more", "between … and …".

use contract::query::Op;

use super::Reader;
use crate::questions::{
    conditions,
    link::{Keyword, Meaning},
};

impl Reader<'_> {
    /// The sign before a number.
    pub(super) fn sign(&self, n: usize) -> Option<(Keyword, usize)> {
        let at = self.previous(n)?;
        match self.keyword(at)? {
            it @ (Keyword::Compare(_) | Keyword::Between) => Some((it, at)),
            _ => None,
        }
    }

    pub(super) fn negated(&mut self, at: usize, op: Op) -> Op {
        // "with no more than ten"
        let turns = |it: usize| match self.keyword(it) {
            Some(Keyword::Not) => true,
            Some(Keyword::Without) => matches!(op, Op::MoreThan | Op::LessThan),
            _ => false,
        };
        let before = self.previous(at);
        let Some(not) = before.filter(|it| turns(*it) && !self.is_used(*it)) else {
            // "leave out anything below 100 dollars"
            let any = before.filter(|it| self.keyword(*it) == Some(Keyword::Any));
            let dropped = |it: &usize| {
                matches!(self.keyword(*it), Some(Keyword::Not | Keyword::Drop | Keyword::Without))
            };
            return match any.and_then(|it| self.previous(it)).filter(dropped) {
                Some(it) => {
                    self.take(it);
                    conditions::inverse(op)
                }
                None => op,
            };
        };
        self.take(not);
        conditions::inverse(op)
    }

    /// "or more", and the `+` of "20+".
    pub(super) fn after_sign(&mut self, n: usize) -> Option<Op> {
        if self.text(n).ends_with('+') || self.text(n).contains("+ ") {
            return Some(Op::AtLeast);
        }
        let mut at = n;
        for _ in 0..3 {
            at = self.next(at)?;
            match self.keyword(at) {
                Some(Keyword::After(op)) => {
                    self.take(at);
                    return Some(op);
                }
                _ if matches!(
                    self.meaning(at),
                    Meaning::Field(_) | Meaning::Figure(_) | Meaning::Entity | Meaning::Value(_)
                ) => {}
                _ => return None,
            }
        }
        None
    }

    pub(super) fn other_end(&self, n: usize) -> Option<usize> {
        let and = self.next(n).filter(|it| matches!(self.keyword(*it), Some(Keyword::And)))?;
        self.next(and).filter(|it| matches!(self.meaning(*it), Meaning::Number(..)))
    }
}

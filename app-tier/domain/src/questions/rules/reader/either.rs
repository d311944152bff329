//! Alternatives that no plan can say: conditions of different kinds of which one is enough.

use super::{Doubt, Reader};
use crate::questions::link::{Keyword, Meaning};

impl Reader<'_> {
    /// "stopped or in Dublin": a plan has alternatives of one dimension only. Under a negation both have to hold.
    pub(super) fn find_alternatives(&mut self) {
        let narrows = |it: &Meaning| {
            matches!(
                it,
                Meaning::Value(_) | Meaning::Condition { .. } | Meaning::Idle(..) | Meaning::Never(_)
            )
        };
        let negates = |it: &usize| {
            matches!(self.keyword(*it), Some(Keyword::Not | Keyword::Without | Keyword::LeftOut))
        };
        // "stopped, or that have no owner tag": beyond the words that join it, a condition or what has to be there.
        let other_side = |n: usize| {
            let mut at = self.next(n)?;
            // "or which have no owner", "or desktops in Dublin"
            let leads = |it: usize| {
                *self.meaning(it) == Meaning::Entity
                    || matches!(self.keyword(it), Some(Keyword::Which | Keyword::By))
            };
            while leads(at) {
                at = self.next(at)?;
            }
            let has = matches!(self.keyword(at), Some(Keyword::With | Keyword::Without));
            let side = if has { self.next(at)? } else { at };
            let named = self.field_at(side).filter(|_| has).map(|it| it.name);
            (named.is_some() || narrows(self.meaning(side))).then_some((at, side, named))
        };
        let across = |n: &usize| {
            // "broken boxes, or ones that nobody uses": the rows and a comma join nothing.
            let joins = |it: usize| *self.meaning(it) == Meaning::Entity || self.text(it) == ",";
            let first = (0..*n).rev().take_while(|it| joins(*it)).last().unwrap_or(*n);
            let before = self.previous(first).filter(|_| self.keyword(*n) == Some(Keyword::Or));
            let Some(before) = before else { return false };
            let Some((at, side, named)) = other_side(*n).filter(|_| narrows(self.meaning(before))) else {
                return false;
            };
            let same = match &named {
                Some(name) => self.meaning(before).dimensions().contains(&name.as_str()),
                None => self.meaning(before).is_of_the_same(self.meaning(side)),
            };
            // "unhealthy or in error" is of one kind, although an error is told by its code.
            let state = |it: &&str| it.ends_with("state") || it.ends_with("error_code");
            let error = matches!(self.text(side), "error" | "errors" | "in error")
                && self.meaning(before).dimensions().iter().any(state);
            !same && !error && !(0..self.len()).any(|it| it != at && !self.is_used(it) && negates(&it))
        };
        // "not both stopped and AlwaysOn"
        let not_both = |n: usize| {
            self.text(n).split(' ').any(|it| it == "both")
                && n.checked_sub(1).is_some_and(|it| negates(&it))
                && self
                    .next(n)
                    .and_then(|it| self.next(it))
                    .is_some_and(|it| self.keyword(it) == Some(Keyword::And))
        };
        let across = (0..self.len()).any(|n| across(&n));
        if across && self.first_word() == "is" {
            // "is Meera AlwaysOn or does hers switch off" asks which.
            self.doubt(Doubt::TwoKinds);
        } else if across || (0..self.len()).any(not_both) {
            self.refused =
                Some("alternatives have to be of the same kind: ask for the one, then for the other");
        }
    }
}

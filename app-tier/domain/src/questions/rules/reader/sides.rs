//! What is set against each other: "AutoStop vs AlwaysOn", "compare Finance and Sales", "which costs more, Ireland or Virginia".
//! Two values of one dimension are two groups; times are [`super::compare`]'s.

use contract::{catalog::Kind, query::GroupBy};

use super::{Head, Reader};
use crate::{
    catalog::DESKTOP_PREFIX,
    questions::link::{Keyword, Meaning},
};

impl Reader<'_> {
    /// Two values that are set against each other are two groups.
    pub(super) fn find_sides(&mut self) {
        if let Some((said, versus, not, whether)) = self.versus_not() {
            for n in [said, versus, not] {
                self.take(n);
            }
            return self.plan.group_by.push(GroupBy::values(whether));
        }
        let between = self.find(|it| it == Keyword::Between).filter(|_| {
            (0..self.len()).any(|n| {
                matches!(self.keyword(n), Some(Keyword::Breakdown | Keyword::Comparison | Keyword::Share))
            })
        });
        let versus = self.find(|it| matches!(it, Keyword::Versus));
        // "Linux desktops vs Windows desktops"
        let value = |it: Option<usize>, step: &dyn Fn(usize) -> Option<usize>| {
            let rows = it.filter(|it| match self.meaning(*it) {
                // "the CAD bundle vs the Office bundle"
                Meaning::Field(name) if name != "workspace_id" => {
                    step(*it).is_some_and(|it| self.meaning(it).dimensions().contains(&name.as_str()))
                }
                Meaning::Field(_) => true,
                _ => self.names_rows(*it),
            });
            rows.map_or(it, step)
        };
        let more_of = self.more_of();
        let (before, after) = match (versus, between) {
            (Some(versus), _) => {
                let before = value(self.previous(versus), &|it| self.previous(it));
                let after = self.next(versus);
                // "how many desktops did Ingrid create last week compared to Marco"
                let apart = |it: &usize| matches!(self.meaning(*it), Meaning::Value(_) | Meaning::Time(_));
                let of_kind = before.filter(apart).and(after).and_then(|it| self.same_before(it));
                (of_kind.or(before), after)
            }
            (None, Some(between)) => {
                let one = self.next(between);
                (one, one.and_then(|it| self.next(it)).and_then(|it| self.next(it)))
            }
            (None, None) => match more_of.map(|it| (it.1, it.2)).or_else(|| self.compared_values()) {
                Some((one, other)) => (Some(one), Some(other)),
                None => return,
            },
        };
        let (Some(before), Some(after)) = (before, after) else { return };
        let (Meaning::Value(one), Meaning::Value(other)) = (self.meaning(before), self.meaning(after)) else {
            return;
        };
        let mut shared = other.clone();
        shared.retain(|(it, _)| one.iter().any(|(name, _)| name == it));
        // "KMS vs S3 vs RDS"
        let more = self.live().into_iter().filter(|n| {
            let beside =
                |it: Option<usize>| it.is_some_and(|it| matches!(self.meaning(it), Meaning::Value(_)));
            self.keyword(*n) == Some(Keyword::Versus) && beside(self.previous(*n)) && beside(self.next(*n))
        });
        let more: Vec<usize> = more.collect();
        // What a row has itself goes before what its desktop has.
        if shared.iter().any(|(it, _)| !it.starts_with(DESKTOP_PREFIX)) {
            shared.retain(|(it, _)| !it.starts_with(DESKTOP_PREFIX));
        }
        self.prefer(after, &mut shared);
        shared.dedup_by(|one, other| one.0 == other.0);
        let [(dimension, _)] = shared.as_slice() else { return };
        let group = GroupBy::values(dimension.clone());
        let word = more_of.filter(|_| versus.or(between).is_none()).map(|it| it.0);
        for n in [versus, between, word].into_iter().flatten().chain(more) {
            self.take(n);
        }
        for n in self.live() {
            if self.keyword(n) == Some(Keyword::Comparison) {
                self.take(n);
            }
        }
        self.plan.group_by.push(group);
    }

    /// "encrypted vs not": by whether they are.
    fn versus_not(&self) -> Option<(usize, usize, usize, String)> {
        let versus = self.find(|it| it == Keyword::Versus)?;
        let not = self.next(versus).filter(|it| self.keyword(*it) == Some(Keyword::Not) && self.ends(*it))?;
        let said = self.previous(versus)?;
        let dimensions = self.meaning(said).dimensions();
        let [whether] = dimensions.as_slice() else { return None };
        let whether = self.field(whether).filter(|it| it.kind == Kind::Bool)?;
        Some((said, versus, not, whether.name))
    }

    /// The word that asks which of two has more, and the two: "Virginia costs more than Ireland", "which costs more, Virginia or
    /// Ireland".
    fn more_of(&self) -> Option<(usize, usize, usize)> {
        let is_value = |it: usize| matches!(self.meaning(it), Meaning::Value(_));
        let than = |n: usize| {
            let after = self.next(n).filter(|it| is_value(*it))?;
            Some((n, self.same_before(after)?, after))
        };
        let which = |n: usize| {
            let or = (n..self.len()).rev().find(|it| self.keyword(*it) == Some(Keyword::Or))?;
            let (before, after) = (self.previous(or)?, self.next(or).filter(|it| is_value(*it))?);
            let alike =
                self.meaning(before).is_of_the_same(self.meaning(after)) && self.next(after).is_none();
            // "which got more expensive" asks how it was before.
            let moved = n.checked_sub(1).is_some_and(|it| {
                self.text(it)
                    .split(' ')
                    .any(|it| matches!(it, "got" | "get" | "gotten" | "became" | "become" | "grown"))
            });
            (alike && !moved && matches!(self.head, Head::Which(_))).then_some((n, before, after))
        };
        self.live().into_iter().find_map(|n| match self.keyword(n) {
            Some(Keyword::Compare(_))
                if self.head == Head::None && matches!(self.text(n), "more than" | "less than") =>
            {
                than(n)
            }
            Some(Keyword::More(_)) => which(n),
            Some(Keyword::Moved(_)) if self.text(n) == "more expensive" => which(n),
            _ => None,
        })
    }

    /// The nearest value before a value that is of the same dimension. None where something else narrows that, which the other
    /// may not have: "AutoStop in Ireland vs AlwaysOn in Virginia".
    fn same_before(&self, n: usize) -> Option<usize> {
        let narrows = |it: usize| matches!(self.meaning(it), Meaning::Value(_) | Meaning::Condition { .. });
        if (n + 1..self.len()).any(narrows) {
            return None;
        }
        (0..n).rev().find(|it| {
            matches!(self.meaning(*it), Meaning::Value(_))
                && self.meaning(*it).is_of_the_same(self.meaning(n))
        })
    }

    /// "compare the cost of Finance and Sales": the two, unless it is times that are compared.
    fn compared_values(&self) -> Option<(usize, usize)> {
        let said =
            self.find(|it| it == Keyword::Comparison).filter(|it| self.text(*it).starts_with("compar"))?;
        let live = self.live();
        let times = live.iter().filter(|it| matches!(self.meaning(**it), Meaning::Time(_))).count();
        let before = live.iter().any(|it| self.keyword(*it) == Some(Keyword::OneBefore));
        let value = |n: usize| matches!(self.meaning(n), Meaning::Value(_));
        let joined = |n: &usize| {
            let next = self.next(*n)?;
            // "compare AlwaysOn with AutoStop"
            let against = (n + 1..next).any(|it| matches!(self.text(it), "with" | "to" | "against"));
            let and = self.keyword(next) == Some(Keyword::And);
            let other = if and { self.next(next) } else { Some(next).filter(|_| against) };
            other.filter(|it| value(*it)).map(|other| (*n, other))
        };
        let pairs = live.iter().filter(|n| **n > said && value(**n)).filter_map(joined);
        let pairs: Vec<(usize, usize)> = pairs.collect();
        // "Finance, Sales and Legal" are one list.
        let one_list = pairs.windows(2).all(|it| matches!(it, [(_, one), (next, _)] if one == next));
        pairs.first().copied().filter(|_| one_list && times < 2 && !before)
    }

    pub(super) fn is_between_conditions(&self, n: usize) -> bool {
        let said = |it: Option<usize>| {
            it.is_some_and(|it| matches!(self.meaning(it), Meaning::Value(_) | Meaning::Condition { .. }))
        };
        said(self.previous(n)) && said(self.next(n))
    }
}

//! Conditions on the figures of groups.

use contract::query::{Aggregate, Filter, GroupBy, Having, Measure, Op, Value};

use super::{Doubt, Head, Reader};
use crate::questions::link::{Keyword, Meaning, Unit};

impl Reader<'_> {
    /// A condition on a figure: it is measured, and there is one per what is asked for.
    pub(super) fn having(&mut self, measure: Measure, op: Op, value: f64) {
        if self.counts_slices(&measure) {
            // "how many desktops cost over 200 dollars in October": each has one row there.
            if let Some(of) = measure.of {
                self.plan.filters.push(Filter::new(of, op, Value::Number(value)));
            }
            return;
        }
        // "two AlwaysOn desktops and 3 AutoStop desktops": no figure is both.
        let both = |it: &Having| it.by == measure.key() && it.op == Op::Is && it.value != value;
        if op == Op::Is && self.plan.having.iter().any(both) {
            self.doubt(Doubt::NoPlan);
        }
        self.plan.having.push(Having { by: measure.key(), op, value });
        self.add_measure(measure);
        self.group_bounded();
    }

    /// What a number says by how much a figure moved: `true` that it rose. "rose by more than 500", "at least 1000 dollars
    /// more than in September".
    pub(super) fn says_change(&self, n: usize, sign: usize) -> Option<bool> {
        let by = self.previous(sign).filter(|it| self.keyword(*it) == Some(Keyword::By));
        // "rose more than 10 %", "down more than 25 %"; "rose above 500 dollars" says where to.
        let percent = matches!(self.meaning(n), Meaning::Number(_, Some(Unit::Percent)));
        let bare = Some(sign).filter(|it| percent && *it < n);
        let moved = bare.and_then(|it| self.previous(it)).and_then(|it| self.keyword(it));
        if let Some(Keyword::Moved(up)) = moved {
            return Some(up);
        }
        if let Some(up) = by.or(bare).and_then(|it| self.is_up_by(it)) {
            return Some(up);
        }
        let before = by.and_then(|it| self.previous(it)).and_then(|it| self.keyword(it));
        let after = self.next(n).filter(|_| self.compared.is_some()).and_then(|it| self.keyword(it));
        match (before, after) {
            (Some(Keyword::Moved(up)), _) | (_, Some(Keyword::More(up))) => Some(up),
            _ => None,
        }
    }

    /// "up by", "down by", and the same without "by"; "making up" is none.
    pub(super) fn is_up_by(&self, by: usize) -> Option<bool> {
        let makes = by.checked_sub(2).is_some_and(|it| self.text(it).starts_with("mak"));
        match self.text(by.checked_sub(1)?) {
            "up" if makes => None,
            "up" => Some(true),
            "down" => Some(false),
            _ => None,
        }
    }

    /// "projects above $2000" are those that cost so much, where nothing speaks of savings.
    pub(super) fn is_money_of_nothing(&self, unit: Option<Unit>) -> bool {
        let says = |it: &Meaning| matches!(it, Meaning::Entity | Meaning::Figure(_) | Meaning::Hint);
        let named = self.linked.marks.iter().any(|it| says(&it.meaning));
        unit == Some(Unit::Dollars) && !self.entity.words.sliced && !self.edits && !named
    }

    /// A condition on how much a figure moved.
    pub(super) fn having_change(&mut self, up: bool, op: Op, number: f64, unit: Option<Unit>) {
        let usual = self.entity.words.measures.iter().find(|it| it.usual).and_then(|it| it.of);
        let of = self.shared().of.or_else(|| usual.map(str::to_owned));
        let measured = of.as_ref().and_then(|it| self.field(it)).and_then(|it| it.unit);
        let measure = match of {
            Some(of) => Measure { function: Aggregate::Sum, of: Some(of) },
            None => Measure::count(),
        };
        let (by, number) = match Unit::convert(unit, number, measured) {
            _ if unit == Some(Unit::Percent) && measure.function != Aggregate::Share => {
                (measure.key_growth(), number)
            }
            Some(number) => (measure.key_change(), number),
            None => return self.doubt(Doubt::OtherUnit),
        };
        if self.is_money_of_nothing(unit) {
            self.doubt(Doubt::NumberOfNothing);
        }
        // "up by 500 dollars"
        let op = if op == Op::Is { Op::AtLeast } else { op };
        let (op, value) = if up { (op, number) } else { (mirrored(op), -number) };
        // "rose by less than 100" rose all the same.
        let (moves, little) = if up {
            (Op::MoreThan, matches!(op, Op::LessThan | Op::AtMost))
        } else {
            (Op::LessThan, matches!(op, Op::MoreThan | Op::AtLeast))
        };
        if little {
            self.plan.having.push(Having { by: by.clone(), op: moves, value: 0.0 });
        }
        // It says more than that the figure rose.
        self.more = None;
        self.plan.having.push(Having { by, op, value });
        self.add_measure(measure);
        self.group_bounded();
    }

    /// What is bounded is asked for: one group for each.
    fn group_bounded(&mut self) {
        // An edit has the groups of the plan before.
        if !self.plan.group_by.is_empty() || self.edits {
            return;
        }
        let head = match self.head {
            Head::Which(n) | Head::List(n) | Head::Any(n) => self.target(n),
            Head::None | Head::HowMany(_) | Head::HowMuch(_) | Head::Who(_) => None,
        };
        let field = head
            .into_iter()
            .chain(0..self.len())
            .filter(|n| !self.is_used(*n) || Some(*n) == head)
            .find_map(|n| self.groupable_at(n).map(|it| (n, it)));
        match (field, self.head, self.who()) {
            // "services whose cost rose"
            (Some((n, field)), Head::Who(head), _) if n < head && self.text(head) == "whose" => {
                self.take(n);
                self.plan.group_by.push(GroupBy::values(field.name));
            }
            (_, Head::Who(_), Some(who)) => self.plan.group_by.push(GroupBy::values(who)),
            (Some((n, field)), ..) => {
                self.take(n);
                if field.name == "workspace_id" {
                    self.desktops_service();
                }
                self.plan.group_by.push(GroupBy::values(field.name));
            }
            _ => self.doubt(Doubt::NoGroup),
        }
        if matches!(self.head, Head::HowMany(_)) {
            self.doubt(Doubt::HowManyGroups);
        }
    }
}

/// The comparison of the numbers with their signs turned.
fn mirrored(op: Op) -> Op {
    match op {
        Op::MoreThan => Op::LessThan,
        Op::LessThan => Op::MoreThan,
        Op::AtLeast => Op::AtMost,
        Op::AtMost => Op::AtLeast,
        other => other,
    }
}

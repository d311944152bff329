//! Figures of the language: what is measured, by what, of which times, and in which order.

use contract::{
    catalog::Kind,
    query::{Aggregate, Op},
};

use super::{
    language::{
        About, BEFORE, COMPARISONS, Form, HALVES, MOVED, NOW, OF_NUMBERS, YEAR_BEFORE, all, placeholder,
        times, with_all,
    },
    means::Measured,
    rules::Piece,
};
use crate::catalog::Field;

impl About<'_> {
    /// `share cost by service`, `share part v2 with v1`
    pub(super) fn shares(
        &mut self,
        conditions: Option<Piece>,
        with: Option<Piece>,
        groups: Option<Piece>,
        limit: Option<Piece>,
    ) -> Option<Piece> {
        let numbers = self.fitting(Measured::Percent);
        let having = self.having("shaving", &numbers);
        let tail = self.tail(groups, having, limit, Form::Plain);
        let tail = self.rule("stail", tail)?;
        let of_groups = all([with.clone().map(Piece::maybe), Some(tail.clone())]);
        let of_part = conditions.map(|it| {
            let with = with.map(Piece::maybe);
            all([Some(Piece::word("part")), Some(it), with, Some(tail.maybe())])
        });
        let ways = Piece::one(of_part.into_iter().chain([of_groups]).collect());
        let of = Piece::words(self.numbers(|_| true)).map(Piece::maybe);
        Some(all([Some(Piece::word("share")), of, ways]))
    }

    /// Numbers that figures are made of.
    pub(super) fn numbers(&self, wanted: impl Fn(Measured) -> bool) -> Vec<&'static str> {
        let numbers = self.entity.dimensions.iter();
        let numbers = numbers.filter(|it| it.kind == Kind::Number && it.name != self.entity.key);
        numbers.filter(|it| wanted(Measured::In(it.unit))).map(|it| it.name).collect()
    }

    /// What figures are measured in, those together that conditions take the same numbers of the question for.
    pub(super) fn classes(&self) -> Vec<(Vec<usize>, Vec<Measured>)> {
        let numbers = self.entity.dimensions.iter();
        let numbers = numbers.filter(|it| it.kind == Kind::Number && it.name != self.entity.key);
        let mut classes: Vec<(Vec<usize>, Vec<Measured>)> = Vec::new();
        for measured in [Measured::Rows].into_iter().chain(numbers.map(|it| Measured::In(it.unit))) {
            let fitting = self.fitting(measured);
            match classes.iter_mut().find(|(it, _)| *it == fitting) {
                Some((_, them)) if them.contains(&measured) => {}
                Some((_, them)) => them.push(measured),
                None => classes.push((fitting, vec![measured])),
            }
        }
        classes
    }

    /// Slots with a number that a figure can be compared with.
    pub(super) fn fitting(&self, measured: Measured) -> Vec<usize> {
        let fits = |n: &usize| {
            let number = self.means(*n).and_then(|it| it.number);
            number.and_then(|it| it.figure(measured)).is_some_and(f64::is_finite)
        };
        (0..self.slots.len()).filter(fits).collect()
    }

    /// `count`, `distinct user_name`, `sum cost`
    pub(super) fn figures(&self, plain: Option<&Piece>, wanted: impl Fn(Measured) -> bool) -> Option<Piece> {
        let mut figures = Vec::new();
        if wanted(Measured::Rows) {
            figures.push(Piece::word("count"));
            let numbers = Piece::words(self.numbers(|_| true));
            let different = Piece::one(plain.cloned().into_iter().chain(numbers).collect());
            figures.extend(different.map(|it| all([Some(Piece::word("distinct")), Some(it)])));
        }
        if let Some(numbers) = Piece::words(self.numbers(&wanted)) {
            let functions = Piece::words(OF_NUMBERS.map(Aggregate::name));
            figures.push(all([functions, Some(numbers)]));
        }
        Piece::one(figures)
    }

    /// What stands after `by`.
    pub(super) fn groups(&self, fields: &[Field], plain: Option<Piece>, form: Form) -> Option<Piece> {
        let mut groups: Vec<Piece> = plain.into_iter().collect();
        groups.extend(self.numbers(|_| true).into_iter().map(Piece::word));
        if form == Form::Plain {
            let only = times(self.entity).len() == 1;
            for it in fields.iter().filter(|it| it.kind == Kind::Time) {
                let grains = Piece::words(it.grains().iter().map(|it| it.name()));
                let named = (!only || it.of_desktop).then(|| Piece::word(it.name.clone()));
                groups.push(all([named, grains]));
            }
        }
        Piece::one(groups)
    }

    /// `by account user_name having v2 top v3 each first`
    pub(super) fn tail(
        &self,
        groups: Option<Piece>,
        having: Option<Piece>,
        limit: Option<Piece>,
        form: Form,
    ) -> Option<Piece> {
        let groups = groups?;
        let change = || (form == Form::Compared).then(|| Piece::word("change").maybe());
        let having = having.map(|it| all([change(), Some(it)]));
        let moved = (form == Form::Compared).then(|| Piece::words(MOVED.map(|(it, _)| it))).flatten();
        let having = Piece::one(having.into_iter().chain(moved).collect());
        let having = having.map(|it| all([Some(Piece::word("having")), Some(it)]));
        let each = all([Some(Piece::word("each")), Piece::words(["first", "second"])]);
        let by = || {
            let change = (form == Form::Compared).then_some("change");
            Piece::words(change.into_iter().chain(["first", "second"])).map(Piece::maybe)
        };
        let order = |limits: Option<Piece>| all([Piece::words(["top", "bottom"]), by(), limits]);
        let one = order(with_all(limit.clone()));
        let limited = limit.map(|it| all([Some(it), Some(each.maybe())]));
        let two = order(Piece::one(limited.into_iter().chain([Piece::word("all")]).collect()));
        let end = |order: Piece| {
            let ordered = order.clone();
            let ways = having.clone().map(|it| all([Some(it), Some(ordered.maybe())]));
            Piece::one(ways.into_iter().chain([order]).collect())
        };
        // Three groups are neither ranked nor bounded.
        let second = Piece::one([groups.clone()].into_iter().chain(end(two)).collect());
        let second = all([Some(groups.clone()), second.map(Piece::maybe)]);
        let rest = Piece::one([second].into_iter().chain(end(one)).collect());
        Some(all([Some(Piece::word("by")), Some(groups), rest.map(Piece::maybe)]))
    }

    /// Conditions on a figure, in the order of the question.
    pub(super) fn having(&mut self, name: &str, numbers: &[usize]) -> Option<Piece> {
        let mut rest: Option<Piece> = None;
        for n in numbers.iter().rev() {
            let said = self.means(*n).and_then(|it| it.number).is_some_and(|it| it.op.is_some());
            let ops = Piece::words(COMPARISONS.map(Op::name)).filter(|_| !said);
            let here = all([ops.map(Piece::maybe), Some(Piece::word(placeholder(*n)))]);
            let then = all([Some(here), rest.clone().map(Piece::maybe)]);
            let piece = Piece::one([then].into_iter().chain(rest).collect());
            rest = self.rule(&format!("{name}-{}", n + 1), piece);
        }
        rest
    }

    /// `1`, or a number of the question.
    pub(super) fn limit(&self) -> Option<Piece> {
        let is_limit =
            |n: &usize| self.means(*n).and_then(|it| it.number).is_some_and(|it| it.limit().is_some());
        let slots = (0..self.slots.len()).filter(is_limit).map(placeholder);
        Piece::words(["1".to_owned()].into_iter().chain(slots))
    }

    /// `over v1 vs v2`, `over v1 vs before`, `over v1 vs year_before`, `over now vs v1`, `over halves v1`
    pub(super) fn over(&mut self) -> Option<Piece> {
        let mut ways = Vec::new();
        for n in 0..self.slots.len() {
            let Some((means, stretch)) = self.means(n).and_then(|it| Some((it, it.stretch.as_ref()?))) else {
                continue;
            };
            if stretch.since.is_none() {
                continue;
            }
            let others = (0..self.slots.len()).filter(|it| *it != n).filter(|it| {
                self.means(*it).and_then(|it| it.stretch.as_ref()).is_some_and(|it| it.since.is_some())
            });
            let before = means.before.as_ref().map(|_| BEFORE.to_owned());
            let year_before = means.year_before.as_ref().map(|_| YEAR_BEFORE.to_owned());
            let others = Piece::words(others.map(placeholder).chain(before).chain(year_before));
            let named = means.alternatives.len() > 1;
            let names = Piece::words(means.alternatives.iter().map(|it| it.name.clone()));
            if let (Some(others), Some(names)) = (others, names) {
                let this = Some(Piece::word(placeholder(n)));
                ways.push(all([this, named.then_some(names), Some(Piece::word("vs")), Some(others)]));
            }
        }
        let has_halves = |n: &usize| self.means(*n).is_some_and(|it| it.halves.is_some());
        let halves = Piece::words((0..self.slots.len()).filter(has_halves).map(placeholder));
        ways.extend(halves.map(|it| all([Some(Piece::word(HALVES)), Some(it)])));
        let is_past = |n: &usize| self.means(*n).is_some_and(|it| it.current.is_some());
        let past = Piece::words((0..self.slots.len()).filter(is_past).map(placeholder));
        ways.extend(past.map(|it| all([Some(Piece::word(NOW)), Some(Piece::word("vs")), Some(it)])));
        let ways = Piece::one(ways).map(|it| all([Some(Piece::word("over")), Some(it)]));
        self.rule("over", ways)
    }
}

//! The language of one question: which lines there are, for the asker's catalog and the question's slots.
//!
//! Invariant: every line gives a plan that the catalog's check accepts. So only what fits stands where it stands: numbers
//! after `sum`, groups after `by`, and a comparison bounds one time and groups by none.

use contract::{
    catalog::Kind,
    query::{Aggregate, Op},
};

use super::{
    rules::{Piece, Rules},
    slots::{Alternative, Means, Measured, Slot},
};
use crate::catalog::{Catalog, DESKTOP_PREFIX, Entity, Field};

/// Nothing of this: the line of a question that no plan answers.
pub const NONE: &str = "none";
/// The stretch before the one that a comparison is about.
pub(super) const BEFORE: &str = "before";
/// The functions that are said without a group; `share` has a form of its own.
pub(super) const OF_NUMBERS: [Aggregate; 4] =
    [Aggregate::Sum, Aggregate::Average, Aggregate::Minimum, Aggregate::Maximum];
/// Comparisons that the model may choose where the words of the question name none.
pub(super) const COMPARISONS: [Op; 4] = [Op::AtLeast, Op::AtMost, Op::MoreThan, Op::LessThan];
/// The prefix of rules about what rows reach of their desktops.
const DESKTOPS: &str = "desktop";
/// More columns than this are not named.
const MOST_COLUMNS: usize = 6;

/// The placeholder of a slot by its place, from 0.
pub(super) fn placeholder(n: usize) -> String {
    format!("v{}", n + 1)
}

/// What a plan about `entity` may name, single tags apart.
pub(super) fn fields(entity: &Entity, catalog: &Catalog) -> Vec<Field> {
    let own = entity.dimensions.iter().map(|it| it.name.to_owned());
    let desktops = catalog.entity("workspaces").map_or(&[][..], |it| it.dimensions);
    let reached = desktops.iter().map(|it| format!("{DESKTOP_PREFIX}{}", it.name));
    own.chain(reached).filter_map(|it| catalog.field(entity, &it)).collect()
}

/// The times of an entity's own. Where there is one, it is not named.
pub(super) fn times(entity: &Entity) -> Vec<&'static str> {
    entity.dimensions.iter().filter(|it| it.kind == Kind::Time).map(|it| it.name).collect()
}

/// In what a figure of this is measured.
pub(super) fn measured(function: Aggregate, of: Option<&Field>) -> Measured {
    match (function, of) {
        (Aggregate::Share, _) => Measured::Percent,
        (Aggregate::Count | Aggregate::Distinct, _) | (_, None) => Measured::Rows,
        (_, Some(field)) => Measured::In(field.unit),
    }
}

/// The language of a question about anything in the catalog.
pub(super) fn language(catalog: &Catalog, slots: &[Slot]) -> Rules {
    let mut rules = Rules { root: Piece::word(NONE), rules: Vec::new() };
    let mut lines = vec![Piece::word(NONE)];
    for (n, entity) in catalog.entities().iter().enumerate() {
        let mut about = About { catalog, entity, n, slots, rules: &mut rules };
        let body = about.body();
        lines.push(Piece::All(vec![Piece::word(entity.name), body]));
    }
    rules.root = Piece::One(lines);
    rules
}

/// One entity's part of the language.
struct About<'a> {
    catalog: &'a Catalog,
    entity: &'static Entity,
    /// Its place in the catalog.
    n: usize,
    slots: &'a [Slot],
    rules: &'a mut Rules,
}

/// Whether a comparison is written: then one time is bound, and nothing else may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Compared,
}

impl About<'_> {
    /// What stands once in the rules, by a name.
    fn rule(&mut self, name: &str, piece: Option<Piece>) -> Option<Piece> {
        self.rules.rules.push((format!("e{}-{name}", self.n), piece?));
        Some(Piece::Rule(self.rules.rules.len() - 1))
    }

    fn means(&self, slot: usize) -> Option<&Means> {
        self.slots.get(slot)?.means.get(self.n)
    }

    /// Words for those fields that fit. What every entity reaches of its desktops stands in the rules once.
    fn names(&mut self, kind: &str, fields: &[Field], wanted: &dyn Fn(&Field) -> bool) -> Vec<Piece> {
        let everywhere = |name: &str| {
            let mut reaching = self.catalog.entities().iter().filter(|it| it.has_desktops());
            reaching.all(|it| self.catalog.field(it, name).is_some())
        };
        let (shared, here): (Vec<&Field>, Vec<&Field>) =
            fields.iter().filter(|it| wanted(it)).partition(|it| it.of_desktop && everywhere(&it.name));
        let mut names: Vec<Piece> = here.iter().map(|it| Piece::word(it.name.clone())).collect();
        let name = format!("{DESKTOPS}-{kind}");
        if let Some(n) = self.rules.rules.iter().position(|(it, _)| *it == name) {
            names.extend((!shared.is_empty()).then_some(Piece::Rule(n)));
        } else if let Some(shared) = Piece::words(shared.iter().map(|it| it.name.clone())) {
            self.rules.rules.push((name, shared));
            names.push(Piece::Rule(self.rules.rules.len() - 1));
        }
        names
    }

    fn body(&mut self) -> Piece {
        let fields = fields(self.entity, self.catalog);
        let tags = self.tags();
        let tag_slots = || tags.iter().map(|it| Piece::word(it.clone()));
        let is_value = |it: &Field| matches!(it.kind, Kind::Text | Kind::Choice | Kind::Bool);
        let mut plain = self.names("value", &fields, &is_value);
        plain.extend(tag_slots());
        let plain = self.rule("value", Piece::one(plain));
        let is_sorted = |it: &Field| !is_value(it) && it.kind != Kind::Tags;
        let mut sorted = self.names("other", &fields, &is_sorted);
        sorted.extend(plain.clone());
        let sorted = self.rule("sorted", Piece::one(sorted));
        let mut shown = self.names("tags", &fields, &|it| it.kind == Kind::Tags);
        shown.extend(sorted.clone());
        let shown = Piece::one(shown);
        let flags = self.flags(&fields, &tags);
        let conditions = self.conditions(Form::Plain, flags.clone());
        let with = conditions.clone().map(|it| Piece::All(vec![Piece::word("with"), it]));
        let with = self.rule("with", with);
        let limit = self.limit();
        let limit = self.rule("limit", limit);

        let mut forms = vec![self.list(shown, sorted, with.clone(), limit.clone())];
        let groups = self.groups(&fields, plain.clone(), Form::Plain);
        let groups = self.rule("group", groups);
        let over = self.over();
        let compared = over.map(|over| {
            let conditions = self.conditions(Form::Compared, flags);
            let with = conditions.map(|it| Piece::All(vec![Piece::word("with"), it]));
            let groups = self.groups(&fields, plain.clone(), Form::Compared);
            (over, self.rule("cwith", with), self.rule("cgroup", groups))
        });

        let any = self.figures(plain.as_ref(), |_| true);
        let any = self.rule("figure", any);
        for (class, (numbers, measured)) in self.classes().into_iter().enumerate() {
            let figures = self.figures(plain.as_ref(), |it| measured.contains(&it));
            let Some(figure) = figures else { continue };
            let having = self.having(&format!("having{class}"), &numbers);
            let tail = self.tail(groups.clone(), having.clone(), limit.clone(), Form::Plain);
            let tail = self.rule(&format!("tail{class}"), tail);
            let mut ways = Vec::new();
            if let Some((over, with, groups)) = &compared {
                let tail = self.tail(groups.clone(), having, limit.clone(), Form::Compared);
                let tail = self.rule(&format!("ctail{class}"), tail);
                ways.push(all([Some(over.clone()), with.clone().map(Piece::maybe), tail.map(Piece::maybe)]));
            }
            ways.push(all([with.clone(), tail.clone().map(Piece::maybe)]));
            ways.extend(tail);
            let ways = Piece::one(ways).map(Piece::maybe);
            forms.push(all([Some(figure), any.clone().map(Piece::maybe), ways]));
        }
        forms.extend(self.shares(conditions, with, groups, limit));
        let body = Piece::one(forms);
        self.rule("line", body).unwrap_or_else(|| Piece::word("list"))
    }

    /// `list computer_name state with … top last_connected_at v2`
    fn list(
        &mut self,
        shown: Option<Piece>,
        sorted: Option<Piece>,
        with: Option<Piece>,
        limit: Option<Piece>,
    ) -> Piece {
        let shown = self.rule("shown", shown);
        let mut columns = None;
        for _ in 0..MOST_COLUMNS {
            columns = Some(all([shown.clone(), columns.map(Piece::maybe)]));
        }
        let order = all([Piece::words(["top", "bottom"]), sorted, with_all(limit.clone())]);
        let first = all([Some(Piece::word("first")), limit]);
        all([
            Some(Piece::word("list")),
            columns.map(Piece::maybe),
            with.map(Piece::maybe),
            Piece::one(vec![order, first]).map(Piece::maybe),
        ])
    }

    /// `share cost by service`, `share part v2 with v1`
    fn shares(
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

    /// Those slots that are a tag here.
    fn tags(&self) -> Vec<String> {
        let is_tag = |n: &usize| self.means(*n).is_some_and(|it| it.tag.is_some());
        (0..self.slots.len()).filter(is_tag).map(placeholder).collect()
    }

    /// Numbers that figures are made of.
    fn numbers(&self, wanted: impl Fn(Measured) -> bool) -> Vec<&'static str> {
        let numbers = self.entity.dimensions.iter();
        let numbers = numbers.filter(|it| it.kind == Kind::Number && it.name != self.entity.key);
        numbers.filter(|it| wanted(Measured::In(it.unit))).map(|it| it.name).collect()
    }

    /// What figures are measured in, those together that conditions take the same numbers of the question for.
    fn classes(&self) -> Vec<(Vec<usize>, Vec<Measured>)> {
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
    fn fitting(&self, measured: Measured) -> Vec<usize> {
        let fits = |n: &usize| {
            let number = self.means(*n).and_then(|it| it.number);
            number.and_then(|it| it.figure(measured)).is_some_and(f64::is_finite)
        };
        (0..self.slots.len()).filter(fits).collect()
    }

    /// `count`, `distinct user_name`, `sum cost`
    fn figures(&self, plain: Option<&Piece>, wanted: impl Fn(Measured) -> bool) -> Option<Piece> {
        let mut figures = Vec::new();
        if wanted(Measured::Rows) {
            figures.push(Piece::word("count"));
            figures.extend(plain.map(|it| all([Some(Piece::word("distinct")), Some(it.clone())])));
        }
        if let Some(numbers) = Piece::words(self.numbers(&wanted)) {
            let functions = Piece::words(OF_NUMBERS.map(Aggregate::name));
            figures.push(all([functions, Some(numbers)]));
        }
        Piece::one(figures)
    }

    /// Conditions in the order of the question, each slot at most once; then those of no slot.
    fn conditions(&mut self, form: Form, flags: Option<Piece>) -> Option<Piece> {
        let mut rest = flags;
        for n in (0..self.slots.len()).rev() {
            let Some(here) = self.condition(n, form) else { continue };
            let then = all([Some(here), rest.clone().map(Piece::maybe)]);
            let piece = Piece::one([then].into_iter().chain(rest).collect());
            let name = if form == Form::Plain { "from" } else { "cfrom" };
            rest = self.rule(&format!("{name}{}", n + 1), piece);
        }
        rest
    }

    /// `v1`, `not v1`, `more_than v1`, and the dimension where there are several.
    fn condition(&self, n: usize, form: Form) -> Option<Piece> {
        let means = self.means(n)?;
        let fits = |filters: &[contract::query::Filter]| {
            form == Form::Plain || filters.iter().all(|it| !matches!(it.op, Op::Since | Op::Before))
        };
        let all_of_them: Vec<&Alternative> =
            means.alternatives.iter().filter(|it| fits(&it.filters)).collect();
        let named = means.alternatives.len() > 1;
        let target = |them: Vec<&Alternative>| {
            let names = Piece::words(them.iter().map(|it| it.name.clone()))?;
            Some(all([Some(Piece::word(placeholder(n))), named.then_some(names)]))
        };
        let turned: Vec<&Alternative> =
            all_of_them.iter().filter(|it| it.turned.is_some()).copied().collect();
        let mut before: Vec<Piece> = Vec::new();
        if means.number.is_some_and(|it| it.op.is_none()) {
            before.extend(COMPARISONS.map(|it| Piece::word(it.name())));
        }
        if turned.len() == all_of_them.len() {
            before.push(Piece::word("not"));
            return target(all_of_them).map(|it| all([Piece::one(before).map(Piece::maybe), Some(it)]));
        }
        let compared = Piece::one(before).map(Piece::maybe);
        let plain = target(all_of_them).map(|it| all([compared, Some(it)]));
        let turned = target(turned).map(|it| all([Some(Piece::word("not")), Some(it)]));
        Piece::one(plain.into_iter().chain(turned).collect())
    }

    /// `empty directory`, `no root_encrypted`: at most two.
    fn flags(&mut self, fields: &[Field], tags: &[String]) -> Option<Piece> {
        let is_nullable = |it: &Field| it.nullable && it.ops().contains(&Op::Empty);
        let mut nullable = self.names("nullable", fields, &is_nullable);
        nullable.extend(tags.iter().map(Piece::word));
        let nullable = Piece::one(nullable).map(|it| all([Piece::words(["empty", "filled"]), Some(it)]));
        let flags = self.names("flag", fields, &|it| it.kind == Kind::Bool);
        let flags = Piece::one(flags).map(|it| all([Piece::words(["yes", "no"]), Some(it)]));
        let flag = Piece::one(nullable.into_iter().chain(flags).collect());
        let flag = self.rule("flag", flag)?;
        let two = all([Some(flag.clone()), Some(flag.maybe())]);
        self.rule("flags", Some(two))
    }

    /// What stands after `by`.
    fn groups(&self, fields: &[Field], plain: Option<Piece>, form: Form) -> Option<Piece> {
        let mut groups: Vec<Piece> = plain.into_iter().collect();
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
    fn tail(
        &self,
        groups: Option<Piece>,
        having: Option<Piece>,
        limit: Option<Piece>,
        form: Form,
    ) -> Option<Piece> {
        let groups = groups?;
        let change = || (form == Form::Compared).then(|| Piece::word("change").maybe());
        let having = having.map(|it| all([Some(Piece::word("having")), change(), Some(it)]));
        let each = all([Some(Piece::word("each")), Piece::words(["first", "second"])]);
        let order = |limits: Option<Piece>| all([Piece::words(["top", "bottom"]), change(), limits]);
        let one = order(with_all(limit.clone()));
        let limited = limit.map(|it| all([Some(it), Some(each.maybe())]));
        let two = order(Piece::one(limited.into_iter().chain([Piece::word("all")]).collect()));
        let end = |order: Piece| {
            let ordered = order.clone();
            let ways = having.clone().map(|it| all([Some(it), Some(ordered.maybe())]));
            Piece::one(ways.into_iter().chain([order]).collect())
        };
        let second = all([Some(groups.clone()), end(two).map(Piece::maybe)]);
        let rest = Piece::one([second].into_iter().chain(end(one)).collect());
        Some(all([Some(Piece::word("by")), Some(groups), rest.map(Piece::maybe)]))
    }

    /// Conditions on a figure, in the order of the question.
    fn having(&mut self, name: &str, numbers: &[usize]) -> Option<Piece> {
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
    fn limit(&self) -> Option<Piece> {
        let is_limit =
            |n: &usize| self.means(*n).and_then(|it| it.number).is_some_and(|it| it.limit().is_some());
        let slots = (0..self.slots.len()).filter(is_limit).map(placeholder);
        Piece::words(["1".to_owned()].into_iter().chain(slots))
    }

    /// `over v1 vs v2`, `over v1 vs before`
    fn over(&mut self) -> Option<Piece> {
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
            let others = Piece::words(others.map(placeholder).chain(before));
            let named = means.alternatives.len() > 1;
            let names = Piece::words(means.alternatives.iter().map(|it| it.name.clone()));
            if let (Some(others), Some(names)) = (others, names) {
                let this = Some(Piece::word(placeholder(n)));
                ways.push(all([this, named.then_some(names), Some(Piece::word("vs")), Some(others)]));
            }
        }
        let ways = Piece::one(ways).map(|it| all([Some(Piece::word("over")), Some(it)]));
        self.rule("over", ways)
    }
}

/// Those that there are, in this order.
fn all<const N: usize>(pieces: [Option<Piece>; N]) -> Piece {
    let mut them: Vec<Piece> = pieces.into_iter().flatten().collect();
    match them.pop() {
        Some(only) if them.is_empty() => only,
        Some(last) => {
            them.push(last);
            Piece::All(them)
        }
        None => Piece::All(them),
    }
}

/// A limit, or none.
fn with_all(limit: Option<Piece>) -> Option<Piece> {
    Piece::one(limit.into_iter().chain([Piece::word("all")]).collect())
}

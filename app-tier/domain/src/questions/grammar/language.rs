//! The language of one question: which lines there are, for the asker's catalog and the question's slots.
//!
//! Invariant: every line gives a plan that the catalog's check accepts. So only what fits stands where it stands: numbers
//! after `sum`, groups after `by`, and a comparison bounds one time and groups by none.

use contract::{
    catalog::Kind,
    query::{Aggregate, Op},
};

use super::{
    means::{Alternative, Means, Measured},
    rules::{Piece, Rules},
    slots::{Found, Slot},
};
use crate::catalog::{Catalog, DESKTOP_PREFIX, Entity, Field};

/// Nothing of this: the line of a question that no plan answers.
pub const NONE: &str = "none";
/// The stretch before the one that a comparison is about.
pub(super) const BEFORE: &str = "before";
/// The same stretch a year before that.
pub(super) const YEAR_BEFORE: &str = "year_before";
/// What is on now, where only what it is compared with was named: "against last month".
pub(super) const NOW: &str = "now";
/// The later half of a stretch beside its earlier one: "from September to October".
pub(super) const HALVES: &str = "halves";
/// The stretch before one that the plan on the screen is about.
pub(super) const EARLIER: &str = "earlier";
/// What is of desktops, among rows that are not all about them.
pub(super) const OF_DESKTOPS: &str = "desktops";
/// A change that is more, or less, than nothing.
pub(super) const MOVED: [(&str, Op); 2] = [("rose", Op::MoreThan), ("fell", Op::LessThan)];
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
    let own = entity.dimensions.iter().filter(|it| it.taught).map(|it| it.name.to_owned());
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
pub(super) fn language(catalog: &Catalog, found: &Found) -> Rules {
    let mut rules = Rules { root: Piece::word(NONE), rules: Vec::new() };
    let mut lines = vec![Piece::word(NONE)];
    for (n, entity) in catalog.entities().iter().enumerate() {
        let slots = found.slots.as_slice();
        let desktops = found.desktops && entity.words.desktops.is_some();
        let mut about = About { catalog, entity, n, slots, desktops, rules: &mut rules };
        let body = about.body();
        lines.push(Piece::All(vec![Piece::word(entity.name), body]));
    }
    rules.root = Piece::One(lines);
    rules
}

/// One entity's part of the language.
pub(super) struct About<'a> {
    catalog: &'a Catalog,
    pub(super) entity: &'static Entity,
    /// Its place in the catalog.
    n: usize,
    pub(super) slots: &'a [Slot],
    /// It has a word for what is of desktops, and the question speaks of these.
    desktops: bool,
    rules: &'a mut Rules,
}

/// Whether a comparison is written: then one time is bound, and nothing else may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Compared,
}

impl About<'_> {
    /// What stands once in the rules, by a name.
    pub(super) fn rule(&mut self, name: &str, piece: Option<Piece>) -> Option<Piece> {
        self.rules.rules.push((format!("e{}-{name}", self.n), piece?));
        Some(Piece::Rule(self.rules.rules.len() - 1))
    }

    pub(super) fn means(&self, slot: usize) -> Option<&Means> {
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
        let any = self.rule("figure", any).map(|it| all([Some(it.clone()), Some(it.maybe())]));
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

    /// Those slots that are a tag here.
    fn tags(&self) -> Vec<String> {
        let is_tag = |n: &usize| self.means(*n).is_some_and(|it| it.tag.is_some());
        (0..self.slots.len()).filter(is_tag).map(placeholder).collect()
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
        let earlier = (form == Form::Plain && !means.earlier.is_empty())
            .then(|| Piece::All(vec![Piece::word(EARLIER), Piece::word(placeholder(n))]));
        if turned.len() == all_of_them.len() {
            before.push(Piece::word("not"));
            let plain = target(all_of_them).map(|it| all([Piece::one(before).map(Piece::maybe), Some(it)]));
            return Piece::one(plain.into_iter().chain(earlier).collect());
        }
        let compared = Piece::one(before).map(Piece::maybe);
        let plain = target(all_of_them).map(|it| all([compared, Some(it)]));
        let turned = target(turned).map(|it| all([Some(Piece::word("not")), Some(it)]));
        Piece::one(plain.into_iter().chain(turned).chain(earlier).collect())
    }

    /// `empty directory`, `no root_encrypted`, `no attempts` (none), `yes attempts` (some), `desktops`: at most two.
    fn flags(&mut self, fields: &[Field], tags: &[String]) -> Option<Piece> {
        // A text may be there and empty.
        let may_be = |it: &Field| it.nullable || it.kind == Kind::Text;
        let is_nullable = |it: &Field| may_be(it) && it.ops().contains(&Op::Empty);
        let mut nullable = self.names("nullable", fields, &is_nullable);
        nullable.extend(tags.iter().map(Piece::word));
        let nullable = Piece::one(nullable).map(|it| all([Piece::words(["empty", "filled"]), Some(it)]));
        let mut flags = self.names("flag", fields, &|it| it.kind == Kind::Bool);
        flags.extend(self.numbers(|_| true).into_iter().map(Piece::word));
        let flags = Piece::one(flags).map(|it| all([Piece::words(["yes", "no"]), Some(it)]));
        let desktops = self.desktops.then(|| Piece::word(OF_DESKTOPS));
        let flag = Piece::one(nullable.into_iter().chain(flags).chain(desktops).collect());
        let flag = self.rule("flag", flag)?;
        let two = all([Some(flag.clone()), Some(flag.maybe())]);
        self.rule("flags", Some(two))
    }
}

/// Those that there are, in this order.
pub(super) fn all<const N: usize>(pieces: [Option<Piece>; N]) -> Piece {
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
pub(super) fn with_all(limit: Option<Piece>) -> Option<Piece> {
    Piece::one(limit.into_iter().chain([Piece::word("all")]).collect())
}

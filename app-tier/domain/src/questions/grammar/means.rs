//! What a place of a question can mean in a plan about one entity.
//!
//! Invariant: whatever it means was linked, or named by the plan on the screen, so that no line can name a value that nobody
//! named.

use contract::{
    catalog::Kind,
    query::{Filter, Grain, Op, Plan, Value},
};

use crate::{
    catalog::{
        Catalog, Clock, DESKTOP_PREFIX, Dimension, Entity, Field, TAG_PREFIX,
        check::{Moment, check},
    },
    questions::{
        conditions,
        link::{Keyword, Linked, Mark, Meaning, Unit},
        rules::{Around, whole},
        times::Stretch,
        words::squash,
    },
};

/// So many marks lie between a word and what says that it is a text.
const NEAR: usize = 2;
/// A limit is at most this.
const MOST_ROWS: u32 = 10_000;
/// A century: further back nothing is kept.
const MOST_DAYS: u32 = 36_500;
/// What a time is called in the question that the model reads.
pub(super) const TIME: &str = "time";
/// Dimensions that name a person; whose it is depends on what is asked about.
const PEOPLE: &[&str] =
    &["user_name", "actor", "source_identity", "proposed_by", "decided_by", "asked_by", "username", "email"];

/// What a slot means for one entity.
#[derive(Debug, Clone, Default)]
pub(super) struct Means {
    /// Conditions, of which the line names one by its dimension where there are several.
    pub(super) alternatives: Vec<Alternative>,
    pub(super) number: Option<Number>,
    pub(super) stretch: Option<Stretch>,
    /// The one before that.
    pub(super) before: Option<Stretch>,
    /// The same of the year before.
    pub(super) year_before: Option<Stretch>,
    /// "from September to October": the later, and the earlier.
    pub(super) halves: Option<(Stretch, Stretch)>,
    /// This month, of last month.
    pub(super) current: Option<Stretch>,
    /// Of a time of the plan on the screen: what bounds the stretch before that.
    pub(super) earlier: Vec<Filter>,
    /// A tag by its name.
    pub(super) tag: Option<Field>,
    /// Nothing, since its words are not a value here: they name what the catalog has, or say nothing.
    pub(super) plain: bool,
}

impl Means {
    /// The dimensions that the words may name instead: a tag, or what is called as the value is.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let tag = self.tag.iter().filter(|_| self.alternatives.is_empty());
        let tag = tag.map(|it| it.name.strip_prefix(DESKTOP_PREFIX).unwrap_or(&it.name));
        let values = self.alternatives.iter().flat_map(|it| &it.filters).flat_map(|it| &it.values);
        tag.chain(values.filter_map(|it| if let Value::Text(text) = it { Some(text.as_str()) } else { None }))
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.alternatives.is_empty() && self.number.is_none() && self.stretch.is_none() && self.tag.is_none()
    }
}

/// Conditions that hold together.
#[derive(Debug, Clone)]
pub(super) struct Alternative {
    /// The dimension as the model writes it: tags have names of their own, which it does not see.
    pub(super) name: String,
    pub(super) filters: Vec<Filter>,
    /// The opposite, where there is one.
    pub(super) turned: Option<Filter>,
}

impl Alternative {
    /// It names a value of that dimension.
    pub(super) fn is_of(&self, dimension: &str) -> bool {
        matches!(self.filters.as_slice(), [it] if it.op == Op::Is && it.dimension == dimension)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    pub(super) value: f64,
    pub(super) unit: Option<Unit>,
    /// How it is compared, where the words say so.
    pub(super) op: Option<Op>,
}

impl Number {
    /// As the number of rows to show.
    pub(super) fn limit(self) -> Option<u32> {
        whole(self.value).filter(|it| (1..=MOST_ROWS).contains(it) && self.unit.is_none())
    }

    /// As so many days ago.
    fn days(self) -> Option<u32> {
        whole(self.value).filter(|it| *it <= MOST_DAYS && self.unit == Some(Unit::Days))
    }

    /// As a figure of rows (`None`), of a share, or of a number in that unit.
    pub(super) fn figure(self, of: Measured) -> Option<f64> {
        match (of, self.unit) {
            (_, None)
            | (Measured::Rows, Some(Unit::Times | Unit::Days))
            | (Measured::Percent, Some(Unit::Percent)) => Some(self.value),
            (Measured::In(to), unit) => Unit::convert(unit, self.value, to),
            _ => None,
        }
    }
}

/// In what a figure is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measured {
    Rows,
    Percent,
    In(Option<&'static str>),
}

/// Whom a question is linked for, as one about what.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) entity: &'static Entity,
    pub(super) catalog: &'a Catalog,
    pub(super) at: Moment,
}

impl About<'_> {
    pub(super) fn field(&self, name: &str) -> Option<Field> {
        self.catalog.field(self.entity, name)
    }

    /// The catalog's check takes these conditions. Only numbers and times have values that it may not like.
    pub(super) fn takes(&self, filters: &[Filter]) -> bool {
        let fits = |it: &Filter| {
            let field = self.field(&it.dimension)?;
            let plain = !matches!(field.kind, Kind::Number | Kind::Time | Kind::Date);
            field.ops().contains(&it.op).then_some(plain)
        };
        match filters.iter().map(fits).collect::<Option<Vec<bool>>>() {
            None => false,
            Some(plain) if !plain.contains(&false) => true,
            Some(_) => {
                let entity = self.entity.name.to_owned();
                let plan = Plan { entity, filters: filters.to_vec(), ..Plan::default() };
                check(&plan, self.catalog, self.at).is_ok()
            }
        }
    }

    /// What a mark can become, and what the model is told of it.
    pub(super) fn means(
        &self,
        linked: &Linked,
        place: usize,
        around: Around,
    ) -> Option<(Means, Vec<String>)> {
        let mark = linked.marks.get(place)?;
        let any =
            |sets: Vec<Vec<Filter>>| Means { alternatives: self.alternatives(sets), ..Means::default() };
        let mark_at = |it: usize| linked.marks.get(it);
        let inside = mark_at(place + 1).is_some_and(|it| it.text == "in the")
            && mark_at(place + 2).is_some_and(|it| {
                matches!(&it.meaning, Meaning::Field(name) if self.field(name).is_some_and(|it| it.kind == Kind::Text))
            })
            || mark_at(place + 1).is_some_and(|it| it.text == "in the title");
        let said = place.checked_sub(1).and_then(mark_at);
        let looked_for = inside || said.is_some_and(|it| it.meaning == Meaning::Keyword(Keyword::Contains));
        let found = match &mark.meaning {
            // "mentions Friday"
            Meaning::Time(_)
            | Meaning::Value(_)
            | Meaning::Number(..)
            | Meaning::Field(_)
            | Meaning::Condition { .. }
            | Meaning::Unknown
                if looked_for =>
            {
                (any(self.texts(&mark.raw)), vec!["text".to_owned()])
            }
            Meaning::Value(them) => {
                let filters = conditions::of_values(them);
                let labels = labels(&filters);
                let mut sets: Vec<Vec<Filter>> = filters.into_iter().map(|it| vec![it]).collect();
                sets.extend(self.done_by(them));
                sets.extend(self.advised(them));
                for side in ["old", "new"] {
                    let changed =
                        |(it, value): &(String, Value)| conditions::of_change(self.entity, side, it, value);
                    let changed: Vec<_> = them.iter().filter_map(changed).collect();
                    // "whose new value is ERROR": of whatever field.
                    let bare = changed.first().and_then(|it| it.first()).filter(|_| says_value(linked));
                    sets.extend(bare.map(|it| vec![it.clone()]));
                    sets.extend(changed);
                }
                // "CC-3100 and CC-4200 side by side": by that tag.
                let mut tags =
                    them.iter().filter_map(|(name, _)| self.field(name).filter(|it| it.tag.is_some()));
                let tag = tags.next().filter(|it| tags.all(|other| other == *it));
                (Means { tag, ..any(sets) }, labels)
            }
            Meaning::Condition { filters, either: true } if is_several(&mark.meaning) => {
                // "Willem", where several are called so: all of them. No line can tell them apart.
                let mut all = Vec::new();
                filters.iter().cloned().for_each(|it| conditions::join(&mut all, it));
                (any(all.into_iter().map(|it| vec![it]).collect()), labels(filters))
            }
            Meaning::Condition { filters, either: true } => {
                (any(filters.iter().map(|it| vec![it.clone()]).collect()), labels(filters))
            }
            Meaning::Condition { filters, either: false } => (any(vec![filters.clone()]), labels(filters)),
            Meaning::Number(value, unit) => self.number(Number { value: *value, unit: *unit, op: around.op }),
            Meaning::Time(stretch) => {
                let halves = stretch.halves(&mark.text, self.at.today());
                (Means { halves, ..self.time(stretch) }, vec![TIME.to_owned()])
            }
            // "spend quarter over quarter": this quarter, which the language can compare with the one before.
            Meaning::Keyword(Keyword::Comparison) => {
                (self.time(&Stretch::compared(&mark.text)?), vec![TIME.to_owned()])
            }
            Meaning::Happened(dimension, stretch) => {
                (any(vec![conditions::of_stretch(dimension, stretch)]), vec!["used".to_owned()])
            }
            Meaning::Idle(dimension, value) => {
                let idle = Filter::new(dimension.clone(), Op::Before, value.clone());
                (any(vec![vec![idle]]), vec!["idle".to_owned()])
            }
            Meaning::Never(dimension) => {
                (any(vec![vec![conditions::empty(dimension.clone())]]), vec!["never used".to_owned()])
            }
            Meaning::Quoted(text) => (any(self.texts(text)), vec!["text".to_owned()]),
            Meaning::Unknown if is_text(linked, place) => {
                (any(self.texts(&mark.raw)), vec!["text".to_owned()])
            }
            Meaning::Field(name) => {
                let tag = self.field(name).filter(|it| it.tag.is_some())?;
                (Means { tag: Some(tag), ..Means::default() }, vec!["tag".to_owned()])
            }
            _ => return None,
        };
        Some(found)
    }

    /// A person who may have had another part in it: who proposed, who decided.
    fn done_by(&self, them: &[(String, Value)]) -> Vec<Vec<Filter>> {
        let doers = self.entity.words.doers.iter().map(|(_, doer)| *doer);
        let by = |doer: &str| {
            let (_, value) = them.iter().find(|(it, _)| self.entity.words.who == Some(it.as_str()))?;
            let known = them.iter().any(|(it, _)| it == doer);
            (!known).then(|| vec![Filter::new(doer, Op::Is, value.clone())])
        };
        doers.filter_map(by).collect()
    }

    /// "the AlwaysOn ones" of what is advised: to go there.
    fn advised(&self, them: &[(String, Value)]) -> Option<Vec<Filter>> {
        let action = self.entity.dimension("action").filter(|_| self.entity.has_desktops())?;
        let towards = |value: &Value| {
            let Value::Text(value) = value else { return None };
            let to = |it: &str| squash(it) == format!("to{}", squash(value));
            action.values.known().iter().map(|it| it.0).find(|it| to(it))
        };
        let mode = |name: &str| name.trim_start_matches(DESKTOP_PREFIX) == "running_mode";
        let found = them.iter().filter(|(it, _)| mode(it)).find_map(|(_, value)| towards(value))?;
        Some(vec![Filter::new("action", Op::Is, Value::text(found))])
    }

    fn number(&self, number: Number) -> (Means, Vec<String>) {
        if let Some(days) = number.days() {
            // "not logged in to 90 days": since then, or with `not` before.
            let times = self.entity.dimensions.iter().filter(|it| it.kind == Kind::Time);
            let since = times.map(|it| vec![Filter::new(it.name, Op::Since, Value::Ago { days_ago: days })]);
            let sets = since.chain(self.numbers(number)).collect();
            let alternatives = self.alternatives(sets);
            // "on more than five days", of rows that are days.
            let rows_are_days = self.entity.words.sliced
                && self.field(self.entity.time).is_some_and(|it| it.finest == Grain::Day);
            let number = number.op.filter(|_| rows_are_days).map(|_| number);
            return (Means { alternatives, number, ..Means::default() }, vec!["days".to_owned()]);
        }
        let label = format!("number {}", number.unit.map_or("", Unit::name));
        let alternatives = self.alternatives(self.numbers(number));
        let means = Means { alternatives, number: Some(number), ..Means::default() };
        (means, vec![label.trim_end().to_owned()])
    }

    /// Conditions on the numbers that are measured in that.
    fn numbers(&self, number: Number) -> Vec<Vec<Filter>> {
        let op = number.op.unwrap_or(Op::Is);
        let numbers = self.entity.dimensions.iter().filter(|it| it.kind == Kind::Number);
        let own = numbers.filter_map(|it| {
            let value = Unit::convert(number.unit, number.value, it.unit)?;
            Some(vec![Filter::new(it.name, op, Value::Number(value))])
        });
        // "the cost of desktops with more than 100 GB": of what rows reach only what is measured so.
        let desktops = self.catalog.desktops().filter(|_| self.entity.has_desktops());
        let reached = desktops.iter().flat_map(|it| it.dimensions).filter(|it| it.kind == Kind::Number);
        let reached =
            reached.filter(|it| number.unit.map(Unit::name).is_some_and(|unit| it.unit == Some(unit)));
        let reached = reached.map(|it| {
            vec![Filter::new(format!("{DESKTOP_PREFIX}{}", it.name), op, Value::Number(number.value))]
        });
        own.chain(reached).collect()
    }

    pub(super) fn time(&self, stretch: &Stretch) -> Means {
        let times = self.entity.dimensions.iter().filter(|it| it.kind == Kind::Time);
        let times = times.filter(|it| {
            let hours_of_days = it.finest == Grain::Day && stretch.unit == Grain::Hour;
            !conditions::is_too_fine(stretch, it.finest) && !hours_of_days
        });
        let sets = times.map(|it| conditions::of_stretch(it.name, stretch)).collect();
        let alternatives = self.alternatives(sets);
        let known = |it: &Stretch| self.takes(&conditions::of_stretch(self.entity.time, it));
        let stretch = Some(stretch.clone()).filter(known);
        let before = stretch.as_ref().and_then(Stretch::one_before).filter(known);
        let year_before = stretch.as_ref().and_then(|it| it.year_before(self.at.today())).filter(known);
        let current = stretch.as_ref().and_then(Stretch::current);
        Means { alternatives, stretch, before, year_before, current, ..Means::default() }
    }

    /// A text that need not be known: it is only looked for.
    fn texts(&self, text: &str) -> Vec<Vec<Filter>> {
        let texts = self.entity.dimensions.iter().filter(|it| matches!(it.kind, Kind::Text | Kind::Choice));
        texts.map(|it| vec![Filter::new(it.name, Op::Contains, Value::text(text))]).collect()
    }

    /// Those sets of conditions that the catalog has, with their names.
    pub(super) fn alternatives(&self, sets: Vec<Vec<Filter>>) -> Vec<Alternative> {
        let mut all: Vec<Alternative> = Vec::new();
        for filters in sets {
            let Some(first) = filters.first().filter(|_| self.takes(&filters)) else { continue };
            let plain = shown(&first.dimension);
            let taken = |name: &str| all.iter().any(|it| it.name == name);
            let numbered = (2..).map(|n| format!("{plain}{n}"));
            let Some(name) = [plain.clone()].into_iter().chain(numbered).find(|it| !taken(it)) else {
                continue;
            };
            let turned = match filters.as_slice() {
                [only] => opposite(only).filter(|it| self.takes(std::slice::from_ref(it))),
                _ => None,
            };
            all.push(Alternative { name, filters, turned });
        }
        all
    }
}

/// The question speaks of old or new values by that name.
fn says_value(linked: &Linked) -> bool {
    let side =
        |it: &Mark| matches!(&it.meaning, Meaning::Field(name) if matches!(name.as_str(), "old" | "new"));
    linked.marks.iter().any(side)
}

/// One of several values of the same dimension.
pub(super) fn is_several(meaning: &Meaning) -> bool {
    let Meaning::Condition { filters, either: true } = meaning else { return false };
    let alike = |it: &Filter, other: &Filter| {
        it.dimension == other.dimension && it.values.len() == other.values.len()
    };
    filters.iter().any(|it| it.op == Op::Is && filters.iter().filter(|other| alike(it, other)).count() > 1)
}

/// "containing vpn", "with vpn in the name": what nobody knows may be a text there.
fn is_text(linked: &Linked, place: usize) -> bool {
    let near = linked.marks.iter().skip(place.saturating_sub(NEAR)).take(2 * NEAR + 1);
    let said = |it: &Mark| match &it.meaning {
        Meaning::Keyword(Keyword::Contains | Keyword::InTheName) => true,
        // "boto3 as the program", "CTR- hosts by name"
        Meaning::Field(name) => {
            let text = |it: &Dimension| it.kind == Kind::Text && !PEOPLE.contains(&it.name);
            linked.entity.dimension(name).is_some_and(|it| text(it) && !it.name.ends_with("id"))
        }
        _ => false,
    };
    linked.marks.get(place).is_some_and(|it| it.meaning == Meaning::Unknown) && near.clone().any(said)
}

pub(super) fn opposite(filter: &Filter) -> Option<Filter> {
    match filter.op {
        Op::Is | Op::IsNot | Op::Empty | Op::NotEmpty => conditions::turn(filter.clone()),
        Op::Contains => None,
        op => Some(Filter { op: conditions::inverse(op), ..filter.clone() }),
    }
}

/// A dimension without the names that people gave to tags.
pub(super) fn shown(dimension: &str) -> String {
    match (dimension.split_once(TAG_PREFIX), Clock::split(dimension)) {
        (Some((before, _)), _) => format!("{before}tag"),
        (None, Some((_, clock))) => clock.name().to_owned(),
        (None, None) => dimension.to_owned(),
    }
}

pub(super) fn labels(filters: &[Filter]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for it in filters {
        let name = shown(it.dimension.strip_prefix(DESKTOP_PREFIX).unwrap_or(&it.dimension));
        let label = if PEOPLE.contains(&name.as_str()) { "user".to_owned() } else { name };
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

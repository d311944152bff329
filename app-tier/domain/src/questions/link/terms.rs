//! The names that each entity gives to things, whoever asks and whatever the database holds; made once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};

use contract::{
    catalog::Kind,
    query::{Filter, Op, Value},
};

use super::{
    Meaning, activity,
    vocabulary::{GRAINS, KEYWORDS, is_weak, light, noise},
};
use crate::{
    catalog::{self, DESKTOP_PREFIX, Entity, words::Said},
    questions::words::{squash, stem},
};

/// The entity whose dimensions others reach.
pub(super) const DESKTOPS: &str = "workspaces";

/// How much a meaning is preferred to others of the same length; the least wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Figure,
    Own,
    Condition,
    Keyword,
    TimeOf,
    Value,
    Field,
    Hint,
    Grain,
    Reached,
    Noise,
}

/// The names that an entity gives to things, whoever asks and whatever the database holds.
#[derive(Debug, Default)]
pub(super) struct Terms {
    pub(super) exact: HashMap<String, (Rank, Meaning)>,
    pub(super) stemmed: HashMap<String, (Rank, Meaning)>,
    /// Of values, for the database's to join.
    pub(super) values: HashMap<String, Vec<(String, Value)>>,
}

pub(super) static TERMS: LazyLock<BTreeMap<&'static str, Terms>> =
    LazyLock::new(|| catalog::all().iter().map(|it| (it.name, Terms::of(it))).collect());

/// Of each entity with an activity its phrases and its dimension.
pub(super) static ACTIVITIES: LazyLock<BTreeMap<&'static str, (activity::Phrases, &'static str)>> =
    LazyLock::new(|| {
        let known = catalog::all().iter().filter_map(|it| Some((it.name, it.activity.as_ref()?)));
        known.map(|(name, it)| (name, (activity::Phrases::of(it), it.dimension))).collect()
    });

/// Every single word of any name, for the spelling.
pub(super) static WORDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut all = BTreeSet::new();
    let mut add = |text: &str| {
        for word in text.split([' ', '-', '_', '/']) {
            let word = word.to_lowercase();
            if word.chars().all(char::is_alphabetic) && !word.is_empty() {
                all.insert(word);
            }
        }
    };
    for entity in catalog::all() {
        each_name(entity, &mut |text, _, _| add(text));
    }
    shape_names(&mut |text, _, _| add(text));
    all
});

/// Calls back with every name of the vocabulary.
fn shape_names(add: &mut dyn FnMut(&str, Rank, Meaning)) {
    for (texts, keyword) in KEYWORDS {
        for text in texts.split('|') {
            let rank = if is_weak(*keyword) { Rank::Reached } else { Rank::Keyword };
            add(text, rank, Meaning::Keyword(*keyword));
        }
    }
    for (text, grain, alone) in GRAINS {
        add(text, Rank::Grain, Meaning::Grain(*grain, *alone));
    }
    for text in noise() {
        add(text, Rank::Noise, Meaning::Noise);
    }
}

/// General words, without those that some entity has a meaning for: "cost" says much in a question about desktops.
pub(super) static LIGHT: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut named = BTreeSet::new();
    for entity in catalog::all() {
        each_name(entity, &mut |text, rank, _| {
            if matches!(rank, Rank::Figure | Rank::Own | Rank::Condition | Rank::TimeOf) {
                named.insert(squash(text));
                named.insert(stem(text));
            }
        });
    }
    light().filter(|it| !named.contains(it) && !named.contains(&stem(it))).collect()
});

/// Calls back with every name that the entity gives.
fn each_name(entity: &'static Entity, add: &mut dyn FnMut(&str, Rank, Meaning)) {
    let words = entity.words;
    for text in
        [entity.name, entity.singular, entity.plural].into_iter().chain(entity.synonyms.iter().copied())
    {
        add(text, Rank::Own, Meaning::Entity);
    }
    for text in words.rows {
        add(text, Rank::Own, Meaning::Entity);
    }
    for figure in words.measures {
        for text in figure.words {
            add(text, Rank::Figure, Meaning::Figure(figure));
        }
    }
    for text in words.hints {
        add(text, Rank::Hint, Meaning::Hint);
    }
    for (dimension, texts) in words.times {
        for text in *texts {
            add(text, Rank::TimeOf, Meaning::TimeOf((*dimension).to_owned()));
        }
    }
    names_of_parts(entity, "", &mut |text, rank, meaning| add(text, rank, meaning));
    if entity.has_desktops()
        && let Some(desktops) = catalog::all().iter().find(|it| it.name == DESKTOPS)
    {
        names_of_parts(desktops, DESKTOP_PREFIX, &mut |text, _, meaning| {
            if let Some(meaning) = reached(entity, meaning) {
                add(text, Rank::Reached, meaning);
            }
        });
    }
}

/// A desktop's meaning in an entity whose rows belong to desktops: `desktop.NAME`, or its own where it has that name.
fn reached(entity: &Entity, meaning: Meaning) -> Option<Meaning> {
    let name = |name: String| {
        let own = name.strip_prefix(DESKTOP_PREFIX).filter(|it| entity.dimension(it).is_some());
        let name = own.map_or_else(|| name.clone(), str::to_owned);
        entity.reach(&name).map(|it| it.name)
    };
    Some(match meaning {
        Meaning::Field(it) => Meaning::Field(name(it)?),
        Meaning::Value(them) => {
            let them: Vec<_> = them.into_iter().filter_map(|(it, value)| Some((name(it)?, value))).collect();
            if them.is_empty() {
                return None;
            }
            Meaning::Value(them)
        }
        Meaning::Condition { filters, either } => {
            let filters: Option<Vec<_>> =
                filters.into_iter().map(|it| Some(Filter { dimension: name(it.dimension)?, ..it })).collect();
            Meaning::Condition { filters: filters?, either }
        }
        _ => return None,
    })
}

fn names_of_parts(entity: &'static Entity, prefix: &str, add: &mut dyn FnMut(&str, Rank, Meaning)) {
    let words = entity.words;
    let named = |name: &str| format!("{prefix}{name}");
    for (dimension, texts) in words.fields {
        for text in *texts {
            add(text, Rank::Field, Meaning::Field(named(dimension)));
        }
    }
    for (dimension, value, texts) in words.values {
        for text in *texts {
            add(text, Rank::Value, Meaning::Value(vec![(named(dimension), Value::text(*value))]));
        }
    }
    for said in words.conditions {
        for text in said.words {
            add(text, Rank::Condition, condition(said, entity, prefix));
        }
    }
    for it in entity.dimensions {
        for text in [it.name, it.label].into_iter().chain(it.synonyms.iter().copied()) {
            add(text, Rank::Field, Meaning::Field(named(it.name)));
        }
        for (value, synonyms) in it.values.known() {
            // "tag" and "model" say more often something else than where a cost comes from.
            let rank = if it.name == "source" { Rank::Noise } else { Rank::Value };
            for text in [*value].into_iter().chain(synonyms.iter().copied()) {
                add(text, rank, Meaning::Value(vec![(named(it.name), Value::text(*value))]));
            }
        }
    }
}

fn condition(said: &Said, entity: &Entity, prefix: &str) -> Meaning {
    let value = |dimension: &str, text: &str| match entity.dimension(dimension).map(|it| it.kind) {
        Some(Kind::Bool) => Value::Bool(text == "true"),
        Some(Kind::Number) => text.parse().map_or_else(|_| Value::text(text), Value::Number),
        _ => Value::text(text),
    };
    let filter = |(dimension, op, values): &(&str, Op, &[&str])| Filter {
        dimension: format!("{prefix}{dimension}"),
        op: *op,
        values: values.iter().map(|it| value(dimension, it)).collect(),
    };
    Meaning::Condition { filters: said.conditions.iter().map(filter).collect(), either: said.either }
}

impl Terms {
    fn of(entity: &'static Entity) -> Self {
        let mut terms = Self::default();
        each_name(entity, &mut |text, rank, meaning| terms.add(text, rank, meaning));
        shape_names(&mut |text, rank, meaning| terms.add(text, rank, meaning));
        for text in LIGHT.iter() {
            terms.add(text, Rank::Noise, Meaning::Noise);
        }
        terms
    }

    fn add(&mut self, text: &str, rank: Rank, meaning: Meaning) {
        // Signs are read by their form; without them nothing would be left of a name.
        if text.contains(['%', '<', '>', '=', ',']) || squash(text).is_empty() {
            return;
        }
        if let Meaning::Value(new) = &meaning {
            let them = self.values.entry(squash(text)).or_default();
            if new.iter().any(|(name, _)| !name.starts_with(DESKTOP_PREFIX)) {
                them.retain(|(name, _)| !name.starts_with(DESKTOP_PREFIX));
            }
            for it in new {
                // A value of the row itself goes before one of its desktop.
                let own = them.iter().any(|(name, _)| !name.starts_with(DESKTOP_PREFIX));
                let rival = own && it.0.starts_with(DESKTOP_PREFIX);
                let same = |(name, _): &(String, Value)| *name == it.0;
                if !rival && !them.iter().any(same) {
                    them.push(it.clone());
                }
            }
        }
        for (names, key) in [(&mut self.exact, squash(text)), (&mut self.stemmed, stem(text))] {
            match names.get(&key) {
                Some((earlier, _)) if *earlier <= rank => {}
                _ => {
                    names.insert(key, (rank, meaning.clone()));
                }
            }
        }
    }
}

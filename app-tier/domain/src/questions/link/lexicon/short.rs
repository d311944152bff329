//! Values called by a part of their names: "the lab directory", "Priya", "in corp and sales".

use contract::query::{Filter, Op, Value};

use super::{
    super::{By, Meaning, Prepared, Run, spelling, terms},
    DOERS, HARDWARE, Lexicon,
};
use crate::{
    catalog::DESKTOP_PREFIX,
    questions::words::{singular, squash},
};

/// The usual name of the tag that says whose a desktop is.
const OWNER: &str = "tags.Owner";

const MOST_WORDS_OF_PART: usize = 3;
/// More values than this with one part in their names: none of them is called so.
const MOST_OF_ONE_PART: usize = 4;

fn plain(dimension: &str) -> &str {
    dimension.strip_prefix(DESKTOP_PREFIX).unwrap_or(dimension)
}

/// Whose values are people, or what acts as one.
pub(in crate::questions::link) fn is_of_people(dimension: &str) -> bool {
    plain(dimension) == "user_name" || DOERS.contains(&plain(dimension))
}

/// People and directories are called by a part of their names, also where they are joined to another.
pub(in crate::questions::link) fn is_called_in_short(dimension: &str) -> bool {
    plain(dimension) == "directory" || is_of_people(dimension)
}

impl Lexicon<'_> {
    /// "the lab directory", "Contact Centre bundle": a value by a part of its name, before what it is a value of.
    pub(super) fn named_short(&self, prepared: &Prepared<'_>, at: usize) -> Option<(Meaning, usize)> {
        let runs = prepared.runs.get(at)?;
        (1..=runs.len().min(MOST_WORDS_OF_PART)).rev().find_map(|taken| {
            // What stands beyond a comma or a sign says nothing of it.
            let apart = prepared.words.get(at + taken).is_none_or(|it| squash(&it.text).is_empty());
            let after = prepared.runs.get(at + taken).filter(|_| !apart)?;
            let named = (1..=after.len().min(2)).rev().find_map(|n| self.named_dimension(after.get(n - 1)?));
            Some((self.part(runs.get(taken - 1)?, taken > 1, Some(&named?))?, taken))
        })
    }

    /// The dimension that words name. Of changes "directory" is also a field that changed.
    fn named_dimension(&self, run: &Run) -> Option<String> {
        match self.name(run)? {
            Meaning::Field(name) => Some(name),
            Meaning::Value(them) => match them.as_slice() {
                [(field, Value::Text(name))] if field == "field" => {
                    self.entity.reach(&format!("{DESKTOP_PREFIX}{name}")).map(|it| it.name)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// "the directory sales", "project northstar": the same after it.
    pub(super) fn named_after(&self, prepared: &Prepared<'_>, at: usize) -> Option<(Meaning, usize)> {
        // "owner tag priya"
        let before = prepared.words.get(at.checked_sub(1)?)?;
        let end = if matches!(before.text.as_str(), "tag" | "tagged") { at.checked_sub(1)? } else { at };
        let named = (1..=2).rev().find_map(|n| {
            let run = prepared.runs.get(end.checked_sub(n)?)?.get(n - 1)?;
            self.named_dimension(run)
        })?;
        let (first, runs) = (prepared.words.get(at)?, prepared.runs.get(at)?);
        // "people cost" is not what cost-optimizer did.
        let least = usize::from(DOERS.contains(&named.as_str()) && terms::WORDS.contains(&first.text)) + 1;
        (least..=runs.len().min(MOST_WORDS_OF_PART))
            .rev()
            .find_map(|taken| self.part(runs.get(taken - 1)?, taken > 1, Some(&named)).map(|it| (it, taken)))
    }

    /// "in corp and sales", "by Marco or Sean": what is joined to a directory or a person is one, where one is called so.
    pub(super) fn joined(
        &self,
        prepared: &Prepared<'_>,
        at: usize,
        beside: &[&str],
    ) -> Option<(Meaning, usize)> {
        let runs = prepared.runs.get(at)?;
        (1..=runs.len().min(MOST_WORDS_OF_PART)).rev().find_map(|taken| {
            let run = runs.get(taken - 1)?;
            beside.iter().find_map(|it| self.part(run, taken > 1, Some(it))).map(|it| (it, taken))
        })
    }

    /// A person or a directory by a part of the name, where nothing else is called so: "Priya", "the contractors". "LAB-" is
    /// no directory.
    pub(super) fn short(&self, prepared: &Prepared<'_>, at: usize) -> Option<(Meaning, usize)> {
        let (first, runs) = (prepared.words.get(at)?, prepared.runs.get(at)?);
        if prepared.raw(first.start, first.end).ends_with('-') {
            return None;
        }
        // A single word of ours is no name.
        let least = if spelling::is_known(&first.text) { 2 } else { 1 };
        (least..=runs.len().min(MOST_WORDS_OF_PART)).rev().find_map(|taken| {
            let run = runs.get(taken - 1)?;
            // "CAD desktops" are of that bundle, where nothing else is called so.
            let next = prepared.words.get(at + taken).map_or("", |it| it.text.as_str());
            let hardware = HARDWARE.contains(&singular(next).as_ref());
            let bundle = || self.part(run, true, None).filter(|it| matches!(it, Meaning::Value(_)));
            let found = self.part(run, taken > 1, None).or_else(|| hardware.then(bundle).flatten())?;
            Some((found, taken))
        })
    }

    /// "owned by Priya": of whoever uses it, or has a tag for who owns it.
    pub(super) fn owner(&self, prepared: &Prepared<'_>, at: usize) -> Option<(Meaning, usize)> {
        let word = |back: usize| at.checked_sub(back).and_then(|it| prepared.words.get(it));
        let (owned, by) = (word(2)?, word(1)?);
        if (owned.text.as_str(), by.text.as_str()) != ("owned", "by") {
            return None;
        }
        let called = |name: &str, run: &Run| {
            let names = [name.to_owned(), format!("{DESKTOP_PREFIX}{name}")];
            let name = names.into_iter().find(|it| self.entity.reach(it).is_some())?;
            match self.part(run, false, Some(&name))? {
                Meaning::Value(them) => Some(them),
                _ => None,
            }
        };
        let runs = prepared.runs.get(at)?;
        (1..=runs.len().min(MOST_WORDS_OF_PART)).rev().find_map(|taken| {
            let run = runs.get(taken - 1)?;
            let mut them = called(OWNER, run)?;
            them.extend(called("user_name", run).unwrap_or_default());
            Some((Meaning::Value(them), taken))
        })
    }

    /// `bundles`: these are called so, too.
    fn part(&self, run: &Run, bundles: bool, of: Option<&str>) -> Option<Meaning> {
        // "nor a" is no Nora, and "na" a directory only where it is called one.
        let short = run.exact.chars().count() <= 2 && run.exact.chars().all(char::is_alphabetic);
        if run.stemmed.is_empty() || of.is_none() && short {
            return None;
        }
        let mut values: Vec<(String, Value)> = Vec::new();
        // "yusufs desktop"
        let called = |name: &str| self.stored.get(name);
        // "contractor desktops" are of the contractors.
        let plural = || called(&format!("{}s", run.exact));
        let stored = called(&run.exact).or_else(|| called(&run.stemmed)).or_else(plural)?;
        for it in stored.iter().filter(|it| it.by == By::Part) {
            let Some(dimension) = self.reachable(&it.entity, &it.dimension) else { continue };
            let in_short = is_called_in_short(&dimension)
                || matches!(plain(&dimension), "compute_type" | "error_code")
                || bundles && plain(&dimension) == "bundle";
            let fits = of.map_or(in_short, |it| it == dimension);
            let entry = (dimension, Value::text(it.value.clone()));
            if fits && !values.contains(&entry) {
                values.push(entry);
            }
        }
        // The directory "dev" is dev.halden.example rather than dev-na.halden.example.
        let begins = |(name, it): &(String, Value)| {
            let label = if let Value::Text(it) = it { it.split('.').next() } else { None };
            name.ends_with("directory") && label.is_some_and(|it| squash(it) == run.exact)
        };
        if values.iter().any(begins) {
            values.retain(|it| !it.0.ends_with("directory") || begins(it));
        }
        let (_, first) = values.first()?;
        if values.iter().all(|(_, it)| it == first) {
            values.sort_by_key(|(name, _)| name.clone());
            return Some(Meaning::Value(values));
        }
        let filters: Vec<_> = values.into_iter().map(|(name, it)| Filter::new(name, Op::Is, it)).collect();
        (filters.len() <= MOST_OF_ONE_PART).then_some(Meaning::Condition { filters, either: true })
    }
}

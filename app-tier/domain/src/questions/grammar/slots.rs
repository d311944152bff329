//! Where a question holds something that a plan can name, entity by entity.

use super::means::{About, Means, TIME, is_several};
use crate::{
    catalog::{Catalog, TAG_PREFIX, check::Moment},
    questions::{
        link::{Linked, Mark, Meaning, Prepared, StoredValue, link},
        rules::around,
        words::Question,
    },
};

/// More than this no question needs.
const MOST: usize = 16;

/// A place of the question and what it can mean.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// In characters of the question.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What the model reads in its place.
    pub(super) label: String,
    /// Talk around the question for every entity: a line may leave it out.
    pub(super) aside: bool,
    /// The catalog's own words for something, though a value is called so too: they stay to be read.
    pub(super) shown: bool,
    /// A word of the house's own stands for several things that this place cannot hold apart.
    crowded: bool,
    /// By the places of the entities in the catalog.
    pub(super) means: Vec<Means>,
}

impl Slot {
    /// Something that the plan on the screen names: it has no place in the question, and a line may leave it out.
    pub(super) fn of_previous(label: String, means: Vec<Means>) -> Self {
        Self { start: 0, end: 0, label, aside: true, shown: false, crowded: false, means }
    }
}

/// The slots of a question.
#[derive(Debug)]
pub(super) struct Found {
    /// So many of the slots, the first ones, are of the plan on the screen.
    pub(super) of_previous: usize,
    pub(super) slots: Vec<Slot>,
    /// Those that are too many, or crowded: no line can name them.
    pub(super) beyond: Vec<Slot>,
    /// The question speaks of desktops.
    pub(super) desktops: bool,
}

/// Links the question for every entity of the catalog, and puts what was found at the same place together.
pub(super) fn find(question: &Question, catalog: &Catalog, stored: &[StoredValue], at: Moment) -> Found {
    let prepared = Prepared::new(question, stored, at);
    let entities = catalog.entities();
    let mut found: Vec<(Slot, Vec<String>)> = Vec::new();
    let mut all: Vec<Linked> = Vec::new();
    for (n, entity) in entities.iter().enumerate() {
        let about = About { entity, catalog, at };
        let linked = link(&prepared, entity, catalog);
        let around = around(&linked, catalog, at);
        for (place, mark) in linked.marks.iter().enumerate() {
            let around = around.get(place).copied().unwrap_or_default();
            let Some((means, labels)) = about.means(&linked, place, around) else { continue };
            // One entity has "of October" as a time, another only "October".
            let is_time = labels == [TIME];
            let same = found.iter_mut().find(|(it, known)| {
                it.end == mark.end && (it.start == mark.start || (is_time && *known == [TIME]))
            });
            let (slot, known) = match same {
                Some(it) => {
                    it.0.start = it.0.start.min(mark.start);
                    it
                }
                None => {
                    let none = vec![Means::default(); entities.len()];
                    let slot = Slot {
                        start: mark.start,
                        end: mark.end,
                        label: String::new(),
                        aside: true,
                        shown: false,
                        crowded: false,
                        means: none,
                    };
                    found.push((slot, Vec::new()));
                    match found.last_mut() {
                        Some(it) => it,
                        None => continue,
                    }
                }
            };
            slot.aside &= around.aside;
            if let Some(it) = slot.means.get_mut(n) {
                slot.crowded |= !it.is_nothing() || (means.is_nothing() && is_several(&mark.meaning));
                *it = means;
            }
            known.extend(labels.into_iter().filter(|it| !known.contains(it)).collect::<Vec<_>>());
        }
        all.push(linked);
    }
    for (n, linked) in all.iter().enumerate() {
        for (slot, _) in &mut found {
            let here = linked.marks.iter().filter(|it| it.start < slot.end && slot.start < it.end);
            let says = |it: &Mark| is_vocabulary(&it.meaning);
            let plain = here.clone().all(|it| says(it) || it.meaning == Meaning::Noise);
            slot.shown |= plain && here.clone().any(says);
            if let Some(it) = slot.means.get_mut(n) {
                it.plain = plain && it.is_nothing();
            }
        }
    }
    found.sort_by_key(|(it, _)| (it.start, it.end));
    let labelled = found.into_iter().map(|(slot, labels)| {
        let label = labels.into_iter().take(3).collect::<Vec<_>>().join("|");
        Slot { label, ..slot }
    });
    let (mut beyond, mut slots): (Vec<Slot>, Vec<Slot>) = labelled.partition(|it| it.crowded);
    beyond.extend(slots.split_off(slots.len().min(MOST)));
    beyond.sort_by_key(|it| it.start);
    let of_desktops = |it: &&Linked| Some(it.entity.name) == catalog.desktops().map(|it| it.name);
    let named = |it: &Linked| it.marks.iter().any(|it| it.meaning == Meaning::Entity);
    let desktops = all.iter().find(of_desktops).is_some_and(named);
    Found { of_previous: 0, slots, beyond, desktops }
}

/// Words that name something of the catalog, or carry the question's shape.
fn is_vocabulary(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Field(name) => !name.contains(TAG_PREFIX),
        Meaning::Entity
        | Meaning::Figure(_)
        | Meaning::TimeOf(_)
        | Meaning::Grain(..)
        | Meaning::Keyword(_)
        | Meaning::Hint => true,
        _ => false,
    }
}

//! Stretches without use that are too unlikely to be chance: leave, illness, somebody who is gone, or is not there yet.

use chrono::NaiveDate;

use super::{
    super::Policy,
    profile::{Day, of_weekday, weekday_means},
};

/// No weekday is so surely used that a single day without use proves an absence.
const SUREST: f64 = 0.95;

/// From the first day without use to before the first day on which the user may be back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Absence {
    pub(super) from: NaiveDate,
    pub(super) until: NaiveDate,
}

impl Absence {
    fn contains(&self, date: NaiveDate) -> bool {
        (self.from..self.until).contains(&date)
    }
}

/// The absences among known days, in order of time.
pub(super) fn absences(known: &[Day], policy: &Policy) -> Vec<Absence> {
    let mut found = Vec::new();
    // Absences make use look rarer than it is, so that the first look finds the clearest and the second the rest.
    for _ in 0..2 {
        // How often a weekday is used, in weeks with any use.
        let active: Vec<Day> = without(known, &found)
            .rchunks(7)
            .filter(|week| week.iter().any(|(_, hours)| *hours > 0.0))
            .flatten()
            .copied()
            .collect();
        let used = weekday_means(&active, |_| 1.0, |hours| if hours > 0.0 { 1.0 } else { 0.0 });
        found = unlikely(known, &used, policy);
    }
    found
}

/// The days outside of absences.
pub(super) fn without(known: &[Day], absences: &[Absence]) -> Vec<Day> {
    known.iter().copied().filter(|(date, _)| !absences.iter().any(|it| it.contains(*date))).collect()
}

/// Stretches without use whose chance, given how often each weekday is used, is below the bound.
fn unlikely(known: &[Day], used: &[f64; 7], policy: &Policy) -> Vec<Absence> {
    let mut found: Vec<Absence> = Vec::new();
    let mut stretch: Option<(NaiveDate, f64)> = None;
    let last = known.last().map(|(date, _)| *date);
    for (date, hours) in known {
        if *hours > 0.0 {
            stretch = None;
            continue;
        }
        let (from, so_far) = stretch.unwrap_or((*date, 1.0));
        let chance = so_far * (1.0 - of_weekday(used, *date).min(SUREST));
        stretch = Some((from, chance));
        let bound = if last == Some(*date) { policy.chance_of_absence_now } else { policy.chance_of_absence };
        let until = date.succ_opt().unwrap_or(*date);
        match found.last_mut() {
            Some(it) if it.from == from => it.until = until,
            _ if chance < bound => found.push(Absence { from, until }),
            _ => {}
        }
    }
    found
}

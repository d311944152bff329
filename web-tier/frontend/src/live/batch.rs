//! The jobs of one sync, or of several that overlap: how far they are together and by account and region. Pure.

use std::collections::{BTreeMap, BTreeSet};

use contract::{
    ids::JobId,
    jobs::{Job, JobState},
};

/// Samples of the count, for the rate; enough for a minute at one per [`SAMPLE_MS`].
const SAMPLES: usize = 60;
const SAMPLE_MS: i64 = 1_000;
/// The rate is that of the last so many samples.
const RATE_SAMPLES: usize = 8;

/// Jobs that are shown as one. When all of them have ended, the next one begins a new batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    jobs: BTreeMap<JobId, Job>,
    began_ms: i64,
    samples: Vec<(i64, i64)>,
}

/// What one account and region has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// `production / eu-west-1`
    pub label: String,
    /// 0 to 1, every job counting the same.
    pub fraction: f64,
    /// Rows read.
    pub rows: i64,
    pub state: JobState,
    /// What it waits for, or why it ended as it did.
    pub note: Option<String>,
}

impl Batch {
    /// Takes in a job; tells whether its state is news.
    pub(super) fn moved(&mut self, job: Job, now_ms: i64) -> bool {
        let known = self.jobs.get(&job.id);
        // A list that was read before the stream's last word must not bring a job back to life.
        if known.is_some_and(|known| {
            known.state.is_final() && !job.state.is_final() && job.attempt <= known.attempt
        }) {
            return false;
        }
        let news = known.is_none_or(|known| known.state != job.state);
        if known.is_none() && !self.is_running() {
            if job.state.is_final() {
                // Somebody else's end of something whose course was not seen.
                return news;
            }
            *self = Self { began_ms: now_ms, ..Self::default() };
        }
        self.jobs.insert(job.id, job);
        if self.samples.last().is_none_or(|(at, _)| now_ms - at >= SAMPLE_MS) {
            self.samples.push((now_ms, self.rows()));
            self.samples.drain(..self.samples.len().saturating_sub(SAMPLES));
        }
        news
    }

    /// Forgets jobs that seem to run but are not among these.
    pub(super) fn keep_only(&mut self, running: &BTreeSet<JobId>) {
        self.jobs.retain(|id, job| job.state.is_final() || running.contains(id));
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    #[must_use]
    pub fn is_running(&self) -> bool {
        self.jobs.values().any(|job| !job.state.is_final())
    }

    /// How many jobs, and how many of them have ended.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.jobs.len(), self.jobs.values().filter(|job| job.state.is_final()).count())
    }

    /// Jobs that gave up.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.jobs.values().filter(|job| job.state == JobState::Dead).count()
    }

    /// Rows read so far.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.jobs.values().map(|job| job.progress.done).sum()
    }

    /// 0 to 1 over all jobs.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        mean(self.jobs.values().map(fraction))
    }

    /// Rows per second lately, when that can be told.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let from = self.samples.len().saturating_sub(RATE_SAMPLES);
        let (first, last) = (self.samples.get(from)?, self.samples.last()?);
        #[expect(clippy::as_conversions, reason = "a rate is shown with three digits")]
        let rate = (last.1 - first.1) as f64 * 1000.0 / (last.0 - first.0) as f64;
        (last.0 > first.0).then_some(rate)
    }

    /// Rows per second, sample by sample.
    #[must_use]
    pub fn rates(&self) -> Vec<f64> {
        #[expect(clippy::as_conversions, reason = "a sparkline has few pixels")]
        let rate =
            |a: &(i64, i64), b: &(i64, i64)| (b.1 - a.1).max(0) as f64 * 1000.0 / (b.0 - a.0).max(1) as f64;
        self.samples.iter().zip(self.samples.iter().skip(1)).map(|(a, b)| rate(a, b)).collect()
    }

    /// Seconds that are left if it goes on like this; `None` before a twentieth is done.
    #[must_use]
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "whole seconds of an estimate"
    )]
    pub fn seconds_left(&self, now_ms: i64) -> Option<i64> {
        let fraction = self.fraction();
        let elapsed = (now_ms - self.began_ms) as f64 / 1000.0;
        (0.05..1.0).contains(&fraction).then(|| (elapsed * (1.0 - fraction) / fraction) as i64)
    }

    /// By account and region, in the order of their names.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        // A job that has not begun has no label yet; another one of the same account and region may have.
        let place = |job: &Job| (job.payload.get("account").cloned(), job.payload.get("region").cloned());
        let label = |job: &Job| {
            let of_place =
                || self.jobs.values().filter(|it| !job.payload.is_null() && place(it) == place(job));
            let mut labelled = std::iter::once(job).chain(of_place()).map(|it| it.progress.label.clone());
            labelled.find(|it| !it.is_empty()).unwrap_or_else(|| {
                let region = job.payload.get("region").and_then(|it| it.as_str());
                region.map_or_else(|| "Waiting".to_owned(), |region| format!("… / {region}"))
            })
        };
        let mut groups = BTreeMap::<String, Vec<&Job>>::new();
        for job in self.jobs.values() {
            groups.entry(label(job)).or_default().push(job);
        }
        groups
            .into_iter()
            .map(|(label, jobs)| Group {
                label,
                fraction: mean(jobs.iter().map(|job| fraction(job))),
                rows: jobs.iter().map(|job| job.progress.done).sum(),
                state: together(&jobs),
                note: jobs.iter().find_map(|job| job.error.clone().or_else(|| job.progress.note.clone())),
            })
            .collect()
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), it| (sum + it, count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

#[expect(clippy::as_conversions, reason = "a bar has a thousand pixels at most")]
fn fraction(job: &Job) -> f64 {
    match (job.state, job.progress.total) {
        (state, _) if state.is_final() => 1.0,
        (JobState::Running, Some(total)) if total > 0 => {
            (job.progress.done as f64 / total as f64).clamp(0.0, 0.99)
        }
        _ => 0.0,
    }
}

/// The state that tells most: one that runs, then one that waits, then one that gave up.
fn together(jobs: &[&Job]) -> JobState {
    let order = [JobState::Running, JobState::Waiting, JobState::Dead, JobState::Cancelled];
    order.into_iter().find(|state| jobs.iter().any(|job| job.state == *state)).unwrap_or(JobState::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: i64, label: &str, state: JobState, done: i64, total: Option<i64>) -> Job {
        let at = "2026-03-03T00:00:00Z";
        serde_json::from_value(serde_json::json!({
            "id": id, "kind": "sync_desktops", "state": state, "progress": { "label": label, "done": done, "total": total },
            "attempt": 1, "max_attempts": 5, "created_at": at, "run_at": at, "payload": {},
        }))
        .unwrap()
    }

    fn batch(jobs: &[Job]) -> Batch {
        let mut batch = Batch::default();
        for job in jobs {
            batch.moved(job.clone(), 0);
        }
        batch
    }

    #[test]
    fn jobs_are_shown_by_account_and_region() {
        let batch = batch(&[
            job(1, "prod / eu-west-1", JobState::Running, 50, Some(100)),
            job(2, "prod / eu-west-1", JobState::Done, 10, Some(10)),
            job(3, "dev / us-east-1", JobState::Dead, 0, None),
        ]);
        let groups = batch.groups();
        assert_eq!(
            groups.iter().map(|it| it.label.as_str()).collect::<Vec<_>>(),
            ["dev / us-east-1", "prod / eu-west-1"]
        );
        assert_eq!((groups[1].fraction, groups[1].rows, groups[1].state), (0.75, 60, JobState::Running));
        assert_eq!(groups[0].state, JobState::Dead);
        assert_eq!((batch.counts(), batch.failed()), ((3, 2), 1));
    }

    #[test]
    fn a_job_without_a_label_is_shown_with_its_account_and_region() {
        let at = |id, label: &str, account: i64| Job {
            payload: serde_json::json!({ "account": account, "region": "eu-west-1" }),
            ..job(id, label, JobState::Waiting, 0, None)
        };
        let groups = batch(&[at(1, "", 7), at(2, "prod / eu-west-1", 7), at(3, "", 8)]).groups();
        assert_eq!(
            groups.iter().map(|it| it.label.as_str()).collect::<Vec<_>>(),
            ["prod / eu-west-1", "… / eu-west-1"]
        );
    }

    #[test]
    fn a_late_list_does_not_revive_a_job_but_a_new_attempt_does() {
        let mut batch =
            batch(&[job(1, "a", JobState::Running, 5, None), job(1, "a", JobState::Done, 9, None)]);
        assert!(!batch.moved(job(1, "a", JobState::Running, 6, None), 0));
        assert!(!batch.is_running());
        assert!(batch.moved(Job { attempt: 2, ..job(1, "a", JobState::Running, 0, None) }, 0));
        assert!(batch.is_running());
    }

    #[test]
    fn a_new_sync_begins_a_new_batch() {
        let mut batch =
            batch(&[job(1, "a", JobState::Running, 5, None), job(1, "a", JobState::Done, 9, None)]);
        batch.moved(job(2, "a", JobState::Waiting, 0, None), 5);
        assert_eq!(batch.counts(), (1, 0));
    }

    #[test]
    fn what_ended_unseen_is_not_shown() {
        assert!(batch(&[job(1, "a", JobState::Done, 5, None)]).is_empty());
    }

    #[test]
    fn rate_and_time_left_come_from_the_course() {
        let mut batch = Batch::default();
        for second in 0..=10_i64 {
            batch.moved(job(1, "a", JobState::Running, second * 50, Some(1000)), second * 1000);
        }
        assert_eq!(batch.rate(), Some(50.0));
        assert_eq!(batch.rates().len(), 10);
        assert_eq!(batch.seconds_left(10_000), Some(10));
        assert_eq!(Batch::default().seconds_left(10), None);
    }
}

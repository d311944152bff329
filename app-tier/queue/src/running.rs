//! The runs of one worker, so that a request to cancel finds its run at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{Run, run::Stop};

#[derive(Debug, Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashMap<i64, Run>>>);

impl Running {
    /// Remember `run` until the guard goes.
    pub(crate) fn enter(&self, run: &Run) -> Guard {
        self.with(|runs| runs.insert(run.id(), run.clone()));
        Guard { running: self.clone(), run: run.clone() }
    }

    /// Tell the run of this job to stop, if it is here.
    pub(crate) fn cancel(&self, job: i64) {
        if let Some(run) = self.with(|runs| runs.get(&job).cloned()) {
            run.stop(Stop::Asked);
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<i64, Run>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(crate) struct Guard {
    running: Running,
    run: Run,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.running.with(|runs| {
            // The same worker may have taken the job again after this run lost its lease.
            let lease = self.run.inner().lease.id;
            if runs.get(&self.run.id()).is_some_and(|run| run.inner().lease.id == lease) {
                runs.remove(&self.run.id());
            }
        });
    }
}

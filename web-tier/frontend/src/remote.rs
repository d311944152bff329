//! What is being read from the server: loading, there, or failed; and the hook that reads it.
//!
//! Invariant: what was shown stays shown. A later read replaces it when it succeeds; when it fails, the old data
//! stays, marked as old.

use std::{future::Future, rc::Rc};

use chrono::{DateTime, Utc};
use futures::future::abortable;
use yew::prelude::*;

use crate::{
    browser,
    client::{Client, failure::Failure},
    session::use_client,
};

/// See the module.
#[derive(Debug)]
pub enum Remote<T> {
    Loading,
    Ready(Rc<T>),
    Failed(Failure),
}

impl<T> Clone for Remote<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Ready(it) => Self::Ready(it.clone()),
            Self::Failed(failure) => Self::Failed(failure.clone()),
        }
    }
}

impl<T> Remote<T> {
    /// The data, if they are there.
    #[must_use]
    pub fn ready(&self) -> Option<&Rc<T>> {
        match self {
            Self::Ready(it) => Some(it),
            Self::Loading | Self::Failed(_) => None,
        }
    }
}

/// A read and its state over time.
#[derive(Debug)]
struct Course<T> {
    remote: Remote<T>,
    /// Another read is on its way.
    pending: bool,
    /// Why the last read failed, while older data are shown.
    stale: Option<Failure>,
    as_of: Option<DateTime<Utc>>,
}

enum Step<T> {
    /// `quiet`: nobody asked for it, what is shown is still what was asked for.
    Begin {
        quiet: bool,
    },
    End(Result<T, Failure>, DateTime<Utc>),
}

impl<T> Reducible for Course<T> {
    type Action = Step<T>;

    fn reduce(self: Rc<Self>, step: Step<T>) -> Rc<Self> {
        let remote = self.remote.clone();
        Rc::new(match (step, remote) {
            // A failure makes room for the next try; data stay.
            (Step::Begin { .. }, Remote::Failed(_)) => {
                Self { remote: Remote::Loading, pending: true, stale: None, as_of: None }
            }
            (Step::Begin { quiet }, remote) => Self {
                remote,
                // A quiet one may take the place of one that somebody waits for.
                pending: self.pending || !quiet,
                stale: self.stale.clone(),
                as_of: self.as_of,
            },
            (Step::End(Ok(data), at), _) => {
                Self { remote: Remote::Ready(Rc::new(data)), pending: false, stale: None, as_of: Some(at) }
            }
            (Step::End(Err(failure), _), remote @ Remote::Ready(_)) => {
                Self { remote, pending: false, stale: Some(failure), as_of: self.as_of }
            }
            (Step::End(Err(failure), _), _) => {
                Self { remote: Remote::Failed(failure), pending: false, stale: None, as_of: None }
            }
        })
    }
}

/// What a page holds of a read.
#[derive(Debug)]
pub struct Reading<T> {
    pub remote: Remote<T>,
    pub pending: bool,
    pub stale: Option<Failure>,
    pub as_of: Option<DateTime<Utc>>,
    /// Reads again.
    pub again: Callback<()>,
}

/// Reads when `key` changes, and quietly again when `epoch` does.
#[hook]
pub fn use_remote<T, K, Fut>(key: K, epoch: u32, load: impl Fn(Client, K) -> Fut + 'static) -> Reading<T>
where
    T: 'static,
    K: Clone + PartialEq + 'static,
    Fut: Future<Output = Result<T, Failure>> + 'static,
{
    let client = use_client();
    let course = use_reducer(|| Course { remote: Remote::Loading, pending: true, stale: None, as_of: None });
    let tries = use_state(|| 0_u32);
    let asked = use_mut_ref(|| None::<(K, u32)>);
    {
        let course = course.dispatcher();
        use_effect_with((key, epoch, *tries), move |(key, _, tries)| {
            let before = asked.replace(Some((key.clone(), *tries)));
            course.dispatch(Step::Begin { quiet: before.is_some_and(|it| it == (key.clone(), *tries)) });
            let answer = load(client, key.clone());
            // An older read that comes late must not replace a newer one: it is aborted.
            let (work, handle) = abortable(async move {
                let result = answer.await;
                course.dispatch(Step::End(result, browser::now()));
            });
            wasm_bindgen_futures::spawn_local(async {
                let _aborted = work.await;
            });
            move || handle.abort()
        });
    }
    let again = {
        let tries = tries.setter();
        let current = use_mut_ref(|| 0_u32);
        Callback::from(move |()| {
            let mut current = current.borrow_mut();
            *current = current.wrapping_add(1);
            tries.set(*current);
        })
    };
    Reading {
        remote: course.remote.clone(),
        pending: course.pending,
        stale: course.stale.clone(),
        as_of: course.as_of,
        again,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Rc<Course<u8>> {
        Rc::new(Course { remote: Remote::Loading, pending: true, stale: None, as_of: None })
    }

    fn end(result: Result<u8, Failure>) -> Step<u8> {
        Step::End(result, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn data_survive_a_later_failure_and_are_marked() {
        let course = start()
            .reduce(end(Ok(7)))
            .reduce(Step::Begin { quiet: false })
            .reduce(end(Err(Failure::Network)));
        assert_eq!(course.remote.ready().map(|it| **it), Some(7));
        assert_eq!((course.pending, course.stale.clone()), (false, Some(Failure::Network)));
        let course = course.reduce(Step::Begin { quiet: true }).reduce(end(Ok(8)));
        assert_eq!((course.remote.ready().map(|it| **it), course.stale.clone()), (Some(8), None));
    }

    #[test]
    fn a_first_failure_is_shown_and_cleared_by_the_next_try() {
        let course = start().reduce(end(Err(Failure::Network)));
        assert!(matches!(course.remote, Remote::Failed(Failure::Network)));
        assert!(matches!(course.reduce(Step::Begin { quiet: true }).remote, Remote::Loading));
    }

    #[test]
    fn only_what_somebody_asked_for_is_pending() {
        let ready = start().reduce(end(Ok(7)));
        assert!(!ready.clone().reduce(Step::Begin { quiet: true }).pending);
        let asked = ready.reduce(Step::Begin { quiet: false });
        assert!(
            asked.pending && asked.reduce(Step::Begin { quiet: true }).pending,
            "the quiet one took its place"
        );
    }
}

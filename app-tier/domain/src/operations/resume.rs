//! What to do next with a desktop of an operation, from what is written down and what is seen: the same rule for a worker
//! that just begins, one that waits, and one that takes over from another which was killed.
//!
//! None of AWS's calls takes a token that would make a second one harmless. So the intent is written down before each call,
//! and whoever finds an intent without an answer looks first: what shows that AWS took the call is an answer. What can be
//! seen not to have happened is sent again, once it had time to show. A reboot or a rebuild leaves no trace when it is over,
//! so where none is seen it becomes unknown and somebody has to look; it is never sent twice.

use chrono::{DateTime, TimeDelta, Utc};
use contract::operations::{DesktopState, OperationAction, Parameters};

use super::{Seen, legal};

/// How long AWS may take to show what it took. Before that, silence says nothing.
pub const SETTLE: TimeDelta = TimeDelta::seconds(90);

/// How far a desktop is, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    Waiting,
    /// AWS was about to be called.
    Calling {
        since: DateTime<Utc>,
        /// The desktop's state right before.
        state_before: String,
    },
    /// AWS took it.
    Accepted {
        since: DateTime<Utc>,
        /// AWS was seen at it.
        at_work: bool,
    },
}

/// One desktop, now.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub action: OperationAction,
    pub set: &'a Parameters,
    /// What it was set to when the operation was proposed.
    pub before: &'a Parameters,
    pub noted: &'a Noted,
    /// `None`: AWS has no such desktop.
    pub seen: Option<&'a Seen>,
    pub now: DateTime<Utc>,
}

/// What is next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Write the intent down and call AWS.
    Send,
    /// AWS took it: write that down, and whether it is seen at work.
    Accept { at_work: bool },
    /// Look again later.
    Wait,
    /// It is over.
    End(DesktopState, Option<String>),
}

/// How long AWS may take from taking a call to the end of it.
#[must_use]
pub fn patience(action: OperationAction) -> TimeDelta {
    match action {
        OperationAction::Rebuild | OperationAction::SetComputeType => TimeDelta::hours(4),
        OperationAction::Terminate => TimeDelta::hours(1),
        _ => TimeDelta::minutes(30),
    }
}

/// See the module.
#[must_use]
pub fn decide(look: &Look<'_>) -> Next {
    match look.noted {
        Noted::Waiting => look.begin(),
        Noted::Calling { since, state_before } => look.find_out(*since, state_before),
        Noted::Accepted { since, at_work } => look.follow(*since, *at_work),
    }
}

impl Look<'_> {
    fn begin(&self) -> Next {
        let Some(seen) = self.seen else {
            return match self.action {
                OperationAction::Terminate => {
                    Next::End(DesktopState::Done, Some("It was gone already.".into()))
                }
                _ => refused("AWS has no such desktop any more".into()),
            };
        };
        if seen.is_so(self.action, self.set) {
            return Next::End(DesktopState::Done, Some("It was so already.".into()));
        }
        if self.is_repeatable()
            && seen.is_under_way(self.action)
            && self.action != OperationAction::SetComputeType
        {
            // Somebody else did the same a moment ago.
            return Next::Accept { at_work: true };
        }
        if seen.before(self.action, self.set) != *self.before {
            return refused("was changed since this was proposed; propose it anew".into());
        }
        legal::refusal(self.action, seen).map_or(Next::Send, refused)
    }

    /// The intent is written down, an answer is not.
    fn find_out(&self, since: DateTime<Utc>, state_before: &str) -> Next {
        let age = self.now - since;
        let Some(seen) = self.seen else {
            return match self.action {
                OperationAction::Terminate => Next::Accept { at_work: true },
                _ => unknown("AWS was called and its answer is not known; the desktop is gone"),
            };
        };
        let begun = seen.is_under_way(self.action) && seen.state != state_before;
        if begun || self.is_repeatable() && seen.is_so(self.action, self.set) {
            return Next::Accept { at_work: true };
        }
        if age < SETTLE {
            return Next::Wait;
        }
        let untouched = seen.before(self.action, self.set) == *self.before;
        if self.is_repeatable() && untouched && legal::refusal(self.action, seen).is_none() {
            return Next::Send;
        }
        unknown(&format!(
            "AWS was called and its answer is not known. The desktop is {} now, which does not tell whether it was done. It \
             is not done a second time: look at it, and propose it again if it is needed",
            seen.state
        ))
    }

    /// AWS took it.
    fn follow(&self, since: DateTime<Utc>, at_work: bool) -> Next {
        let age = self.now - since;
        let Some(seen) = self.seen else {
            return match self.action {
                OperationAction::Terminate => Next::End(DesktopState::Done, None),
                _ => failed("the desktop is gone"),
            };
        };
        if seen.is_so(self.action, self.set) {
            return Next::End(DesktopState::Done, None);
        }
        if seen.is_under_way(self.action) {
            return if at_work { self.wait(age, &seen.state) } else { Next::Accept { at_work: true } };
        }
        // Not at it: not yet, or no longer.
        let had_its_time = at_work || age >= SETTLE;
        match (self.action, seen.state.as_str()) {
            (OperationAction::Reboot, "AVAILABLE") | (OperationAction::Rebuild, "AVAILABLE" | "STOPPED")
                if had_its_time =>
            {
                Next::End(DesktopState::Done, None)
            }
            (_, "ERROR" | "UNHEALTHY" | "IMPAIRED" | "SUSPENDED") if had_its_time => {
                failed(&format!("AWS took it, and the desktop is {}", seen.state))
            }
            (_, state) => self.wait(age, state),
        }
    }

    fn wait(&self, age: TimeDelta, state: &str) -> Next {
        if age < patience(self.action) {
            return Next::Wait;
        }
        unknown(&format!("AWS took it {} minutes ago, and the desktop is still {state}", age.num_minutes()))
    }

    /// What is seen tells whether it was done, so that what was not may be sent again.
    fn is_repeatable(&self) -> bool {
        !matches!(self.action, OperationAction::Reboot | OperationAction::Rebuild)
    }
}

fn refused(why: String) -> Next {
    Next::End(DesktopState::Refused, Some(why))
}

fn failed(why: &str) -> Next {
    Next::End(DesktopState::Failed, Some(format!("{why}.")))
}

fn unknown(why: &str) -> Next {
    Next::End(DesktopState::Unknown, Some(format!("{why}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(state: &str) -> Seen {
        Seen {
            state: state.into(),
            running_mode: Some("AUTO_STOP".into()),
            auto_stop_minutes: Some(60),
            ..Seen::default()
        }
    }

    fn next(action: OperationAction, noted: Noted, state: Option<&str>, seconds: i64) -> Next {
        let (set, before) = (Parameters::default(), Parameters::default());
        let seen = state.map(seen);
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(seconds);
        decide(&Look { action, set: &set, before: &before, noted: &noted, seen: seen.as_ref(), now })
    }

    fn calling(state: &str) -> Noted {
        Noted::Calling { since: DateTime::UNIX_EPOCH, state_before: state.into() }
    }

    fn accepted(at_work: bool) -> Noted {
        Noted::Accepted { since: DateTime::UNIX_EPOCH, at_work }
    }

    #[test]
    fn a_beginning_is_sent_refused_or_over_already() {
        use OperationAction::{Reboot, Start, Stop, Terminate};
        assert_eq!(next(Stop, Noted::Waiting, Some("AVAILABLE"), 0), Next::Send);
        assert!(matches!(
            next(Stop, Noted::Waiting, Some("STOPPED"), 0),
            Next::End(DesktopState::Done, Some(_))
        ));
        assert_eq!(next(Stop, Noted::Waiting, Some("STOPPING"), 0), Next::Accept { at_work: true });
        assert!(matches!(
            next(Start, Noted::Waiting, Some("ERROR"), 0),
            Next::End(DesktopState::Refused, Some(_))
        ));
        assert!(matches!(next(Reboot, Noted::Waiting, None, 0), Next::End(DesktopState::Refused, Some(_))));
        assert!(matches!(next(Terminate, Noted::Waiting, None, 0), Next::End(DesktopState::Done, Some(_))));
    }

    #[test]
    fn what_was_changed_since_is_left_alone() {
        let set: Parameters = serde_json::from_str(r#"{"auto_stop_minutes":120}"#).unwrap();
        let before: Parameters = serde_json::from_str(r#"{"auto_stop_minutes":180}"#).unwrap();
        let seen = seen("AVAILABLE");
        let look = Look {
            action: OperationAction::SetTimeout,
            set: &set,
            before: &before,
            noted: &Noted::Waiting,
            seen: Some(&seen),
            now: DateTime::UNIX_EPOCH,
        };
        assert!(matches!(decide(&look), Next::End(DesktopState::Refused, Some(_))));
        assert_eq!(decide(&Look { before: &seen.before(look.action, &set), ..look }), Next::Send);
    }

    #[test]
    fn an_intent_without_an_answer_is_looked_into() {
        use OperationAction::{Reboot, Start, Terminate};
        // It shows.
        assert_eq!(next(Reboot, calling("AVAILABLE"), Some("REBOOTING"), 1), Next::Accept { at_work: true });
        assert_eq!(next(Terminate, calling("AVAILABLE"), None, 1), Next::Accept { at_work: true });
        // It may still show.
        assert_eq!(next(Reboot, calling("AVAILABLE"), Some("AVAILABLE"), 89), Next::Wait);
        assert_eq!(next(Start, calling("STOPPED"), Some("STOPPED"), 89), Next::Wait);
        // It shows that it was not done, or does not tell.
        assert_eq!(next(Start, calling("STOPPED"), Some("STOPPED"), 90), Next::Send);
        assert!(matches!(
            next(Reboot, calling("AVAILABLE"), Some("AVAILABLE"), 90),
            Next::End(DesktopState::Unknown, _)
        ));
        // Somebody else's reboot was under way before.
        assert!(matches!(
            next(Reboot, calling("REBOOTING"), Some("REBOOTING"), 90),
            Next::End(DesktopState::Unknown, _)
        ));
    }

    #[test]
    fn what_aws_took_is_followed_to_its_end() {
        use OperationAction::{Reboot, Start, Terminate};
        assert_eq!(next(Reboot, accepted(false), Some("AVAILABLE"), 5), Next::Wait, "it has not begun yet");
        assert_eq!(next(Reboot, accepted(false), Some("REBOOTING"), 6), Next::Accept { at_work: true });
        assert_eq!(next(Reboot, accepted(true), Some("REBOOTING"), 7), Next::Wait);
        assert_eq!(next(Reboot, accepted(true), Some("AVAILABLE"), 8), Next::End(DesktopState::Done, None));
        assert_eq!(next(Reboot, accepted(false), Some("AVAILABLE"), 90), Next::End(DesktopState::Done, None));
        assert_eq!(next(Terminate, accepted(true), Some("TERMINATING"), 8), Next::Wait);
        assert_eq!(next(Terminate, accepted(true), None, 8), Next::End(DesktopState::Done, None));
        assert!(matches!(
            next(Start, accepted(true), Some("UNHEALTHY"), 8),
            Next::End(DesktopState::Failed, _)
        ));
        assert!(matches!(
            next(Start, accepted(true), Some("STARTING"), 1800),
            Next::End(DesktopState::Unknown, _)
        ));
    }
}

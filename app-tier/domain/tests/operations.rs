//! The law of resuming: however often a worker is killed, and wherever, nothing is done twice.
//!
//! The world here is AWS as far as it matters: a call arrives or is lost, what it does shows at once or some time later,
//! and AWS refuses what the desktop's state does not allow. The worker is killed after any of its steps, and what it had not
//! written down is gone.

#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use chrono::{DateTime, TimeDelta, Utc};
use contract::operations::{DesktopState, OperationAction, Parameters};
use domain::operations::{
    Seen,
    resume::{Look, Next, Noted, SETTLE, decide},
};
use proptest::prelude::*;

/// How long a state takes that takes time.
const TAKES: TimeDelta = TimeDelta::seconds(40);

struct World {
    now: DateTime<Utc>,
    desktop: Option<Seen>,
    /// What shows later: from when, and what.
    coming: Vec<(DateTime<Utc>, Option<Seen>)>,
    /// How often AWS began to do it.
    done: u32,
}

impl World {
    fn pass(&mut self, time: TimeDelta) {
        self.now += time;
        let now = self.now;
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.coming).into_iter().partition(|(at, _)| *at <= now);
        self.coming = later;
        if let Some((_, state)) = due.last() {
            self.desktop = state.clone();
        }
    }

    /// AWS gets the call; what it does shows after `lag`.
    fn call(&mut self, action: OperationAction, set: &Parameters, lag: TimeDelta) {
        // AWS itself knows what does not show yet.
        let latest = self.coming.last().map_or(self.desktop.clone(), |(_, it)| it.clone());
        let Some(seen) = latest else { return };
        if domain::operations::legal::refusal(action, &seen).is_some() || seen.is_so(action, set) {
            return;
        }
        self.done += 1;
        let with = |state: &str| Seen { state: state.into(), ..seen.clone() };
        let begins = self.now + lag;
        let ends = begins + TAKES;
        let changes = match action {
            OperationAction::Start => vec![(begins, Some(with("STARTING"))), (ends, Some(with("AVAILABLE")))],
            OperationAction::Stop => vec![(begins, Some(with("STOPPING"))), (ends, Some(with("STOPPED")))],
            OperationAction::Reboot => {
                vec![(begins, Some(with("REBOOTING"))), (ends, Some(with("AVAILABLE")))]
            }
            OperationAction::Rebuild => {
                vec![(begins, Some(with("REBUILDING"))), (ends, Some(with("AVAILABLE")))]
            }
            OperationAction::Terminate => vec![(begins, Some(with("TERMINATING"))), (ends, None)],
            OperationAction::SetRunningMode => {
                let mode =
                    Seen { running_mode: set.running_mode.clone(), auto_stop_minutes: None, ..seen.clone() };
                vec![(begins, Some(mode))]
            }
            OperationAction::SetTimeout => {
                vec![(begins, Some(Seen { auto_stop_minutes: set.auto_stop_minutes, ..seen.clone() }))]
            }
            OperationAction::SetComputeType => {
                let larger = Seen { compute_type: set.compute_type.clone(), ..with("UPDATING") };
                vec![
                    (begins, Some(larger.clone())),
                    (ends, Some(Seen { state: "AVAILABLE".into(), ..larger })),
                ]
            }
            OperationAction::Tag => {
                vec![(begins, Some(Seen { tags: Some(set.tags.clone()), ..seen.clone() }))]
            }
        };
        self.coming.extend(changes);
        self.pass(TimeDelta::zero());
    }
}

/// One turn of a worker, and where it is killed.
#[derive(Debug, Clone)]
struct Turn {
    killed: Killed,
    /// AWS gets the call.
    arrives: bool,
    /// When it shows; less than what is waited for.
    lag: i64,
    /// Until the next turn.
    pause: i64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Killed {
    No,
    BeforeIntent,
    AfterIntent,
    /// Also: the answer was lost on its way.
    AfterCall,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let killed = prop_oneof![
        3 => Just(Killed::No),
        1 => Just(Killed::BeforeIntent),
        1 => Just(Killed::AfterIntent),
        2 => Just(Killed::AfterCall),
    ];
    let turn = (killed, any::<bool>(), 0..SETTLE.num_seconds(), 1..120_i64);
    prop::collection::vec(turn, 1..40).prop_map(|turns| {
        turns.into_iter().map(|(killed, arrives, lag, pause)| Turn { killed, arrives, lag, pause }).collect()
    })
}

fn parameters(action: OperationAction) -> Parameters {
    serde_json::from_str(match action {
        OperationAction::SetRunningMode => r#"{"running_mode":"ALWAYS_ON"}"#,
        OperationAction::SetTimeout => r#"{"auto_stop_minutes":180}"#,
        OperationAction::SetComputeType => r#"{"compute_type":"POWER"}"#,
        OperationAction::Tag => r#"{"tags":{"Team":"blue"}}"#,
        _ => "{}",
    })
    .unwrap()
}

fn desktop(action: OperationAction) -> Seen {
    Seen {
        state: if action == OperationAction::Start { "STOPPED" } else { "AVAILABLE" }.into(),
        running_mode: Some("AUTO_STOP".into()),
        auto_stop_minutes: Some(60),
        compute_type: Some("STANDARD".into()),
        tags: Some(std::collections::BTreeMap::new()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn nothing_is_done_twice(action in prop::sample::select(OperationAction::ALL), turns in turns()) {
        let set = parameters(action);
        let before = desktop(action).before(action, &set);
        let mut world = World { now: DateTime::UNIX_EPOCH, desktop: Some(desktop(action)), coming: vec![], done: 0 };
        let mut noted = Noted::Waiting;
        let mut ended = None;
        let mut sent = 0;
        // After what was drawn, workers that nobody disturbs bring it to an end.
        let calm = Turn { killed: Killed::No, arrives: true, lag: 0, pause: 600 };
        for turn in turns.iter().cloned().chain(std::iter::repeat_n(calm, 40)) {
            let look = Look {
                action, set: &set, before: &before, noted: &noted, seen: world.desktop.as_ref(), now: world.now,
            };
            match decide(&look) {
                Next::Send if turn.killed != Killed::BeforeIntent => {
                    let state_before = world.desktop.as_ref().unwrap().state.clone();
                    noted = Noted::Calling { since: world.now, state_before };
                    if turn.killed != Killed::AfterIntent {
                        sent += 1;
                        // Whoever gets an answer knows that it arrived.
                        if turn.arrives || turn.killed == Killed::No {
                            world.call(action, &set, TimeDelta::seconds(turn.lag));
                        }
                        if turn.killed == Killed::No {
                            noted = Noted::Accepted { since: world.now, at_work: false };
                        }
                    }
                }
                Next::Accept { at_work } if turn.killed == Killed::No => {
                    let since = match &noted {
                        Noted::Accepted { since, .. } => *since,
                        _ => world.now,
                    };
                    noted = Noted::Accepted { since, at_work };
                }
                Next::End(state, why) if turn.killed == Killed::No => {
                    ended = Some((state, why));
                    break;
                }
                _ => {}
            }
            world.pass(TimeDelta::seconds(turn.pause));
        }
        prop_assert!(world.done <= 1, "{action:?} was done {} times", world.done);
        let not_repeated = matches!(action, OperationAction::Reboot | OperationAction::Rebuild);
        prop_assert!(!not_repeated || sent <= 1, "{action:?} was sent {sent} times");
        let (state, why) = ended.expect("every operation ends");
        match state {
            DesktopState::Done => prop_assert_eq!(world.done, 1, "what is called done was done"),
            DesktopState::Unknown => prop_assert!(not_repeated, "{:?}: {:?}", action, why),
            other => prop_assert!(false, "{:?} ended {:?}: {:?}", action, other, why),
        }
    }
}

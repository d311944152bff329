//! What AWS takes in which state of a desktop.
//!
//! The states are those of the WorkSpaces API Reference, page of the operation that each row names; where the page names
//! none, of the administration guide. AWS decides in the end: what it refuses though it is legal here is shown in AWS's
//! words. States are an open set: one that AWS has added is legal only where all but some are.

use contract::operations::{OperationAction, Parameters};

use super::{AUTO_STOP, Seen};

/// The states in which something can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum States {
    Only(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

/// What an action needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub action: OperationAction,
    /// AWS's operation, as IAM allows it.
    pub api: &'static str,
    pub states: States,
    /// A desktop in AlwaysOn is neither started nor stopped.
    pub not_always_on: bool,
    /// Desktops that AWS takes in one call.
    pub per_call: usize,
}

/// One row for each action.
pub const RULES: [Rule; 9] = [
    Rule {
        action: OperationAction::Start,
        api: "workspaces:StartWorkspaces",
        states: States::Only(&["STOPPED"]),
        not_always_on: true,
        per_call: 25,
    },
    Rule {
        action: OperationAction::Stop,
        api: "workspaces:StopWorkspaces",
        states: States::Only(&["AVAILABLE", "IMPAIRED", "UNHEALTHY", "ERROR"]),
        not_always_on: true,
        per_call: 25,
    },
    Rule {
        action: OperationAction::Reboot,
        api: "workspaces:RebootWorkspaces",
        states: States::Only(&["AVAILABLE", "UNHEALTHY", "REBOOTING"]),
        not_always_on: false,
        per_call: 25,
    },
    Rule {
        action: OperationAction::Rebuild,
        api: "workspaces:RebuildWorkspaces",
        states: States::Only(&["AVAILABLE", "ERROR", "UNHEALTHY", "STOPPED", "REBOOTING"]),
        not_always_on: false,
        per_call: 1,
    },
    Rule {
        action: OperationAction::SetRunningMode,
        api: "workspaces:ModifyWorkspaceProperties",
        states: States::Only(&["AVAILABLE", "STOPPED"]),
        not_always_on: false,
        per_call: 1,
    },
    Rule {
        action: OperationAction::SetTimeout,
        api: "workspaces:ModifyWorkspaceProperties",
        states: States::Only(&["AVAILABLE", "STOPPED"]),
        not_always_on: false,
        per_call: 1,
    },
    Rule {
        action: OperationAction::SetComputeType,
        api: "workspaces:ModifyWorkspaceProperties",
        states: States::Only(&["AVAILABLE", "STOPPED"]),
        not_always_on: false,
        per_call: 1,
    },
    Rule {
        action: OperationAction::Tag,
        api: "workspaces:CreateTags",
        states: States::AllBut(&["TERMINATING", "TERMINATED"]),
        not_always_on: false,
        per_call: 1,
    },
    Rule {
        action: OperationAction::Terminate,
        api: "workspaces:TerminateWorkspaces",
        states: States::AllBut(&["SUSPENDED", "TERMINATING", "TERMINATED"]),
        not_always_on: false,
        per_call: 25,
    },
];

/// The row of an action.
#[must_use]
pub fn rule(action: OperationAction) -> Rule {
    let [first, ..] = RULES;
    RULES.into_iter().find(|it| it.action == action).unwrap_or(first)
}

/// Why AWS would not take it of a desktop as it is, with what would help. `None`: it would.
#[must_use]
pub fn refusal(action: OperationAction, seen: &Seen) -> Option<String> {
    let rule = rule(action);
    let verb = action.label().to_lowercase();
    if rule.not_always_on && seen.running_mode.as_deref() == Some("ALWAYS_ON") {
        return Some(format!("is in running mode ALWAYS_ON, which AWS does not {verb}; reboot it instead"));
    }
    if action == OperationAction::SetTimeout && seen.running_mode.as_deref() != Some(AUTO_STOP) {
        let mode = seen.running_mode.as_deref().unwrap_or("unknown");
        return Some(format!("has no timeout: its running mode is {mode}, not AUTO_STOP"));
    }
    let (state, legal) = (seen.state.as_str(), rule.states);
    match legal {
        States::Only(states) if !states.contains(&state) => {
            Some(format!("is {state}; to {verb} AWS needs {}", or(states)))
        }
        States::AllBut(states) if states.contains(&state) => {
            Some(format!("is {state}; AWS does not {verb} that"))
        }
        _ => None,
    }
}

/// As [`refusal`], and what would change nothing: for who proposes.
#[must_use]
pub fn problem(action: OperationAction, set: &Parameters, seen: &Seen) -> Option<String> {
    if seen.is_so(action, set) {
        let what = match action {
            OperationAction::Start | OperationAction::Stop | OperationAction::Terminate => seen.state.clone(),
            _ => "as it would be set".to_owned(),
        };
        return Some(format!("is {what} already"));
    }
    refusal(action, seen)
}

fn or(states: &[&str]) -> String {
    match states {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state that AWS documents, and one that it does not.
    const STATES: [&str; 18] = [
        "PENDING",
        "AVAILABLE",
        "IMPAIRED",
        "UNHEALTHY",
        "REBOOTING",
        "STARTING",
        "REBUILDING",
        "RESTORING",
        "MAINTENANCE",
        "ADMIN_MAINTENANCE",
        "TERMINATING",
        "TERMINATED",
        "SUSPENDED",
        "UPDATING",
        "STOPPING",
        "STOPPED",
        "ERROR",
        "NEW_ONE",
    ];

    fn seen(state: &str, mode: &str) -> Seen {
        Seen { state: state.into(), running_mode: Some(mode.into()), ..Seen::default() }
    }

    #[test]
    fn every_action_is_legal_in_exactly_these_states() {
        let but =
            |left_out: &[&str]| STATES.into_iter().filter(|it| !left_out.contains(it)).collect::<Vec<_>>();
        for (action, auto_stop, always_on) in [
            (OperationAction::Start, vec!["STOPPED"], vec![]),
            (OperationAction::Stop, vec!["AVAILABLE", "IMPAIRED", "UNHEALTHY", "ERROR"], vec![]),
            (
                OperationAction::Reboot,
                vec!["AVAILABLE", "UNHEALTHY", "REBOOTING"],
                vec!["AVAILABLE", "UNHEALTHY", "REBOOTING"],
            ),
            (
                OperationAction::Rebuild,
                vec!["AVAILABLE", "UNHEALTHY", "REBOOTING", "STOPPED", "ERROR"],
                vec!["AVAILABLE", "UNHEALTHY", "REBOOTING", "STOPPED", "ERROR"],
            ),
            (OperationAction::SetRunningMode, vec!["AVAILABLE", "STOPPED"], vec!["AVAILABLE", "STOPPED"]),
            (OperationAction::SetTimeout, vec!["AVAILABLE", "STOPPED"], vec![]),
            (OperationAction::SetComputeType, vec!["AVAILABLE", "STOPPED"], vec!["AVAILABLE", "STOPPED"]),
            (OperationAction::Tag, but(&["TERMINATING", "TERMINATED"]), but(&["TERMINATING", "TERMINATED"])),
            (
                OperationAction::Terminate,
                but(&["SUSPENDED", "TERMINATING", "TERMINATED"]),
                but(&["SUSPENDED", "TERMINATING", "TERMINATED"]),
            ),
        ] {
            for (mode, wanted) in [("AUTO_STOP", auto_stop), ("ALWAYS_ON", always_on)] {
                let legal: Vec<_> = STATES
                    .into_iter()
                    .filter(|state| refusal(action, &seen(state, mode)).is_none())
                    .collect();
                assert_eq!(legal, wanted, "{action:?} in {mode}");
            }
            // MANUAL is started and stopped like AUTO_STOP.
            let stopped = refusal(OperationAction::Start, &seen("STOPPED", "MANUAL"));
            assert_eq!(stopped, None);
        }
    }

    #[test]
    fn each_action_has_its_row_and_aws_s_limit() {
        for action in OperationAction::ALL.iter().copied() {
            use OperationAction::{Reboot, Start, Stop, Terminate};
            let bulk = matches!(action, Start | Stop | Reboot | Terminate);
            let rule = rule(action);
            assert_eq!((rule.action, rule.per_call), (action, if bulk { 25 } else { 1 }));
        }
    }

    #[test]
    fn a_refusal_says_what_would_help() {
        assert_eq!(
            refusal(OperationAction::Stop, &seen("STOPPED", "AUTO_STOP")).unwrap(),
            "is STOPPED; to stop AWS needs AVAILABLE, IMPAIRED, UNHEALTHY or ERROR"
        );
        assert_eq!(
            problem(OperationAction::Stop, &Parameters::default(), &seen("STOPPED", "AUTO_STOP")).unwrap(),
            "is STOPPED already"
        );
    }
}

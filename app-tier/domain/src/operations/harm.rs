//! What has to be typed before something irreversible, and what one should know before the rest.

use contract::operations::{OperationAction, Parameters};

/// What is to be typed, exactly: the desktop's id where it is one, else the deed and how many. `None`: nothing that cannot
/// be taken back is lost.
#[must_use]
pub fn confirmation(action: OperationAction, ids: &[&str]) -> Option<String> {
    let verb = match action {
        OperationAction::Rebuild => "rebuild",
        OperationAction::Terminate => "terminate",
        _ => return None,
    };
    Some(match ids {
        [one] => (*one).to_owned(),
        many => format!("{verb} {} desktops", many.len()),
    })
}

/// An administrator may not decide about his own proposal.
#[must_use]
pub fn needs_another_person(action: OperationAction) -> bool {
    action == OperationAction::Terminate
}

/// What one should know before. `connected`: desktops whose user was connected when last looked at.
#[must_use]
pub fn warnings(action: OperationAction, set: &Parameters, connected: usize) -> Vec<String> {
    let mut said = Vec::new();
    let disturbs = !matches!(
        action,
        OperationAction::Start
            | OperationAction::Tag
            | OperationAction::SetTimeout
            | OperationAction::SetRunningMode
    );
    if disturbs && connected > 0 {
        let who = if connected == 1 { "1 user is".to_owned() } else { format!("{connected} users are") };
        said.push(format!("{who} connected and will lose the connection, with what is not saved."));
    }
    let told = match (action, set.running_mode.as_deref()) {
        (OperationAction::Rebuild, _) => {
            "The system becomes new from its bundle and the user's volume goes back to its last automatic snapshot: what \
             came after that is lost."
        }
        (OperationAction::Terminate, _) => {
            "The desktop and all data of its user are destroyed. Nobody can bring them back. Fees that are due for the month \
             are not paid back."
        }
        (OperationAction::SetRunningMode, Some("ALWAYS_ON")) => {
            "AWS charges the rest of the month at once, on top of the hours that are billed already."
        }
        (OperationAction::SetRunningMode, Some("AUTO_STOP")) => {
            "The mode changes at once; on the bill it counts from the first of the next month (UTC)."
        }
        (OperationAction::SetComputeType, _) => {
            "The desktop restarts and is away for up to an hour. AWS takes such a change once in some hours, to a smaller \
             type once in 30 days."
        }
        _ => return said,
    };
    said.push(told.to_owned());
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_lost_for_good_is_typed() {
        for action in OperationAction::ALL.iter().copied() {
            let asked = confirmation(action, &["ws-1"]);
            let lost = matches!(action, OperationAction::Rebuild | OperationAction::Terminate);
            assert_eq!(asked.as_deref(), lost.then_some("ws-1"), "{action:?}");
        }
        assert_eq!(confirmation(OperationAction::Terminate, &["a", "b"]).unwrap(), "terminate 2 desktops");
        assert_eq!(confirmation(OperationAction::Rebuild, &["a", "b", "c"]).unwrap(), "rebuild 3 desktops");
    }

    #[test]
    fn who_is_connected_is_told_where_it_disturbs() {
        let set = Parameters::default();
        assert_eq!(warnings(OperationAction::Reboot, &set, 2).len(), 1);
        assert!(warnings(OperationAction::Reboot, &set, 0).is_empty());
        assert!(warnings(OperationAction::Start, &set, 2).is_empty());
        assert_eq!(warnings(OperationAction::Terminate, &set, 1).len(), 2);
    }
}

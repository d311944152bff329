//! What speaks for either where it could not be told whether an operation was done to a desktop.
//!
//! Only one thing is conclusive: a call that `CloudTrail` has of the operation's own session, whose name nobody else uses,
//! after the intent was written down. And of what leaves a trace, that the desktop was seen as it was to become since. That
//! there is no such call says nothing: `CloudTrail` may not have told of it yet. What follows is a proposal, never a verdict.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use contract::{
    ids::OperationId,
    operations::{EvidenceEvent, OperationAction, Parameters, Verdict},
};

use super::{Seen, legal};

/// `CloudTrail` tells of a call within about so long (`CloudTrail` user guide, "event history").
const TOLD_WITHIN: TimeDelta = TimeDelta::minutes(15);
/// What STS takes for the name of a session.
const SESSION_NAME_CHARS: usize = 64;

/// A desktop of which it is not known.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub action: OperationAction,
    pub set: &'a Parameters,
    /// When the intent was written down.
    pub called_at: DateTime<Utc>,
    /// As it was last looked at; `None`: it is gone.
    pub seen: Option<&'a Seen>,
    pub observed_at: Option<DateTime<Utc>>,
    /// Those that [`calls`] names count; of the operation's own the latest first.
    pub events: &'a [EvidenceEvent],
    /// Up to when `CloudTrail` was read without a gap.
    pub events_until: Option<DateTime<Utc>>,
}

/// The name of the session that carries out an operation, which `CloudTrail` tells: its number and who proposed it.
#[must_use]
pub fn session_name(id: OperationId, proposed_by: &str) -> String {
    format!("skydesk-op{id}-{proposed_by}").chars().take(SESSION_NAME_CHARS).collect()
}

/// The calls that do it, by AWS's names.
#[must_use]
pub fn calls(action: OperationAction, set: &Parameters) -> Vec<&'static str> {
    if action == OperationAction::Tag {
        let set_tags = (!set.tags.is_empty()).then_some("CreateTags");
        let remove_tags = (!set.remove_tags.is_empty()).then_some("DeleteTags");
        return set_tags.into_iter().chain(remove_tags).collect();
    }
    let api = legal::rule(action).api;
    vec![api.rsplit(':').next().unwrap_or(api)]
}

/// What follows, and why; or why nothing does.
#[must_use]
pub fn judged(case: &Case<'_>) -> (Option<Verdict>, String) {
    let said = |verdict, why: &str| (verdict, why.to_owned());
    // CloudTrail's times are whole seconds.
    let since = case.called_at.duration_trunc(TimeDelta::seconds(1)).unwrap_or(case.called_at);
    let wanted = calls(case.action, case.set);
    let counts = |it: &&EvidenceEvent| it.own && it.at >= since && wanted.contains(&it.name.as_str());
    let own: Vec<_> = case.events.iter().filter(counts).collect();
    // A call that AWS throttled is sent again: one that it took counts.
    let taken = |name: &str| own.iter().any(|it| it.name == name && it.error_code.is_none());
    if own.is_empty() {
        return (None, case.untold(since));
    }
    if !wanted.iter().any(|name| taken(name)) {
        let code = own.first().and_then(|it| it.error_code.as_deref()).unwrap_or_default();
        return match wanted.len() {
            1 => (
                Some(Verdict::NotDone),
                format!("CloudTrail has this operation's call, and AWS did not take it: {code}."),
            ),
            _ => said(
                None,
                "CloudTrail has a call of this operation that AWS did not take; the other is not there.",
            ),
        };
    }
    if !wanted.iter().all(|name| taken(name)) {
        return said(None, "CloudTrail has one of the two calls of this operation; the other is not there.");
    }
    let last = own.first().map_or(since, |it| it.at);
    let looked_since = case.observed_at.is_some_and(|at| at > last);
    let under_way = case.seen.is_some_and(|it| it.is_under_way(case.action));
    match case.action {
        _ if looked_since && under_way => {
            said(None, "CloudTrail has this operation's call, and AWS is still at it.")
        }
        OperationAction::Reboot | OperationAction::Rebuild => {
            said(Some(Verdict::Done), "CloudTrail has this operation's call, and AWS took it.")
        }
        _ if case.is_so() && looked_since => said(
            Some(Verdict::Done),
            "CloudTrail has this operation's call, AWS took it, and the desktop was seen since as it was to become.",
        ),
        _ if looked_since => said(
            None,
            "CloudTrail has this operation's call, and AWS took it; but the desktop is not as it was to become.",
        ),
        _ => said(
            None,
            "CloudTrail has this operation's call, and AWS took it. The desktop was not looked at since: sync.",
        ),
    }
}

impl Case<'_> {
    /// The desktop is as it was to become.
    fn is_so(&self) -> bool {
        match self.seen {
            Some(seen) => seen.is_so(self.action, self.set),
            None => self.action == OperationAction::Terminate,
        }
    }

    /// Why nothing follows where `CloudTrail` has no call of the operation.
    fn untold(&self, since: DateTime<Utc>) -> String {
        match self.events_until {
            None => "CloudTrail of its region was never read.".to_owned(),
            Some(until) if until < since + TOLD_WITHIN => {
                "CloudTrail was not read far enough to have this operation's call; sync, or wait for the next reading.".to_owned()
            }
            Some(_) => "CloudTrail was read and has no call of this operation. That it was not called does not follow: a call \
                        may be told late."
                .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::ids::EventId;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(seconds * 1000 + 400)
    }

    fn event(name: &str, seconds: i64, error: Option<&str>, own: bool) -> EvidenceEvent {
        EvidenceEvent {
            id: EventId("e".into()),
            at: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
            name: name.into(),
            actor: "x".into(),
            error_code: error.map(str::to_owned),
            own,
        }
    }

    fn verdict(
        action: OperationAction,
        set: &str,
        seen: Option<&Seen>,
        events: &[EvidenceEvent],
    ) -> Option<Verdict> {
        let set: Parameters = serde_json::from_str(set).unwrap();
        let case = Case {
            action,
            set: &set,
            called_at: at(100),
            seen,
            observed_at: Some(at(5000)),
            events,
            events_until: Some(at(9000)),
        };
        let (verdict, why) = judged(&case);
        assert!(why.ends_with('.'), "{why}");
        verdict
    }

    #[test]
    fn only_the_operation_s_own_call_after_the_intent_is_conclusive() {
        let seen = Seen { state: "AVAILABLE".into(), ..Seen::default() };
        let reboot = |events: &[EvidenceEvent]| verdict(OperationAction::Reboot, "{}", Some(&seen), events);
        let call = "RebootWorkspaces";
        assert_eq!(reboot(&[]), None);
        assert_eq!(reboot(&[event(call, 101, None, false)]), None, "somebody else's");
        assert_eq!(reboot(&[event(call, 99, None, true)]), None, "before the intent");
        assert_eq!(reboot(&[event("StopWorkspaces", 101, None, true)]), None, "nothing of the kind");
        // The same second: CloudTrail tells no part of it.
        assert_eq!(reboot(&[event(call, 100, None, true)]), Some(Verdict::Done));
        assert_eq!(reboot(&[event(call, 101, Some("Denied"), true)]), Some(Verdict::NotDone));
        let throttled_first = [event(call, 103, None, true), event(call, 101, Some("Throttling"), true)];
        assert_eq!(reboot(&throttled_first), Some(Verdict::Done));
        let rebooting = Seen { state: "REBOOTING".into(), ..Seen::default() };
        assert_eq!(
            verdict(OperationAction::Reboot, "{}", Some(&rebooting), &[event(call, 101, None, true)]),
            None
        );
    }

    #[test]
    fn what_leaves_a_trace_has_to_have_left_it() {
        let seen = |mode: &str| Seen { running_mode: Some(mode.into()), ..Seen::default() };
        let set = r#"{"running_mode":"ALWAYS_ON"}"#;
        let mode = |seen: &Seen| {
            let call = event("ModifyWorkspaceProperties", 101, None, true);
            verdict(OperationAction::SetRunningMode, set, Some(seen), &[call])
        };
        assert_eq!(mode(&seen("ALWAYS_ON")), Some(Verdict::Done));
        assert_eq!(mode(&seen("AUTO_STOP")), None);
        let unseen = Case {
            action: OperationAction::SetRunningMode,
            set: &serde_json::from_str(set).unwrap(),
            called_at: at(100),
            seen: Some(&seen("ALWAYS_ON")),
            observed_at: Some(at(50)),
            events: &[event("ModifyWorkspaceProperties", 101, None, true)],
            events_until: None,
        };
        assert_eq!(judged(&unseen).0, None, "it was not looked at since");
        let ended = event("TerminateWorkspaces", 101, None, true);
        assert_eq!(verdict(OperationAction::Terminate, "{}", None, &[ended]), Some(Verdict::Done));
    }

    #[test]
    fn tags_that_are_set_and_removed_are_two_calls() {
        let set = r#"{"tags":{"a":"b"},"remove_tags":["c"]}"#;
        let seen = Seen { tags: Some([("a".to_owned(), "b".to_owned())].into()), ..Seen::default() };
        let tag = |events: &[EvidenceEvent]| verdict(OperationAction::Tag, set, Some(&seen), events);
        let (one, two) = (event("CreateTags", 101, None, true), event("DeleteTags", 102, None, true));
        assert_eq!(tag(&[two.clone(), one.clone()]), Some(Verdict::Done));
        assert_eq!(tag(std::slice::from_ref(&one)), None);
        assert_eq!(tag(&[event("CreateTags", 101, Some("Denied"), true)]), None);
        assert_eq!(tag(&[event("DeleteTags", 102, Some("Denied"), true), one]), None);
    }

    #[test]
    fn every_action_has_its_call_and_each_operation_its_session() {
        for action in OperationAction::ALL.iter().copied() {
            let names = calls(action, &serde_json::from_str(r#"{"tags":{"a":"b"}}"#).unwrap());
            assert!(matches!(names.as_slice(), [one] if !one.contains(':')), "{action:?}: {names:?}");
        }
        assert_eq!(session_name(OperationId(42), "ada"), "skydesk-op42-ada");
        assert_eq!(session_name(OperationId(42), &"x".repeat(64)).len(), 64);
    }
}

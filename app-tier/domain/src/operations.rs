//! What may be done to desktops, what it takes, and how to go on when nobody knows how far one was.
//!
//! [`legal`] says what AWS takes in which state, [`harm`] what has to be typed and what one should know before, [`steps`]
//! what happens in which order, [`resume`] what to do next with a desktop as it is seen now, and [`settle`] what speaks for
//! either where that could not be told. The rest is here: which parameters an action takes, what they replace, and how to take
//! it back.
//!
//! Deliberately without AWS, a clock or a database: what was seen and what time it is come in. Invariant: whatever happens
//! to a worker, [`resume::decide`] sends nothing a second time unless what is seen shows that the first did nothing.

pub mod harm;
pub mod legal;
pub mod resume;
pub mod settle;
pub mod steps;

use std::collections::BTreeMap;

use contract::{
    operations::{DesktopState, OperationAction, OperationState, Parameters},
    problem::FieldError,
};

/// A desktop as far as operations look at it. What is not known is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    pub state: String,
    pub running_mode: Option<String>,
    pub auto_stop_minutes: Option<i32>,
    pub compute_type: Option<String>,
    pub tags: Option<BTreeMap<String, String>>,
}

/// The running mode that has a timeout.
const AUTO_STOP: &str = "AUTO_STOP";

/// Which parameters an action takes, and in which form. Whether AWS knows a mode or a type is AWS's to say.
#[must_use]
pub fn check(action: OperationAction, it: &Parameters) -> Vec<FieldError> {
    use OperationAction::{SetComputeType, SetRunningMode, SetTimeout, Tag};
    let mut errors = Vec::new();
    let mut fault = |field: &str, detail: &str| {
        errors.push(FieldError::new(format!("/parameters/{field}"), detail));
    };
    match &it.running_mode {
        None if action == SetRunningMode => fault("running_mode", "is needed: AUTO_STOP or ALWAYS_ON"),
        Some(_) if action != SetRunningMode => fault("running_mode", "is not for this action"),
        Some(mode) if !is_word(mode) => fault("running_mode", "is a word of AWS's, such as ALWAYS_ON"),
        _ => {}
    }
    let takes_minutes =
        action == SetTimeout || action == SetRunningMode && it.running_mode.as_deref() == Some(AUTO_STOP);
    match it.auto_stop_minutes {
        None if action == SetTimeout => fault("auto_stop_minutes", "is needed: whole hours, such as 60"),
        Some(_) if !takes_minutes => fault("auto_stop_minutes", "is for the running mode AUTO_STOP"),
        // AWS names no longest one; two days leave no doubt that a typing error was meant.
        Some(minutes) if minutes < 60 || minutes % 60 != 0 || minutes > 48 * 60 => {
            fault("auto_stop_minutes", "takes whole hours from 60 to 2880 minutes");
        }
        _ => {}
    }
    match &it.compute_type {
        None if action == SetComputeType => fault("compute_type", "is needed, such as STANDARD"),
        Some(_) if action != SetComputeType => fault("compute_type", "is not for this action"),
        Some(name) if !is_word(name) => fault("compute_type", "is a word of AWS's, such as STANDARD"),
        _ => {}
    }
    if action != Tag {
        if !it.tags.is_empty() {
            fault("tags", "is not for this action");
        }
        if !it.own_id_tags.is_empty() {
            fault("own_id_tags", "is not for this action");
        }
        if !it.remove_tags.is_empty() {
            fault("remove_tags", "is not for this action");
        }
        return errors;
    }
    if it.tags.is_empty() && it.own_id_tags.is_empty() && it.remove_tags.is_empty() {
        fault("tags", "needs at least one tag to set or to remove");
    }
    // AWS takes 50 tags on a resource.
    if it.tags.len() + it.own_id_tags.len() + it.remove_tags.len() > 50 {
        fault("tags", "takes 50 tags at most");
    }
    for (name, value) in &it.tags {
        if let Some(wrong) =
            wrong_tag(name).or((value.chars().count() > 256).then_some("has too long a value"))
        {
            fault(&format!("tags/{}", pointer(name)), wrong);
        }
    }
    for (n, name) in it.own_id_tags.iter().enumerate() {
        if let Some(wrong) = wrong_tag(name) {
            fault(&format!("own_id_tags/{n}"), wrong);
        } else if it.tags.contains_key(name) || it.own_id_tags.iter().take(n).any(|other| other == name) {
            fault(&format!("own_id_tags/{n}"), "is to be set twice");
        }
    }
    for (n, name) in it.remove_tags.iter().enumerate() {
        if let Some(wrong) = wrong_tag(name) {
            fault(&format!("remove_tags/{n}"), wrong);
        } else if it.tags.contains_key(name) || it.own_id_tags.contains(name) {
            fault(&format!("remove_tags/{n}"), "is to be set as well");
        }
    }
    errors
}

/// What one desktop is set to where `asked` is for all of them: tags that are to hold its own id do.
#[must_use]
pub fn of_desktop(asked: &Parameters, id: &str) -> Parameters {
    let mut set = Parameters { own_id_tags: Vec::new(), ..asked.clone() };
    set.tags.extend(asked.own_id_tags.iter().map(|name| (name.clone(), id.to_owned())));
    set
}

/// AWS's own words are capitals, digits and underscores.
fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
}

/// WorkSpaces API Reference, `Tag`: a key of 1 to 127 characters here; `aws:` is AWS's own.
fn wrong_tag(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("has no name"),
        it if it.chars().count() > 127 => Some("has too long a name"),
        it if it.starts_with("aws:") => Some("begins with `aws:`, which is AWS's own"),
        _ => None,
    }
}

/// A name in a JSON pointer (RFC 6901).
fn pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl Seen {
    /// What an operation that sets `set` would replace: the parameters that put everything back.
    #[must_use]
    pub fn before(&self, action: OperationAction, set: &Parameters) -> Parameters {
        let mut before = Parameters::default();
        match action {
            OperationAction::SetRunningMode => {
                before.running_mode.clone_from(&self.running_mode);
                before.auto_stop_minutes =
                    self.auto_stop_minutes.filter(|_| self.running_mode.as_deref() == Some(AUTO_STOP));
            }
            OperationAction::SetTimeout => before.auto_stop_minutes = self.auto_stop_minutes,
            OperationAction::SetComputeType => before.compute_type.clone_from(&self.compute_type),
            OperationAction::Tag => {
                let Some(tags) = &self.tags else { return before };
                for name in set.tags.keys().chain(&set.remove_tags) {
                    match tags.get(name) {
                        Some(value) => drop(before.tags.insert(name.clone(), value.clone())),
                        // A tag that is to be removed and is not there needs nothing to be put back.
                        None if set.tags.contains_key(name) => before.remove_tags.push(name.clone()),
                        None => {}
                    }
                }
            }
            _ => {}
        }
        before
    }

    /// It is as it would be after the operation. What is done anew each time never is.
    #[must_use]
    pub fn is_so(&self, action: OperationAction, set: &Parameters) -> bool {
        let minutes = set.auto_stop_minutes.is_none() || set.auto_stop_minutes == self.auto_stop_minutes;
        match action {
            OperationAction::Start => self.state == "AVAILABLE",
            OperationAction::Stop => self.state == "STOPPED",
            OperationAction::Terminate => self.state == "TERMINATED",
            OperationAction::SetRunningMode => self.running_mode == set.running_mode && minutes,
            OperationAction::SetTimeout => self.running_mode.as_deref() == Some(AUTO_STOP) && minutes,
            OperationAction::SetComputeType => {
                self.compute_type == set.compute_type
                    && !matches!(self.state.as_str(), "UPDATING" | "PENDING")
            }
            OperationAction::Tag => self.tags.as_ref().is_some_and(|tags| {
                set.tags.iter().all(|(name, value)| tags.get(name) == Some(value))
                    && !set.remove_tags.iter().any(|name| tags.contains_key(name))
            }),
            OperationAction::Reboot | OperationAction::Rebuild => false,
        }
    }

    /// AWS is at it.
    #[must_use]
    pub fn is_under_way(&self, action: OperationAction) -> bool {
        let state = match action {
            OperationAction::Start => "STARTING",
            OperationAction::Stop => "STOPPING",
            OperationAction::Reboot => "REBOOTING",
            OperationAction::Rebuild => "REBUILDING",
            OperationAction::Terminate => "TERMINATING",
            OperationAction::SetComputeType => "UPDATING",
            OperationAction::SetRunningMode | OperationAction::SetTimeout | OperationAction::Tag => {
                return false;
            }
        };
        self.state == state
    }
}

/// What takes an action back, on a desktop that was as `before` says. `None`: nothing does.
#[must_use]
pub fn inverse(
    action: OperationAction,
    before: &Parameters,
    set: &Parameters,
) -> Option<(OperationAction, Parameters)> {
    match action {
        OperationAction::Start => Some((OperationAction::Stop, Parameters::default())),
        OperationAction::Stop => Some((OperationAction::Start, Parameters::default())),
        OperationAction::Reboot | OperationAction::Rebuild | OperationAction::Terminate => None,
        _ if before.is_empty() || before == set => None,
        _ => Some((action, before.clone())),
    }
}

/// How an operation ended, from how its desktops did; `None` while one of them has not.
#[must_use]
pub fn ended(desktops: impl IntoIterator<Item = DesktopState>) -> Option<OperationState> {
    let (mut done, mut failed, mut cancelled, mut unknown) = (0, 0, 0, 0);
    for it in desktops {
        match it {
            DesktopState::Done => done += 1,
            DesktopState::Refused | DesktopState::Failed => failed += 1,
            DesktopState::Cancelled => cancelled += 1,
            DesktopState::Unknown => unknown += 1,
            _ => return None,
        }
    }
    Some(match (done, failed, cancelled, unknown) {
        (_, _, _, 1..) => OperationState::Unknown,
        (1.., 0, 0, _) => OperationState::Done,
        (1.., ..) => OperationState::PartlyDone,
        (0, 1.., ..) => OperationState::Failed,
        _ => OperationState::Cancelled,
    })
}

/// One sentence of what is set on how many desktops.
#[must_use]
pub fn sentence(action: OperationAction, it: &Parameters, desktops: usize) -> String {
    let whom = if desktops == 1 { "1 desktop".to_owned() } else { format!("{desktops} desktops") };
    let hours = |minutes: i32| format!("{} h", minutes / 60);
    let what = match action {
        OperationAction::SetRunningMode => match (&it.running_mode, it.auto_stop_minutes) {
            (Some(mode), Some(minutes)) => format!(" to {mode} with {}", hours(minutes)),
            (Some(mode), None) => format!(" to {mode}"),
            // Each desktop goes back to its own.
            (None, _) => " to what it was".to_owned(),
        },
        OperationAction::SetTimeout => {
            it.auto_stop_minutes.map_or(" to what it was".to_owned(), |it| format!(" to {}", hours(it)))
        }
        OperationAction::SetComputeType => {
            it.compute_type.as_ref().map_or(" to what it was".to_owned(), |it| format!(" to {it}"))
        }
        OperationAction::Tag if it.is_empty() => " as before".to_owned(),
        OperationAction::Tag => {
            let set = it.tags.iter().map(|(name, value)| format!("{name}={value}"));
            let own = it.own_id_tags.iter().map(|name| format!("{name}=its own id"));
            let removed = it.remove_tags.iter().map(|name| format!("without {name}"));
            let all: Vec<_> = set.chain(own).chain(removed).collect();
            format!(" {}", all.join(", "))
        }
        _ => String::new(),
    };
    match action {
        OperationAction::SetRunningMode | OperationAction::SetTimeout | OperationAction::SetComputeType => {
            format!("{} of {whom}{what}", action.label())
        }
        OperationAction::Tag => format!("Tag {whom}:{what}"),
        _ => format!("{} {whom}", action.label()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(json: &str) -> Parameters {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn each_action_takes_its_own_parameters_and_no_other() {
        let faults = |action, json: &str| {
            let errors = check(action, &set(json));
            errors.into_iter().map(|it| it.pointer.replace("/parameters/", "")).collect::<Vec<_>>()
        };
        let nothing: [&str; 0] = [];
        for action in OperationAction::ALL.iter().copied() {
            use OperationAction::{SetComputeType, SetRunningMode, SetTimeout, Tag};
            let wanted: &[&str] = match action {
                SetRunningMode => &["running_mode"],
                SetTimeout => &["auto_stop_minutes"],
                SetComputeType => &["compute_type"],
                Tag => &["tags"],
                _ => &[],
            };
            assert_eq!(faults(action, "{}"), wanted, "{action:?}");
        }
        assert_eq!(
            faults(OperationAction::Stop, r#"{"running_mode":"X","tags":{"a":"b"}}"#),
            ["running_mode", "tags"]
        );
        let mode = |json: &str| faults(OperationAction::SetRunningMode, json);
        assert_eq!(mode(r#"{"running_mode":"AUTO_STOP","auto_stop_minutes":120}"#), nothing);
        assert_eq!(mode(r#"{"running_mode":"ALWAYS_ON","auto_stop_minutes":120}"#), ["auto_stop_minutes"]);
        assert_eq!(mode(r#"{"running_mode":"always on"}"#), ["running_mode"]);
        for minutes in [0, 30, 90, -60, 2940] {
            let json = format!(r#"{{"auto_stop_minutes":{minutes}}}"#);
            assert_eq!(faults(OperationAction::SetTimeout, &json), ["auto_stop_minutes"], "{minutes}");
        }
        let tag = |json: &str| faults(OperationAction::Tag, json);
        assert_eq!(tag(r#"{"tags":{"Team":"a"},"remove_tags":["Old"]}"#), nothing);
        assert_eq!(
            tag(r#"{"tags":{"aws:x":"a","a/b":"c"},"remove_tags":["a/b",""]}"#),
            ["tags/aws:x", "remove_tags/0", "remove_tags/1"]
        );
        assert_eq!(tag(r#"{"own_id_tags":["Id"]}"#), nothing);
        assert_eq!(
            tag(r#"{"tags":{"Id":"a"},"own_id_tags":["Id","New","New","aws:x"],"remove_tags":["New"]}"#),
            ["own_id_tags/0", "own_id_tags/2", "own_id_tags/3", "remove_tags/0"]
        );
        assert_eq!(faults(OperationAction::Stop, r#"{"own_id_tags":["Id"]}"#), ["own_id_tags"]);
    }

    #[test]
    fn a_tag_with_the_own_id_is_another_for_each_desktop_and_each_gets_its_former_value_back() {
        let asked = set(r#"{"own_id_tags":["Id"],"tags":{"Team":"red"},"remove_tags":["Old"]}"#);
        let seen = |tags: &[(&str, &str)]| Seen {
            tags: Some(tags.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()),
            ..Seen::default()
        };
        for (id, tags, back) in [
            (
                "ws-1",
                vec![("Id", "ws-0"), ("Old", "x")],
                r#"{"tags":{"Id":"ws-0","Old":"x"},"remove_tags":["Team"]}"#,
            ),
            ("ws-2", vec![("Team", "red")], r#"{"tags":{"Team":"red"},"remove_tags":["Id"]}"#),
        ] {
            let own = of_desktop(&asked, id);
            assert_eq!(own.tags.get("Id").map(String::as_str), Some(id));
            assert!(own.own_id_tags.is_empty() && own.remove_tags == ["Old"]);
            let before = seen(&tags).before(OperationAction::Tag, &own);
            assert_eq!(inverse(OperationAction::Tag, &before, &own), Some((OperationAction::Tag, set(back))));
            assert!(!seen(&tags).is_so(OperationAction::Tag, &own));
        }
        let own = of_desktop(&asked, "ws-1");
        assert!(seen(&[("Id", "ws-1"), ("Team", "red")]).is_so(OperationAction::Tag, &own));
    }

    #[test]
    fn what_is_set_can_be_put_back_and_what_is_lost_cannot() {
        let seen = Seen {
            state: "AVAILABLE".into(),
            running_mode: Some("AUTO_STOP".into()),
            auto_stop_minutes: Some(120),
            compute_type: Some("POWER".into()),
            tags: Some(BTreeMap::from([("Team".into(), "red".into())])),
        };
        for (action, to, back) in [
            (
                OperationAction::SetRunningMode,
                r#"{"running_mode":"ALWAYS_ON"}"#,
                r#"{"running_mode":"AUTO_STOP","auto_stop_minutes":120}"#,
            ),
            (OperationAction::SetTimeout, r#"{"auto_stop_minutes":60}"#, r#"{"auto_stop_minutes":120}"#),
            (
                OperationAction::SetComputeType,
                r#"{"compute_type":"STANDARD"}"#,
                r#"{"compute_type":"POWER"}"#,
            ),
            (
                OperationAction::Tag,
                r#"{"tags":{"Team":"blue","New":"1"},"remove_tags":["Never"]}"#,
                r#"{"tags":{"Team":"red"},"remove_tags":["New"]}"#,
            ),
        ] {
            let before = seen.before(action, &set(to));
            assert_eq!(inverse(action, &before, &set(to)), Some((action, set(back))), "{action:?}");
            assert!(!seen.is_so(action, &set(to)) && seen.is_so(action, &set(back)), "{action:?}");
        }
        let none = Parameters::default();
        assert_eq!(inverse(OperationAction::Start, &none, &none).unwrap().0, OperationAction::Stop);
        assert_eq!(inverse(OperationAction::Stop, &none, &none).unwrap().0, OperationAction::Start);
        for action in [OperationAction::Reboot, OperationAction::Rebuild, OperationAction::Terminate] {
            assert_eq!(inverse(action, &none, &none), None, "{action:?}");
        }
    }

    #[test]
    fn an_operation_ends_as_its_desktops_do() {
        use DesktopState::{Accepted, Cancelled, Done, Failed, Refused, Unknown, Waiting};
        for (desktops, state) in [
            (vec![Done, Done], Some(OperationState::Done)),
            (vec![Done, Refused], Some(OperationState::PartlyDone)),
            (vec![Done, Cancelled], Some(OperationState::PartlyDone)),
            (vec![Failed, Cancelled], Some(OperationState::Failed)),
            (vec![Cancelled], Some(OperationState::Cancelled)),
            (vec![Done, Unknown, Failed], Some(OperationState::Unknown)),
            (vec![Done, Waiting], None),
            (vec![Accepted, Unknown], None),
        ] {
            assert_eq!(ended(desktops.clone()), state, "{desktops:?}");
        }
    }

    #[test]
    fn sentences_say_what_is_set() {
        let said = |action, json, n| sentence(action, &set(json), n);
        assert_eq!(said(OperationAction::Reboot, "{}", 1), "Reboot 1 desktop");
        assert_eq!(
            said(
                OperationAction::SetRunningMode,
                r#"{"running_mode":"AUTO_STOP","auto_stop_minutes":120}"#,
                3
            ),
            "Change running mode of 3 desktops to AUTO_STOP with 2 h"
        );
        assert_eq!(said(OperationAction::SetTimeout, "{}", 2), "Change timeout of 2 desktops to what it was");
        assert_eq!(
            said(OperationAction::Tag, r#"{"tags":{"a":"b"},"own_id_tags":["Id"],"remove_tags":["c"]}"#, 2),
            "Tag 2 desktops: a=b, Id=its own id, without c"
        );
    }
}

//! The steps of an operation, planned or taken: they follow from its desktops, so that no step says what they do not.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contract::operations::{DesktopState, OperationAction, Step, StepState};

use super::legal::{Rule, rule};

/// Desktops whose calls are one step, and which are looked at in one call before it: as many as AWS takes and tells of at
/// once, also where it takes one desktop a call.
pub const GROUP: usize = 25;

/// A desktop of an operation as its steps see it.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// See [`groups`].
    pub group: i32,
    pub account: &'a str,
    pub region: &'a str,
    pub state: DesktopState,
    pub called_at: Option<DateTime<Utc>>,
    pub answered_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// Which group each desktop belongs to, from 1: desktops of one place (account and region) in the order in which they were
/// named, at most [`GROUP`] each.
pub fn groups<P: Ord>(places: impl IntoIterator<Item = P>) -> Vec<i32> {
    let mut last = 0;
    let mut open: BTreeMap<P, (i32, usize)> = BTreeMap::new();
    let mut next = |open: &mut BTreeMap<P, (i32, usize)>, place: P| {
        let (group, size) = open.entry(place).or_insert((0, GROUP));
        if *size >= GROUP {
            last += 1;
            (*group, *size) = (last, 0);
        }
        *size += 1;
        *group
    };
    places.into_iter().map(|place| next(&mut open, place)).collect()
}

/// The number of the step that does a group's desktops.
#[must_use]
pub fn step_of(group: i32) -> i32 {
    group.saturating_add(1)
}

/// The look before, a step for each group, and the wait for AWS.
#[must_use]
pub fn steps(action: OperationAction, desktops: &[Planned<'_>]) -> Vec<Step> {
    let rule = rule(action);
    let mut steps = vec![look(desktops)];
    let mut groups: BTreeMap<i32, Vec<Planned<'_>>> = BTreeMap::new();
    for it in desktops {
        groups.entry(it.group).or_default().push(*it);
    }
    steps.extend(groups.values().map(|desktops| call(rule, desktops)));
    steps.push(wait(action, desktops));
    for (n, step) in (1..).zip(&mut steps) {
        step.number = n;
    }
    steps
}

fn look(desktops: &[Planned<'_>]) -> Step {
    step(
        "Look at the desktops once more; those in no state for it, or changed since it was proposed, are left out".to_owned(),
        Some("workspaces:DescribeWorkspaces"),
        desktops,
        |it| !matches!(it.state, DesktopState::Planned | DesktopState::Waiting),
        |_| true,
        |it| (it.called_at.or(it.ended_at), it.called_at.or(it.ended_at)),
    )
}

fn call(rule: Rule, desktops: &[Planned<'_>]) -> Step {
    let name = rule.api.rsplit(':').next().unwrap_or(rule.api);
    let place = desktops.first().map(|it| format!(" in {}, {}", it.account, it.region)).unwrap_or_default();
    let label = match (desktops.len(), rule.per_call) {
        (1, _) => format!("{name} for 1 desktop{place}"),
        (n, 1) => format!("{name} for each of {n} desktops{place}"),
        (n, _) => format!("{name} for {n} desktops{place}"),
    };
    let through = |it: &Planned<'_>| it.state == DesktopState::Accepted || it.state.is_final();
    step(
        label,
        Some(rule.api),
        desktops,
        through,
        |it| it.state != DesktopState::Failed || it.answered_at.is_some(),
        |it| (it.called_at.or(it.ended_at), it.answered_at.or(it.ended_at)),
    )
}

fn wait(action: OperationAction, desktops: &[Planned<'_>]) -> Step {
    let until = match action {
        OperationAction::Start => "they are AVAILABLE",
        OperationAction::Stop => "they are STOPPED",
        OperationAction::Reboot | OperationAction::Rebuild => "they are back",
        OperationAction::Terminate => "they are gone",
        OperationAction::Tag => "the tags are seen",
        _ => "the new setting is seen",
    };
    let label = format!("Look until {until}");
    let well = |it: &Planned<'_>| it.state == DesktopState::Done;
    step(
        label,
        Some("workspaces:DescribeWorkspaces"),
        desktops,
        |it| it.state.is_final(),
        well,
        |it| (it.answered_at.or(it.ended_at), it.ended_at),
    )
}

/// A step of which `through` says whether a desktop is through it, `well` whether well, and `times` when it began and ended.
fn step(
    label: String,
    api: Option<&str>,
    desktops: &[Planned<'_>],
    through: impl Fn(&Planned<'_>) -> bool,
    well: impl Fn(&Planned<'_>) -> bool,
    times: impl Fn(&Planned<'_>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Step {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let done = desktops.iter().filter(|it| through(it)).count();
    let begun = desktops.iter().filter_map(|it| times(it).0).min();
    let is_over = done == desktops.len();
    let is_bad = |it: &Planned<'_>| {
        matches!(it.state, DesktopState::Failed | DesktopState::Refused | DesktopState::Unknown)
    };
    let state = match () {
        () if is_over && desktops.iter().all(|it| it.state == DesktopState::Cancelled) => {
            StepState::Cancelled
        }
        () if is_over && desktops.iter().any(|it| is_bad(it) && !well(it)) => StepState::Failed,
        () if is_over => StepState::Done,
        () if begun.is_some() => StepState::Running,
        () => StepState::Waiting,
    };
    Step {
        number: 0,
        label,
        api: api.map(str::to_owned),
        desktops: number(desktops.len()),
        through: number(done),
        state,
        began_at: begun,
        ended_at: desktops.iter().filter_map(|it| times(it).1).max().filter(|_| is_over),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn planned(group: i32, state: DesktopState) -> Planned<'static> {
        Planned {
            group,
            account: "production",
            region: "eu-west-1",
            state,
            called_at: None,
            answered_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn desktops_go_in_groups_of_25_by_place() {
        let places: Vec<_> = (0..60).map(|n| if n % 6 == 0 { "there" } else { "here" }).collect();
        let groups = groups(places.clone());
        for group in 1..=3 {
            let members: Vec<_> = (0..60).filter(|n| groups[*n] == group).collect();
            assert!(
                members.len() <= GROUP && members.iter().all(|n| places[*n] == places[members[0]]),
                "{group}"
            );
        }
        assert_eq!(groups.iter().max(), Some(&3), "50 here in two, 10 there in one");
    }

    #[test]
    fn a_plan_of_26_is_two_calls_between_a_look_and_a_wait() {
        let groups = groups((0..26).map(|_| "here"));
        let desktops: Vec<_> = groups.iter().map(|it| planned(*it, DesktopState::Planned)).collect();
        let steps = steps(OperationAction::Reboot, &desktops);
        let told: Vec<_> = steps.iter().map(|it| (it.number, it.desktops, it.state)).collect();
        let waiting = StepState::Waiting;
        assert_eq!(told, [(1, 26, waiting), (2, 25, waiting), (3, 1, waiting), (4, 26, waiting)]);
        assert_eq!(steps[1].label, "RebootWorkspaces for 25 desktops in production, eu-west-1");
        assert_eq!(step_of(groups[0]), steps[1].number);
        let one_by_one = super::steps(OperationAction::Rebuild, &desktops);
        assert_eq!(one_by_one[1].label, "RebuildWorkspaces for each of 25 desktops in production, eu-west-1");
    }

    #[test]
    fn steps_follow_their_desktops() {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        let done = Planned {
            called_at: Some(at),
            answered_at: Some(at + TimeDelta::seconds(1)),
            ended_at: Some(at + TimeDelta::seconds(9)),
            ..planned(1, DesktopState::Done)
        };
        let accepted = Planned { state: DesktopState::Accepted, ended_at: None, group: 1, ..done };
        let states = |desktops: &[Planned<'_>]| {
            steps(OperationAction::Stop, desktops).into_iter().map(|it| it.state).collect::<Vec<_>>()
        };
        use StepState::{Cancelled, Done, Failed, Running, Waiting};
        assert_eq!(states(&[done, accepted]), [Done, Done, Running]);
        assert_eq!(states(&[done, planned(2, DesktopState::Waiting)]), [Running, Done, Waiting, Running]);
        let refused = Planned { ended_at: Some(at), ..planned(1, DesktopState::Refused) };
        assert_eq!(states(&[done, refused]), [Done, Done, Failed]);
        let failed = Planned { state: DesktopState::Failed, ..done };
        assert_eq!(states(&[done, failed]), [Done, Done, Failed]);
        assert_eq!(states(&[planned(1, DesktopState::Cancelled)]), [Cancelled; 3]);
        let steps = steps(OperationAction::Stop, &[done]);
        assert_eq!((steps[1].began_at, steps[1].ended_at), (done.called_at, done.answered_at));
        assert_eq!((steps[2].began_at, steps[2].ended_at), (done.answered_at, done.ended_at));
    }
}

//! What is being filled in before it is asked for. Pure.

use std::collections::BTreeMap;

use contract::{
    ids::{RecommendationId, WorkspaceId},
    operations::{NewOperation, OperationAction, Parameters},
};

/// Who it is about and what is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    Action(OperationAction, Vec<WorkspaceId>),
    /// Action, desktop and parameters are the recommendation's.
    Recommendation(RecommendationId),
    /// The tag of this name with each desktop's own id.
    OwnIdTag(String, Vec<WorkspaceId>),
}

/// Sizes that AWS lets desktops change to. Whether this one may is said by the preview.
pub(super) const COMPUTE_TYPES: [&str; 7] = [
    "VALUE",
    "STANDARD",
    "PERFORMANCE",
    "POWER",
    "POWERPRO",
    "GENERALPURPOSE_4XLARGE",
    "GENERALPURPOSE_8XLARGE",
];
/// Timeouts to choose from, in hours; AWS takes whole hours.
pub(super) const HOURS: [i32; 8] = [1, 2, 3, 4, 6, 8, 12, 24];
pub(super) const AUTO_STOP: &str = "AUTO_STOP";

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) subject: Subject,
    /// As AWS spells it; empty until somebody chooses.
    pub(super) running_mode: String,
    /// Empty until somebody chooses.
    pub(super) hours: String,
    pub(super) compute_type: String,
    /// Names and values to set.
    pub(super) tags: Vec<(String, String)>,
    /// Names of tags that are to hold each desktop's own id, with commas between.
    pub(super) own_id_tags: String,
    /// Names to remove, with commas between.
    pub(super) remove_tags: String,
}

impl Draft {
    pub(super) fn new(subject: Subject) -> Self {
        let own_id_tags = match &subject {
            Subject::OwnIdTag(name, _) => name.clone(),
            _ => String::new(),
        };
        Self {
            subject,
            own_id_tags,
            running_mode: String::new(),
            hours: String::new(),
            compute_type: String::new(),
            tags: vec![(String::new(), String::new())],
            remove_tags: String::new(),
        }
    }

    pub(super) fn action(&self) -> Option<OperationAction> {
        match &self.subject {
            Subject::Action(action, _) => Some(*action),
            Subject::OwnIdTag(..) => Some(OperationAction::Tag),
            Subject::Recommendation(_) => None,
        }
    }

    /// What to ask the server for; `None` while something has to be chosen yet.
    pub(super) fn asked(&self) -> Option<NewOperation> {
        let (action, workspace_ids) = match &self.subject {
            Subject::Recommendation(id) => {
                return Some(NewOperation { recommendation_id: Some(*id), ..NewOperation::default() });
            }
            Subject::Action(action, ids) => (*action, ids.clone()),
            Subject::OwnIdTag(_, ids) => (OperationAction::Tag, ids.clone()),
        };
        let minutes = self.hours.parse::<i32>().ok().map(|it| it * 60);
        let chosen = |text: &str| Some(text.to_owned()).filter(|it| !it.is_empty());
        let mut parameters = Parameters::default();
        match action {
            OperationAction::SetRunningMode => {
                let mode = chosen(&self.running_mode)?;
                if mode == AUTO_STOP {
                    parameters.auto_stop_minutes = Some(minutes?);
                }
                parameters.running_mode = Some(mode);
            }
            OperationAction::SetTimeout => parameters.auto_stop_minutes = Some(minutes?),
            OperationAction::SetComputeType => parameters.compute_type = Some(chosen(&self.compute_type)?),
            OperationAction::Tag => {
                parameters.tags = self.named_tags();
                parameters.own_id_tags = names(&self.own_id_tags);
                parameters.remove_tags = names(&self.remove_tags);
                if parameters.is_empty() {
                    return None;
                }
            }
            _ => {}
        }
        (!workspace_ids.is_empty()).then(|| NewOperation {
            action: Some(action),
            workspace_ids,
            parameters,
            ..NewOperation::default()
        })
    }

    /// Lines without a name are not filled in yet.
    fn named_tags(&self) -> BTreeMap<String, String> {
        let named = self.tags.iter().filter(|(name, _)| !name.trim().is_empty());
        named.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
    }

    /// The same for fewer desktops.
    pub(super) fn without(&self, out: &[WorkspaceId]) -> Self {
        let rest = |ids: &[WorkspaceId]| ids.iter().filter(|it| !out.contains(it)).cloned().collect();
        let subject = match &self.subject {
            Subject::Action(action, ids) => Subject::Action(*action, rest(ids)),
            Subject::OwnIdTag(name, ids) => Subject::OwnIdTag(name.clone(), rest(ids)),
            other @ Subject::Recommendation(_) => other.clone(),
        };
        Self { subject, ..self.clone() }
    }
}

/// Names with commas between.
fn names(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(action: OperationAction) -> Draft {
        Draft::new(Subject::Action(action, ["ws-1", "ws-2"].map(|it| WorkspaceId(it.into())).into()))
    }

    #[test]
    fn what_needs_a_choice_is_not_asked_before_it() {
        use OperationAction::{Reboot, SetComputeType, SetRunningMode, SetTimeout, Tag};
        for action in [SetRunningMode, SetTimeout, SetComputeType, Tag] {
            assert_eq!(draft(action).asked(), None, "{action:?}");
        }
        assert_eq!(draft(Reboot).asked().unwrap().workspace_ids.len(), 2);
        let mut mode = draft(SetRunningMode);
        mode.running_mode = "ALWAYS_ON".into();
        assert_eq!(mode.asked().unwrap().parameters.running_mode.as_deref(), Some("ALWAYS_ON"));
        mode.running_mode = AUTO_STOP.into();
        assert_eq!(mode.asked(), None, "AutoStop needs its timeout");
        mode.hours = "2".into();
        assert_eq!(mode.asked().unwrap().parameters.auto_stop_minutes, Some(120));
    }

    #[test]
    fn tags_without_a_name_are_not_there() {
        let mut tag = draft(OperationAction::Tag);
        tag.tags = vec![(" Team ".into(), "red".into()), (String::new(), "x".into())];
        tag.remove_tags = "Old, , Older".into();
        let parameters = tag.asked().unwrap().parameters;
        assert_eq!(parameters.tags, BTreeMap::from([("Team".to_owned(), "red".to_owned())]));
        assert_eq!(parameters.remove_tags, ["Old", "Older"]);
    }

    #[test]
    fn the_own_id_is_not_a_value_that_anybody_types() {
        let ids = ["ws-1", "ws-2"].map(|it| WorkspaceId(it.into()));
        let tag = Draft::new(Subject::OwnIdTag("Id".into(), ids.clone().into()));
        let asked = tag.without(&ids[..1]).asked().unwrap();
        assert_eq!((asked.action, &asked.workspace_ids[..]), (Some(OperationAction::Tag), &ids[1..]));
        assert_eq!(asked.parameters, Parameters { own_id_tags: vec!["Id".into()], ..Parameters::default() });
    }

    #[test]
    fn desktops_can_be_left_out_but_not_all_of_them() {
        let one = draft(OperationAction::Stop).without(&[WorkspaceId("ws-1".into())]);
        assert_eq!(one.asked().unwrap().workspace_ids, [WorkspaceId("ws-2".into())]);
        assert_eq!(one.without(&[WorkspaceId("ws-2".into())]).asked(), None);
    }

    #[test]
    fn a_recommendation_names_nothing_else() {
        let asked = Draft::new(Subject::Recommendation(RecommendationId(7))).asked().unwrap();
        assert_eq!(serde_json::to_string(&asked).unwrap(), r#"{"recommendation_id":7,"reason":""}"#);
    }
}

//! Settling what could not be told: what speaks for either, and what a person says in the end.
//!
//! Nothing of it asks AWS for anything. Evidence is what Skydesk has read anyway; the verdict is always a person's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{OperationAction, Parameters, check_note};
use crate::{
    auth::Permission,
    ids::{EventId, WorkspaceId},
    names::words,
    problem::FieldError,
};

words! {
    /// Whether it was done to a desktop.
    pub enum Verdict {
        Done = "done", "Done";
        NotDone = "not_done", "Not done";
    }
}

/// `POST /api/operations/{id}/settle`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// Desktops of which it is not known; those that are left out stay so.
    pub desktops: Vec<DesktopVerdict>,
    /// How it was found out. Needed; at most [`super::MAX_NOTE_CHARS`].
    #[serde(default)]
    pub note: String,
    /// [`Settlement::word`], typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
}

/// What somebody found out about one desktop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DesktopVerdict {
    pub workspace_id: WorkspaceId,
    pub verdict: Verdict,
}

impl Settlement {
    /// What has to be typed: the desktop's id where it is one, else the deed and how many.
    #[must_use]
    pub fn word(desktops: &[DesktopVerdict]) -> String {
        match desktops {
            [one] => one.workspace_id.0.clone(),
            many => format!("settle {} desktops", many.len()),
        }
    }

    /// Every rule that needs no operation.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.desktops.is_empty() {
            errors.push(FieldError::new("/desktops", "needs at least one desktop"));
        }
        for (n, it) in self.desktops.iter().enumerate() {
            if self.desktops.iter().take(n).any(|other| other.workspace_id == it.workspace_id) {
                let why = format!("`{}` is there twice", it.workspace_id);
                errors.push(FieldError::new(format!("/desktops/{n}/workspace_id"), why));
            }
        }
        if self.note.trim().is_empty() {
            errors.push(FieldError::new("/note", "is needed: how it was found out"));
        }
        errors.extend(check_note("/note", &self.note));
        errors
    }
}

impl OperationAction {
    /// Who may say how it went where it could not be told: who may do it alone.
    #[must_use]
    pub fn settled_by(self) -> Permission {
        match self.is_direct() {
            true => Permission::OperationsPropose,
            false => Permission::OperationsApprove,
        }
    }
}

/// What Skydesk has read that speaks for either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// As AWS spells it, when it was last looked at. `null`: the desktop is gone.
    pub aws_state: Option<String>,
    /// When that was.
    pub observed_at: Option<DateTime<Utc>>,
    /// Of what the operation sets, what it is now.
    pub now: Parameters,
    /// `CloudTrail`'s calls of this kind for this desktop since Skydesk called: the operation's own, then the others, the latest
    /// first; a handful.
    pub events: Vec<EvidenceEvent>,
    /// Up to when `CloudTrail` was read without a gap; it tells of a call some minutes late. `null`: never.
    pub events_until: Option<DateTime<Utc>>,
    /// What follows, where something does. It is a proposal: nothing is settled by it.
    pub verdict: Option<Verdict>,
    /// Why that follows, or why nothing does.
    pub why: String,
}

/// A call that `CloudTrail` has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvidenceEvent {
    pub id: EventId,
    pub at: DateTime<Utc>,
    /// AWS's name of the operation, such as `RebootWorkspaces`.
    pub name: String,
    pub actor: String,
    /// Why AWS did not do it to this desktop, or to none.
    pub error_code: Option<String>,
    /// It was called in this operation's own session, whose name nobody else uses.
    pub own: bool,
}

/// What somebody said about a desktop of which it could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settled {
    pub by: String,
    pub at: DateTime<Utc>,
    /// How it was found out.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::MAX_NOTE_CHARS;

    #[test]
    fn a_settlement_names_desktops_once_and_says_how_it_was_found_out() {
        let of = |ids: &[&str], note: &str| {
            let desktop = |id: &&str| DesktopVerdict {
                workspace_id: WorkspaceId((*id).to_owned()),
                verdict: Verdict::Done,
            };
            let it = Settlement {
                desktops: ids.iter().map(desktop).collect(),
                note: note.to_owned(),
                confirmation: None,
            };
            it.check().into_iter().map(|it| it.pointer).collect::<Vec<_>>()
        };
        assert!(of(&["ws-1", "ws-2"], &"x".repeat(MAX_NOTE_CHARS)).is_empty());
        assert_eq!(of(&[], " "), ["/desktops", "/note"]);
        assert_eq!(
            of(&["ws-1", "ws-1"], &"x".repeat(MAX_NOTE_CHARS + 1)),
            ["/desktops/1/workspace_id", "/note"]
        );
    }

    #[test]
    fn who_may_do_it_alone_may_settle_it() {
        assert_eq!(OperationAction::Reboot.settled_by(), Permission::OperationsPropose);
        assert_eq!(OperationAction::Terminate.settled_by(), Permission::OperationsApprove);
    }
}

//! Acting on desktops: one call to AWS for what AWS takes at once, sent once.
//!
//! Deliberately without a second try where an answer is missing: none of these calls takes a token that would make it
//! harmless, so whoever calls finds out by looking ([`CloudError::may_have_arrived`]). What AWS throttled it did not take;
//! that is sent again, as everywhere.

use std::collections::BTreeMap;

use aws_sdk_workspaces::types::{
    Compute, FailedWorkspaceChangeRequest, RebootRequest, RebuildRequest, RunningMode, StartRequest,
    StopRequest, Tag, TerminateRequest, WorkspaceProperties,
};
use contract::operations::{OperationAction, Parameters};
use domain::workspaces::SeenWorkspace;

use crate::{Api, CloudError, Session, paging::TokenGuard, workspaces::seen_workspace};

/// A desktop that AWS did not do it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub workspace_id: String,
    pub code: String,
    pub message: String,
}

impl Session {
    /// These desktops as they are now, at most [`crate::IDS_PER_CALL`]; what AWS does not have is left out.
    ///
    /// # Errors
    /// When AWS does not answer, or repeats a page.
    pub async fn desktops_by_id(&self, ids: &[String]) -> Result<Vec<SeenWorkspace>, CloudError> {
        let mut seen = Vec::with_capacity(ids.len());
        if ids.is_empty() {
            // AWS takes no ids for "all".
            return Ok(seen);
        }
        let mut guard = TokenGuard::new(Api::WORKSPACES);
        let mut token = None;
        loop {
            let page = self
                .call(Api::WORKSPACES, || {
                    let call = self.clients.workspaces.describe_workspaces();
                    call.set_workspace_ids(Some(ids.to_vec())).set_next_token(token.clone()).send()
                })
                .await?;
            seen.extend(page.workspaces.unwrap_or_default().into_iter().filter_map(seen_workspace));
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                return Ok(seen);
            }
            guard.pass(token.as_deref())?;
        }
    }

    /// The tags of one desktop as they are now.
    ///
    /// # Errors
    /// When AWS does not answer.
    pub async fn tags_of(&self, id: &str) -> Result<BTreeMap<String, String>, CloudError> {
        let answer = self
            .call(Api::DESCRIBE_TAGS, || self.clients.workspaces.describe_tags().resource_id(id).send())
            .await?;
        let pair = |it: Tag| (it.key, it.value.unwrap_or_default());
        Ok(answer.tag_list.unwrap_or_default().into_iter().map(pair).collect())
    }

    /// Does it to these desktops, in one call where AWS takes as many; the others take one. Answers which of them AWS did
    /// not do it to, as far as it says so for each.
    ///
    /// # Errors
    /// AWS refuses the call as a whole, or does not answer; it is not sent a second time.
    pub async fn act(
        &self,
        action: OperationAction,
        ids: &[String],
        set: &Parameters,
    ) -> Result<Vec<Failure>, CloudError> {
        let client = &self.clients.workspaces;
        macro_rules! each {
            ($api:ident, $call:ident, $request:ident, $setter:ident) => {{
                let requests: Vec<_> =
                    ids.iter().map(|id| $request::builder().workspace_id(id).build()).collect();
                let send = || client.$call().$setter(Some(requests.clone())).send();
                failures(self.call_once(Api::$api, send).await?.failed_requests)
            }};
            // Requests whose id the SDK checks.
            ($api:ident, $call:ident, $request:ident, $setter:ident, checked) => {{
                let requests: Vec<_> =
                    ids.iter().filter_map(|id| $request::builder().workspace_id(id).build().ok()).collect();
                let send = || client.$call().$setter(Some(requests.clone())).send();
                failures(self.call_once(Api::$api, send).await?.failed_requests)
            }};
        }
        Ok(match action {
            OperationAction::Start => {
                each!(START, start_workspaces, StartRequest, set_start_workspace_requests)
            }
            OperationAction::Stop => each!(STOP, stop_workspaces, StopRequest, set_stop_workspace_requests),
            OperationAction::Reboot => {
                each!(REBOOT, reboot_workspaces, RebootRequest, set_reboot_workspace_requests, checked)
            }
            OperationAction::Rebuild => {
                each!(REBUILD, rebuild_workspaces, RebuildRequest, set_rebuild_workspace_requests, checked)
            }
            OperationAction::Terminate => {
                each!(
                    TERMINATE,
                    terminate_workspaces,
                    TerminateRequest,
                    set_terminate_workspace_requests,
                    checked
                )
            }
            OperationAction::SetRunningMode
            | OperationAction::SetTimeout
            | OperationAction::SetComputeType => {
                for id in ids {
                    self.modify(id, set).await?;
                }
                Vec::new()
            }
            OperationAction::Tag => {
                for id in ids {
                    self.tag(id, set).await?;
                }
                Vec::new()
            }
        })
    }

    async fn modify(&self, id: &str, set: &Parameters) -> Result<(), CloudError> {
        let properties = WorkspaceProperties::builder()
            .set_running_mode(set.running_mode.as_deref().map(RunningMode::from))
            .set_running_mode_auto_stop_timeout_in_minutes(set.auto_stop_minutes)
            .set_compute_type_name(set.compute_type.as_deref().map(Compute::from))
            .build();
        let send = || {
            let call = self.clients.workspaces.modify_workspace_properties();
            call.workspace_id(id).workspace_properties(properties.clone()).send()
        };
        self.call_once(Api::MODIFY, send).await.map(drop)
    }

    /// Setting a tag again to the same value changes nothing.
    async fn tag(&self, id: &str, set: &Parameters) -> Result<(), CloudError> {
        let client = &self.clients.workspaces;
        let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build().ok();
        let tags: Vec<Tag> = set.tags.iter().filter_map(tag).collect();
        if !tags.is_empty() {
            let send = || client.create_tags().resource_id(id).set_tags(Some(tags.clone())).send();
            self.call_once(Api::CREATE_TAGS, send).await?;
        }
        if !set.remove_tags.is_empty() {
            let names = &set.remove_tags;
            let send = || client.delete_tags().resource_id(id).set_tag_keys(Some(names.clone())).send();
            self.call_once(Api::DELETE_TAGS, send).await?;
        }
        Ok(())
    }
}

fn failures(failed: Option<Vec<FailedWorkspaceChangeRequest>>) -> Vec<Failure> {
    let failure = |it: FailedWorkspaceChangeRequest| {
        Some(Failure {
            workspace_id: it.workspace_id?,
            code: it.error_code.unwrap_or_else(|| "Unknown".to_owned()),
            message: it.error_message.unwrap_or_else(|| "AWS does not say why".to_owned()),
        })
    };
    failed.unwrap_or_default().into_iter().filter_map(failure).collect()
}

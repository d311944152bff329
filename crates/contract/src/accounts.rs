//! AWS accounts that Skydesk looks into, by assumed role.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ids::AccountId, names::words, problem::FieldError};

/// A registered account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    /// AWS's 12-digit id.
    pub account_id: String,
    /// `null` for those who may not manage accounts.
    pub role_arn: Option<String>,
    /// `null` for those who may not manage accounts.
    pub external_id: Option<String>,
    /// The role that operations take on, with the same external id. `null` where there is none (then the account can be
    /// read and not acted on), and for those who may not manage accounts.
    #[serde(default)]
    pub operator_role_arn: Option<String>,
    /// Operations are possible.
    #[serde(default)]
    pub can_act: bool,
    pub regions: Vec<String>,
    pub created_at: DateTime<Utc>,
    /// Desktops known now, over all regions.
    pub desktops: i64,
    /// Changes with every edit; also the `ETag`.
    pub version: i32,
}

/// `POST /api/accounts` and `PUT /api/accounts/{id}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    pub name: String,
    pub account_id: String,
    pub role_arn: String,
    #[serde(default)]
    pub external_id: String,
    /// The role for operations; empty: Skydesk only reads.
    #[serde(default)]
    pub operator_role_arn: String,
    pub regions: Vec<String>,
}

/// Regions of the public partition in which AWS offers WorkSpaces Personal (AWS General Reference, service
/// endpoints of WorkSpaces), and those that AWS may add: the form of a region's name is what is checked beyond this list.
pub const WORKSPACES_REGIONS: [&str; 17] = [
    "us-east-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "af-south-1",
    "il-central-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "us-gov-west-1",
    "us-gov-east-1",
];

impl NewAccount {
    /// Every rule that needs no database.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.name.trim().is_empty() || self.name.chars().count() > 64 {
            errors.push(FieldError::new("/name", "takes 1 to 64 characters"));
        }
        if !is_account_number(&self.account_id) {
            errors.push(FieldError::new("/account_id", "is AWS's account number: 12 digits"));
        }
        errors.extend(self.check_role("/role_arn", &self.role_arn));
        if !self.operator_role_arn.is_empty() {
            errors.extend(self.check_role("/operator_role_arn", &self.operator_role_arn));
        }
        // STS: 2 to 1224 characters of [\w+=,.@:\/-]; empty means that the role asks for none.
        let external_ok = self.external_id.is_empty()
            || ((2..=1224).contains(&self.external_id.len())
                && self.external_id.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c)));
        if !external_ok {
            errors.push(FieldError::new("/external_id", "takes 2 to 1224 letters, digits and _+=,.@:/-"));
        }
        if self.regions.is_empty() {
            errors.push(FieldError::new("/regions", "needs at least one region"));
        }
        for (n, region) in self.regions.iter().enumerate() {
            if !WORKSPACES_REGIONS.contains(&region.as_str()) {
                errors.push(FieldError::new(
                    format!("/regions/{n}"),
                    format!("`{region}` is not a region with WorkSpaces"),
                ));
            } else if self.regions.iter().take(n).any(|earlier| earlier == region) {
                errors.push(FieldError::new(format!("/regions/{n}"), format!("`{region}` is there twice")));
            }
        }
        errors
    }

    fn check_role(&self, pointer: &str, arn: &str) -> Option<FieldError> {
        match role_arn_account(arn) {
            None => Some(FieldError::new(
                pointer,
                "is not a role's ARN, such as arn:aws:iam::123456789012:role/Skydesk",
            )),
            Some(account) if account != self.account_id => {
                Some(FieldError::new(pointer, format!("names account {account}, not {}", self.account_id)))
            }
            Some(_) => None,
        }
    }
}

fn is_account_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The account number inside a role's ARN; `None` when it is not one.
fn role_arn_account(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, partition, service, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let name = resource.strip_prefix("role/")?;
    let sound = prefix == "arn"
        && matches!(partition, "aws" | "aws-us-gov" | "aws-cn")
        && service == "iam"
        && region.is_empty()
        && is_account_number(account)
        && !name.is_empty()
        && arn.len() <= 2048
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c));
    sound.then_some(account)
}

words! {
    /// One thing that Skydesk reads from an account, synced and failing on its own.
    #[derive(PartialOrd, Ord)]
    pub enum Capability {
        Desktops = "desktops", "Desktops";
        Bundles = "bundles", "Bundles and directories";
        Tags = "tags", "Tags";
        ConnectionStatus = "connection_status", "Connection status";
        Usage = "usage", "Usage";
        Events = "events", "Events";
    }
}

/// `POST /api/accounts/{id}/test`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessReport {
    /// The role could be assumed and belongs to the registered account.
    pub assumed: bool,
    /// `GetCallerIdentity`'s ARN.
    pub caller_arn: Option<String>,
    /// Why the role could not be assumed, or whose it is, and what to change.
    pub problem: Option<String>,
    pub checks: Vec<AccessCheck>,
    /// The role for operations; `null` where there is none.
    #[serde(default)]
    pub operator: Option<OperatorAccess>,
}

/// Whether the role for operations can be taken on. What it may do is not tried: trying would do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorAccess {
    pub assumed: bool,
    /// Why it could not be taken on, or whose it is, and what to change.
    pub problem: Option<String>,
}

/// One capability in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessCheck {
    pub region: String,
    pub capability: Capability,
    pub allowed: bool,
    /// The IAM action that was refused, such as `tag:GetResources`.
    pub denied_action: Option<String>,
    /// What AWS said, shortened.
    pub message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> NewAccount {
        NewAccount {
            name: "production".into(),
            account_id: "111111111111".into(),
            role_arn: "arn:aws:iam::111111111111:role/team/Skydesk".into(),
            external_id: "desk-1".into(),
            operator_role_arn: "arn:aws:iam::111111111111:role/team/SkydeskOperator".into(),
            regions: vec!["eu-west-1".into()],
        }
    }

    #[test]
    fn a_sound_account_passes() {
        assert_eq!(account().check(), []);
    }

    #[test]
    fn every_fault_is_named_by_its_pointer() {
        let pointers = |it: NewAccount| it.check().into_iter().map(|e| e.pointer).collect::<Vec<_>>();
        assert_eq!(
            pointers(NewAccount { account_id: "12".into(), ..account() }),
            ["/account_id", "/role_arn", "/operator_role_arn"]
        );
        assert_eq!(
            pointers(NewAccount { role_arn: "arn:aws:iam::1:user/x".into(), ..account() }),
            ["/role_arn"]
        );
        assert_eq!(
            pointers(NewAccount { role_arn: "arn:aws:iam::222222222222:role/x".into(), ..account() }),
            ["/role_arn"]
        );
        assert_eq!(
            pointers(NewAccount { operator_role_arn: "SkydeskOperator".into(), ..account() }),
            ["/operator_role_arn"]
        );
        let reads_only = NewAccount { operator_role_arn: String::new(), ..account() };
        assert_eq!(reads_only.check(), []);
        assert_eq!(pointers(NewAccount { external_id: "a b".into(), ..account() }), ["/external_id"]);
        assert_eq!(
            pointers(NewAccount {
                regions: vec!["eu-west-1".into(), "mars-1".into(), "eu-west-1".into()],
                ..account()
            }),
            ["/regions/1", "/regions/2"]
        );
        assert_eq!(pointers(NewAccount { regions: vec![], ..account() }), ["/regions"]);
    }
}

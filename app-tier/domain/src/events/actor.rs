//! Who called: CloudTrail's `userIdentity`, of which each kind tells something else, as one name.

use serde_json::Value;

use super::text;

/// Who called.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Actor {
    /// By the name that people know.
    pub(super) name: String,
    pub(super) arn: Option<String>,
    /// The role behind a session.
    pub(super) role_arn: Option<String>,
    pub(super) source_identity: Option<String>,
}

/// Who an identity is; `known_as` is what AWS calls him outside of it.
pub(super) fn of(identity: &Value, known_as: Option<&str>) -> Actor {
    let text = |pointer: &str| text(identity, pointer);
    let arn = text("/arn");
    let source_identity = text("/sessionContext/sourceIdentity");
    let kind = text("/type");
    let service = || text("/invokedBy");
    let named = match kind.as_deref() {
        Some("IAMUser" | "SAMLUser" | "WebIdentityUser") => text("/userName"),
        Some("Root") => Some("root".to_owned()),
        Some("AssumedRole") => source_identity.clone().or_else(|| role_session(identity, arn.as_deref())),
        Some("AWSService") => service(),
        Some("AWSAccount") => text("/accountId").map(|it| format!("account {it}")),
        Some("IdentityCenterUser") => text("/userName").or_else(|| text("/onBehalfOf/userId")),
        _ => None,
    };
    let last_of_arn = || arn.as_deref().and_then(last_part);
    let name = named
        .or_else(|| text("/userName"))
        .or_else(last_of_arn)
        .or_else(service)
        .or_else(|| known_as.map(str::to_owned).filter(|it| !it.is_empty()))
        .or_else(|| text("/principalId"))
        .or(kind)
        .unwrap_or_else(|| "unknown".to_owned());
    Actor { name, arn, role_arn: text("/sessionContext/sessionIssuer/arn"), source_identity }
}

/// What a session of a role calls itself. People and programs have names; what an SDK or a machine makes up says less
/// than the role does.
fn role_session(identity: &Value, arn: Option<&str>) -> Option<String> {
    let session = arn.and_then(last_part);
    let role = text(identity, "/sessionContext/sessionIssuer/userName");
    match session {
        Some(session) if !is_made_up(&session) => Some(session),
        session => role.or(session),
    }
}

/// The last part of `arn:aws:sts::111111111111:assumed-role/Role/session`.
fn last_part(arn: &str) -> Option<String> {
    arn.rsplit(['/', ':']).next().filter(|it| !it.is_empty()).map(str::to_owned)
}

/// Names of sessions that SDKs count up, and those of instances.
fn is_made_up(session: &str) -> bool {
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit());
    let counted = ["botocore-session-", "aws-sdk-", "aws-go-sdk-", "AWSCLI-Session-", "rust-sdk-"];
    let instance = session
        .strip_prefix("i-")
        .is_some_and(|it| it.len() >= 8 && it.bytes().all(|b| b.is_ascii_hexdigit()));
    digits(session) || instance || counted.iter().any(|it| session.starts_with(it))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn name(identity: Value) -> String {
        of(&identity, Some("outside")).name
    }

    #[test]
    fn each_kind_of_identity_has_the_name_that_people_know() {
        let role = |session: &str, source: Option<&str>| {
            json!({"type": "AssumedRole", "principalId": format!("AROA1:{session}"),
                "arn": format!("arn:aws:sts::111111111111:assumed-role/Admin/{session}"),
                "sessionContext": {"sourceIdentity": source, "sessionIssuer": {"type": "Role", "userName": "Admin",
                    "arn": "arn:aws:iam::111111111111:role/team/Admin"}}})
        };
        assert_eq!(name(role("jane@example.com", None)), "jane@example.com");
        assert_eq!(name(role("jane@example.com", Some("jane"))), "jane");
        for made_up in ["botocore-session-1700000000", "i-0123456789abcdef0", "1700000000123456789"] {
            assert_eq!(name(role(made_up, None)), "Admin", "{made_up}");
        }
        assert_eq!(
            name(json!({"type": "IAMUser", "userName": "bob", "arn": "arn:aws:iam::1:user/x/bob"})),
            "bob"
        );
        assert_eq!(name(json!({"type": "Root", "arn": "arn:aws:iam::111111111111:root"})), "root");
        assert_eq!(
            name(json!({"type": "AWSService", "invokedBy": "workspaces.amazonaws.com"})),
            "workspaces.amazonaws.com"
        );
        assert_eq!(
            name(json!({"type": "AWSAccount", "accountId": "222222222222", "principalId": "AIDA"})),
            "account 222222222222"
        );
        assert_eq!(
            name(json!({"type": "SAMLUser", "userName": "jane.smith", "principalId": "x:y"})),
            "jane.smith"
        );
        assert_eq!(
            name(json!({"type": "FederatedUser", "arn": "arn:aws:sts::1:federated-user/carol"})),
            "carol"
        );
        assert_eq!(name(json!({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "94482"}})), "94482");
    }

    #[test]
    fn an_identity_of_tomorrow_is_somebody_too() {
        assert_eq!(name(json!({"type": "Agent", "userName": "helper"})), "helper");
        assert_eq!(name(json!({"type": "Agent"})), "outside");
        assert_eq!(of(&json!({"type": "Agent", "principalId": "P"}), None).name, "P");
        assert_eq!(of(&json!({"type": "Agent"}), Some("")).name, "Agent");
        assert_eq!(of(&Value::Null, None).name, "unknown");
        assert_eq!(of(&json!(["odd"]), None).name, "unknown");
    }
}

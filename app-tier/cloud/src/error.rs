//! What can go wrong with AWS, sorted by what one can do about it.
//!
//! Messages come from AWS, shortened: they never carry tokens, signatures or more than one line.
//! The invariant: a refusal always names the IAM action that was refused.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_workspaces::{config::http::HttpResponse, error::SdkError};
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

/// An operation of AWS, by the IAM action that allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Api(&'static str);

impl Api {
    pub(crate) const ASSUME_ROLE: Self = Self("sts:AssumeRole");
    pub(crate) const CALLER_IDENTITY: Self = Self("sts:GetCallerIdentity");
    pub(crate) const WORKSPACES: Self = Self("workspaces:DescribeWorkspaces");
    pub(crate) const BUNDLES: Self = Self("workspaces:DescribeWorkspaceBundles");
    pub(crate) const DIRECTORIES: Self = Self("workspaces:DescribeWorkspaceDirectories");
    pub(crate) const CONNECTION_STATUS: Self = Self("workspaces:DescribeWorkspacesConnectionStatus");
    pub(crate) const TAGS: Self = Self("tag:GetResources");
    pub(crate) const PRICES: Self = Self("pricing:GetProducts");
    pub const METRIC_DATA: Self = Self("cloudwatch:GetMetricData");
    pub(crate) const EVENTS: Self = Self("cloudtrail:LookupEvents");
    pub const COSTS: Self = Self("ce:GetCostAndUsage");
    pub const COSTS_BY_RESOURCE: Self = Self("ce:GetCostAndUsageWithResources");
    pub const COST_TAGS: Self = Self("ce:ListCostAllocationTags");
    pub(crate) const START: Self = Self("workspaces:StartWorkspaces");
    pub(crate) const STOP: Self = Self("workspaces:StopWorkspaces");
    pub(crate) const REBOOT: Self = Self("workspaces:RebootWorkspaces");
    pub(crate) const REBUILD: Self = Self("workspaces:RebuildWorkspaces");
    pub(crate) const TERMINATE: Self = Self("workspaces:TerminateWorkspaces");
    pub(crate) const MODIFY: Self = Self("workspaces:ModifyWorkspaceProperties");
    pub(crate) const CREATE_TAGS: Self = Self("workspaces:CreateTags");
    pub(crate) const DELETE_TAGS: Self = Self("workspaces:DeleteTags");
    pub(crate) const DESCRIBE_TAGS: Self = Self("workspaces:DescribeTags");
    pub(crate) const PUT_OBJECT: Self = Self("s3:PutObject");
    pub(crate) const GET_OBJECT: Self = Self("s3:GetObject");
    pub(crate) const DELETE_OBJECT: Self = Self("s3:DeleteObject");

    /// The IAM action, such as `workspaces:DescribeWorkspaces`.
    #[must_use]
    pub fn action(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

type Cause = Box<dyn StdError + Send + Sync>;

/// Why AWS did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloudError {
    /// The role may not do it, or (`sts:AssumeRole`) may not be taken on.
    #[error("AWS does not allow {action}")]
    Denied {
        /// The IAM action that is missing.
        action: String,
        /// What AWS said.
        message: String,
        #[source]
        source: Cause,
    },
    /// AWS asked to slow down, and went on asking for longer than one waits.
    #[error("AWS throttles {api}")]
    Throttled {
        api: Api,
        #[source]
        source: Cause,
    },
    /// No answer in time, no connection, or a failure on AWS's side, after the SDK's own retries.
    #[error("AWS does not answer {api}")]
    Unavailable {
        api: Api,
        #[source]
        source: Cause,
    },
    /// The product's own credentials are absent, expired or unknown to AWS.
    #[error("AWS does not accept the credentials in use")]
    Credentials {
        /// What AWS or the SDK said.
        message: String,
        #[source]
        source: Cause,
    },
    /// The role belongs to another account than the registered one.
    #[error("the role belongs to account {found}, not {expected}")]
    WrongAccount { expected: String, found: String },
    /// AWS handed out a page's token a second time, so that the list would never end.
    #[error("{api} repeats a page")]
    RepeatedToken { api: Api },
    /// More pages than any estate has.
    #[error("{api} has more than {pages} pages")]
    TooManyPages { api: Api, pages: usize },
    /// AWS no longer takes the token with which a list was to go on: begin it again.
    #[error("{api} does not go on from the page where it stopped")]
    TokenRejected {
        api: Api,
        #[source]
        source: Cause,
    },
    /// A file could not be read here.
    #[error("the file cannot be read")]
    File(#[source] std::io::Error),
    /// Anything else that AWS says.
    #[error("AWS answers {api} with {code}")]
    Other {
        api: Api,
        code: String,
        /// What AWS said.
        message: String,
        #[source]
        source: Cause,
    },
}

impl CloudError {
    /// The IAM action that was refused.
    #[must_use]
    pub fn denied_action(&self) -> Option<&str> {
        match self {
            Self::Denied { action, .. } => Some(action),
            _ => None,
        }
    }

    /// Whether somebody has to change a policy, a role or credentials before anything is answered.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        matches!(self, Self::Denied { .. } | Self::WrongAccount { .. } | Self::Credentials { .. })
    }

    /// Whether the same call may well succeed later, with nobody having changed anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable { .. })
    }

    /// There was no answer to a call that may have reached AWS all the same. What was refused or throttled did not; nor did
    /// a call for which no role could be taken on.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        matches!(self, Self::Unavailable { api, .. } if *api != Api::ASSUME_ROLE)
    }

    /// AWS's own code, where it is none of those sorted above.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Other { code, .. } => Some(code),
            Self::Denied { .. } => Some("AccessDeniedException"),
            _ => None,
        }
    }

    /// One line for people, with what AWS said.
    #[must_use]
    pub fn for_people(&self) -> String {
        match self {
            Self::Denied { message, .. }
            | Self::Credentials { message, .. }
            | Self::Other { message, .. }
                if !message.is_empty() =>
            {
                format!("{self}: {message}")
            }
            _ => self.to_string(),
        }
    }

    pub(crate) fn of<E>(api: Api, error: SdkError<E, HttpResponse>) -> Self
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        // A role that cannot be taken on fails inside the credentials provider, before the call itself; and what should
        // sign that request, the product's own credentials, may fail inside in turn.
        let refused = find::<SdkError<AssumeRoleError, HttpResponse>>(&error);
        let missing = match refused {
            Some(refused) => find::<CredentialsError>(refused),
            None => find::<CredentialsError>(&error),
        };
        if let Some(missing) = missing {
            let message = match missing {
                CredentialsError::CredentialsNotLoaded(_) => {
                    "no credentials were found in the environment, the profile or the container".to_owned()
                }
                CredentialsError::ProviderTimedOut(_) => "fetching credentials took too long".to_owned(),
                other => shorten(&other.to_string()),
            };
            return Self::Credentials { message, source: into_cause(error) };
        }
        if let Some(refused) = refused {
            let said = Said::by(refused);
            return said.sort(Api::ASSUME_ROLE, into_cause(error));
        }
        Said::by(&error).sort(api, into_cause(error))
    }

    /// A list that was to go on from `token` and could not, told from a call that fails anyhow.
    pub(crate) fn at_token(self, token: Option<&str>) -> Self {
        match self {
            Self::Other { api, code, source, .. }
                if token.is_some() && TOKEN_CODES.contains(&code.as_str()) =>
            {
                Self::TokenRejected { api, source }
            }
            other => other,
        }
    }
}

/// What AWS answered, as far as sorting needs it.
struct Said {
    code: Option<String>,
    message: String,
    status: Option<u16>,
    /// There was no answer, or none that could be read.
    unanswered: bool,
}

impl Said {
    fn by<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        let meta: Option<&ErrorMetadata> = match error {
            SdkError::ServiceError(it) => Some(it.err().meta()),
            _ => None,
        };
        Self {
            code: meta.and_then(ErrorMetadata::code).map(str::to_owned),
            message: shorten(meta.and_then(ErrorMetadata::message).unwrap_or_default()),
            status: error.raw_response().map(|it| it.status().as_u16()),
            unanswered: matches!(
                error,
                SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_)
            ),
        }
    }

    fn sort(self, api: Api, source: Cause) -> CloudError {
        let code = self.code.unwrap_or_default();
        let is = |codes: &[&str]| codes.contains(&code.as_str());
        // Cost Explorer means by it what others call throttling.
        let hurried = code == "LimitExceededException" && api.action().starts_with("ce:");
        if is(THROTTLE_CODES) || hurried || self.status == Some(429) {
            CloudError::Throttled { api, source }
        } else if is(DENIED_CODES) {
            let action = refused_action(&self.message).unwrap_or(api.action()).to_owned();
            CloudError::Denied { action, message: self.message, source }
        } else if is(CREDENTIALS_CODES) {
            CloudError::Credentials { message: self.message, source }
        } else if self.unanswered || is(FAILURE_CODES) || self.status.is_some_and(|it| it >= 500) {
            CloudError::Unavailable { api, source }
        } else if code.is_empty() && self.status == Some(403) {
            // `HeadObject` has no body to say why.
            CloudError::Denied { action: api.action().to_owned(), message: self.message, source }
        } else {
            let code = if code.is_empty() { "an unreadable error".to_owned() } else { code };
            CloudError::Other { api, code, message: self.message, source }
        }
    }
}

/// `LimitExceededException` is not here: in WorkSpaces it is a quota, which waiting does not cure.
const THROTTLE_CODES: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "PriorRequestNotComplete",
    "SlowDown",
];
const DENIED_CODES: &[&str] =
    &["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "AllAccessDisabled"];
const CREDENTIALS_CODES: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "TokenRefreshRequired",
];
const FAILURE_CODES: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "InternalServiceException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "RequestTimeout",
    "RequestTimeoutException",
];
const TOKEN_CODES: &[&str] = &[
    "InvalidParameterValuesException",
    "InvalidParameterException",
    "InvalidNextTokenException",
    "InvalidPaginationTokenException",
    "PaginationTokenExpiredException",
    "ValidationException",
];

/// The SDK's error without the raw response: its headers and body are of no use to a reader of logs.
fn into_cause<E: StdError + Send + Sync + 'static>(error: SdkError<E, HttpResponse>) -> Cause {
    error.into_source().unwrap_or_else(|it| Box::new(it))
}

/// The first `T` in the chain of causes.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(it) = next {
        if let Some(found) = it.downcast_ref::<T>() {
            return Some(found);
        }
        next = it.source();
    }
    None
}

/// Longer messages are cut: AWS's own run to some 300 characters, with an ARN or two.
const MAX_MESSAGE_CHARS: usize = 400;

/// Longer words are cut, unless they are an ARN: an encoded refusal or a token is one long word.
const MAX_WORD_CHARS: usize = 80;

/// The first line, without long blobs. What follows in a mismatch of signatures is the whole signed request.
fn shorten(message: &str) -> String {
    let line = message.trim_start().lines().next().unwrap_or_default();
    let mut short = String::new();
    for word in line.split_whitespace() {
        if !short.is_empty() {
            short.push(' ');
        }
        let is_long = word.chars().nth(MAX_WORD_CHARS).is_some() && !word.starts_with("arn:");
        if is_long {
            short.extend(word.chars().take(8));
            short.push('…');
        } else {
            short.push_str(word);
        }
    }
    if let Some((end, _)) = short.char_indices().nth(MAX_MESSAGE_CHARS) {
        short.truncate(end);
        short.push('…');
    }
    short
}

/// The action in "… is not authorized to perform: tag:GetResources on resource …".
fn refused_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?.trim_end_matches(['.', ',', ';']);
    let (service, operation) = action.split_once(':')?;
    let is_name = |it: &str| !it.is_empty() && it.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (is_name(service) && is_name(operation)).then_some(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refused_action_is_read_from_what_aws_says() {
        let told = "User: arn:aws:sts::1:assumed-role/Skydesk/s is not authorized to perform: tag:GetResources \
                    because no identity-based policy allows the tag:GetResources action";
        assert_eq!(refused_action(told), Some("tag:GetResources"));
        assert_eq!(refused_action("is not authorized to perform: sts:AssumeRole."), Some("sts:AssumeRole"));
        assert_eq!(refused_action("User is not authorized to perform: this operation"), None);
        assert_eq!(refused_action("Access Denied"), None);
    }

    #[test]
    fn messages_keep_arns_and_lose_blobs_and_further_lines() {
        let arn = format!("arn:aws:iam::111111111111:role/{}", "x".repeat(90));
        let blob = "A".repeat(500);
        let told =
            format!("Refused for {arn}. Encoded: {blob}\nThe canonical request was x-amz-security-token:abc");
        assert_eq!(shorten(&told), format!("Refused for {arn}. Encoded: AAAAAAAA…"));
        let long = "word ".repeat(200);
        assert_eq!(shorten(&long).chars().count(), MAX_MESSAGE_CHARS + 1);
        assert_eq!(shorten(""), "");
    }
}

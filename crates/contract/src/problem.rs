//! What every refusal and failure looks like: `application/problem+json` (RFC 9457) with a code from one table.
//!
//! Invariant: a response with status 400 or above carries a [`Problem`] whose `code` is in [`Code::ALL`].

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $status:literal, $title:literal, $remedy:literal;)*) => {
        /// Why a request was refused or failed. The slug is stable: clients may match on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $slug)] $name,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The stable name on the wire.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $(Code::$name => $slug,)* }
            }

            /// The HTTP status it travels under.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }

            /// A short, constant headline.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// What the reader can do about it.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Code::$name => $remedy,)* }
            }
        }
    };
}

codes! {
    MalformedBody = "malformed_body", 400, "The body is not valid JSON for this request", "Compare the body with the schema in /api/docs; `errors` names the place.";
    InvalidField = "invalid_field", 422, "A field has a value that is not allowed", "Correct the fields named in `errors` and send again.";
    InvalidQuery = "invalid_query", 400, "The query string is not understood", "Correct the parameter named in `errors`; /api/docs lists those that exist.";
    InvalidCursor = "invalid_cursor", 400, "The cursor does not belong to this list", "Start again without `cursor`, and keep filter and sort the same while paging.";
    InvalidPlan = "invalid_plan", 422, "The query plan does not fit the catalog", "GET /api/ai/catalog lists entities, dimensions, operators and measures.";
    InvalidPath = "invalid_path", 400, "The address is not understood", "Check the id in the address.";
    BodyTooLarge = "body_too_large", 413, "The body is too large", "Send less; the limit is in `detail`.";
    UnsupportedMediaType = "unsupported_media_type", 415, "The body has a type this request does not read", "Send `Content-Type: application/json`.";
    MethodNotAllowed = "method_not_allowed", 405, "This address does not answer to that method", "/api/docs lists the methods of every address.";
    WrongCredentials = "wrong_credentials", 401, "User name or password is wrong", "Check both; an administrator can set a new password.";
    Unauthenticated = "unauthenticated", 401, "You are not signed in", "Sign in, or refresh the access token.";
    TokenExpired = "token_expired", 401, "The access token has expired", "Refresh it with POST /api/auth/refresh.";
    TokenReused = "token_reused", 401, "The session was ended because an old refresh token was used again", "Sign in again. If it was not you, change your password.";
    PasswordChangeRequired = "password_change_required", 403, "The first password has to be changed", "Set a new one with PUT /api/auth/password.";
    Forbidden = "forbidden", 403, "Your role does not allow this", "Ask an administrator for the role named in `detail`.";
    CrossSite = "cross_site", 403, "The request came from another site", "Use Skydesk's own pages, or send the header X-Skydesk: 1.";
    NotFound = "not_found", 404, "There is no such thing", "It may have been removed, or you may not see it. Go back to the list.";
    NameTaken = "name_taken", 409, "That name or id is already in use", "Choose another one.";
    StillInUse = "still_in_use", 409, "It is still in use", "Remove what depends on it first.";
    LastAdmin = "last_admin", 409, "The last administrator cannot be removed", "Give another user the admin role first.";
    WrongState = "wrong_state", 409, "It is not in a state that allows this", "Reload and look at its state.";
    OwnProposal = "own_proposal", 403, "Somebody else has to decide about this", "Ask another administrator: nobody terminates desktops alone.";
    WrongConfirmation = "wrong_confirmation", 422, "What was typed is not what is asked for", "Type exactly what `detail` names into `confirmation`.";
    NoOperatorRole = "no_operator_role", 409, "Skydesk may read this account, not act in it", "An administrator enters a role for operations (`operator_role_arn`) in the account; docs/SECURITY.md lists its rights.";
    Stale = "stale", 412, "Somebody changed it since you read it", "Read it again and repeat your change.";
    LinkExpired = "link_expired", 410, "The download link has expired", "Ask for a new one: GET /api/reports/{id}.";
    NothingToReport = "nothing_to_report", 422, "The report would be empty", "Loosen the filter; nothing matches it now.";
    TooManyRequests = "too_many_requests", 429, "Too many requests", "Wait for the seconds that Retry-After names.";
    QueryTimeout = "query_timeout", 422, "The question needs too much work", "Narrow it down: a shorter time, fewer groups, one account.";
    ServerUnavailable = "server_unavailable", 503, "Skydesk's server does not answer", "It may be restarting; retry in some seconds.";
    DatabaseUnavailable = "database_unavailable", 503, "The database does not answer", "Skydesk tries again by itself; retry in some seconds.";
    CacheUnavailable = "cache_unavailable", 503, "Redis does not answer", "Skydesk tries again by itself; retry in some seconds.";
    AssistantUnavailable = "assistant_unavailable", 503, "The language model does not answer", "Use the chips, or one of the example phrasings, which need no model.";
    AssistantBusy = "assistant_busy", 503, "The language model is busy", "Wait for the seconds that Retry-After names, or use the chips.";
    AwsUnavailable = "aws_unavailable", 503, "AWS does not answer", "Retry in some seconds; the last synced data is still shown.";
    Internal = "internal", 500, "Something went wrong on our side", "Tell an administrator the request id.";
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, or the name of the query parameter.
    pub pointer: String,
    /// What is wrong with it, for people.
    pub detail: String,
}

impl FieldError {
    /// `pointer` as a JSON pointer such as `/regions/0`, or a parameter's name.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// The body of every refusal and failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:skydesk:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub code: Code,
    /// What happened this time.
    pub detail: String,
    /// What to do about it.
    pub remedy: String,
    /// Also in the response's `X-Request-Id` and in every log line of the request.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem with its constant parts filled in from the table.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:skydesk:problem:{}", code.slug()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            remedy: code.remedy().to_owned(),
            request_id: String::new(),
            errors: Vec::new(),
        }
    }

    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_unique_slug_and_an_error_status() {
        let mut slugs: Vec<_> = Code::ALL.iter().map(|code| code.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| (400..600).contains(&code.status())));
    }

    #[test]
    fn a_problem_survives_the_wire() {
        let problem = Problem::new(Code::InvalidField, "two fields are wrong")
            .with_errors(vec![FieldError::new("/name", "is empty")]);
        let wire = serde_json::to_string(&problem).unwrap();
        assert!(wire.contains(r#""type":"urn:skydesk:problem:invalid_field""#));
        assert_eq!(serde_json::from_str::<Problem>(&wire).unwrap(), problem);
    }
}

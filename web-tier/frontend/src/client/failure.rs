//! What can go wrong between the browser and Skydesk, in words: what failed, whose it is, what to do.

use std::rc::Rc;

use contract::problem::{Code, FieldError, Problem};

/// Why a call gave no answer. Cheap to clone and compare, since it travels through properties.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// Skydesk refused or failed, and said why.
    Problem(Rc<Problem>),
    /// Nothing came back: no connection, or it broke.
    Network,
    /// Nothing came back in time.
    Timeout { seconds: u32 },
    /// Something came back that is not Skydesk's: a proxy's page, or another version's shape.
    Unreadable { status: u16, request_id: String },
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(Rc::new(problem))
    }
}

impl Failure {
    /// The failure that a response with an error status tells.
    #[must_use]
    pub fn from_body(status: u16, body: &str, request_id: &str) -> Self {
        match serde_json::from_str::<Problem>(body) {
            Ok(mut problem) => {
                if problem.request_id.is_empty() {
                    request_id.clone_into(&mut problem.request_id);
                }
                problem.into()
            }
            Err(_not_ours) => Self::Unreadable { status, request_id: request_id.to_owned() },
        }
    }

    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// A short headline.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Problem(problem) => problem.title.clone(),
            Self::Network => "Skydesk cannot be reached".to_owned(),
            Self::Timeout { seconds } => format!("Skydesk did not answer within {seconds} s"),
            Self::Unreadable { status: 502..=504, .. } => "Skydesk's server does not answer".to_owned(),
            Self::Unreadable { .. } => "The answer was not understood".to_owned(),
        }
    }

    /// What happened this time; empty when the headline says it all.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Problem(problem) if problem.detail == problem.title => String::new(),
            Self::Problem(problem) => problem.detail.clone(),
            Self::Unreadable { status, .. } => format!("It came with status {status}."),
            Self::Network | Self::Timeout { .. } => String::new(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Problem(problem) => problem.remedy.clone(),
            Self::Network => "Check your connection or VPN, then try again.".to_owned(),
            Self::Timeout { .. } => "Try again; if it stays slow, tell an administrator.".to_owned(),
            Self::Unreadable { status: 502..=504, .. } => {
                "It may be restarting. Try again in some seconds.".to_owned()
            }
            Self::Unreadable { .. } => "Reload the page; it may be older than the server.".to_owned(),
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn origin(&self) -> &'static str {
        match self {
            Self::Network | Self::Timeout { .. } => "Network",
            Self::Unreadable { .. } => "Skydesk",
            Self::Problem(problem) if problem.code == Code::AwsUnavailable => "AWS",
            Self::Problem(problem) if problem.status >= 500 => "Skydesk",
            Self::Problem(_) => "Request",
        }
    }

    /// What to tell an administrator, when there is one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(problem.request_id.as_str()),
            Self::Unreadable { request_id, .. } => Some(request_id.as_str()),
            Self::Network | Self::Timeout { .. } => None,
        }
        .filter(|it| !it.is_empty())
    }

    /// The fields that are named as wrong.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        match self {
            Self::Problem(problem) => &problem.errors,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_kept_whole_and_gains_the_header_s_request_id() {
        let sent = Problem::new(Code::NameTaken, "`prod` is registered")
            .with_errors(vec![FieldError::new("/name", "is taken")]);
        let failure = Failure::from_body(409, &serde_json::to_string(&sent).unwrap(), "r-1");
        assert_eq!(failure.code(), Some(Code::NameTaken));
        assert_eq!(failure.detail(), "`prod` is registered");
        assert_eq!(failure.errors(), sent.errors);
        assert_eq!(failure.request_id(), Some("r-1"));
        assert_eq!(failure.origin(), "Request");
    }

    #[test]
    fn a_proxy_s_page_is_told_apart_from_ours() {
        let failure = Failure::from_body(502, "<html>Bad Gateway</html>", "");
        assert_eq!(failure, Failure::Unreadable { status: 502, request_id: String::new() });
        assert_eq!(failure.title(), "Skydesk's server does not answer");
        assert_eq!(failure.request_id(), None);
    }

    #[test]
    fn every_failure_says_what_to_do() {
        let failures = [
            Failure::Network,
            Failure::Timeout { seconds: 30 },
            Failure::Unreadable { status: 200, request_id: String::new() },
            Problem::new(Code::Internal, "x").into(),
        ];
        assert!(failures.iter().all(|it| !it.title().is_empty() && !it.remedy().is_empty()));
    }
}

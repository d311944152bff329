//! The name of a request, the same in its response, its problem and all its log lines.
//!
//! It comes from the proxy in front when that sent one that is safe to repeat, else it is made here.

use std::fmt;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::HeaderMap};
use uuid::Uuid;

/// The header that carries it, both ways.
pub const HEADER: &str = "x-request-id";

const LONGEST: usize = 64;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The name of a request: at most 64 of `A-Z a-z 0-9 . _ -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// `text`, if it is safe to repeat in headers and logs.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sane = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        ((1..=LONGEST).contains(&text.len()) && text.chars().all(sane)).then(|| Self(text.to_owned()))
    }

    /// The one of the request that the current task serves.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn of_headers(headers: &HeaderMap) -> Self {
        headers
            .get(HEADER)
            .and_then(|value| value.to_str().ok())
            .and_then(Self::parse)
            .unwrap_or_else(Self::generate)
    }

    /// Run `future` as part of the request of this name.
    pub(crate) async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromRequest for RequestId {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let id = request.extensions().get::<Self>().cloned();
        std::future::ready(Ok(id.unwrap_or_else(Self::generate)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_safe_to_repeat_is_taken() {
        for sane in ["a", "req-1.2_3", &"x".repeat(64)] {
            assert_eq!(RequestId::parse(sane).unwrap().as_str(), sane);
        }
        for insane in ["", &"x".repeat(65), "a b", "a\n[forged] line", "ä", "<script>"] {
            assert_eq!(RequestId::parse(insane), None, "{insane:?}");
        }
    }
}

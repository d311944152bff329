//! A mirror of which sessions are live, so that not every request asks PostgreSQL.
//!
//! PostgreSQL has the truth. What the mirror does not know, it must be asked: with Redis away or emptied the caller
//! falls back to it, and never to "live". A revoked session stays revoked here until it would have expired anyway.

use std::time::Duration;

use deadpool_redis::redis;

use crate::{Live, LiveError};

/// What the mirror knows of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    Live,
    Revoked,
}

impl Live {
    /// What is known of a session; `None`: ask PostgreSQL.
    ///
    /// # Errors
    /// When Redis does not answer: ask PostgreSQL.
    pub async fn session(&self, id: &str) -> Result<Option<SessionState>, LiveError> {
        let mut command = redis::cmd("GET");
        command.arg(self.key("session", id));
        let known: Option<String> = self.ask(command).await?;
        Ok(match known.as_deref() {
            Some("live") => Some(SessionState::Live),
            Some("revoked") => Some(SessionState::Revoked),
            _ => None,
        })
    }

    /// Remembers what PostgreSQL said. "Live" is remembered only of sessions that nothing is known of: somebody may
    /// have revoked the session since PostgreSQL was asked. Keep "live" for seconds, and "revoked" for as long as the
    /// longest access token lives.
    ///
    /// # Errors
    /// When Redis does not answer. For "live" that costs speed. For "revoked" the session works, where the mirror still
    /// says "live", until that entry expires.
    pub async fn remember_session(
        &self,
        id: &str,
        state: SessionState,
        ttl: Duration,
    ) -> Result<(), LiveError> {
        let mut command = redis::cmd("SET");
        let milliseconds = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        command.arg(self.key("session", id));
        match state {
            SessionState::Live => command.arg("live").arg("NX"),
            SessionState::Revoked => command.arg("revoked"),
        };
        command.arg("PX").arg(milliseconds);
        self.ask::<Option<String>>(command).await.map(drop)
    }
}

//! Answers that are dear to compute and may be some seconds old.
//!
//! With Redis away every answer is computed: it fails open. An entry that cannot be read, for instance of another
//! version of the product, is computed anew and written over.

use std::time::Duration;

use deadpool_redis::redis;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Live, LiveError, connection::disguised};

/// The name of a cached answer: what it is, and for what input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheKey(String);

impl CacheKey {
    /// Whatever the answer depends on must be in `input`, the asker's rights included.
    #[must_use]
    pub fn new(what: &'static str, input: &[&str]) -> Self {
        // Lengths keep ["ab", "c"] and ["a", "bc"] apart.
        let told: String = input.iter().map(|it| format!("{}:{it}", it.len())).collect();
        Self(format!("{what}:{}", disguised(&told)))
    }
}

impl Live {
    /// The cached answer, or the one that `compute` gives now, which is then kept for `ttl`.
    ///
    /// # Errors
    /// Only `compute`'s own.
    pub async fn cached<T, E, F, Computed>(&self, key: &CacheKey, ttl: Duration, compute: F) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> Computed,
        Computed: Future<Output = Result<T, E>>,
    {
        match self.look_up(key).await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => {}
            Err(error) => tracing::debug!(key = key.0, "Nothing is read from the cache: {error}"),
        }
        let answer = compute().await?;
        if let Err(error) = self.keep(key, ttl, &answer).await {
            tracing::debug!(key = key.0, "Nothing is kept in the cache: {error}");
        }
        Ok(answer)
    }

    /// Forgets an answer whose ground has changed.
    ///
    /// # Errors
    /// When Redis does not answer: the old answer may be given until it expires.
    pub async fn forget(&self, key: &CacheKey) -> Result<(), LiveError> {
        let mut command = redis::cmd("DEL");
        command.arg(self.key("cache", &key.0));
        self.ask::<u64>(command).await.map(drop)
    }

    async fn look_up<T: DeserializeOwned>(&self, key: &CacheKey) -> Result<Option<T>, LiveError> {
        let mut command = redis::cmd("GET");
        command.arg(self.key("cache", &key.0));
        let kept: Option<Vec<u8>> = self.ask(command).await?;
        Ok(kept.and_then(|json| serde_json::from_slice(&json).ok()))
    }

    async fn keep<T: Serialize>(&self, key: &CacheKey, ttl: Duration, answer: &T) -> Result<(), LiveError> {
        let json = serde_json::to_vec(answer).map_err(LiveError::Unwritable)?;
        let mut command = redis::cmd("SET");
        let milliseconds = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        command.arg(self.key("cache", &key.0)).arg(json).arg("PX").arg(milliseconds);
        self.ask::<Option<String>>(command).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_what_and_by_every_input() {
        let keys = [
            CacheKey::new("stats", &["ab", "c"]),
            CacheKey::new("stats", &["a", "bc"]),
            CacheKey::new("stats", &["abc"]),
            CacheKey::new("other", &["ab", "c"]),
        ];
        for (n, key) in keys.iter().enumerate() {
            assert!(!keys[n + 1..].contains(key), "{key:?}");
        }
        assert_eq!(keys[0], CacheKey::new("stats", &["ab", "c"]));
    }
}

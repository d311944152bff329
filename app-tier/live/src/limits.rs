//! How often somebody may do something.
//!
//! A token bucket in one script, on Redis's own clock: processes need not agree on the time, and two requests cannot
//! take the same token. With Redis away there is no verdict: sign-in and questions fail open, since passwords are slow
//! to check and the model has its own queue; whatever else is limited says so where it asks. An emptied Redis gives
//! everybody a full bucket.

use std::time::Duration;

use deadpool_redis::redis;

use crate::{Live, LiveError, connection::disguised};

/// So many times in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is limited; part of the key.
    pub name: &'static str,
    /// How often at once. At least one.
    pub burst: u32,
    /// How long an empty bucket takes to fill.
    pub per: Duration,
}

/// Whether somebody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// Not before so long; asking meanwhile costs nothing.
    Wait(Duration),
}

/// Remembers when the bucket will be full again. Times are in microseconds, which a double holds exactly.
const SCRIPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local step, capacity = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + step
local wait = full_at - capacity - now
if wait > 0 then
    return math.ceil(wait)
end
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
return 0
";

impl Live {
    /// Takes a token from `who`'s bucket, if there is one.
    ///
    /// # Errors
    /// When Redis does not answer: no token was taken, or nobody knows.
    pub async fn limit(&self, limit: Limit, who: &str) -> Result<Verdict, LiveError> {
        let capacity = u64::try_from(limit.per.as_micros()).unwrap_or(u64::MAX);
        let step = capacity / u64::from(limit.burst.max(1));
        let key = self.key("limit", &format!("{}:{}", limit.name, disguised(who)));
        let mut command = redis::cmd("EVAL");
        command.arg(SCRIPT).arg(1).arg(key).arg(step).arg(capacity);
        let wait: u64 = self.ask(command).await?;
        Ok(if wait == 0 { Verdict::Allowed } else { Verdict::Wait(Duration::from_micros(wait)) })
    }
}

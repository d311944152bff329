//! Events for whoever is looking: one stream in Redis, one reader in each process, any number of listeners.
//!
//! The stream is both the way and the memory. It keeps the last [`KEPT`] events, so a listener that was away goes on
//! after the last one it saw; one that missed more than is kept, or an emptied Redis, is told to look at everything
//! anew ([`Notice::Resync`]). So nothing is ever missed in silence, and with Redis away listeners wait.
//!
//! Publishing fails open: who works goes on working when nobody can watch.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use deadpool_redis::redis::{self, AsyncConnectionConfig, RedisError, aio::MultiplexedConnection};
use futures::{Stream, StreamExt, stream};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{sync::broadcast, task::AbortHandle};

use crate::{Live, LiveError};

/// Events that Redis keeps: a sync of a large estate makes a few hundred.
const KEPT: usize = 4096;

/// Events that a slow listener may be behind before it has to look anew.
const BEHIND: usize = 512;

/// How long Redis lets the reader wait for news. An answer that takes much longer means a dead connection.
const READ_WAIT: Duration = Duration::from_secs(2);
const READ_TIMEOUT: Duration = Duration::from_secs(4);

/// The most events of one read.
const READ_AT_ONCE: usize = 256;

/// Pauses between attempts to reach Redis, doubling.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The one field of an entry.
const FIELD: &str = "event";

/// The place of an event in the stream. Later ones are greater, also after a restart of Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    milliseconds: u64,
    number: u64,
}

/// What a client sent is no event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no event has such an id")]
pub struct BadEventId;

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.milliseconds, self.number)
    }
}

impl FromStr for EventId {
    type Err = BadEventId;

    fn from_str(text: &str) -> Result<Self, BadEventId> {
        let number = |part: &str| {
            let plain = part.bytes().all(|b| b.is_ascii_digit());
            part.parse().ok().filter(|_| plain).ok_or(BadEventId)
        };
        let (milliseconds, rest) = text.split_once('-').ok_or(BadEventId)?;
        Ok(Self { milliseconds: number(milliseconds)?, number: number(rest)? })
    }
}

/// Something that happened.
#[derive(Debug, PartialEq, Eq)]
pub struct Event<T> {
    pub id: EventId,
    pub body: T,
}

/// What a listener gets.
#[derive(Debug)]
pub enum Notice<T> {
    Event(Arc<Event<T>>),
    /// Some events are lost: look at everything anew. What follows is news again.
    Resync,
}

impl<T> Clone for Notice<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Event(event) => Self::Event(Arc::clone(event)),
            Self::Resync => Self::Resync,
        }
    }
}

/// The events of an installation, as this process sees them. Its reader ends with it.
pub struct Events<T> {
    live: Live,
    sender: broadcast::Sender<Notice<T>>,
    reader: AbortHandle,
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("listeners", &self.sender.receiver_count()).finish_non_exhaustive()
    }
}

impl<T> Drop for Events<T> {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Live {
    /// Tells everybody who listens, in whatever process.
    ///
    /// # Errors
    /// When Redis does not answer: nobody was told.
    pub async fn publish<T: Serialize>(&self, event: &T) -> Result<EventId, LiveError> {
        let json = serde_json::to_vec(event).map_err(LiveError::Unwritable)?;
        let mut command = redis::cmd("XADD");
        command.arg(self.stream()).arg("MAXLEN").arg("~").arg(KEPT).arg("*").arg(FIELD).arg(json);
        let id: String = self.ask(command).await?;
        id.parse().map_err(|BadEventId| LiveError::Refused(unreadable()))
    }

    /// Begins to read events, in a task of the running runtime. Once in a process is enough.
    #[must_use]
    pub fn events<T: DeserializeOwned + Send + Sync + 'static>(&self) -> Events<T> {
        let (sender, _) = broadcast::channel(BEHIND);
        let reader = tokio::spawn(read(self.clone(), sender.clone())).abort_handle();
        Events { live: self.clone(), sender, reader }
    }

    fn stream(&self) -> String {
        self.key("events", "stream")
    }

    /// The events after `last`, as far as they are kept; `None` when some after it are not.
    async fn after<T: DeserializeOwned>(&self, last: EventId) -> Result<Option<Vec<Event<T>>>, LiveError> {
        let mut command = redis::cmd("XRANGE");
        command.arg(self.stream()).arg(last.to_string()).arg("+");
        let entries: Vec<Entry> = self.ask(command).await?;
        // The last one seen is there itself as long as nothing after it was dropped.
        Ok(match entries.split_first() {
            Some((first, rest)) if first.id() == Some(last) => Some(events(rest)),
            _ => None,
        })
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Events<T> {
    /// Listens: after the event that was seen last, or from now on.
    pub fn listen(&self, last: Option<EventId>) -> impl Stream<Item = Notice<T>> + Send + use<T> {
        // First the ear, then the look back: what happens in between is heard twice, and told once.
        let receiver = self.sender.subscribe();
        let live = self.live.clone();
        let past = stream::once(async move {
            let Some(last) = last else { return Vec::new() };
            match live.after(last).await {
                Ok(Some(missed)) => missed.into_iter().map(|it| Notice::Event(Arc::new(it))).collect(),
                Ok(None) => vec![Notice::Resync],
                Err(error) => {
                    tracing::debug!("A listener cannot go on after its last event: {error}");
                    vec![Notice::Resync]
                }
            }
        });
        let mut told = last;
        past.flat_map(stream::iter).chain(heard(receiver)).filter(move |notice| {
            let news = match notice {
                Notice::Resync => true,
                Notice::Event(event) => {
                    let is_new = told.is_none_or(|last| event.id > last);
                    if is_new {
                        told = Some(event.id);
                    }
                    is_new
                }
            };
            std::future::ready(news)
        })
    }
}

fn heard<T: Send + Sync + 'static>(
    receiver: broadcast::Receiver<Notice<T>>,
) -> impl Stream<Item = Notice<T>> + Send {
    stream::unfold(receiver, |mut receiver| async {
        match receiver.recv().await {
            Ok(notice) => Some((notice, receiver)),
            Err(broadcast::error::RecvError::Lagged(_)) => Some((Notice::Resync, receiver)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    })
}

/// Reads the stream for as long as the process listens, through losses of Redis and of what it held.
async fn read<T: DeserializeOwned + Send + Sync + 'static>(live: Live, sender: broadcast::Sender<Notice<T>>) {
    let mut last = None;
    let mut pause = SHORTEST_PAUSE;
    loop {
        let Err(error) = read_until_broken(&live, &sender, &mut last, &mut pause).await;
        tracing::debug!("Events are not read, trying again in {pause:?}: {error}");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn read_until_broken<T: DeserializeOwned>(
    live: &Live,
    sender: &broadcast::Sender<Notice<T>>,
    last: &mut Option<EventId>,
    pause: &mut Duration,
) -> Result<std::convert::Infallible, LiveError> {
    // Reads wait on purpose, so this connection has its own deadlines.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(crate::OPERATION_TIMEOUT))
        .set_response_timeout(Some(READ_TIMEOUT));
    let connecting = live.client().get_multiplexed_async_connection_with_config(&config);
    let mut connection = connecting.await.map_err(LiveError::Refused)?;
    // Where the reader was is not there any more: something may have been lost meanwhile.
    let mut place = match *last {
        Some(seen) if is_kept(live, seen).await? => seen,
        Some(_) => {
            let newest = newest(live).await?;
            let _ = sender.send(Notice::Resync);
            newest
        }
        None => {
            let newest = newest(live).await?;
            if *pause > SHORTEST_PAUSE {
                // Not the first try since the start: who has listened meanwhile may have missed something.
                let _ = sender.send(Notice::Resync);
            }
            newest
        }
    };
    *last = Some(place);
    *pause = SHORTEST_PAUSE;
    loop {
        for event in events(&next(&mut connection, &live.stream(), place).await?) {
            place = event.id;
            *last = Some(place);
            // Without listeners there is nobody to tell, which is no error.
            let _ = sender.send(Notice::Event(Arc::new(event)));
        }
    }
}

async fn next(
    connection: &mut MultiplexedConnection,
    stream: &str,
    place: EventId,
) -> Result<Vec<Entry>, LiveError> {
    let mut command = redis::cmd("XREAD");
    let wait = u64::try_from(READ_WAIT.as_millis()).unwrap_or(u64::MAX);
    command.arg("COUNT").arg(READ_AT_ONCE).arg("BLOCK").arg(wait);
    command.arg("STREAMS").arg(stream).arg(place.to_string());
    let news: Option<Vec<(String, Vec<Entry>)>> =
        command.query_async(connection).await.map_err(LiveError::Refused)?;
    Ok(news.into_iter().flatten().flat_map(|(_, entries)| entries).collect())
}

/// Whether an event is still in the stream. The very beginning always is.
async fn is_kept(live: &Live, id: EventId) -> Result<bool, LiveError> {
    if id == BEGINNING {
        return Ok(true);
    }
    let mut command = redis::cmd("XRANGE");
    command.arg(live.stream()).arg(id.to_string()).arg(id.to_string());
    Ok(!live.ask::<Vec<Entry>>(command).await?.is_empty())
}

/// The last event there is.
async fn newest(live: &Live) -> Result<EventId, LiveError> {
    let mut command = redis::cmd("XREVRANGE");
    command.arg(live.stream()).arg("+").arg("-").arg("COUNT").arg(1);
    let entries: Vec<Entry> = live.ask(command).await?;
    Ok(entries.first().and_then(Entry::id).unwrap_or(BEGINNING))
}

/// Before all events.
const BEGINNING: EventId = EventId { milliseconds: 0, number: 0 };

/// An entry of the stream: its id, and fields with values.
#[derive(Debug)]
struct Entry(String, Vec<(String, Vec<u8>)>);

impl redis::FromRedisValue for Entry {
    fn from_redis_value(value: redis::Value) -> Result<Self, redis::ParsingError> {
        let (id, fields) = redis::FromRedisValue::from_redis_value(value)?;
        Ok(Self(id, fields))
    }
}

impl Entry {
    fn id(&self) -> Option<EventId> {
        self.0.parse().ok()
    }
}

/// What can be read of the entries. Those of another version of the product are passed over.
fn events<T: DeserializeOwned>(entries: &[Entry]) -> Vec<Event<T>> {
    let event = |entry: &Entry| {
        let (_, json) = entry.1.iter().find(|(name, _)| name == FIELD)?;
        Some(Event { id: entry.id()?, body: serde_json::from_slice(json).ok()? })
    };
    entries.iter().filter_map(event).collect()
}

fn unreadable() -> RedisError {
    RedisError::from((redis::ErrorKind::UnexpectedReturnType, "an event's id is of another form"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_by_number_and_not_as_text() {
        let id = |text: &str| text.parse::<EventId>().unwrap();
        assert!(id("9-0") < id("10-0") && id("10-2") < id("10-10"));
        assert_eq!(id("1700000000000-3").to_string(), "1700000000000-3");
    }

    #[test]
    fn what_a_client_makes_up_is_no_id() {
        for bad in
            ["", "-", "1", "1-", "-1", "+", "$", "1-+2", "1-2-3", "a-b", "1-99999999999999999999999", " 1-2"]
        {
            assert_eq!(bad.parse::<EventId>(), Err(BadEventId), "{bad:?}");
        }
    }
}

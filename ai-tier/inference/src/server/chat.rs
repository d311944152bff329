//! `POST /v1/chat/completions`, whole or as a stream.
//!
//! Invariant: a stream that ends in `[DONE]` carried the whole answer and its reason to end. Anything else ends in an
//! `error` event and no `[DONE]`.

use std::{
    convert::Infallible,
    iter,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_web::{HttpResponse, http::header, web};
use futures::{Stream, stream};
use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, timeout_at},
};

use super::{
    Tier,
    auth::Authorized,
    reply::{Refused, mime, read_json},
};
use crate::{
    engine::{Ended, Engine, EngineError, Event, Started, State},
    openai::{Answers, ApiError, ChatRequest, Envelope},
};

type Events = Receiver<Result<Event, EngineError>>;

/// The engine watches the deadline itself, between tokens, and tells how it went. A job that still waits in the queue,
/// or hangs within a piece of a prompt, is given up by us this much later.
const GRACE: Duration = Duration::from_millis(500);

pub(super) async fn complete(
    _: Authorized,
    tier: web::Data<Tier>,
    payload: web::Payload,
) -> Result<HttpResponse, Refused> {
    let request: ChatRequest = read_json(payload).await?;
    let engine = tier.models.find(request.model.as_deref())?;
    let (is_stream, with_usage) = (request.stream, request.wants_usage_in_stream());
    let request = request.into_engine_request(tier.deadline)?;
    let with_logprobs = request.logprobs.is_some();
    let give_up = Instant::from_std(request.deadline) + GRACE;
    let envelope = envelope(engine);
    let mut events = engine.generate(request)?;
    // What is wrong with the request shows before the first token, so streams too get a proper status.
    let started = match next(&mut events, give_up).await? {
        Event::Started(started) => started,
        Event::Piece(_) | Event::Ended(_) | Event::Finished(_) => return Err(Refused(out_of_order())),
    };
    if is_stream {
        let stage = Stage::Opening;
        let body = chunks(Streaming { events, envelope, started, with_usage, ended: None, stage, give_up });
        return Ok(HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            // nginx would collect the chunks otherwise.
            .insert_header(("X-Accel-Buffering", "no"))
            .streaming(body));
    }
    let mut answers = Answers::new(with_logprobs);
    loop {
        match next(&mut events, give_up).await? {
            Event::Piece(piece) => answers.push(piece),
            Event::Ended(ended) => answers.end(ended),
            Event::Finished(finished) => {
                let body = answers.into_body(&envelope, started, finished);
                return Ok(HttpResponse::Ok().content_type(mime()).body(body));
            }
            Event::Started(_) => return Err(Refused(out_of_order())),
        }
    }
}

/// Where a stream is.
enum Stage {
    Opening,
    Text,
    Usage(crate::engine::Finished),
    Done,
    Over,
}

struct Streaming {
    events: Events,
    envelope: Envelope,
    started: Started,
    with_usage: bool,
    ended: Option<Ended>,
    stage: Stage,
    give_up: Instant,
}

fn chunks(streaming: Streaming) -> impl Stream<Item = Result<web::Bytes, Infallible>> {
    stream::unfold(streaming, |mut it| async move {
        let data = it.next_chunk().await?;
        Some((Ok(web::Bytes::from(format!("data: {data}\n\n"))), it))
    })
}

impl Streaming {
    async fn next_chunk(&mut self) -> Option<String> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Opening => {
                self.stage = Stage::Text;
                Some(self.envelope.opening())
            }
            Stage::Text => Some(self.next_text().await),
            Stage::Usage(finished) => {
                self.stage = Stage::Done;
                Some(self.envelope.usage(self.started, finished))
            }
            Stage::Done => Some("[DONE]".to_owned()),
            Stage::Over => None,
        }
    }

    async fn next_text(&mut self) -> String {
        loop {
            match next(&mut self.events, self.give_up).await {
                Ok(Event::Piece(piece)) => {
                    if let Some(chunk) = self.envelope.piece(piece) {
                        self.stage = Stage::Text;
                        return chunk;
                    }
                }
                // One answer is streamed, and how it ended is told with the figures.
                Ok(Event::Ended(ended)) => self.ended = Some(ended),
                Ok(Event::Finished(finished)) => {
                    let Some(ended) = self.ended else { return out_of_order().body() };
                    self.stage = if self.with_usage { Stage::Usage(finished) } else { Stage::Done };
                    return self.envelope.closing(ended, finished);
                }
                Ok(Event::Started(_)) => return out_of_order().body(),
                Err(refused) => return refused.0.body(),
            }
        }
    }
}

async fn next(events: &mut Events, give_up: Instant) -> Result<Event, Refused> {
    let event = timeout_at(give_up, events.recv()).await.map_err(|_elapsed| EngineError::Deadline)?;
    // A channel that ends without a word means that the thread has ended.
    Ok(event.unwrap_or(Err(EngineError::Cancelled))?)
}

fn out_of_order() -> ApiError {
    ApiError::new(500, "internal", "the model's thread sent something out of order")
}

fn envelope(engine: &Engine) -> Envelope {
    static ANSWERS: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let n = ANSWERS.fetch_add(1, Ordering::Relaxed);
    let fingerprint = match engine.state() {
        State::Ready(facts) => {
            // One that is merged is part of the file.
            let beside = facts.adapter.as_ref().filter(|it| !it.merged);
            let sums = iter::once(&facts.file_sha256).chain(beside.map(|it| &it.sha256));
            sums.map(|it| it.chars().take(12).collect()).collect::<Vec<String>>().join("-")
        }
        State::Loading | State::Failed(_) => String::new(),
    };
    Envelope {
        id: format!("chatcmpl-{:x}-{n:x}", now.as_micros()),
        created: now.as_secs(),
        model: engine.id().to_owned(),
        fingerprint: format!("gguf-{fingerprint}"),
    }
}

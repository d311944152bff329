//! Live progress as server-sent events. Read by fetch with the bearer header: `EventSource` cannot send one.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use app::auth::ACCESS_SECONDS;
use bytes::Bytes;
use contract::stream::StreamEvent;
use futures::{StreamExt, stream};
use live::{EventId, Notice};
use runtime::ApiResult;
use tokio_util::sync::CancellationToken;

use crate::{
    http::Feed,
    require::{Require, StreamRead},
};

/// A silent stream says so, before a proxy takes it for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Events `job`, `operation` and `resync`; `Last-Event-ID` goes on after one. Ends with the access token's time: connect again.
#[utoipa::path(tag = "stream", responses((status = 200, body = StreamEvent, content_type = "text/event-stream")))]
#[get("/api/stream")]
pub(crate) async fn follow(
    cx: Require<StreamRead>,
    request: HttpRequest,
    feed: web::Data<Feed>,
    stop: web::Data<CancellationToken>,
) -> ApiResult<HttpResponse> {
    let last: Option<EventId> =
        request.headers().get("last-event-id").and_then(|it| it.to_str().ok()?.parse().ok());
    let actor = cx.actor.clone();
    let notices = feed.0.listen(last).filter_map(move |notice| {
        let line = match notice {
            Notice::Resync => Some("event: resync\ndata: {}\n\n".to_owned()),
            Notice::Event(event) if app::stream::may_see(&actor, &event.body) => line(event.id, &event.body),
            Notice::Event(_) => None,
        };
        std::future::ready(line)
    });
    let beats = stream::unfold((), |()| async {
        tokio::time::sleep(HEARTBEAT).await;
        Some((": still here\n\n".to_owned(), ()))
    });
    let stop = stop.as_ref().clone();
    let ended = async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(u64::from(ACCESS_SECONDS))) => {}
        }
    };
    let hello = stream::iter(["retry: 2000\n\n".to_owned()]);
    let body = hello
        .chain(stream::select(notices, beats))
        .take_until(Box::pin(ended))
        .map(|text| Ok::<_, actix_web::Error>(Bytes::from(text)));
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Box::pin(body)))
}

fn line(id: EventId, event: &StreamEvent) -> Option<String> {
    let (name, data) = match event {
        StreamEvent::Job(job) => ("job", serde_json::to_string(job).ok()?),
        StreamEvent::Operation(operation) => ("operation", serde_json::to_string(operation).ok()?),
        StreamEvent::Resync {} => ("resync", "{}".to_owned()),
    };
    Some(format!("id: {id}\nevent: {name}\ndata: {data}\n\n"))
}

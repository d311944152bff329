//! Whether the tier lives, which models it has and how fast they are.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::json;

use super::{Tier, auth::Authorized, reply::Refused};
use crate::engine::{Engine, State};

#[derive(Serialize)]
struct Health<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    models: Vec<ModelHealth<'a>>,
}

#[derive(Serialize)]
struct ModelHealth<'a> {
    id: &'a str,
    file: &'a str,
    state: &'static str,
    waiting: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(flatten)]
    facts: Option<Facts>,
}

#[derive(Serialize)]
struct Facts {
    name: String,
    architecture: String,
    adapter: Option<AdapterFacts>,
    sha256: String,
    bytes: u64,
    parameters: u64,
    context_tokens: u32,
    has_chat_template: bool,
    prompt_tokens_per_second: f64,
    tokens_per_second: f64,
}

#[derive(Serialize)]
struct AdapterFacts {
    name: String,
    sha256: String,
    merged: bool,
}

/// 200 as soon as one model answers; 503 with the reason until then. Open, so that probes need no key.
pub(super) async fn ready(tier: web::Data<Tier>) -> HttpResponse {
    let overall = tier.models.overall();
    let mut response =
        if overall.is_ready() { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    let no_model = "AI_MODEL_PATH names no model; `skydesk-ai fetch-model` gets the small one";
    response.json(Health {
        status: overall.word(),
        why: tier.models.all().is_empty().then_some(no_model),
        models: tier.models.all().iter().map(ModelHealth::of).collect(),
    })
}

/// 200 while the process answers at all.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// For Prometheus, which sends the key like everybody else.
pub(super) async fn metrics(_: Authorized, tier: web::Data<Tier>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(tier.metrics.render())
}

pub(super) async fn list_models(_: Authorized, tier: web::Data<Tier>) -> HttpResponse {
    let data: Vec<_> = tier.models.all().iter().map(describe).collect();
    HttpResponse::Ok().json(json!({"object": "list", "data": data}))
}

pub(super) async fn show_model(
    _: Authorized,
    tier: web::Data<Tier>,
    id: web::Path<String>,
) -> Result<HttpResponse, Refused> {
    Ok(HttpResponse::Ok().json(describe(tier.models.find(Some(&id))?)))
}

fn describe(engine: &Engine) -> serde_json::Value {
    json!({"id": engine.id(), "object": "model", "created": 0, "owned_by": "skydesk", "file": engine.file_name()})
}

impl<'a> ModelHealth<'a> {
    fn of(engine: &'a Engine) -> Self {
        let (state, why, facts) = match engine.state() {
            State::Loading => ("loading", None, None),
            State::Failed(why) => ("failed", Some(why), None),
            State::Ready(it) => {
                let facts = Facts {
                    name: it.name.clone(),
                    architecture: it.architecture.clone(),
                    adapter: it.adapter.as_ref().map(|it| AdapterFacts {
                        name: it.name.clone(),
                        sha256: it.sha256.clone(),
                        merged: it.merged,
                    }),
                    sha256: it.file_sha256.clone(),
                    bytes: it.file_bytes,
                    parameters: it.parameters,
                    context_tokens: it.context_tokens,
                    has_chat_template: it.has_chat_template,
                    prompt_tokens_per_second: it.prompt_tokens_per_second,
                    tokens_per_second: it.tokens_per_second,
                };
                ("ready", None, Some(facts))
            }
        };
        Self { id: engine.id(), file: engine.file_name(), state, waiting: engine.waiting(), why, facts }
    }
}

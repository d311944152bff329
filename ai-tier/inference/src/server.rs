//! The HTTP surface: chat completions, the list of models, health and metrics.
//!
//! Handlers translate between the wire and an engine, and nothing else. There is no file, tool or outgoing network
//! access behind any address.
//!
//! Invariant: where a key is set, nobody without it makes a model work. Health alone is open, for probes.

mod auth;
mod chat;
mod health;
mod reply;

use std::{sync::Arc, time::Duration};

use actix_web::{Resource, web};
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::SecretString;

use crate::models::Models;

/// Messages, grammar and the rest of a request together. A context of 4,096 tokens is about 16 KB of text.
const MAX_BODY_BYTES: usize = 1 << 20;

/// What the handlers share.
#[derive(Debug)]
pub struct Tier {
    pub models: Models,
    /// None: everybody who can reach the port may ask.
    pub key: Option<SecretString>,
    /// No request takes longer, waiting included.
    pub deadline: Duration,
    /// What `/metrics` shows.
    pub metrics: PrometheusHandle,
}

/// Adds all routes. The tier is handed in once per process and shared by all workers.
pub fn routes(config: &mut web::ServiceConfig, tier: Arc<Tier>) {
    config
        .app_data(web::Data::from(tier))
        .service(resource("/v1/chat/completions").post(chat::complete))
        .service(resource("/v1/models").get(health::list_models))
        .service(resource("/v1/models/{id}").get(health::show_model))
        .service(resource("/health").get(health::ready))
        .service(resource("/health/live").get(health::live))
        .service(resource("/metrics").get(health::metrics))
        .default_service(web::to(reply::not_found));
}

fn resource(path: &str) -> Resource {
    web::resource(path).default_service(web::to(reply::wrong_method))
}

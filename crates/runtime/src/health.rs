//! Liveness and readiness: is the process there, and can it do its work.
//!
//! Liveness asks nothing, so that a restart is never the answer to a database that is away. Readiness asks everything
//! at the same time, each within its own limit. Causes go to the log; the answer has constant words only.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, web};
use contract::health::{Check, Health};
use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};

/// Why a check failed.
#[derive(Debug)]
pub struct Unhealthy {
    detail: &'static str,
    source: Option<anyhow::Error>,
}

impl Unhealthy {
    /// `detail` is shown to whoever asks; it is a constant so that no cause slips in.
    #[must_use]
    pub fn new(detail: &'static str) -> Self {
        Self { detail, source: None }
    }

    /// Keep the cause for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }
}

type Probe = dyn Fn() -> BoxFuture<'static, Result<(), Unhealthy>> + Send + Sync;

/// The named checks of a tier.
#[derive(Clone, Default)]
pub struct HealthChecks {
    probes: Vec<(&'static str, Duration, Arc<Probe>)>,
}

impl HealthChecks {
    /// None yet; a tier without checks is always ready.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also ask `probe`, and take no answer within `limit` for a failure.
    #[must_use]
    pub fn check<F, Fut>(mut self, name: &'static str, limit: Duration, probe: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Unhealthy>> + Send + 'static,
    {
        self.probes.push((name, limit, Arc::new(move || probe().boxed())));
        self
    }

    /// Ask all of them at the same time.
    pub async fn run(&self) -> Health {
        let checks =
            join_all(self.probes.iter().map(|(name, limit, probe)| ask(name, *limit, probe.as_ref()))).await;
        let status = if checks.iter().all(|check| check.ok) { "ok" } else { "unavailable" };
        Health { status: status.to_owned(), checks }
    }
}

impl fmt::Debug for HealthChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.probes.iter().map(|(name, limit, _)| (name, limit))).finish()
    }
}

/// `GET /health/live` and `GET /health/ready`.
pub fn routes(checks: HealthChecks) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config
            .app_data(web::Data::new(checks))
            .route("/health/live", web::get().to(live))
            .route("/health/ready", web::get().to(ready));
    }
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok".to_owned(), checks: Vec::new() })
}

async fn ready(checks: web::Data<HealthChecks>) -> HttpResponse {
    let health = checks.run().await;
    if health.checks.iter().all(|check| check.ok) {
        HttpResponse::Ok().json(health)
    } else {
        HttpResponse::ServiceUnavailable().json(health)
    }
}

async fn ask(name: &'static str, limit: Duration, probe: &Probe) -> Check {
    let asked = Instant::now();
    let answer = tokio::time::timeout(limit, probe())
        .await
        .unwrap_or_else(|_elapsed| Err(Unhealthy::new("does not answer in time")));
    let elapsed_ms = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
    let detail = answer.err().map(|unhealthy| {
        let cause = unhealthy.source.map(|source| format!("{source:#}"));
        tracing::warn!(check = name, cause, "Health check {name} failed: {}", unhealthy.detail);
        unhealthy.detail.to_owned()
    });
    Check { name: name.to_owned(), ok: detail.is_none(), detail, elapsed_ms }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        test::{TestRequest, call_service, init_service, read_body_json},
    };

    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    async fn answer(checks: HealthChecks, address: &str) -> (u16, Health) {
        let app = init_service(App::new().configure(routes(checks))).await;
        let response = call_service(&app, TestRequest::get().uri(address).to_request()).await;
        (response.status().as_u16(), read_body_json(response).await)
    }

    #[actix_web::test]
    async fn all_well_is_200() {
        let checks = HealthChecks::new().check("database", LIMIT, async || Ok(()));
        let (status, health) = answer(checks, "/health/ready").await;
        assert_eq!((status, health.status.as_str()), (200, "ok"));
        assert!(health.checks[0].ok && health.checks[0].detail.is_none());
    }

    #[actix_web::test]
    async fn one_failure_is_503_and_names_the_check_but_not_the_cause() {
        let checks = HealthChecks::new()
            .check("database", LIMIT, async || Ok(()))
            .check("cache", LIMIT, async || {
                Err(Unhealthy::new("refuses connections").because(anyhow::anyhow!("canary")))
            })
            .check("model", LIMIT, std::future::pending);
        let (status, health) = answer(checks, "/health/ready").await;
        assert_eq!((status, health.status.as_str()), (503, "unavailable"));
        let details: Vec<_> =
            health.checks.iter().map(|check| (check.name.as_str(), check.detail.as_deref())).collect();
        let expected = [
            ("database", None),
            ("cache", Some("refuses connections")),
            ("model", Some("does not answer in time")),
        ];
        assert_eq!(details, expected);
    }

    #[actix_web::test]
    async fn being_alive_asks_nobody() {
        let checks = HealthChecks::new().check("database", LIMIT, async || Err(Unhealthy::new("away")));
        assert_eq!(answer(checks, "/health/live").await.0, 200);
    }

    #[actix_web::test]
    async fn checks_run_at_the_same_time() {
        let both = Arc::new(tokio::sync::Barrier::new(2));
        let meet = |both: &Arc<tokio::sync::Barrier>| {
            let both = Arc::clone(both);
            move || {
                let both = Arc::clone(&both);
                async move {
                    both.wait().await;
                    Ok(())
                }
            }
        };
        let limit = Duration::from_secs(30);
        let checks = HealthChecks::new().check("one", limit, meet(&both)).check("two", limit, meet(&both));
        assert_eq!(checks.run().await.status, "ok");
    }
}

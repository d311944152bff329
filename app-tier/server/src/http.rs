//! Puts the operations behind the shared middleware and serves them.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpResponse, middleware::Compress, web};
use app::App;
use contract::stream::StreamEvent;
use live::Events;
use runtime::{
    extract::BodyLimit,
    health::{self, HealthChecks, Unhealthy},
    problem,
    serve::Listener,
};
use tokio_util::sync::CancellationToken;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::{openapi, routes};

/// Whether cookies are for https only.
#[derive(Debug, Clone, Copy)]
pub struct CookiePolicy {
    pub secure: bool,
}

/// This process's ear for what workers do.
#[derive(Debug)]
pub struct Feed(pub Events<StreamEvent>);

/// JSON bodies larger than this are refused.
const BODY_BYTES: usize = 128 * 1024;
/// How long a dependency has to answer when readiness asks.
const CHECK: Duration = Duration::from_secs(2);

/// Serves until `stop`.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    house: Arc<App>,
    listener: Listener,
    cookies: CookiePolicy,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let data = web::Data::new(Arc::clone(&house));
    let feed = web::Data::new(Feed(house.live.events::<StreamEvent>()));
    let cookies = web::Data::new(cookies);
    let token = web::Data::new(stop.clone());
    let document = openapi::document();
    let checks = checks(&house);
    let make = move || {
        let (app, _) = runtime::serve::app()
            .wrap(Compress::default())
            .app_data(BodyLimit(BODY_BYTES))
            .app_data(data.clone())
            .app_data(feed.clone())
            .app_data(cookies.clone())
            .app_data(token.clone())
            .into_utoipa_app()
            .configure(routes::configure)
            .split_for_parts();
        app.configure(health::routes(checks.clone()))
            .service(SwaggerUi::new("/api/docs/{_:.*}").url("/api/openapi.json", document.clone()))
            .route("/api/docs", web::get().to(docs))
            .configure(problem::configure)
    };
    listener.run(make, stop).await
}

async fn docs() -> HttpResponse {
    HttpResponse::Found().insert_header(("location", "/api/docs/")).finish()
}

/// Ready means: PostgreSQL answers and has the shape that this release needs, and Redis answers.
fn checks(house: &Arc<App>) -> HealthChecks {
    let database = Arc::clone(house);
    let live = Arc::clone(house);
    HealthChecks::new()
        .check("database", CHECK, move || {
            let house = Arc::clone(&database);
            async move {
                match app::migrations::missing(&house).await {
                    Ok(missing) if missing.is_empty() => Ok(()),
                    Ok(_) => Err(Unhealthy::new("its shape is of an older release; run: skydesk migrate")),
                    Err(error) => Err(Unhealthy::new("PostgreSQL does not answer").because(error)),
                }
            }
        })
        .check("redis", CHECK, move || {
            let house = Arc::clone(&live);
            async move {
                house
                    .live
                    .ping()
                    .await
                    .map_err(|error| Unhealthy::new("Redis does not answer").because(error))
            }
        })
}

//! Puts the operations behind the shared middleware and serves them.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpResponse,
    http::header,
    middleware::{Compress, DefaultHeaders},
    web,
};
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
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{openapi, routes};

/// Whether cookies are for https only.
#[derive(Debug, Clone, Copy)]
pub struct CookiePolicy {
    pub secure: bool,
}

/// This process's ear for what workers do.
#[derive(Debug)]
pub struct Feed(pub Events<StreamEvent>);

/// What the pages of `/api/docs` may load: their own files, and nothing of anybody else's. Swagger UI writes `style`
/// elements and attributes itself, so those are allowed; scripts are not.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
    let document = web::Data::new(openapi::document());
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
            .app_data(document.clone())
            .route(DOCUMENT, web::get().to(described))
            .service(docs())
            .configure(problem::configure)
    };
    listener.run(make, stop).await
}

/// Where the API's description is.
const DOCUMENT: &str = "/api/openapi.json";

async fn described(document: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(&**document)
}

/// Pages to read the API's description in and to try it out.
fn docs() -> impl actix_web::dev::HttpServiceFactory {
    // Unset, the pages would send the document's address to a validator of Swagger's makers.
    let config = Config::from(DOCUMENT).validator_url("none");
    web::scope("/api/docs")
        .wrap(DefaultHeaders::new().add((header::CONTENT_SECURITY_POLICY, DOCS_POLICY)))
        .route("", web::get().to(to_docs))
        .service(SwaggerUi::new("/{_:.*}").config(config))
}

async fn to_docs() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/api/docs/")).finish()
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

//! The API's own description.

use actix_web::App;
use utoipa::openapi::{
    Info, OpenApi,
    security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};
use utoipa_actix_web::AppExt;

use crate::routes;

/// The document, from the handlers themselves.
#[must_use]
pub fn document() -> OpenApi {
    let (_, mut document) = App::new().into_utoipa_app().configure(routes::configure).split_for_parts();
    describe(&mut document);
    document
}

/// What no handler knows: title, licence and how one signs in.
pub fn describe(document: &mut OpenApi) {
    let mut info = Info::new("Skydesk", env!("CARGO_PKG_VERSION"));
    info.description =
        Some("The operations desk: desktops, questions, reports. Errors are RFC 9457 problems.".to_owned());
    document.info = info;
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(bearer));
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])]);
}

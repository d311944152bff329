//! The bearer key between the tiers.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use super::{Tier, reply::Refused};
use crate::openai::ApiError;

/// Proof that the caller knows the key, or that none is set.
#[derive(Debug)]
pub(super) struct Authorized(());

impl FromRequest for Authorized {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = request.app_data::<web::Data<Tier>>().and_then(|it| it.key.as_ref());
        let given = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|it| it.as_bytes().strip_prefix(b"Bearer "))
            .unwrap_or_default();
        let fits = key.is_none_or(|it| it.expose_secret().as_bytes().ct_eq(given).into());
        ready(if fits {
            Ok(Self(()))
        } else {
            let why = "the bearer key is missing or wrong: send AI_API_KEY as `Authorization: Bearer`";
            Err(Refused(ApiError::new(401, "invalid_api_key", why)))
        })
    }
}

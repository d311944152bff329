//! Who asks, and whether he may: the only way for a handler to get at the house.
//!
//! Forgetting the check means having no [`OpCx`], and so no database.

use std::{marker::PhantomData, net::IpAddr, ops::Deref, sync::Arc};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use app::{App, OpCx};
use contract::{auth::Permission, problem::Code};
use futures::future::LocalBoxFuture;
use runtime::{ApiError, RequestId, extract::Json};

use crate::respond::refusal;

/// A permission as a type.
pub trait Right: 'static {
    const PERMISSION: Permission;
    /// Also for somebody who still has to change the first password.
    const BEFORE_PASSWORD_CHANGE: bool = false;
}

macro_rules! rights {
    ($($name:ident)*) => {$(
        #[doc = concat!("[`Permission::", stringify!($name), "`]")]
        #[derive(Debug)]
        pub struct $name;

        impl Right for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )*};
}

rights! {
    WorkspacesRead BillingRead QuestionsAsk AccountsRead StreamRead ReportsMake SyncRun JobsRead JobsRetry JobsCancel AccountsWrite
    UsersManage ConfigManage StatsRead AuditRead OperationsRead OperationsPropose OperationsApprove
}

/// [`Permission::SessionOwn`]
#[derive(Debug)]
pub struct SessionOwn;

impl Right for SessionOwn {
    const PERMISSION: Permission = Permission::SessionOwn;
    const BEFORE_PASSWORD_CHANGE: bool = true;
}

/// The context of somebody who has the right `R`, and then the body `B`.
///
/// actix polls the extractors of a handler together; a body of its own would be read, and complained about, before the
/// right is known.
#[derive(Debug)]
pub struct Require<R, B = NoBody> {
    cx: OpCx,
    body: B,
    right: PhantomData<R>,
}

/// The operation reads no body.
#[derive(Debug)]
pub struct NoBody;

impl FromRequest for NoBody {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self))
    }
}

impl<R, T> Require<R, Json<T>> {
    /// Who asks, and for what.
    pub fn into_parts(self) -> (OpCx, T) {
        (self.cx, self.body.into_inner())
    }
}

impl<R, B> Deref for Require<R, B> {
    type Target = OpCx;

    fn deref(&self) -> &OpCx {
        &self.cx
    }
}

impl<R: Right, B: FromRequest<Error = ApiError> + 'static> FromRequest for Require<R, B> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let cx = authorise::<R>(&request).await?;
            let body = B::from_request(&request, &mut payload).await?;
            Ok(Self { cx, body, right: PhantomData })
        })
    }
}

async fn authorise<R: Right>(request: &HttpRequest) -> Result<OpCx, ApiError> {
    let app = house(request)?;
    let token =
        bearer(request).ok_or_else(|| ApiError::new(Code::Unauthenticated, "there is no bearer token"))?;
    let actor = app::auth::authenticate(&app, &token).await.map_err(refusal)?;
    if !actor.role.allows(R::PERMISSION) {
        let needed = R::PERMISSION.least_role().name();
        return Err(ApiError::new(
            Code::Forbidden,
            format!("this needs the role {needed}; yours is {}", actor.role.name()),
        ));
    }
    if actor.must_change_password && !R::BEFORE_PASSWORD_CHANGE {
        return Err(ApiError::new(Code::PasswordChangeRequired, "set a password of your own first"));
    }
    let request_id = RequestId::current().map(|it| it.to_string()).unwrap_or_default();
    Ok(OpCx { app, actor, request_id, address: client_address(request) })
}

/// The house, for operations that are public.
#[derive(Debug)]
pub struct Public(pub Arc<App>);

impl FromRequest for Public {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(house(request).map(Self))
    }
}

fn house(request: &HttpRequest) -> Result<Arc<App>, ApiError> {
    let app = request.app_data::<web::Data<Arc<App>>>();
    app.map(|it| Arc::clone(it.get_ref()))
        .ok_or_else(|| ApiError::internal(std::io::Error::other("the house is not in the server's data")))
}

fn bearer(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The browser's address. The port is reachable for the web-tier only, so a peer of a private network is the proxy, and
/// the last address it forwards is the one that it saw itself.
#[must_use]
pub fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let inside = match peer {
        IpAddr::V4(it) => it.is_loopback() || it.is_private(),
        IpAddr::V6(it) => it.is_loopback() || it.is_unique_local(),
    };
    let forwarded = request
        .headers()
        .get("x-forwarded-for")
        .and_then(|it| it.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    Some(forwarded.filter(|_| inside).unwrap_or(peer))
}

//! Registered AWS accounts: managing them, and testing what their role allows.

use contract::{
    accounts::{AccessReport, Account, NewAccount, OperatorAccess},
    auth::Permission,
    ids::AccountId,
    page::Page,
    problem::Code,
};
use diesel_async::AsyncConnection;
use futures::{StreamExt, stream};
use serde_json::json;

use crate::{App, Error, OpCx, Result};

/// Regions tested at the same time.
const AT_A_TIME: usize = 4;

/// `GET /api/accounts`: who may not manage accounts does not see how they are entered.
///
/// # Errors
/// PostgreSQL away.
pub async fn list(cx: &OpCx) -> Result<Page<Account>> {
    let mut items = store::accounts::list(&mut *cx.app.conn().await?).await?;
    for account in &mut items {
        veil(cx, account);
    }
    let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
    Ok(Page { items, next: None, total })
}

/// `GET /api/accounts/{id}`
///
/// # Errors
/// There is none.
pub async fn find(cx: &OpCx, id: AccountId) -> Result<Account> {
    let mut account = known(&cx.app, id).await?;
    veil(cx, &mut account);
    Ok(account)
}

fn veil(cx: &OpCx, account: &mut Account) {
    if !cx.actor.role.allows(Permission::AccountsWrite) {
        account.role_arn = None;
        account.external_id = None;
        account.operator_role_arn = None;
    }
}

async fn known(app: &App, id: AccountId) -> Result<Account> {
    store::accounts::find(&mut *app.conn().await?, id)
        .await?
        .ok_or_else(|| Error::not_found(format_args!("account {id}")))
}

/// `POST /api/accounts`
///
/// # Errors
/// A field is not allowed, or name or number are taken.
pub async fn create(cx: &OpCx, new: NewAccount) -> Result<Account> {
    checked(&new)?;
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let account = store::accounts::insert(conn, &new).await?;
        let detail =
            json!({"name": account.name, "account_id": account.account_id, "regions": account.regions});
        cx.audit(conn, "account.create", &format!("account:{}", account.id), detail).await?;
        Ok(account)
    })
    .await
}

/// `PUT /api/accounts/{id}`: with `version` only if nobody changed it since.
///
/// # Errors
/// There is none, a field is not allowed, name or number are taken, or the version is another.
pub async fn update(cx: &OpCx, id: AccountId, new: NewAccount, version: Option<i32>) -> Result<Account> {
    checked(&new)?;
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let before = store::accounts::find(conn, id).await?.ok_or_else(|| Error::not_found(format_args!("account {id}")))?;
        let after = match store::accounts::update(conn, id, &new, version).await {
            Err(store::Error::NotFound) => return Err(Error::new(Code::Stale, format!("Its version is {} now.", before.version))),
            other => other?,
        };
        let detail = json!({"name": [before.name, after.name], "regions": [before.regions, after.regions], "role_arn": [before.role_arn, after.role_arn],
            "operator_role_arn": [before.operator_role_arn, after.operator_role_arn]});
        cx.audit(conn, "account.update", &format!("account:{id}"), detail).await?;
        Ok(after)
    })
    .await
}

/// `DELETE /api/accounts/{id}`: with everything known of it.
///
/// # Errors
/// There is none.
pub async fn delete(cx: &OpCx, id: AccountId) -> Result<()> {
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let account = store::accounts::find(conn, id)
            .await?
            .ok_or_else(|| Error::not_found(format_args!("account {id}")))?;
        store::accounts::delete(conn, id).await?;
        let detail =
            json!({"name": account.name, "account_id": account.account_id, "desktops": account.desktops});
        cx.audit(conn, "account.delete", &format!("account:{id}"), detail).await?;
        Ok(())
    })
    .await
}

fn checked(new: &NewAccount) -> Result<()> {
    let errors = new.check();
    if errors.is_empty() { Ok(()) } else { Err(Error::invalid(errors)) }
}

/// `POST /api/accounts/{id}/test`: takes the role on, looks whose it is, and tries each capability in each region once.
///
/// # Errors
/// There is none. What AWS refuses is in the report.
pub async fn test(cx: &OpCx, id: AccountId) -> Result<AccessReport> {
    let account = known(&cx.app, id).await?;
    let rate = cx.app.settings().await?.aws_calls_per_second;
    let first = account.regions.first().cloned().unwrap_or_default();
    let report = match session(&cx.app, &account, &first, rate).await.verify().await {
        Err(error) => AccessReport {
            assumed: false,
            caller_arn: None,
            problem: Some(error.for_people()),
            checks: Vec::new(),
            operator: None,
        },
        Ok(identity) => {
            let checks = stream::iter(account.regions.clone())
                .map(|region| {
                    let account = &account;
                    async move { cloud::check_access(&session(&cx.app, account, &region, rate).await).await }
                })
                .buffered(AT_A_TIME)
                .concat()
                .await;
            let operator = match operator_session(&cx.app, &account, &first, rate, "skydesk-test").await {
                Some(session) => Some(match session.verify().await {
                    Ok(_) => OperatorAccess { assumed: true, problem: None },
                    Err(error) => OperatorAccess { assumed: false, problem: Some(error.for_people()) },
                }),
                None => None,
            };
            AccessReport { assumed: true, caller_arn: Some(identity.arn), problem: None, checks, operator }
        }
    };
    let mut conn = cx.app.conn().await?;
    cx.audit(&mut conn, "account.test", &format!("account:{id}"), json!({"assumed": report.assumed})).await?;
    Ok(report)
}

/// A session in one region of a registered account.
pub(crate) async fn session(
    app: &App,
    account: &Account,
    region: &str,
    calls_per_second: f64,
) -> cloud::Session {
    let target = cloud::Target {
        role_arn: account.role_arn.clone().unwrap_or_default(),
        external_id: account.external_id.clone().filter(|it| !it.is_empty()),
        account_id: account.account_id.clone(),
        region: region.to_owned(),
        session_name: "skydesk".to_owned(),
        calls_per_second,
    };
    app.cloud.session(target).await
}

/// A session that may act in one region of a registered account, under a name that CloudTrail shows. `None`: the account has
/// no role for operations.
pub(crate) async fn operator_session(
    app: &App,
    account: &Account,
    region: &str,
    calls_per_second: f64,
    session_name: &str,
) -> Option<cloud::Session> {
    let target = cloud::Target {
        role_arn: account.operator_role_arn.clone()?,
        external_id: account.external_id.clone().filter(|it| !it.is_empty()),
        account_id: account.account_id.clone(),
        region: region.to_owned(),
        session_name: session_name.to_owned(),
        calls_per_second,
    };
    Some(app.cloud.session(target).await)
}

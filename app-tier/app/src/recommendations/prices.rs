//! The price list, read once a day for each region with desktops.
//!
//! A list that is not told stays as it was; where there never was one, the engine has its offline table and says so.

use chrono::TimeDelta;
use diesel_async::AsyncConnection;
use queue::Run;

use crate::{App, Error, Result, accounts};

/// AWS changes prices by the day at most.
const EVERY: TimeDelta = TimeDelta::hours(23);

pub(super) async fn read(app: &App, run: &Run) -> Result<()> {
    let mut conn = app.conn().await?;
    let regions = store::prices::regions_to_read(&mut conn, app.now() - EVERY).await?;
    let accounts = store::accounts::list(&mut conn).await?;
    let rate = store::settings::read(&mut conn).await?.aws_calls_per_second;
    drop(conn);
    for region in regions {
        let mut refused = String::from("no account is registered");
        let mut found = None;
        // The list is the same for all accounts: the first one that may read it does.
        for account in &accounts {
            let session = accounts::session(app, account, cloud::PRICE_LIST_REGION, rate).await;
            match session.prices(&region).await {
                Ok(skus) => {
                    found = Some(skus);
                    break;
                }
                Err(error) => refused = error.for_people(),
            }
        }
        let mut conn = app.conn().await?;
        match found {
            // An empty list is no list: AWS may name the region otherwise.
            Some(skus) if !skus.is_empty() => {
                conn.transaction::<_, Error, _>(async |conn| {
                    run.fence(conn).await.map_err(Error::internal)?;
                    Ok(store::prices::replace(conn, &region, &skus, app.now()).await?)
                })
                .await?;
            }
            found => {
                let message =
                    if found.is_some() { "AWS lists no desktops in this region" } else { refused.as_str() };
                tracing::warn!(region, "The price list was not read: {message}");
                store::prices::fail(&mut conn, &region, app.now(), message).await?;
            }
        }
    }
    Ok(())
}

//! The figures of the first page, in one pass over the desktops.

pub mod costs;

use contract::overview::Count;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Integer, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::Result;

/// What there is.
#[derive(Debug, Default)]
pub struct Figures {
    pub desktops: i64,
    pub connected: i64,
    pub idle: i64,
    pub by_state: Vec<Count>,
    pub by_mode: Vec<Count>,
    pub by_region: Vec<Count>,
    pub by_account: Vec<Count>,
    pub changes_today: i64,
}

/// Whether a desktop was not used for `$1` days, as a condition on a row of `workspaces`.
const IDLE: &str = "coalesce(last_connected_at, first_seen_at) < now() - make_interval(days => $1)";

#[derive(QueryableByName)]
struct Group {
    #[diesel(sql_type = Text)]
    figure: String,
    #[diesel(sql_type = Text)]
    value: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// # Errors
/// PostgreSQL refuses.
pub async fn read(conn: &mut AsyncPgConnection, idle_days: u32) -> Result<Figures> {
    let groups: Vec<Group> = sql_query(
        format!(
        "WITH w AS MATERIALIZED (
             SELECT account, region, state, coalesce(running_mode, 'unknown') AS mode, connection, {IDLE} AS idle
             FROM workspaces WHERE gone_at IS NULL)
         SELECT 'state' AS figure, state AS value, count(*) FROM w GROUP BY state
         UNION ALL SELECT 'mode', mode, count(*) FROM w GROUP BY mode
         UNION ALL SELECT 'region', region, count(*) FROM w GROUP BY region
         UNION ALL SELECT 'account', a.name, count(*) FROM w JOIN accounts a ON a.id = w.account GROUP BY a.name
         UNION ALL SELECT 'all', '', count(*) FROM w
         UNION ALL SELECT 'connected', '', count(*) FROM w WHERE connection = 'CONNECTED'
         UNION ALL SELECT 'idle', '', count(*) FROM w WHERE idle
         UNION ALL SELECT 'changes', '', count(*) FROM changes WHERE observed_at > now() - interval '24 hours' AND kind <> 'appeared'
         ORDER BY 3 DESC, 2"),
    )
    .bind::<Integer, _>(i32::try_from(idle_days).unwrap_or(i32::MAX))
    .load(conn)
    .await?;
    let mut figures = Figures::default();
    for Group { figure, value, count } in groups {
        let them = match figure.as_str() {
            "state" => &mut figures.by_state,
            "mode" => &mut figures.by_mode,
            "region" => &mut figures.by_region,
            "account" => &mut figures.by_account,
            "connected" => {
                figures.connected = count;
                continue;
            }
            "idle" => {
                figures.idle = count;
                continue;
            }
            "changes" => {
                figures.changes_today = count;
                continue;
            }
            _ => {
                figures.desktops = count;
                continue;
            }
        };
        them.push(Count { value, count });
    }
    Ok(figures)
}

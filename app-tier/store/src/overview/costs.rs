//! Where the money goes, for the first page. It reads sums that were made when costs were written; of desktops those of two
//! months.

use chrono::NaiveDate;
use contract::{
    ids::WorkspaceId,
    money::{Currency, Money},
    overview::{DesktopMover, IdleSpend, OpenSavings, ServiceMover},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Date, Integer, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::IDLE;
use crate::Result;

#[derive(QueryableByName)]
struct Mover {
    /// A service or a desktop.
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text)]
    account: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    before: i64,
    #[diesel(sql_type = BigInt)]
    after: i64,
    #[diesel(sql_type = Bool)]
    estimated: bool,
}

/// Services of accounts whose cost differs most between `month` and the month `before` it, at most `most` of them.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn services(
    conn: &mut AsyncPgConnection,
    before: NaiveDate,
    month: NaiveDate,
    most: i64,
) -> Result<Vec<ServiceMover>> {
    let sums =
        "SELECT account, service, currency, sum(nanos)::bigint AS nanos, bool_or(estimated) AS estimated
                FROM cost_months WHERE month =";
    let rows: Vec<Mover> = sql_query(format!(
        "SELECT service AS name, '' AS user_name, a.name AS account, currency, b.nanos AS before, m.nanos AS after,
                b.estimated OR m.estimated AS estimated
         FROM ({sums} $1 GROUP BY 1, 2, 3) b JOIN ({sums} $2 GROUP BY 1, 2, 3) m USING (account, service, currency)
         JOIN accounts a ON a.id = account
         WHERE b.nanos <> m.nanos ORDER BY abs(m.nanos - b.nanos) DESC, 3, 1, 4 LIMIT $3"
    ))
    .bind::<Date, _>(before)
    .bind::<Date, _>(month)
    .bind::<BigInt, _>(most)
    .load(conn)
    .await?;
    let mover = |row: Mover| ServiceMover {
        account: row.account,
        service: row.name,
        currency: Currency(row.currency),
        before: Money::from_nanos(row.before),
        after: Money::from_nanos(row.after),
        estimated: row.estimated,
    };
    Ok(rows.into_iter().map(mover).collect())
}

/// Desktops, likewise; without those of which a month is known in parts only.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn desktops(
    conn: &mut AsyncPgConnection,
    before: NaiveDate,
    month: NaiveDate,
    most: i64,
) -> Result<Vec<DesktopMover>> {
    let rows: Vec<Mover> = sql_query(
        "SELECT m.workspace_id AS name, w.user_name, a.name AS account, m.currency, b.nanos AS before, m.nanos AS after,
                b.status <> 'final' OR m.status <> 'final' AS estimated
         FROM workspace_costs b JOIN workspace_costs m USING (workspace_id, currency)
         JOIN workspaces w ON w.id = m.workspace_id JOIN accounts a ON a.id = w.account
         WHERE b.month = $1 AND m.month = $2 AND b.status <> 'partial' AND m.status <> 'partial' AND b.nanos <> m.nanos
         ORDER BY abs(m.nanos - b.nanos) DESC, 1, 4 LIMIT $3",
    )
    .bind::<Date, _>(before)
    .bind::<Date, _>(month)
    .bind::<BigInt, _>(most)
    .load(conn)
    .await?;
    let mover = |row: Mover| DesktopMover {
        workspace_id: WorkspaceId(row.name),
        user_name: row.user_name,
        account: row.account,
        currency: Currency(row.currency),
        before: Money::from_nanos(row.before),
        after: Money::from_nanos(row.after),
        estimated: row.estimated,
    };
    Ok(rows.into_iter().map(mover).collect())
}

/// What desktops that are not used for so many days cost in a month.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn idle(conn: &mut AsyncPgConnection, idle_days: u32, month: NaiveDate) -> Result<Vec<IdleSpend>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        currency: String,
        #[diesel(sql_type = BigInt)]
        desktops: i64,
        #[diesel(sql_type = BigInt)]
        nanos: i64,
        #[diesel(sql_type = Bool)]
        estimated: bool,
    }
    let rows: Vec<Row> = sql_query(format!(
        "SELECT c.currency, count(*) AS desktops, sum(c.nanos)::bigint AS nanos, bool_or(c.status <> 'final') AS estimated
         FROM workspaces w JOIN workspace_costs c ON c.workspace_id = w.id AND c.month = $2
         WHERE w.gone_at IS NULL AND {IDLE} GROUP BY 1 ORDER BY 3 DESC"
    ))
    .bind::<Integer, _>(i32::try_from(idle_days).unwrap_or(i32::MAX))
    .bind::<Date, _>(month)
    .load(conn)
    .await?;
    let spend = |row: Row| IdleSpend {
        currency: Currency(row.currency),
        desktops: row.desktops,
        cost: Money::from_nanos(row.nanos),
        estimated: row.estimated,
    };
    Ok(rows.into_iter().map(spend).collect())
}

/// What the best recommendation of each desktop would save, together.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn open_savings(conn: &mut AsyncPgConnection) -> Result<Vec<OpenSavings>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        currency: String,
        #[diesel(sql_type = BigInt)]
        desktops: i64,
        #[diesel(sql_type = BigInt)]
        p50: i64,
        #[diesel(sql_type = BigInt)]
        p90: i64,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT currency, count(*) AS desktops, sum(saves_p50)::bigint AS p50, sum(saves_p90)::bigint AS p90
         FROM (SELECT DISTINCT ON (workspace_id, currency) currency, saves_p50_nanos AS saves_p50, saves_p90_nanos AS saves_p90
               FROM ask_recommendations ORDER BY workspace_id, currency, saves_p50_nanos DESC, action) best
         GROUP BY 1 ORDER BY 3 DESC",
    )
    .load(conn)
    .await?;
    let savings = |row: Row| OpenSavings {
        currency: Currency(row.currency),
        desktops: row.desktops,
        p50: Money::from_nanos(row.p50),
        p90: Money::from_nanos(row.p90),
    };
    Ok(rows.into_iter().map(savings).collect())
}

//! `GET /api/billing` over 24 months of the largest estate, over 16 connections, beside the bare SELECTs.
//!
//! Costs are made up and written by SQL: 24 months of each desktop, of a dozen services a day, and the sums that the product
//! writes with them. What is asked are these sums, so the measurement also says whether anything reads the rows below.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use chrono::{Datelike as _, Months, NaiveDate, Utc};
use contract::billing::Billing;

use crate::hammer::{self, Load, Outcome, hammer};
use crate::list::{Floor, millis, pgbench};
use crate::psql;
use crate::sheet::{Aim, Entry, Sheet};
use crate::stack::Stack;

const CONNECTIONS: usize = 16;
const WARM_UP: Duration = Duration::from_secs(3);
const COUNTED: Duration = Duration::from_secs(15);
const MONTHS: u32 = 24;

/// Twelve services in two regions each day, one of them that of desktops.
const DAYS: &str = "INSERT INTO cost_days (account, day, service, region, currency, nanos, estimated, read_at)
    SELECT a.id, d::date, CASE s WHEN 0 THEN 'Amazon WorkSpaces' ELSE 'Service ' || s END, r, 'USD',
        ((1 + s) * 1e9 * (1 + extract(isodow FROM d)))::bigint, d >= date_trunc('month', now()), now()
    FROM accounts a, generate_series(date_trunc('month', now()) - interval '23 months', now(), interval '1 day') AS d,
        generate_series(0, 11) AS s, unnest(ARRAY['eu-west-1', 'us-east-1']) AS r";
const SUMS: &str = "INSERT INTO cost_months (account, month, service, region, currency, nanos, estimated, read_at)
    SELECT account, date_trunc('month', day)::date, service, region, currency, sum(nanos), bool_or(estimated), min(read_at)
    FROM cost_days GROUP BY 1, 2, 3, 4, 5";
/// As the product sums them up.
const TOTALS: &str = "INSERT INTO cost_sums (step, dimension, starts, key, currency, account, nanos, estimated, read_at)
    SELECT 'month', d.dimension, m.month, d.key, m.currency, m.account, sum(m.nanos), bool_or(m.estimated), min(m.read_at)
    FROM cost_months m CROSS JOIN LATERAL (VALUES ('all', ''), ('service', m.service), ('region', m.region)) AS d(dimension, key)
    GROUP BY 2, 3, 4, 5, 6
    UNION ALL
    SELECT 'day', 'all', day, '', currency, account, sum(nanos), bool_or(estimated), min(read_at) FROM cost_days
    GROUP BY day, currency, account";
const DESKTOPS: &str = "INSERT INTO workspace_costs (workspace_id, month, currency, account, region, nanos, source, status, resource_days,
        model_complete, as_of)
    SELECT w.id, m::date, 'USD', w.account, w.region, (9.75e9 + hashtext(w.id || m)::bigint % 1000 * 1e7)::bigint,
        CASE hashtext(w.id) % 3 WHEN 0 THEN 'model' ELSE 'resource' END, 'final', 0, true, now()
    FROM workspaces w, generate_series(date_trunc('month', now()) - interval '23 months', now(), interval '1 month') AS m";
const PARTS: &str = "INSERT INTO cost_desktops (account, month, region, currency, source, status, nanos, desktops, as_of)
    SELECT account, month, region, currency, source, status, sum(nanos), count(*), min(as_of) FROM workspace_costs
    GROUP BY 1, 2, 3, 4, 5, 6";
/// As the product keeps them: of each key, account and month the 60 dearest values.
const TAGS: &str = "INSERT INTO cost_tag_sums (key, month, account, region, currency, source, status, others, as_of, named, nanos)
    SELECT key, month, account, region, currency, 'mixed', 'final', others, min(as_of), array_agg(value), array_agg(nanos)
    FROM (SELECT key, month, account, region, currency, CASE WHEN place <= 60 THEN value ELSE '' END AS value, place > 60 AS others,
              sum(nanos)::bigint AS nanos, min(as_of) AS as_of
          FROM (SELECT c.account, c.month, t.key, t.value, c.region, c.currency, sum(c.nanos) AS nanos, min(c.as_of) AS as_of,
                    row_number() OVER (PARTITION BY c.account, c.month, t.key ORDER BY sum(c.nanos) DESC, t.value) AS place
                FROM workspace_costs c JOIN workspaces w ON w.id = c.workspace_id AND jsonb_typeof(w.tags) = 'object'
                CROSS JOIN LATERAL jsonb_each_text(w.tags || jsonb_build_object('Own', w.id)) AS t(key, value)
                GROUP BY 1, 2, 3, 4, 5, 6) AS r
          GROUP BY 1, 2, 3, 4, 5, 6, 7) AS v
    GROUP BY key, month, account, region, currency, others";
const READ: &str = "INSERT INTO cost_states (account, part, state, tried_at, succeeded_at) SELECT id, 'services', 'ok', now(), now() FROM accounts";
const EMPTY: &str = "TRUNCATE cost_days, cost_months, cost_sums, workspace_costs, cost_desktops, cost_tag_sums, cost_states, cost_settled, cost_reads";

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let desktops = stack.filled().await?;
    psql::run(stack, &[EMPTY, DAYS, SUMS, TOTALS, DESKTOPS, PARTS, TAGS, READ, "VACUUM ANALYZE"]).await?;
    let rows = psql::run(stack, &["SELECT count(*) FROM workspace_costs"]).await?;
    let span = span()?;
    sound(stack, &span).await?;
    let address: SocketAddr =
        stack.place.app_url.trim_start_matches("http://").parse().context("BENCH_APP_URL")?;
    let what = format!("{MONTHS} months of {desktops} desktops ({rows} rows), {CONNECTIONS} connections");
    let product = run(stack, address, &["service"], &span).await?;
    let floor: Floor = pgbench(stack, "billing.sql", CONNECTIONS).await?;
    sheet.add(
        Entry::new(format!("{what}: by service, p99"), millis(product.p99), "ms")
            .beside("the same SELECTs by pgbench", millis(floor.p99))
            .aim(Aim::AtMost(150.0)),
    );
    sheet.add(
        Entry::new("by service, median", millis(product.median), "ms")
            .beside("pgbench", millis(floor.median)),
    );
    sheet.add(Entry::new("by service", product.per_second, "requests/s").beside("pgbench", floor.per_second));
    let mixed = run(
        stack,
        address,
        &["service", "account", "region", "tag:Department", "tag:CostCenter", "tag:Own"],
        &span,
    )
    .await?;
    sheet.add(
        Entry::new("in turn by service, account, region and three tags, p99", millis(mixed.p99), "ms")
            .aim(Aim::AtMost(150.0)),
    );
    sheet.add(Entry::new("in turn, median", millis(mixed.median), "ms"));
    sheet.note(&format!(
        "an answer by service has {:.0} bytes; one of the three tags has another value for each desktop; the product checks token, \
         session and user of each request by a query of its own, pgbench does not",
        product.bytes
    ));
    Ok(())
}

/// The first day, and the day after the last one.
fn span() -> anyhow::Result<(NaiveDate, NaiveDate)> {
    #[expect(clippy::disallowed_methods, reason = "the stack has the machine's time, too")]
    let month = Utc::now().date_naive().with_day(1).context("a month has a first day")?;
    Ok((month - Months::new(MONTHS - 1), month + Months::new(1)))
}

/// The answer is about all of it, and adds up.
async fn sound(stack: &Stack, span: &(NaiveDate, NaiveDate)) -> anyhow::Result<()> {
    let answer: Billing = serde_json::from_value(stack.get(&path("service", span)).await?)?;
    let costs = answer.currencies.first().context("there are no costs")?;
    ensure!(costs.periods.len() == usize::try_from(MONTHS)?, "{} months", costs.periods.len());
    let groups = costs.groups.iter().map(|it| it.total.amount.nanos()).sum::<i64>();
    ensure!(groups == costs.total.amount.nanos(), "groups do not add up");
    ensure!(costs.forecast.is_some(), "there is no forecast");
    let desktops: i64 = costs.reconciliation.iter().flat_map(|it| &it.parts).map(|it| it.desktops).sum();
    ensure!(desktops > 0, "desktops are not told");
    Ok(())
}

fn path(group_by: &str, (from, until): &(NaiveDate, NaiveDate)) -> String {
    format!("/api/billing?group_by={group_by}&from={from}&until={until}")
}

async fn run(
    stack: &Stack,
    address: SocketAddr,
    groups: &[&str],
    span: &(NaiveDate, NaiveDate),
) -> anyhow::Result<Outcome> {
    let token = stack.token().await?;
    let requests: Vec<_> = groups.iter().map(|it| hammer::get(address, &path(it, span), &token)).collect();
    let load = Load {
        address,
        requests: requests.into(),
        connections: CONNECTIONS,
        warm_up: WARM_UP,
        counted: COUNTED,
    };
    hammer(load, stack.process("skydesk")?).await
}

//! Costs: reading twice changes nothing, a closed month stays closed, and sums are those of what they sum up.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    billing::{CostSource, CostStatus, ReadingPart, ReadingState},
    ids::AccountId,
    money::{Currency, Money},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::{billing::CostLine, usage::Month};
use store::{
    Error,
    billing::{
        Filter, GroupBy, MonthCost, MonthSum, Part, TagMonth, closed_months, day_sums, difference_sums,
        end_resources, ids_of_month, known, month_sums, months_to_settle, note, part_sums, readings,
        replace_month, replace_tag_month, resource_days_asked, resource_days_read, service_days, tag_sums,
        write_month, write_resource_days,
    },
};

use crate::harness::{Database, REGION, desktop};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    day(text).and_hms_opt(6, 0, 0).unwrap().and_utc()
}

fn october() -> Month {
    Month::of(at("2026-10-05"))
}

fn line(from: &str, service: &str, cents: i64, currency: &str) -> CostLine {
    CostLine {
        from: day(from),
        keys: vec![service.to_owned(), REGION.to_owned()],
        amount: Money::from_cents(cents),
        currency: Currency(currency.to_owned()),
        estimated: false,
    }
}

async fn read(db: &Database, account: AccountId, lines: &[CostLine], closed: bool, when: &str) -> bool {
    let mut conn = db.conn().await;
    conn.transaction::<_, Error, _>(async |conn| {
        replace_month(conn, account, october(), lines, true, closed, at(when)).await
    })
    .await
    .unwrap()
}

fn autumn(account: Option<&str>) -> Filter<'_> {
    let (from, until) = (day("2026-09-01"), day("2026-12-01"));
    Filter { from, until, service: None, account, region: None }
}

async fn sums(db: &Database) -> Vec<(String, String, i64)> {
    let mut rows = month_sums(&mut *db.conn().await, GroupBy::Service, autumn(None)).await.unwrap();
    rows.sort_by(|a, b| (&a.key, &a.currency).cmp(&(&b.key, &b.currency)));
    rows.into_iter().map(|it| (it.key, it.currency, it.nanos / 10_000_000)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_what_was_read_last_until_it_is_closed() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let first = [
        line("2026-10-01", "S3", 500, "USD"),
        line("2026-10-02", "S3", 100, "USD"),
        line("2026-10-02", "Tax", 7, "EUR"),
    ];
    assert!(read(&db, account, &first, false, "2026-10-02").await);
    assert!(read(&db, account, &first, false, "2026-10-02").await, "twice is once");
    let told = |them: &[(&str, &str, i64)]| -> Vec<(String, String, i64)> {
        them.iter().map(|it| (it.0.to_owned(), it.1.to_owned(), it.2)).collect()
    };
    assert_eq!(sums(&db).await, told(&[("S3", "USD", 600), ("Tax", "EUR", 7)]));
    let days = day_sums(&mut *db.conn().await, GroupBy::Account, autumn(Some("Production"))).await.unwrap();
    assert_eq!(days.len(), 3, "currencies stay apart");
    assert!(days.iter().all(|it| it.key == "Production"));

    let later = [line("2026-10-01", "S3", 450, "USD"), line("2026-10-31", "EC2", 50, "USD")];
    assert!(read(&db, account, &later, true, "2026-11-12").await);
    let closed = told(&[("EC2", "USD", 50), ("S3", "USD", 450)]);
    assert_eq!(sums(&db).await, closed);
    assert!(!read(&db, account, &first, false, "2026-11-13").await, "it is closed");
    assert_eq!(sums(&db).await, closed);
    let mut conn = db.conn().await;
    let known = closed_months(&mut conn, account, Part::Services, at("2026-11-14")).await.unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), [day("2026-10-01")]);
    assert!(closed_months(&mut conn, account, Part::Tags("x"), at("2026-11-14")).await.unwrap().is_empty());
    assert!(month_sums(&mut conn, GroupBy::Region, autumn(Some("Other"))).await.unwrap().is_empty());
}

/// What rows come to, by time, key and currency.
fn told(rows: Vec<MonthSum>) -> Vec<(NaiveDate, String, String, i64, bool)> {
    let mut told: Vec<_> = rows
        .into_iter()
        .map(|it| (it.from, it.key, it.currency, it.nanos / 10_000_000, it.estimated))
        .collect();
    told.sort();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_that_were_made_before_are_those_of_the_rows_they_sum_up() {
    let db = Database::new().await;
    let accounts =
        [db.account("Production", "111122223333").await, db.account("Other", "444455556666").await];
    let of = |from: &str, service: &str, region: &str, cents, currency: &str| CostLine {
        keys: vec![service.to_owned(), region.to_owned()],
        ..line(from, service, cents, currency)
    };
    for (account, extra) in accounts.iter().zip([0, 7]) {
        let estimated =
            CostLine { estimated: true, ..of("2026-10-05", "S3", "eu-west-1", 11 + extra, "USD") };
        let lines = [
            of("2026-10-01", "Amazon WorkSpaces", "eu-west-1", 500 + extra, "USD"),
            of("2026-10-01", "Amazon WorkSpaces", "us-east-1", 300, "USD"),
            of("2026-10-02", "Amazon WorkSpaces", "us-east-1", 30, "EUR"),
            of("2026-10-02", "S3", "us-east-1", 100, "USD"),
            estimated,
        ];
        for _ in 0..2 {
            read(&db, *account, &lines, false, "2026-10-06").await;
        }
    }
    let mut conn = db.conn().await;
    // A filter by service and region at once is answered from the rows themselves; so is, for days, any by one of them.
    let services = [None, Some("Amazon WorkSpaces"), Some("S3")];
    let regions = [None, Some("eu-west-1"), Some("us-east-1")];
    let mut compared = 0;
    for account in [None, Some("Production"), Some("nobody")] {
        for group_by in [GroupBy::Service, GroupBy::Account, GroupBy::Region, GroupBy::Nothing] {
            for (service, region) in services.iter().flat_map(|it| regions.map(|region| (*it, region))) {
                let filter = Filter { service, region, ..autumn(account) };
                // Both ways by hand: of each service and region apart, put together here.
                let mut apart: BTreeMap<(NaiveDate, String, String), (i64, bool)> = BTreeMap::new();
                for (s, r) in
                    services[1..].iter().flat_map(|it| regions[1..].iter().map(|region| (*it, *region)))
                {
                    if service.is_some_and(|it| Some(it) != s) || region.is_some_and(|it| Some(it) != r) {
                        continue;
                    }
                    let filter = Filter { service: s, region: r, ..filter };
                    for it in told(month_sums(&mut conn, group_by, filter).await.unwrap()) {
                        let sum = apart.entry((it.0, it.1, it.2)).or_default();
                        *sum = (sum.0 + it.3, sum.1 || it.4);
                    }
                }
                let apart: Vec<_> =
                    apart.into_iter().map(|(at, sum)| (at.0, at.1, at.2, sum.0, sum.1)).collect();
                let months = told(month_sums(&mut conn, group_by, filter).await.unwrap());
                assert_eq!(months, apart, "{group_by:?} {filter:?}");
                let days = day_sums(&mut conn, group_by, filter).await.unwrap();
                let nanos = |rows: &[MonthSum]| rows.iter().map(|it| it.nanos).sum::<i64>() / 10_000_000;
                assert_eq!(
                    nanos(&days),
                    months.iter().map(|it| it.3).sum::<i64>(),
                    "{group_by:?} {filter:?}"
                );
                compared += months.len();
            }
        }
    }
    assert!(compared > 100, "{compared}");
    let desktops = difference_sums(&mut conn, autumn(Some("Other"))).await.unwrap();
    let named: Vec<_> =
        desktops.iter().map(|it| (it.name.as_str(), it.currency.as_str(), it.nanos / 10_000_000)).collect();
    assert_eq!(named.len(), 2);
    assert!(named.contains(&("Other", "USD", 807)) && named.contains(&("Other", "EUR", 30)), "{named:?}");
    let filter = Filter { region: Some("us-east-1"), ..autumn(Some("Other")) };
    let regional = difference_sums(&mut conn, filter).await.unwrap();
    assert_eq!(regional.iter().map(|it| it.nanos / 10_000_000).sum::<i64>(), 330);
}

fn cost(id: &str, cents: i64, currency: &str, source: CostSource) -> MonthCost {
    MonthCost {
        workspace_id: id.to_owned(),
        region: REGION.to_owned(),
        currency: Currency(currency.to_owned()),
        amount: Money::from_cents(cents),
        source,
        status: CostStatus::Estimated,
        resource: None,
        resource_days: 0,
        tag: None,
        tag_whole: false,
        model: Some(Money::from_cents(cents)),
        model_complete: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn desktops_and_their_sums_are_written_together_and_twice_is_once() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1"), desktop("ws-2"), desktop("ws-3")]).await;
    db.run_sql(
        "UPDATE workspaces SET tags = '{\"Team\": \"a\", \"id\": \"ws-1\"}' WHERE id = 'ws-1';
         UPDATE workspaces SET tags = '{\"Team\": \"a\"}' WHERE id = 'ws-2'",
    )
    .await;
    read(&db, account, &[line("2026-10-01", "Amazon WorkSpaces", 9000, "USD")], true, "2026-11-12").await;
    let costs = [
        cost("ws-1", 1000, "USD", CostSource::Resource),
        cost("ws-2", 2000, "USD", CostSource::Model),
        cost("ws-3", 300, "EUR", CostSource::Model),
    ];
    let month = october().first_day();
    let mut conn = db.conn().await;
    let open = months_to_settle(&mut conn, account, day("2026-09-01"), month).await.unwrap();
    assert_eq!(open, [month, day("2026-09-01")]);
    for _ in 0..2 {
        conn.transaction::<_, Error, _>(async |conn| {
            write_month(conn, account, month, &costs, "id", true, at("2026-11-12")).await
        })
        .await
        .unwrap();
    }
    let parts = part_sums(&mut conn, autumn(None)).await.unwrap();
    let mut told: Vec<_> = parts
        .iter()
        .map(|it| (it.source.as_str(), it.currency.as_str(), it.nanos / 10_000_000, it.desktops))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("model", "EUR", 300, 1), ("model", "USD", 2000, 1), ("resource", "USD", 1000, 1)]);
    let total = difference_sums(&mut conn, autumn(None)).await.unwrap();
    assert_eq!((total.len(), total[0].nanos / 10_000_000), (1, 9000));
    let team = tag_sums(&mut conn, "Team", autumn(None)).await.unwrap();
    assert_eq!((team.len(), team[0].source.as_str()), (1, "mixed"));
    assert_eq!(team[0].values().collect::<Vec<_>>(), [("a", 30_000_000_000)]);
    assert!(
        tag_sums(&mut conn, "id", autumn(None)).await.unwrap().is_empty(),
        "a value for each desktop tells nothing"
    );

    // What questions read adds up to the service, in dollars alone.
    let asked = "SELECT sum(cost)::text || ' ' || count(*) AS value FROM ask_billing WHERE service = 'Amazon WorkSpaces'";
    assert_eq!(db.text(asked).await, "90.00 4");
    assert_eq!(
        db.text("SELECT charged AS value FROM ask_billing WHERE workspace_id = 'ws-3'").await,
        "3.00 EUR"
    );

    let settled = months_to_settle(&mut conn, account, month, month).await.unwrap();
    assert_eq!(settled, [], "what is closed stays");
    let tagged = [("ws-2".to_owned(), line("2026-10-01", "", 1900, "USD"))];
    let read = TagMonth { month: october(), key: "id", amounts: &tagged, carried: 1.0, closed: true };
    assert!(replace_tag_month(&mut conn, account, read, at("2026-11-13")).await.unwrap());
    assert!(!replace_tag_month(&mut conn, account, read, at("2026-11-14")).await.unwrap(), "it is closed");
    let again = months_to_settle(&mut conn, account, month, month).await.unwrap();
    assert_eq!(again, [month], "unless something of it was read since");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_are_too_many_are_one() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let ids: Vec<String> = (0..250).map(|it| format!("ws-{it}")).collect();
    db.has(account, &ids.iter().map(|it| desktop(it)).collect::<Vec<_>>()).await;
    db.run_sql("UPDATE workspaces SET tags = jsonb_build_object('Owner', id)").await;
    let costs: Vec<_> = ids.iter().map(|it| cost(it, 100, "USD", CostSource::Model)).collect();
    let mut conn = db.conn().await;
    write_month(&mut conn, account, october().first_day(), &costs, "cost", false, at("2026-10-12"))
        .await
        .unwrap();
    let owners = tag_sums(&mut conn, "Owner", autumn(None)).await.unwrap();
    let nanos = |others| owners.iter().filter(move |it| it.others == others).flat_map(|it| &it.nanos);
    assert_eq!(nanos(false).collect::<Vec<_>>(), [&1_000_000_000; 60]);
    assert_eq!(nanos(true).collect::<Vec<_>>(), [&190_000_000_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_by_resource_are_kept_and_what_is_no_longer_charged_goes() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1")]).await;
    let of = |id: &str, from: &str, cents| (id.to_owned(), line(from, "", cents, "USD"));
    let (from, until) = (day("2026-10-01"), day("2026-10-04"));
    let mut conn = db.conn().await;
    let read = [of("ws-1", "2026-10-01", 975), of("ws-1", "2026-10-02", 60), of("ws-gone", "2026-10-01", 10)];
    let none = BTreeSet::new();
    write_resource_days(&mut conn, account, &read, at("2026-10-03")).await.unwrap();
    end_resources(&mut conn, account, (from, until), at("2026-10-03"), &none).await.unwrap();
    assert_eq!(ids_of_month(&mut conn, account, october()).await.unwrap(), ["ws-1", "ws-gone"]);

    let again = [of("ws-1", "2026-10-01", 975), of("ws-1", "2026-10-03", 30)];
    write_resource_days(&mut conn, account, &again, at("2026-10-04")).await.unwrap();
    end_resources(&mut conn, account, (from, until), at("2026-10-04"), &none).await.unwrap();
    let ids = ["ws-1".to_owned(), "ws-gone".to_owned()];
    let days = known(&mut conn, &ids, from, until).await.unwrap();
    let charged: Vec<_> = days["ws-1"].resource[&Currency::usd()]
        .iter()
        .map(|it| (it.0.to_string(), it.1.to_string()))
        .collect();
    assert_eq!(
        charged,
        [("2026-10-01".to_owned(), "9.75".to_owned()), ("2026-10-03".to_owned(), "0.30".to_owned())]
    );
    assert!(!days.contains_key("ws-gone"));

    // Of a day that lacks something what was known stays, and it is asked for again; but not for ever.
    let lacking: BTreeSet<NaiveDate> = [day("2026-10-01"), day("2026-10-04")].into();
    let until = day("2026-10-05");
    for (n, when) in [(1, "2026-10-05"), (2, "2026-10-06"), (3, "2026-10-07")] {
        write_resource_days(&mut conn, account, &[of("ws-1", "2026-10-04", 20)], at(when)).await.unwrap();
        end_resources(&mut conn, account, (from, until), at(when), &lacking).await.unwrap();
        let read = resource_days_read(&mut conn, account, from).await.unwrap();
        assert_eq!(read.len(), 3, "the first was whole before, the fourth never: {read:?}");
        let asked = resource_days_asked(&mut conn, account, from).await.unwrap();
        assert_eq!(asked.contains(&day("2026-10-04")), n == 3);
    }
    let days = known(&mut conn, &ids, from, until).await.unwrap();
    let left: Vec<_> = days["ws-1"].resource[&Currency::usd()].keys().map(NaiveDate::to_string).collect();
    assert_eq!(left, ["2026-10-01", "2026-10-04"], "nothing was charged on the third");
    end_resources(&mut conn, account, (from, until), at("2026-10-08"), &none).await.unwrap();
    assert_eq!(resource_days_read(&mut conn, account, from).await.unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_leaves_when_it_last_went_well() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let mut conn = db.conn().await;
    let part = ReadingPart::Services;
    note(&mut conn, account, part, ReadingState::Ok, at("2026-10-01"), None, None).await.unwrap();
    let (state, action) = (ReadingState::Denied, Some("ce:GetCostAndUsage"));
    note(&mut conn, account, part, state, at("2026-10-02"), action, Some("no")).await.unwrap();
    let all = readings(&mut conn, Some(account)).await.unwrap();
    assert_eq!(
        all.iter().map(|it| it.state).collect::<Vec<_>>(),
        [state, ReadingState::Never, ReadingState::Never]
    );
    assert_eq!((all[0].succeeded_at, all[0].tried_at), (Some(at("2026-10-01")), Some(at("2026-10-02"))));
    assert_eq!(all[0].denied_action.as_deref(), action);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_lost_by_the_last_reading_of_a_day_is_noticed() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let mut conn = db.conn().await;
    let none = BTreeSet::new();
    // Days that go on are compared with nothing, and the next reading has them again: three days' readings as they come.
    for (from, until, when) in
        [("2026-10-06", "2026-10-09", "2026-10-08"), ("2026-10-07", "2026-10-10", "2026-10-09")]
    {
        end_resources(&mut conn, account, (day(from), day(until)), at(when), &none).await.unwrap();
    }
    let from = day("2026-10-01");
    let read = resource_days_read(&mut conn, account, from).await.unwrap();
    assert_eq!(read.len(), 4);
    // The last reading of the eighth is the first that can be compared, and lacks a page; the seventh was whole before.
    let lost: BTreeSet<NaiveDate> = [day("2026-10-07"), day("2026-10-08")].into();
    let days = (day("2026-10-07"), day("2026-10-11"));
    end_resources(&mut conn, account, days, at("2026-10-10"), &lost).await.unwrap();
    let read = resource_days_read(&mut conn, account, from).await.unwrap();
    let read: Vec<_> = read.keys().map(NaiveDate::to_string).collect();
    assert_eq!(read, ["2026-10-06", "2026-10-07", "2026-10-09", "2026-10-10"]);
    let asked = resource_days_asked(&mut conn, account, from).await.unwrap();
    assert!(!asked.contains(&day("2026-10-08")), "it is asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_costs_is_told_where_its_month_was_read_whole() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let desktops = "Amazon WorkSpaces";
    let lines = [line("2026-10-30", desktops, 500, "USD"), line("2026-10-31", "S3", 100, "USD")];
    let mut conn = db.conn().await;
    let days = (day("2026-10-30"), day("2026-11-02"));
    let told = async |conn: &mut AsyncPgConnection, since: &str| -> Vec<(String, usize)> {
        let days = service_days(conn, account, days, at(since)).await.unwrap();
        days.iter().map(|it| (it.0.to_string(), it.1.len())).collect()
    };
    assert_eq!(told(&mut conn, "2026-10-01").await, []);
    read(&db, account, &lines, false, "2026-11-01").await;
    let october = [("2026-10-30".to_owned(), 1), ("2026-10-31".to_owned(), 0)];
    assert_eq!(told(&mut conn, "2026-11-01").await, october, "November was not read");
    assert_eq!(told(&mut conn, "2026-11-02").await, [], "it was read before");
    read(&db, account, &lines, true, "2026-11-12").await;
    assert_eq!(told(&mut conn, "2026-11-20").await, october, "it is closed");
    conn.transaction::<_, Error, _>(async |conn| {
        let november = Month::of(at("2026-11-05"));
        replace_month(conn, account, november, &lines[..0], false, false, at("2026-11-20")).await
    })
    .await
    .unwrap();
    assert_eq!(told(&mut conn, "2026-11-20").await, october, "a month that is short vouches for nothing");
}

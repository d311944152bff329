//! Costs of the sandbox's estate beside its truth; what may be asked, and what it costs to ask.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate, TimeDelta};
use contract::{billing::Billing, money::Money};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::{
    accounts::account,
    harness::{Browser, House, setting},
};

/// Nobody else of the suite asks this account's Cost Explorer.
const DEVELOPMENT: &str = "222222222222";

fn url(path: &str) -> String {
    format!("{}{path}", setting("SKYDESK_TEST_AWS_ENDPOINT"))
}

async fn sandbox(path: &str) -> Value {
    reqwest::get(url(path)).await.unwrap().error_for_status().unwrap().json().await.unwrap()
}

/// Puts up a fault of Cost Explorer for one account; its number.
pub(crate) async fn fault(account: &str, mut it: Value) -> String {
    it["service"] = json!("ce");
    it["account"] = json!(account);
    let made = Client::new().post(url("/_sandbox/faults")).json(&it).send().await.unwrap();
    let made: Value = made.error_for_status().unwrap().json().await.unwrap();
    let id = &made["items"][0]["id"];
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

pub(crate) async fn take_down(fault: &str) {
    let url = url(&format!("/_sandbox/faults/{fault}"));
    Client::new().delete(url).send().await.unwrap().error_for_status().unwrap();
}

/// Calls of an operation that the sandbox answered for the account that nobody else asks for.
async fn calls(operation: &str) -> i64 {
    let all = sandbox("/_sandbox/calls").await;
    let of =
        |it: &&Value| it["service"] == "ce" && it["account"] == DEVELOPMENT && it["operation"] == operation;
    all["calls"].as_array().unwrap().iter().filter(of).map(|it| it["calls"].as_i64().unwrap()).sum()
}

/// With one account and its desktops.
async fn house_of(n: u8, name: &str) -> (House, Browser) {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    admin.post("/api/accounts", account(n, name)).await.expect_status(StatusCode::CREATED).await;
    admin.post("/api/admin/sync", json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house.work().await;
    (house, admin)
}

/// Reads costs, as the clock would a day later.
pub(crate) async fn read(house: &House) {
    // What was read at this very moment would not be read again.
    house.pass(TimeDelta::seconds(1));
    house.execute("UPDATE cost_states SET tried_at = tried_at - interval '1 day'").await;
    house.enqueue(&app::syncs::ScheduleBilling {}).await;
    house.work().await;
}

/// Pages of `GetCostAndUsage` that were paid for.
async fn pages(house: &House) -> i64 {
    let month = house.app.now().date_naive().format("%Y-%m-01").to_string().parse::<NaiveDate>().unwrap();
    let calls = store::spend::calls(&mut house.app.conn().await.unwrap(), month, "ce:GetCostAndUsage").await;
    calls.unwrap()
}

pub(crate) async fn billing(browser: &Browser, query: &str) -> Billing {
    serde_json::from_value(browser.get(&format!("/api/billing?{query}")).await.json().await).unwrap()
}

fn money(it: &Value) -> Money {
    it.as_str().unwrap().parse().unwrap()
}

/// What holds of every answer: groups and periods add up, and so do parts and differences.
pub(crate) fn is_sound(it: &Billing) {
    for of in &it.currencies {
        let sum = |amounts: Vec<Money>| Money::checked_sum(amounts).unwrap();
        assert_eq!(sum(of.groups.iter().map(|it| it.total.amount).collect()), of.total.amount);
        assert_eq!(sum(of.periods.iter().map(|it| it.total.amount).collect()), of.total.amount);
        for group in &of.groups {
            assert_eq!(sum(group.periods.iter().map(|it| it.total.amount).collect()), group.total.amount);
            assert!(group.periods.iter().all(|it| it.total.currency == of.currency), "{group:?}");
        }
        for it in &of.reconciliation {
            let parts = sum(it.parts.iter().map(|it| it.figure.amount).collect());
            assert_eq!(
                it.total.as_ref().map(|it| it.amount),
                it.difference.map(|it| it.saturating_add(parts))
            );
            assert!(it.parts.iter().all(|it| it.figure.currency == of.currency));
        }
    }
}

/// The truth of a desktop: what it was charged on each day.
async fn truth(id: &str, from: NaiveDate) -> BTreeMap<NaiveDate, Money> {
    let past = sandbox(&format!("/_sandbox/past?workspace={id}&from={from}")).await;
    let mut days = BTreeMap::<NaiveDate, Money>::new();
    for part in past["months"].as_array().unwrap().iter().flat_map(|it| it["parts"].as_array().unwrap()) {
        let day: NaiveDate = part["day"].as_str().unwrap().parse().unwrap();
        let amount = part["amount"].as_str().map_or_else(|| part["amount"].to_string(), str::to_owned);
        let sum = days.entry(day).or_default();
        *sum = sum.saturating_add(amount.parse().unwrap());
    }
    days
}

fn of_month(days: &BTreeMap<NaiveDate, Money>, month: NaiveDate) -> Money {
    days.range(month..month + Months::new(1)).map(|it| *it.1).sum()
}

#[tokio::test]
async fn costs_are_those_of_the_bill_and_add_up() {
    let (house, admin) = house_of(1, "Production").await;
    house.enqueue(&app::syncs::ScheduleUsage {}).await;
    house.work().await;
    read(&house).await;
    let today = house.app.now().date_naive();
    let this_month = today.format("%Y-%m-01").to_string().parse::<NaiveDate>().unwrap();
    let last_month = this_month - Months::new(1);

    let all = billing(&admin, "").await;
    is_sound(&all);
    assert_eq!(all.currencies.len(), 1);
    assert!(
        all.readings.iter().any(|it| it.part.name() == "services" && it.state.name() == "ok"),
        "{:?}",
        all.readings
    );
    let costs = &all.currencies[0];
    let service = costs.groups.iter().find(|it| it.label == "Amazon WorkSpaces").unwrap();
    assert!(costs.groups.len() > 5 && costs.periods.len() == 12, "{costs:?}");
    assert!(costs.forecast.is_some() || today < this_month + Days::new(6));

    // Each desktop, each day that AWS tells by resource, to the billionth.
    let listed = admin.get("/api/workspaces?limit=200").await.json().await;
    let ids: Vec<String> =
        listed["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    let (mut exact, mut modelled, mut charged) = (0, Money::ZERO, Money::ZERO);
    let mut known = Money::ZERO;
    for id in &ids {
        let past = truth(id, last_month).await;
        known = known.saturating_add(of_month(&past, last_month));
        let told = admin.get(&format!("/api/workspaces/{id}/billing?days=10&months=2")).await.json().await;
        for day in told["days"].as_array().unwrap() {
            let at: NaiveDate = day["day"].as_str().unwrap().parse().unwrap();
            // Today goes on.
            if at >= today - Days::new(1) {
                continue;
            }
            assert_eq!(day["cost"]["source"], "resource", "{day}");
            let apart =
                money(&day["cost"]["amount"]).saturating_sub(past.get(&at).copied().unwrap_or_default());
            assert!(apart.nanos().abs() <= 10, "{id} {at}: {day}");
            exact += 1;
        }
        // The month before was over before Skydesk looked: its first weeks are reckoned from sessions and prices.
        let month = told["months"].as_array().unwrap().iter().find(|it| it["month"] == json!(last_month));
        if let Some(month) = month.filter(|it| it["cost"]["status"] != "partial") {
            modelled = modelled.saturating_add(money(&month["cost"]["amount"]));
            charged = charged.saturating_add(of_month(&past, last_month));
        }
    }
    assert!(exact > 100, "{exact} days");
    let (ours, theirs) = (modelled.to_f64(), charged.to_f64());
    assert!(theirs > 0.0 && (ours - theirs).abs() <= theirs * 0.05, "{ours} modelled, {theirs} charged");

    // The difference is what nobody told of: desktops that are gone, and what the model misses.
    let total = service.periods.iter().find(|it| it.from == last_month).unwrap().total.amount;
    assert!(total.nanos() >= known.nanos() - 1000, "{total} on the bill, {known} of desktops that are there");
    let line = costs.reconciliation.iter().find(|it| it.month == last_month).unwrap();
    assert_eq!(line.total.as_ref().unwrap().amount, total);
    assert!(line.difference.unwrap().to_f64().abs() < total.to_f64() * 0.5, "{line:?}");

    // By a tag, the parts and what is left are the service again.
    let by_tag = billing(&admin, "group_by=tag:Department").await;
    is_sound(&by_tag);
    assert_eq!(by_tag.currencies[0].total.amount, service.total.amount);
    let kinds: Vec<_> = by_tag.currencies[0].groups.iter().map(|it| it.kind.name()).collect();
    assert!(kinds.contains(&"value") && kinds.contains(&"difference"), "{kinds:?}");
    for query in
        ["group_by=account", "group_by=region&by=day", "service=Amazon%20WorkSpaces&region=eu-west-1"]
    {
        is_sound(&billing(&admin, query).await);
    }

    // A day later only months that are open are asked for, and nothing is there twice.
    let before = pages(&house).await;
    assert_eq!(before, 15, "fourteen months and their totals");
    read(&house).await;
    let open = if today < this_month + Days::new(10) { 2 } else { 1 };
    assert_eq!(pages(&house).await - before, open);
    let again = billing(&admin, "").await;
    is_sound(&again);
    let closed = |it: &Billing| {
        let months = it.currencies[0].periods.iter().filter(|it| it.from < last_month);
        months.map(|it| (it.from, it.total.amount, it.total.as_of)).collect::<Vec<_>>()
    };
    assert_eq!(closed(&again), closed(&all), "a closed month stays as it was");
    assert!(again.asking.spent <= again.asking.cap && again.asking.spent.is_positive());
}

#[tokio::test]
async fn what_is_off_denied_or_in_another_currency_is_told_and_spoils_nothing() {
    let (house, admin) = house_of(2, "Development").await;
    let before = calls("GetCostAndUsage").await;
    read(&house).await;
    assert_eq!(calls("GetCostAndUsage").await - before, 15, "fourteen months and their totals");
    let state = |it: &Billing, part: &str| {
        let reading = it.readings.iter().find(|it| it.part.name() == part).unwrap();
        (reading.state.name(), reading.denied_action.clone(), reading.message.clone().unwrap_or_default())
    };
    let first = billing(&admin, "").await;
    is_sound(&first);
    assert_eq!(state(&first, "services").0, "ok");
    let (off, _, message) = state(&first, "resources");
    assert!(off == "not_enabled" && message.contains("Cost Explorer"), "{message}");
    assert_eq!(state(&first, "tags").0, "not_enabled");
    assert_eq!((first.cost_tag.state.name(), first.cost_tag.asked_at.is_some()), ("unused", true));
    assert!(first.cost_tag.next.contains("skydesk:workspace-id"));
    let part = &first.currencies[0].reconciliation[0];
    assert!(part.parts.iter().all(|it| it.figure.source.name() == "model"), "{part:?}");

    // What is off costs money to ask, too.
    let asked = calls("GetCostAndUsageWithResources").await;
    read(&house).await;
    assert_eq!(calls("GetCostAndUsageWithResources").await, asked);

    let id = fault(DEVELOPMENT, json!({"kind": "deny"})).await;
    read(&house).await;
    take_down(&id).await;
    let denied = billing(&admin, "").await;
    let (state_now, action, _) = state(&denied, "services");
    assert_eq!((state_now, action.as_deref()), ("denied", Some("ce:GetCostAndUsage")));
    assert_eq!(denied.currencies[0].total.amount, first.currencies[0].total.amount, "what was read stays");

    let id = fault(DEVELOPMENT, json!({"kind": "currency", "code": "EUR"})).await;
    read(&house).await;
    take_down(&id).await;
    let mixed = billing(&admin, "").await;
    is_sound(&mixed);
    let named: Vec<_> = mixed.currencies.iter().map(|it| it.currency.0.as_str()).collect();
    assert_eq!(named, ["USD", "EUR"], "one figure for each");
    let of = |code: &str| mixed.currencies.iter().find(|it| it.currency.0 == code).unwrap();
    let month = of("EUR").periods[0].from;
    assert!(of("USD").periods.iter().all(|it| it.from < month) && of("EUR").periods.len() <= 2);
    let lines = |code: &str| of(code).reconciliation.iter().find(|it| it.month == month).cloned().unwrap();
    assert!(lines("EUR").parts.is_empty() && lines("EUR").difference.is_some());
    assert!(lines("USD").total.is_none() && lines("USD").difference.is_none());

    for (query, pointers) in [
        ("group_by=colour", vec!["/group_by"]),
        ("group_by=tag:Team&by=day", vec!["/by"]),
        ("from=2026-05-01&until=2026-04-01", vec!["/from"]),
    ] {
        let found = admin.get(&format!("/api/billing?{query}")).await.expect_problem("invalid_field").await;
        assert_eq!(found, pointers, "{query}");
    }
    admin.get("/api/workspaces/ws-none/billing").await.expect_problem("not_found").await;
}

#[tokio::test]
async fn no_page_is_asked_for_that_may_not_be_paid_for() {
    let (house, admin) = house_of(1, "Production").await;
    let mut config = admin.get("/api/admin/config").await.json().await;
    config["aws_monthly_cap"] = json!("0.035");
    admin.put("/api/admin/config", config).await.json().await;
    read(&house).await;
    let told = billing(&admin, "").await;
    is_sound(&told);
    let month = house.app.now().date_naive().format("%Y-%m-01").to_string().parse::<NaiveDate>().unwrap();
    let spent = store::spend::of_month(&mut house.app.conn().await.unwrap(), month).await.unwrap();
    assert_eq!(spent.to_string(), "0.03", "three pages of four cents less a half");
    let services = told.readings.iter().find(|it| it.part.name() == "services").unwrap();
    assert_eq!(services.state.name(), "capped");
    assert!(services.message.as_ref().unwrap().contains("Configuration"));
    let months: Vec<_> = told.currencies[0].periods.iter().map(|it| it.from).collect();
    assert_eq!(months, [month - Months::new(1), month], "the latest were read");
    assert_eq!((told.asking.spent, told.asking.month), (spent, month));
}

//! Whatever the check lets through, PostgreSQL answers: plans made of the catalog, with every feature of the language.

use std::collections::BTreeMap;

use contract::{
    catalog::Kind,
    query::{Aggregate, CalendarPeriod, Compare, Filter, GroupBy, Having, Measure, Op, Order, Plan, Value},
};
use diesel_async::AsyncConnection;
use domain::catalog::{Catalog, Clock, Entity, Field, check::check, select};
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    test_runner::{Config, TestCaseError, TestRunner},
};
use store::{
    Error,
    select::{answer, confine},
};
use tokio::runtime::Handle;

use crate::{
    answers::asked,
    estate::{confined, estate, everything},
};

/// Decisions, one after the other: zero, the simplest, when they are used up. So proptest finds the simplest plan.
struct Dice<'a>(std::slice::Iter<'a, u16>);

impl Dice<'_> {
    fn below(&mut self, n: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % n.max(1)
    }

    /// Once in so many times.
    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    fn pick<'b, T>(&mut self, of: &'b [T]) -> &'b T {
        &of[self.below(of.len())]
    }

    fn several<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }
}

/// All that a plan about an entity may name.
fn fields(catalog: &Catalog, entity: &Entity) -> Vec<Field> {
    let desktops = catalog.entity("workspaces").unwrap();
    let own = entity.dimensions.iter().map(|it| it.name.to_owned()).chain(["tags.Team".to_owned()]);
    let names = desktops.dimensions.iter().map(|it| it.name).chain(["tags.Team"]);
    let parts = ["last_connected_at.weekday", "last_connected_at.hour", "desktop.first_seen_at.office_hours"];
    let parts = Clock::ALL.map(|it| it.of(entity.time)).into_iter().chain(parts.map(str::to_owned));
    own.chain(names.map(|it| format!("desktop.{it}")))
        .chain(parts)
        .filter_map(|it| catalog.field(entity, &it))
        .collect()
}

const TEXTS: [&str; 11] = [
    "Sunday",
    "23:00",
    "AVAILABLE",
    "HR",
    "eu-west-1",
    "done",
    "",
    "%_\\",
    "'; DROP TABLE users; --",
    "ß\u{1F4BB}",
    "a\0b",
];
const NUMBERS: [f64; 9] = [0.0, 1.0, 80.0, 60.5, -3.0, 9.2e18, 1e300, -f64::MAX, 5e-324];

fn value(dice: &mut Dice<'_>, kind: Kind) -> Value {
    match kind {
        Kind::Text | Kind::Choice | Kind::Tags => Value::text(*dice.pick(&TEXTS)),
        Kind::Number => Value::Number(*dice.pick(&NUMBERS)),
        Kind::Bool => Value::Bool(dice.once_in(2)),
        Kind::Time | Kind::Date => match dice.below(6) {
            0 => Value::Ago { days_ago: u32::try_from(dice.below(400)).unwrap() },
            1 => Value::HoursAgo { hours_ago: u32::try_from(dice.below(400)).unwrap() },
            2 => Value::start_of(*dice.pick(CalendarPeriod::ALL), u32::try_from(dice.below(30)).unwrap()),
            3 => Value::text("2026-10-25"),
            4 => Value::text("2026-03-29T02:30:00+01:00"),
            // The one is too far away, the other is not.
            _ => {
                dice.pick(&[Value::start_of(CalendarPeriod::Year, 40_000), Value::text("9999-12-31")]).clone()
            }
        },
    }
}

fn filter(dice: &mut Dice<'_>, fields: &[Field]) -> Filter {
    let field = dice.pick(fields);
    let op = *dice.pick(field.ops());
    let most =
        if matches!(op, Op::Is | Op::IsNot | Op::Contains) && field.kind != Kind::Bool { 3 } else { 1 };
    let values = if op.is_unary() {
        Vec::new()
    } else {
        (0..=dice.below(most)).map(|_| value(dice, field.kind)).collect()
    };
    Filter { dimension: field.name.clone(), op, values }
}

fn measure(dice: &mut Dice<'_>, fields: &[Field]) -> Measure {
    let function = *dice.pick(Aggregate::ALL);
    let fit: Vec<_> = fields.iter().filter(|it| it.aggregates().contains(&function)).collect();
    let bare = matches!(function, Aggregate::Share | Aggregate::Average) && dice.once_in(2);
    let of = if bare || fit.is_empty() { None } else { Some(dice.pick(&fit).name.clone()) };
    Measure { function, of }
}

fn group(dice: &mut Dice<'_>, fields: &[Field]) -> GroupBy {
    let groupable: Vec<_> = fields.iter().filter(|it| it.groupable()).collect();
    let field = dice.pick(&groupable);
    let grain = (!field.grains().is_empty()).then(|| *dice.pick(field.grains()));
    GroupBy { dimension: field.name.clone(), grain }
}

/// The plan that the decisions lead to. Most fit the catalog; some do not.
fn plan(catalog: &Catalog, decisions: &[u16]) -> Plan {
    let mut dice = Dice(decisions.iter());
    let dice = &mut dice;
    let entity = *dice.pick(catalog.entities());
    let fields = fields(catalog, entity);
    let mut plan = Plan { entity: entity.name.to_owned(), ..Plan::default() };
    plan.measures = dice.several(3, |dice| measure(dice, &fields));
    plan.filters = dice.several(2, |dice| filter(dice, &fields));
    plan.limit = dice.once_in(3).then(|| 1 + u32::try_from(dice.below(4)).unwrap());
    if plan.measures.is_empty() {
        plan.columns = dice.several(4, |dice| dice.pick(&fields).name.clone());
        plan.order = dice
            .once_in(3)
            .then(|| Order { by: dice.pick(&fields).name.clone(), descending: dice.once_in(2) });
        return plan;
    }
    plan.group_by = dice.several(3, |dice| group(dice, &fields));
    if plan.measures.iter().all(|it| it.function == Aggregate::Average) {
        plan.per = dice.once_in(2).then(|| group(dice, &fields));
    }
    if plan.measures.iter().any(|it| it.function == Aggregate::Share) {
        plan.part = dice.several(2, |dice| filter(dice, &fields));
    }
    let times: Vec<_> = fields.iter().filter(|it| it.kind == Kind::Time).collect();
    if dice.once_in(3) {
        let name = dice.pick(&times).name.clone();
        plan.filters.retain(|it| !matches!(it.op, Op::Since | Op::Before));
        plan.filters.push(Filter::new(name.clone(), Op::Since, value(dice, Kind::Time)));
        if dice.once_in(2) {
            plan.filters.push(Filter::new(name, Op::Before, value(dice, Kind::Time)));
        }
        let before = dice.once_in(2).then(|| value(dice, Kind::Time));
        plan.compare = Some(Compare { since: value(dice, Kind::Time), before });
    }
    let keys: Vec<_> = plan.measures.iter().flat_map(|it| it.keys(plan.compare.is_some())).collect();
    if !plan.group_by.is_empty() {
        plan.having = dice.several(2, |dice| Having {
            by: dice.pick(&keys).clone(),
            op: *dice.pick(&Having::OPS),
            value: *dice.pick(&NUMBERS),
        });
    }
    let answered: Vec<_> = plan.group_by.iter().map(|it| it.dimension.clone()).chain(keys).collect();
    plan.order =
        dice.once_in(2).then(|| Order { by: dice.pick(&answered).clone(), descending: dice.once_in(2) });
    if plan.group_by.len() > 1 && plan.order.is_some() && dice.once_in(2) {
        plan.limit = Some(2);
        plan.limit_per = Some(dice.pick(&plan.group_by).dimension.clone());
    }
    plan
}

/// What of the language a plan has.
fn features(plan: &Plan) -> Vec<String> {
    let named = serde_json::to_string(plan).unwrap();
    let has = [
        ("a list", plan.measures.is_empty()),
        ("part", !plan.part.is_empty()),
        ("having", !plan.having.is_empty()),
        ("compare", plan.compare.is_some()),
        ("limit_per", plan.limit_per.is_some()),
        ("per", plan.per.is_some()),
        ("a desktop's", named.contains("\"desktop.")),
        ("everything", !plan.having.is_empty() && plan.compare.is_some() && plan.limit_per.is_some()),
    ];
    let has = has.into_iter().filter(|(_, it)| *it).map(|(name, _)| name.to_owned());
    let functions = plan.measures.iter().map(|it| it.function.name().to_owned());
    let grains = plan.group_by.iter().filter_map(|it| it.grain).map(|it| it.name().to_owned());
    [plan.entity.clone()].into_iter().chain(has).chain(functions).chain(grains).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_plan_that_is_accepted_runs() {
    let db = estate().await;
    let catalog = everything();
    let mut conn = db.conn().await;
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let config =
        Config { cases: Config::default().cases * 6, failure_persistence: None, ..Config::default() };
    let decisions = vec(any::<u16>(), 0..80).prop_map(|it| plan(&catalog, &it));
    let seen_by = std::sync::Mutex::new((&mut conn, &mut seen));
    let outcome = tokio::task::block_in_place(|| {
        let run = TestRunner::new(config).run(&decisions, |plan| {
            let Ok(checked) = check(&plan, &catalog, asked()) else { return Ok(()) };
            // A case that fails poisons it; those that look for a simpler one go on.
            let mut both = seen_by.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let (conn, seen) = &mut *both;
            for it in features(&plan) {
                *seen.entry(it).or_default() += 1;
            }
            let text = serde_json::to_value(&plan).unwrap();
            Handle::current().block_on(async {
                let ran = conn.transaction::<_, Error, _>(async |conn| {
                    confine(conn, 5).await?;
                    answer(conn, select::answer(&checked, 10)).await
                });
                ran.await.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
                confined(conn, &checked, &text).await;
                Ok(())
            })
        });
        run.map_err(|error| error.to_string())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let names = catalog.entities().iter().map(|it| it.name);
    let functions = Aggregate::ALL.iter().map(|it| it.name());
    let grains = contract::query::Grain::ALL.iter().map(|it| it.name());
    let parts = ["a list", "part", "having", "compare", "limit_per", "per", "a desktop's", "everything"];
    for it in names.chain(functions).chain(grains).chain(parts) {
        assert!(seen.contains_key(it), "no plan with {it} was accepted: {seen:?}");
    }
}

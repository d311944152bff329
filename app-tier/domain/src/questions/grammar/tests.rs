//! The language against itself: what it generates is read, and what is read is written again.

mod hostile;

use std::collections::BTreeSet;

use contract::{auth::Role, ids::UserId, query::Op};

use super::{rules::Piece, *};
use crate::{
    catalog::{self, sentence},
    questions::{link::Lookup, synonyms::Synonyms, words::squash},
};

pub(super) fn at() -> Moment {
    Moment { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: chrono_tz::UTC }
}

/// Values of a database, none of which is a word.
const VALUES: &[(&str, &str, &str)] = &[
    ("workspaces", "user_name", "quentin.zzyx"),
    ("workspaces", "account", "zz-prod-7"),
    ("workspaces", "computer_name", "EC2AMAZ-QQ81"),
    ("workspaces", "bundle", "Qwertz Bundle 9"),
    ("workspaces", "tags.Zebra", "striped-qq"),
    ("workspaces", "tags", "Zebra"),
    ("workspaces", "directory", "corp.zzyx.test"),
    ("billing", "service", "Amazon Zzyx"),
    ("events", "actor", "ops-qq@zzyx.test"),
    ("reports", "title", "Zzyx numbers"),
    ("users", "email", "admin@zzyx.test"),
];

pub(super) fn stored(question: &str) -> Vec<StoredValue> {
    let asked = Lookup::of(question);
    let known = VALUES.iter().map(|(entity, dimension, value)| StoredValue {
        entity: (*entity).to_owned(),
        dimension: (*dimension).to_owned(),
        name: squash(value),
        value: (*value).to_owned(),
        by: crate::questions::link::By::Name,
    });
    known.filter(|it| asked.names.contains(&it.name)).collect()
}

fn slots_of(question: &str, catalog: &Catalog) -> Slots {
    Slots::new(&question.into(), catalog, &stored(question), at())
}

pub(super) fn catalog(role: Role) -> Catalog {
    Catalog::of(UserId(1), role)
}

fn slots(question: &str) -> Slots {
    slots_of(question, &catalog(Role::Admin))
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }

    /// A line of the language, by the rules that the grammar is written from.
    fn line(&mut self, rules: &Rules) -> String {
        let mut words = Vec::new();
        self.walk(&rules.root, rules, &mut words);
        words.join(" ")
    }

    fn walk(&mut self, piece: &Piece, rules: &Rules, words: &mut Vec<String>) {
        match piece {
            Piece::Word(it) => words.push(it.clone()),
            Piece::All(them) => them.iter().for_each(|it| self.walk(it, rules, words)),
            Piece::One(them) => {
                let n = self.below(them.len());
                self.walk(&them[n], rules, words);
            }
            Piece::Maybe(it) => {
                if self.below(3) > 0 {
                    self.walk(it, rules, words);
                }
            }
            Piece::Rule(n) => self.walk(&rules.rules[*n].1, rules, words),
        }
    }
}

const QUESTIONS: &[&str] = &[
    "",
    "Give a tally of switched off boxes around Dublin larger than 100 GB",
    "the 5 users of zz-prod-7 with over 80 billable hours last month against the month before, or 3 of them in 2025",
    "boxes of quentin.zzyx tagged Zebra = striped-qq idle for 30 days, unencrypted, between 40 and 80 GB, or never used",
    "what did ops-qq@zzyx.test stop yesterday compared with last week, at most 7 and not in eu-west-1 or us-east-1",
    "names containing “vpn” since 3 March with 12 of corp.zzyx.test, 24 hours, 90%, $50, 10 times, failed or queued",
];

#[test]
fn the_model_sees_placeholders_only() {
    assert_eq!(
        slots(QUESTIONS[1]).masked(),
        "Give a tally of (v1: state|name|disabled) boxes around (v2: region) larger than (v3: number GiB)"
    );
    assert_eq!(
        slots("who has “secret plans” or ws-0a1b2c3d4 of jane@corp.test, 99 in all; Zebra \"x").masked(),
        "who has (v1: text) or … of … (v2: number) in all; (v3: tag) (v4: text)"
    );
    assert_eq!(
        slots("changes of the running mode").masked(),
        "changes of the running mode (v1: action) (v2: state) (v3: field)",
        "what the catalog calls something is no secret"
    );
}

#[test]
fn several_people_of_a_name_are_all_of_them() {
    let called = |value: &str| StoredValue {
        entity: "workspaces".to_owned(),
        dimension: "user_name".to_owned(),
        name: "quentin".to_owned(),
        value: value.to_owned(),
        by: crate::questions::link::By::Part,
    };
    let known = [called("quentin.zzyx"), called("ada.quentin")];
    let slots = Slots::new(&"boxes of quentin".into(), &catalog(Role::Admin), &known, at());
    assert_eq!(slots.masked(), "boxes of (v1: user)");
    let Some(Said::Plan(plan)) = slots.parse("workspaces list with v1") else { panic!("no plan") };
    assert_eq!(
        sentence::plan(&plan, &catalog(Role::Admin)),
        "desktops with user quentin.zzyx or ada.quentin"
    );
    let Some(Said::Plan(plan)) = slots.parse("workspaces list with not v1") else { panic!("no plan") };
    assert_eq!(
        sentence::plan(&plan, &catalog(Role::Admin)),
        "desktops with user other than quentin.zzyx or ada.quentin"
    );
}

#[test]
fn what_is_written_in_the_language_becomes_a_plan() {
    let said = |question: &str, line: &str| match slots(question).parse(line) {
        Some(Said::Plan(it)) => sentence::plan(&it, &catalog(Role::Admin)),
        other => format!("{other:?}"),
    };
    let tally = |line: &str| said(QUESTIONS[1], line);
    assert_eq!(tally("workspaces count with v1 v2"), "number of desktops with state STOPPED in eu-west-1");
    assert_eq!(
        tally("workspaces list with not v1 v3 user_volume_gib top last_connected_at 1"),
        "desktops with state other than STOPPED with user volume more than 100 GiB, the one with the highest last connection"
    );
    assert_eq!(tally("none"), "Some(None)");
    assert_eq!(
        said("costs of October vs September", "billing sum cost over v1 vs v2 by service top change all"),
        "total cost in October 2026, by service, compared with September 2026, highest change of total cost first"
    );
    assert_eq!(
        said("heavy users, above 80, this month", "usage sum billable_hours with v2 by user_name having v1"),
        "total billable hours this month, by user, only where total billable hours more than 80 h"
    );
    assert_eq!(
        said("what part of Dublin's is always on", "workspaces share part v2 with v1"),
        "share (with running mode ALWAYS_ON) of desktops in eu-west-1"
    );
    assert_eq!(
        said("boxes without a Zebra", "workspaces count with empty v1 no root_encrypted by v1"),
        "number of desktops without tag Zebra without root volume encrypted, by tag Zebra"
    );
    assert_eq!(
        said("exports with no rows", "reports list with no rows yes bytes"),
        "reports with rows 0 with size more than 0 B"
    );
    // What is compared need not be named: the same a year before, this month beside the last, and both months of a stretch.
    for (question, line, expected) in [
        (
            "this quarter vs last year's",
            "billing sum cost over v1 vs year_before",
            "total cost this quarter, compared with the quarter 4 quarters ago",
        ),
        (
            "spend against last month",
            "billing sum cost over now vs v1",
            "total cost this month, compared with last month",
        ),
        (
            "whose bill grew from September to October",
            "billing sum cost over halves v1 by user_name having rose",
            "total cost in October 2026, by user, only where change of total cost more than 0 USD, compared with September 2026",
        ),
        (
            "spend by month, latest first",
            "billing sum cost by month top first all",
            "total cost, by month, highest billed month first",
        ),
    ] {
        assert_eq!(said(question, line), expected);
    }
    // Of a bill that is not all desktops', where the question speaks of them.
    let desktops = "billing sum cost with desktops by account";
    assert_eq!(
        said("what do our desktops cost by account", desktops),
        "total cost with service Amazon WorkSpaces, by account"
    );
    assert_eq!(said("what do we pay by account", desktops), "None");
}

#[test]
fn anything_else_is_refused() {
    let slots = slots(QUESTIONS[1]);
    for text in [
        "",
        "workspaces",
        "workspaces count with v9",
        "workspaces count with v2 v1",
        "workspaces count with v1 v1",
        "workspaces count  with v1",
        "drop table",
        "workspaces count by password",
        "workspaces sum state",
        "workspaces count top 1",
        "workspaces count by region top 3",
        "workspaces count by region; x",
        "workspaces count with v3",
        "none of it",
        "users list columns password_hash",
    ] {
        assert_eq!(slots.parse(text), None, "{text:?}");
    }
}

/// The plans of so many random lines, each of which is written again.
fn plans_written_again(slots: &Slots, dice: &mut Dice, lines: usize) -> Vec<Plan> {
    let mut plans = Vec::new();
    for _ in 0..lines {
        let (line, masked) = (dice.line(&slots.rules), slots.masked());
        let said = slots.parse(&line);
        let Some(Said::Plan(plan)) = said else {
            assert_eq!(said, Some(Said::None).filter(|_| line == NONE), "{masked}: {line}");
            continue;
        };
        match slots.write(&plan) {
            Ok(again) => {
                let Some(Said::Plan(it)) = slots.parse(&again) else { panic!("{masked}: {again}") };
                assert_eq!(write::ordered(&it), write::ordered(&plan), "{masked}: {line}: {again}");
            }
            // Two conditions on one figure by the same number, or on what two numbers say alike; or a value that is named
            // twice, and is and is not meant.
            Err(why) => {
                let twice =
                    |it: &&str| it.starts_with('v') && line.split(' ').filter(|word| word == it).count() > 1;
                let filters = || plan.filters.iter().chain(&plan.part);
                let denied = |it: &Filter| {
                    let other =
                        filters().filter(|other| other.dimension == it.dimension && other.op == Op::IsNot);
                    it.op == Op::Is && other.flat_map(|it| &it.values).any(|value| it.values.contains(value))
                };
                let denied = why == Unsaid::Condition && filters().any(denied);
                let nonsense = line.split(' ').any(|it| twice(&it)) || denied;
                assert!(nonsense, "{masked}: {line}: {why:?} {plan:?}");
            }
        }
        plans.push(*plan);
    }
    plans
}

#[test]
fn every_line_of_the_language_is_a_plan_and_is_written_again() {
    let mut dice = Dice(7);
    let mut entities = BTreeSet::new();
    let mut followed = 0;
    for role in Role::ALL {
        let catalog = catalog(role);
        for question in QUESTIONS {
            let plans = plans_written_again(&slots_of(question, &catalog), &mut dice, 400);
            for before in plans.iter().step_by(40) {
                let slots = Slots::after(before, &(*question).into(), &catalog, &stored(question), at());
                followed += slots.map_or(0, |it| plans_written_again(&it, &mut dice, 20).len());
            }
            entities.extend(plans.into_iter().map(|it| (role, it.entity)));
        }
    }
    assert!(followed > 1000, "{followed}");
    for role in Role::ALL {
        for it in catalog(role).entities() {
            assert!(entities.contains(&(role, it.name.to_owned())), "{role:?} {}", it.name);
        }
    }
}

#[test]
fn grammars_stay_small() {
    for question in QUESTIONS {
        let grammar = slots(question).grammar();
        println!("{} bytes: {question}", grammar.len());
        assert!(grammar.len() < 76 * 1024, "{} bytes for {question}", grammar.len());
    }
}

#[test]
fn what_a_line_leaves_out_is_known() {
    let slots = slots("stopped boxes in Dublin of quentin.zzyx for the meeting, please");
    let used = |line: &str| slots.is_used_up(line);
    assert!(used("workspaces count with v1 v2 v3"), "{}", slots.masked());
    assert!(!used("workspaces count with v1 v2") && !used("none"));
    let tagged = slots_of("boxes whose Zebra is striped-qq", &catalog(Role::Admin));
    assert!(
        tagged.is_used_up("workspaces count with v2")
            && !tagged.is_used_up("workspaces count with filled v1")
    );
}

#[test]
fn values_among_the_groups_are_used_up() {
    let slots = slots_of("are reports more csv or excel", &catalog(Role::Admin));
    assert!(slots.is_used_up("reports count by format"), "{}", slots.masked());
    assert!(!slots.is_used_up("reports count by state") && !slots.is_used_up("reports count"));
    // One of them alone narrows.
    let slots = slots_of("are reports more excel", &catalog(Role::Admin));
    assert!(!slots.is_used_up("reports count by format") && slots.is_used_up("reports count with v1"));
}

#[test]
fn what_a_word_of_the_house_says_in_two_conditions_is_never_half_said() {
    let house = Synonyms::new([("the pool", "stopped always on desktops")]);
    let catalog = catalog(Role::Admin);
    let slots = Slots::new(&house.question("the pool in eu-west-1"), &catalog, &[], at());
    assert_eq!(slots.masked(), "… in (v1: region)");
    assert!(!slots.is_used_up("workspaces list with v1"));
}

#[test]
fn what_became_a_value_need_not_say_what_changed() {
    let became = serde_json::json!({"entity": "changes", "filters": [{"dimension": "new", "op": "is", "values": ["UNHEALTHY"]}]});
    let became: Plan = serde_json::from_value(became).unwrap();
    let line = slots("what became UNHEALTHY").write(&became).unwrap();
    assert_eq!(line, "changes list with v1 new");
}

#[test]
fn averages_per_one_were_not_taught() {
    let slots = slots("average hours per user and department");
    let taught = |group: &str| {
        let average = serde_json::json!({"entity": "usage", "measures": [{"function": "average", "of": "billable_hours"}],
            "group_by": [{"dimension": group}]});
        slots.is_taught(&serde_json::from_value(average).unwrap())
    };
    assert!(taught("directory") && !taught("user_name"));
}

#[test]
fn growth_was_not_taught() {
    let slots = slots("accounts whose bill rose by 10% last month");
    let taught = |key: &str| {
        let rose = serde_json::json!({"entity": "billing", "measures": [{"function": "sum", "of": "cost"}],
            "group_by": [{"dimension": "account"}], "having": [{"by": key, "op": "more_than", "value": 10}]});
        slots.is_taught(&serde_json::from_value(rose).unwrap())
    };
    assert!(taught("sum_cost_change") && !taught("sum_cost_growth"));
}

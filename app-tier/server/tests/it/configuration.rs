//! What the environment says, and what must never be said of it.

use std::collections::BTreeMap;

use runtime::config::Env;
use server::config::Config;

const CANARY: &str = "canary-3f9a1c7e5b2d4860-canary-3f9a1c7e";

fn environment() -> BTreeMap<&'static str, String> {
    let names = ["SECRET_KEY", "POSTGRES_PASSWORD", "AI_API_KEY", "SKYDESK_ADMIN_PASSWORD"];
    let mut them: BTreeMap<_, _> = names.into_iter().map(|name| (name, CANARY.to_owned())).collect();
    them.insert("REDIS_URL", format!("redis://default:{CANARY}@127.0.0.1:6379"));
    them
}

#[test]
fn no_secret_can_be_printed() {
    let (config, _) = Config::read(Env::from_map(environment())).unwrap();
    assert!(!format!("{config:?}").contains(CANARY));
}

#[test]
fn all_mistakes_are_told_at_once() {
    let mut wrong = environment();
    wrong.insert("SECRET_KEY", "short".into());
    wrong.insert("APP_PORT", "eighty".into());
    wrong.insert("APP_TLS_CERT", "cert.pem".into());
    let error = Config::read(Env::from_map(wrong)).unwrap_err();
    let mut names: Vec<_> = error.mistakes.iter().map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["APP_PORT", "APP_TLS_CERT", "SECRET_KEY"]);
}

#[test]
fn the_example_lists_every_variable() {
    let (_, asked) = Config::read(Env::from_map(environment())).unwrap();
    // Tests run in their package's folder; a path compiled in would be that of another checkout.
    let example = std::fs::read_to_string("../../.env.example").unwrap();
    let listed: Vec<_> = example
        .lines()
        .filter_map(|line| {
            line.trim_start_matches(['#', ' ']).split_once('=').map(|(name, _)| name.to_owned())
        })
        .collect();
    let missing: Vec<_> = asked.iter().filter(|name| !listed.contains(name)).collect();
    assert!(missing.is_empty(), ".env.example lacks {missing:?}");
}

//! Who may depend on whom: `server → app → {store, live, cloud, assistant, reports} → domain → contract`, and which
//! outside crates belong to one room alone. Only what ships is bound; tests may name what they test.

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::cargo::cargo;
use crate::command;
use crate::place::Place;

/// Rooms of the house and what of the house each may see.
const ROOMS: &[(&str, &[&str])] = &[
    ("contract", &[]),
    ("runtime", &["contract"]),
    ("domain", &["contract"]),
    ("queue", &[]),
    ("store", &["contract", "domain"]),
    ("live", &["contract", "domain"]),
    ("cloud", &["contract", "domain"]),
    ("assistant", &["contract", "domain"]),
    ("reports", &["contract", "domain"]),
    ("app", &["contract", "domain", "store", "queue", "live", "cloud", "assistant", "reports"]),
    (
        "server",
        &["contract", "runtime", "domain", "store", "queue", "live", "cloud", "assistant", "reports", "app"],
    ),
    ("inference", &["contract", "runtime"]),
    ("frontend", &["contract"]),
    ("e2e", &[]),
    ("faults", &[]),
    ("fleet", &[]),
    ("load", &["contract", "domain", "fleet"]),
    ("xtask", &[]),
    ("xtask-web", &[]),
];

/// Outside crates, by the beginning of their names, and the only rooms that may name them.
const RESERVED: &[(&str, &[&str], &str)] = &[
    (
        "diesel-async",
        &["store", "queue", "app"],
        "only store and queue write queries, only app opens transactions",
    ),
    ("diesel", &["store", "queue"], "only store and queue write queries"),
    ("aws-", &["cloud", "load"], "only cloud talks to AWS, and the bench that is measured beside it"),
    ("redis", &["live"], "only live talks to Redis"),
    ("deadpool-redis", &["live"], "only live talks to Redis"),
    ("llama-cpp", &["inference"], "only inference runs models"),
    ("actix-", &["runtime", "server", "inference"], "only the servers speak HTTP"),
    ("yew", &["frontend"], "only the frontend draws"),
];

/// Crates that do not belong into code without I/O, clock and chance.
const PURE: &[&str] = &["contract", "domain"];
const IMPURE: &[&str] = &["tokio", "futures", "reqwest", "rand", "uuid", "actix-", "aws-", "diesel", "redis"];

/// A package of the workspace, as cargo describes it.
#[derive(Debug, Clone, Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone, Deserialize)]
struct Dependency {
    name: String,
    /// `None` for what ships, else `dev` or `build`.
    kind: Option<String>,
    /// Set for packages of this workspace.
    path: Option<String>,
}

/// What points uphill, or out of the house where it should not.
pub(super) fn breaches(place: &Place) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let mut metadata = cargo(place);
    metadata.args(["metadata", "--no-deps", "--locked", "--format-version=1"]);
    let text = command::capture(&mut metadata, "cargo metadata --locked (is Cargo.lock up to date?)")?;
    let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata is not understood")?;
    Ok(metadata.packages.iter().flat_map(of_package).collect())
}

fn of_package(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == name) else {
        return vec![format!(
            "{name}: a new room needs its place in xtask/src/checks/arrows.rs and docs/ARCHITECTURE.md"
        )];
    };
    let ships = package.dependencies.iter().filter(|it| it.kind.as_deref() != Some("dev"));
    ships.filter_map(|it| of_dependency(name, allowed, it)).collect()
}

fn of_dependency(room: &str, allowed: &[&str], dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    if dependency.path.is_some() {
        return (!allowed.contains(&name))
            .then(|| format!("{room} → {name}: that arrow does not point downhill"));
    }
    if PURE.contains(&room) && IMPURE.iter().any(|it| is_of(name, it)) {
        return Some(format!("{room} → {name}: {room} has no I/O, no clock and no chance"));
    }
    let (_, rooms, reason) = RESERVED.iter().find(|(reserved, ..)| is_of(name, reserved))?;
    (!rooms.contains(&room)).then(|| format!("{room} → {name}: {reason}"))
}

/// `aws-` stands for a family, `diesel` for itself and what is named after it.
fn is_of(name: &str, reserved: &str) -> bool {
    match reserved.strip_suffix('-') {
        Some(_) => name.starts_with(reserved),
        None => {
            name.strip_prefix(reserved).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependency: &str, kind: Option<&str>, path: Option<&str>) -> Package {
        Package {
            name: name.to_owned(),
            dependencies: vec![Dependency {
                name: dependency.to_owned(),
                kind: kind.map(str::to_owned),
                path: path.map(str::to_owned),
            }],
        }
    }

    #[test]
    fn an_arrow_uphill_is_a_breach_and_one_downhill_is_not() {
        assert_eq!(of_package(&package("domain", "store", None, Some("/store"))).len(), 1);
        assert!(of_package(&package("store", "domain", None, Some("/domain"))).is_empty());
    }

    #[test]
    fn siblings_do_not_know_each_other() {
        assert_eq!(of_package(&package("reports", "store", None, Some("/store"))).len(), 1);
    }

    #[test]
    fn tests_may_name_what_they_test() {
        assert!(of_package(&package("domain", "store", Some("dev"), Some("/store"))).is_empty());
        assert!(of_package(&package("server", "diesel-async", Some("dev"), None)).is_empty());
    }

    #[test]
    fn outside_crates_keep_to_their_room() {
        assert!(of_package(&package("app", "diesel-async", None, None)).is_empty());
        assert_eq!(of_package(&package("app", "diesel", None, None)).len(), 1);
        assert_eq!(of_package(&package("app", "aws-sdk-s3", None, None)).len(), 1);
        assert_eq!(of_package(&package("domain", "tokio", None, None)).len(), 1);
    }

    #[test]
    fn a_new_room_has_to_be_entered() {
        assert_eq!(of_package(&package("basement", "serde", None, None)).len(), 1);
    }
}

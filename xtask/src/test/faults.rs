//! The whole house under faults: prepared here, started, stopped and killed by the tests themselves.
//!
//! A test that kills a service has to be the one that starts it again. So this hands over how each service is run, in one
//! file, and keeps none of them running.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::parts::{Among, runner};
use crate::command;
use crate::place::{Place, harmless_variables, postgres_programs};
use crate::setup::{model, python};
use crate::stack::supervisor::Service;
use crate::stack::{Address, Instance, Plan, Postgres, Programs, Stack, random_token};

/// Enough for several pages and batches in each account and region.
const DESKTOPS: u32 = 2400;

/// Makes a database with an administrator and the sandbox's accounts, and runs the tests. Binaries and site have to be
/// built.
pub(super) fn house(place: &Place) -> Result<()> {
    let instance = Instance::fresh(place, "faults")?;
    let outcome = with_services(place, &instance);
    instance.discard();
    outcome
}

fn with_services(place: &Place, instance: &Instance) -> Result<()> {
    let programs = Programs { python: python::sandbox(place)?, model: Some(model::small(place)?) };
    let password: String = random_token()?.chars().take(24).collect();
    let plan = Plan {
        desktops: DESKTOPS,
        admin_password: Some(password.clone()),
        web: Address::private(instance)?,
        sandbox: Address::private(instance)?,
        workers: 2,
    };
    let mut stack = Stack::start(place, instance, &programs, &plan)?;
    let services: Vec<Value> = stack.supervisor.services().map(described).collect();
    stack.stop();
    let (ports, secrets) = (&stack.ports, &stack.secrets);
    let psql = postgres_programs().context("PostgreSQL's programs are missing")?.join("psql");
    let house = json!({
        "services": services,
        "web": plan.web.url(),
        "app": format!("http://127.0.0.1:{}", ports.app),
        "ai": format!("http://127.0.0.1:{}", ports.ai),
        "ai_key": secrets.ai_api_key,
        "sandbox": plan.sandbox.url(),
        "redis_port": ports.redis,
        "database": Postgres::url(ports.postgres, "skydesk", &secrets.postgres_password, "skydesk"),
        "psql": psql,
        "admin_password": password,
        "reports_dir": instance.dir.join("reports"),
        "work_dir": instance.dir.join("work"),
        "logs": instance.dir.join("log"),
    });
    let path = instance.dir.join("services.json");
    write_private(&path, &house.to_string())?;
    let mut test = runner(place, Among::Faults);
    test.env("FAULTS_SERVICES", &path);
    command::run(&mut test, "tests under faults")
        .with_context(|| format!("logs of all services are in {}", instance.dir.join("log").display()))
}

fn described(service: &Service) -> Value {
    let own = service.environment.iter().cloned();
    let environment: BTreeMap<String, String> =
        harmless_variables().map(|(name, value)| (name.to_owned(), value)).chain(own).collect();
    json!({
        "name": service.name,
        "program": service.program,
        "arguments": service.arguments,
        "environment": environment,
        "directory": service.directory,
        "account": service.account.map(|it| json!({"uid": it.uid, "gid": it.gid})),
        "farewell": service.farewell.name(),
    })
}

/// It holds passwords.
fn write_private(path: &Path, text: &str) -> Result<()> {
    fs::write(path, "").with_context(|| format!("cannot write {}", path.display()))?;
    fs::set_permissions(path, Permissions::from_mode(0o600)).context("cannot restrict a file")?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

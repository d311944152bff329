//! The journey: a browser, nginx, the product, PostgreSQL, Redis and the AWS sandbox, on ports of their own.

use std::fs;

use anyhow::{Context as _, Result};

use super::parts::{Among, runner};
use crate::command;
use crate::place::Place;
use crate::setup::{model, python};
use crate::stack::{Address, Instance, Plan, Programs, Stack, browser, random_token};

/// Starts everything afresh and runs the journey. Binaries and site have to be built.
pub(super) fn journey(place: &Place) -> Result<()> {
    let instance = Instance::fresh(place, "e2e")?;
    let outcome = with_stack(place, &instance);
    instance.discard();
    outcome
}

fn with_stack(place: &Place, instance: &Instance) -> Result<()> {
    let programs = Programs { python: python::sandbox(place)?, model: Some(model::small(place)?) };
    // Long enough for any rule on passwords.
    let password: String = random_token()?.chars().take(24).collect();
    let plan = Plan {
        desktops: 2400,
        admin_password: Some(password.clone()),
        web: Address::private(instance)?,
        sandbox: Address::private(instance)?,
        workers: 2,
    };
    let mut stack = Stack::start(place, instance, &programs, &plan)?;

    let driver = browser::start(instance, &mut stack.supervisor)?;
    let downloads = instance.dir.join("downloads");
    fs::create_dir_all(&downloads).with_context(|| format!("cannot create {}", downloads.display()))?;

    let mut test = runner(place, Among::Whole);
    test.env("E2E_BASE_URL", plan.web.url()).env("E2E_ADMIN_PASSWORD", password);
    test.env("E2E_WEBDRIVER_URL", driver.url()).env("E2E_DOWNLOAD_DIR", downloads);
    test.env("E2E_AWS_URL", plan.sandbox.url());
    let outcome = command::run(&mut test, "the journey")
        .with_context(|| format!("logs of all services are in {}", instance.dir.join("log").display()));
    stack.stop();
    outcome
}

//! Python environments, outside the checkout and named after what is in them: two checkouts with the same
//! requirements share one, and changed requirements make a new one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::digest::Fingerprint;
use crate::place::{Place, program};
use crate::{command, say};

/// The interpreter that runs the AWS sandbox.
pub(crate) fn sandbox(place: &Place) -> Result<PathBuf> {
    environment(place, "sandbox", &place.root.join("tests/sandbox/requirements.txt"))
}

/// The interpreter that runs what the product is measured against.
pub(crate) fn peers(place: &Place) -> Result<PathBuf> {
    environment(place, "peers", &place.root.join("tests/load/peers/requirements.txt"))
}

/// The interpreter that runs the official client of the interface that the ai-tier has.
pub(crate) fn openai_client(place: &Place) -> Result<PathBuf> {
    environment(place, "openai", &place.root.join(OPENAI_CLIENT).join("requirements.txt"))
}

/// Where that client's tests are.
pub(crate) const OPENAI_CLIENT: &str = "ai-tier/inference/tests/openai_client";

/// The interpreter of an environment with these requirements, made when it is not there.
pub(crate) fn environment(place: &Place, name: &str, requirements: &Path) -> Result<PathBuf> {
    let python = program("python3").context("python3 is missing")?;
    let wanted = fs::read_to_string(requirements)
        .with_context(|| format!("cannot read {}, which says what to install", requirements.display()))?;
    // An environment links to its interpreter and breaks when that moves on.
    let interpreter = fs::canonicalize(&python).context("python3 leads nowhere")?;
    let key = Fingerprint::default().text(&wanted).text(&interpreter.to_string_lossy()).finish();
    let dir = place.cache.join(format!("venv/{name}-{key}"));
    let (complete, its_python) = (dir.join(".complete"), dir.join("bin/python"));
    if complete.exists() {
        return Ok(its_python);
    }
    say::step(&format!("Python packages of {name}"), || {
        if dir.exists() {
            // An earlier attempt was cut short.
            fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        }
        let log = place.local.join(format!("log/venv-{name}.log"));
        command::run_quietly(Command::new(&python).args(["-m", "venv"]).arg(&dir), "python3 -m venv", &log)?;
        let mut pip = Command::new(&its_python);
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--requirement"]).arg(requirements);
        pip.env("PIP_CACHE_DIR", place.cache.join("pip"));
        command::run_quietly(&mut pip, "pip install", &log)
    })?;
    fs::write(&complete, "").with_context(|| format!("cannot write {}", complete.display()))?;
    Ok(its_python)
}

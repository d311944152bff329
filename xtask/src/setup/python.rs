//! Python environments, outside the checkout and named after what is in them: two checkouts with the same
//! requirements share one, and changed requirements make a new one.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::digest::Fingerprint;
use crate::place::{Place, program};
use crate::{command, say};

/// The interpreter that runs the AWS sandbox.
pub(crate) fn sandbox(place: &Place) -> Result<PathBuf> {
    environment(place, "sandbox", &["tests/sandbox/requirements.txt"])
}

/// The interpreter that runs what the product is measured against.
pub(crate) fn peers(place: &Place) -> Result<PathBuf> {
    environment(place, "peers", &["tests/load/peers/requirements.txt"])
}

/// The interpreter that runs the official client of the interface that the ai-tier has.
pub(crate) fn openai_client(place: &Place) -> Result<PathBuf> {
    environment(place, "openai", &[&format!("{OPENAI_CLIENT}/requirements.txt")])
}

/// The interpreter that reads and writes model files.
pub(crate) fn gguf(place: &Place) -> Result<PathBuf> {
    environment(place, "gguf", &[GGUF])
}

/// The interpreter that tests what the small model is taught with.
pub(crate) fn training(place: &Place) -> Result<PathBuf> {
    environment(place, "training", &[GGUF, "ai-tier/training/tests/requirements.txt"])
}

const GGUF: &str = "ai-tier/training/gguf-requirements.txt";

/// Where that client's tests are.
pub(crate) const OPENAI_CLIENT: &str = "ai-tier/inference/tests/openai_client";

/// The interpreter of an environment with all that these files require, made when it is not there.
fn environment(place: &Place, name: &str, requirements: &[&str]) -> Result<PathBuf> {
    let python = program("python3").context("python3 is missing")?;
    // An environment links to its interpreter and breaks when that moves on.
    let interpreter = fs::canonicalize(&python).context("python3 leads nowhere")?;
    let mut key = Fingerprint::default();
    for file in requirements {
        let wanted = fs::read_to_string(place.root.join(file))
            .with_context(|| format!("cannot read {file}, which says what to install"))?;
        key = key.text(&wanted);
    }
    let key = key.text(&interpreter.to_string_lossy()).finish();
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
        pip.args(["-m", "pip", "install", "--disable-pip-version-check"]);
        for file in requirements {
            pip.arg("--requirement").arg(place.root.join(file));
        }
        // One for each: pip takes a wheel that was built before for one that is built with other settings.
        pip.env("PIP_CACHE_DIR", place.cache.join(format!("pip/{name}-{key}")));
        command::run_quietly(&mut pip, "pip install", &log)
    })?;
    fs::write(&complete, "").with_context(|| format!("cannot write {}", complete.display()))?;
    Ok(its_python)
}

//! The web build's npm packages: Tailwind, daisyUI and binaryen's `wasm-opt`, by the lock file.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::digest::Fingerprint;
use crate::place::{Place, program};
use crate::{command, say};

/// Where the web application's sources are.
pub(crate) fn frontend(place: &Place) -> PathBuf {
    place.root.join("web-tier/frontend")
}

/// Installs them when the lock file has changed since the last time.
pub(crate) fn packages(place: &Place) -> Result<()> {
    let dir = frontend(place);
    let wanted = Fingerprint::default()
        .path(&dir.join("package.json"))?
        .path(&dir.join("package-lock.json"))?
        .finish();
    let stamp = dir.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say::step("npm packages of the web build", || {
        let npm = program("npm").context("npm is missing; install Node.js with npm")?;
        let mut install = Command::new(npm);
        install.current_dir(&dir).args(["ci", "--no-audit", "--no-fund", "--prefer-offline"]);
        install.env("npm_config_cache", place.cache.join("npm"));
        command::run_quietly(&mut install, "npm ci", &place.local.join("log/npm.log"))
    })?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

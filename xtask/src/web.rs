//! The web application's build: compiler, wasm-bindgen, wasm-opt, Tailwind, names with hashes, stored forms.
//!
//! This file says what is built when, and with which tools; the work on the files is `xtask/web`'s.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cargo::cargo;
use crate::digest::Fingerprint;
use crate::place::Place;
use crate::setup::node::frontend;
use crate::setup::wasm::{TARGET, Toolchain};
use crate::{command, say};

/// Everything that the site is made from, besides the toolchain.
const INPUTS: [&str; 6] =
    ["Cargo.toml", "Cargo.lock", "crates/contract", "web-tier/frontend", "xtask/web", "xtask/src/web.rs"];

/// Builds `web-tier/dist`, unless it was made from just these inputs.
pub(crate) fn build(place: &Place) -> Result<()> {
    let toolchain = Toolchain::find()?;
    let inputs = fingerprint(place, &toolchain)?;
    let stamp = place.local.join("web-inputs");
    let is_current = place.dist().join("index.html").exists()
        && fs::read_to_string(&stamp).is_ok_and(|built_from| built_from == inputs);
    if is_current {
        return Ok(());
    }
    say::step(&format!("web application ({}'s compiler)", toolchain.name()), || make(place, &toolchain))?;
    fs::write(&stamp, inputs).with_context(|| format!("cannot write {}", stamp.display()))
}

fn make(place: &Place, toolchain: &Toolchain) -> Result<()> {
    let mut compile = toolchain.build(place);
    command::run(compile.args(["--profile", "web", "--package", "frontend"]), "cargo build for the browser")?;
    let wasm = toolchain.target_dir(place).join(TARGET).join("web/frontend.wasm");

    let sources = frontend(place);
    let npm_programs = sources.join("node_modules/.bin");
    let work = place.local.join("web");
    fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
    let css = work.join("app.css");
    let mut tailwind = Command::new(npm_programs.join("tailwindcss"));
    tailwind.current_dir(&sources).args(["--input", "styles/app.css", "--minify", "--output"]).arg(&css);
    command::run_quietly(&mut tailwind, "tailwindcss", &place.local.join("log/tailwind.log"))?;

    // Compiled only here, as wasm-bindgen's half is the heaviest thing that xtask has.
    let mut bundle = cargo(place);
    bundle.args(["run", "--quiet", "--release", "--package", "xtask-web", "--"]);
    bundle.arg("--wasm").arg(wasm).arg("--css").arg(css);
    bundle.arg("--page").arg(sources.join("index.html")).arg("--public").arg(sources.join("public"));
    bundle.arg("--wasm-opt").arg(npm_programs.join("wasm-opt"));
    bundle.arg("--work").arg(&work).arg("--out").arg(place.dist());
    command::run(&mut bundle, "making the site")
}

fn fingerprint(place: &Place, toolchain: &Toolchain) -> Result<String> {
    INPUTS
        .iter()
        .try_fold(Fingerprint::default().text(toolchain.name()), |it, path| it.path(&place.root.join(path)))
        .map(Fingerprint::finish)
}

//! The order of things: bindings, optimisation, names, page, stored forms, and one swap at the end.
//!
//! Invariant: what lies in the output folder is always a whole site. A new one is made elsewhere and swapped in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::Arguments;
use crate::compress::{self, Sizes};
use crate::fingerprint::{hashed_name, integrity};
use crate::page::{self, Asset, Assets};

/// Files that the pages refer to live here; their names never meet twice with different content.
const ASSETS: &str = "assets";

/// What rustc's WebAssembly target uses, and every browser since 2022 understands. Naming them keeps the optimiser from
/// rewriting code in terms of anything newer.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Makes the site.
pub(crate) fn make(arguments: &Arguments) -> Result<()> {
    let site = arguments.work.join("site");
    recreate(&site)?;
    let assets = site.join(ASSETS);
    fs::create_dir_all(&assets).with_context(|| format!("cannot create {}", assets.display()))?;

    let bindings = bind(arguments)?;
    optimise(&arguments.wasm_opt, &bindings.wasm)?;

    let wasm = place(&assets, "skydesk.wasm", &read(&bindings.wasm)?)?;
    let glue = place(&assets, "skydesk.js", &read(&bindings.glue)?)?;
    copy_tree(&bindings.snippets, &assets.join("snippets"))?;
    let boot = place(&assets, "boot.js", page::boot_script(&glue, &wasm).as_bytes())?;
    let style = place(&assets, "skydesk.css", &read(&arguments.css)?)?;
    if let Some(public) = &arguments.public {
        copy_tree(public, &site)?;
    }
    let template = fs::read_to_string(&arguments.page)
        .with_context(|| format!("cannot read the page {}", arguments.page.display()))?;
    let html = page::fill(&template, &Assets { wasm, glue, boot, style })?;
    fs::write(site.join("index.html"), html).context("cannot write index.html")?;

    let sizes = compress::store_forms(&site)?;
    swap(&site, &arguments.out, &arguments.work.join("replaced"))?;
    report(&sizes);
    Ok(())
}

struct Bindings {
    wasm: PathBuf,
    glue: PathBuf,
    snippets: PathBuf,
}

/// wasm-bindgen, as a library: its version is the one in Cargo.lock, which the application is linked against.
fn bind(arguments: &Arguments) -> Result<Bindings> {
    let dir = arguments.work.join("bindings");
    recreate(&dir)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&arguments.wasm).out_name("skydesk").typescript(false).omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.web(true).context("wasm-bindgen cannot write for browsers")?;
    bindgen
        .generate(&dir)
        .with_context(|| format!("wasm-bindgen cannot read {}", arguments.wasm.display()))?;
    Ok(Bindings {
        wasm: dir.join("skydesk_bg.wasm"),
        glue: dir.join("skydesk.js"),
        snippets: dir.join("snippets"),
    })
}

/// Size before speed: a table is drawn in a blink either way, and the download is what people wait for.
fn optimise(wasm_opt: &Path, wasm: &Path) -> Result<()> {
    let mut command = Command::new(wasm_opt);
    command.arg("-Oz").args(FEATURES).arg("-o").arg(wasm).arg(wasm);
    let status = command.status().with_context(|| format!("cannot start {}", wasm_opt.display()))?;
    if !status.success() {
        bail!("wasm-opt failed ({status})");
    }
    Ok(())
}

fn place(assets: &Path, name: &str, content: &[u8]) -> Result<Asset> {
    let name = hashed_name(name, content);
    let path = assets.join(&name);
    fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Asset { address: format!("/{ASSETS}/{name}"), integrity: integrity(content) })
}

fn report(sizes: &[Sizes]) {
    eprintln!("{:>10} {:>10} {:>10}  file", "bytes", "gzip", "brotli");
    for it in sizes {
        eprintln!("{:>10} {:>10} {:>10}  {}", it.plain, it.gzip, it.brotli, it.name);
    }
    let sum = |of: fn(&Sizes) -> usize| sizes.iter().map(of).sum::<usize>();
    eprintln!("{:>10} {:>10} {:>10}  together", sum(|it| it.plain), sum(|it| it.gzip), sum(|it| it.brotli));
}

/// Puts the new site where the old one was. Between the two renames there is no site, for a millisecond.
fn swap(new: &Path, out: &Path, replaced: &Path) -> Result<()> {
    remove(replaced)?;
    if out.exists() {
        fs::rename(out, replaced).with_context(|| format!("cannot move {} away", out.display()))?;
    }
    fs::rename(new, out).with_context(|| format!("cannot put {} in its place", out.display()))?;
    remove(replaced)
}

fn recreate(dir: &Path) -> Result<()> {
    remove(dir)?;
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))
}

fn remove(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry.with_context(|| format!("cannot read {}", from.display()))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_tree(&path, &target)?;
        } else {
            fs::copy(&path, &target).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_site_replaces_the_old_one_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (new, out, replaced) =
            (dir.path().join("new"), dir.path().join("dist"), dir.path().join("replaced"));
        for (site, file) in [(&out, "old.js"), (&new, "new.js")] {
            fs::create_dir(site).unwrap();
            fs::write(site.join(file), "").unwrap();
        }
        swap(&new, &out, &replaced).unwrap();
        assert!(out.join("new.js").exists());
        assert!(!out.join("old.js").exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "something was left over");
    }
}

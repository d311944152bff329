//! Where finished files are kept, and the local form of such a place.
//!
//! A place knows keys and bytes: who may have a file, and for how long it is kept, is the caller's business. A key is
//! checked when it is made, so that no place has to ask whether it leads out of it. A file is in a place as a whole or
//! not at all.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    pin::Pin,
    str::FromStr,
    time::Duration,
};

use tokio::{fs, io::AsyncRead};

use crate::leftovers::{self, InUse};

/// How the copies begin that are not whole yet.
const INCOMING: &str = ".incoming-";

/// What object-safe asynchronous functions return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A file's bytes as they are read.
pub type FileReader = Pin<Box<dyn AsyncRead + Send>>;

/// The name of a file in a place: parts of letters, digits, `_`, `-` and `.`, joined by `/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileKey(String);

/// A name that cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name cannot be a file's key")]
pub struct BadKey;

impl FileKey {
    /// The key as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileKey {
    type Err = BadKey;

    /// No part begins with a dot: that shuts out `..` and what a place keeps for itself.
    fn from_str(text: &str) -> Result<Self, BadKey> {
        let is_part = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        };
        if text.len() <= 512 && text.split('/').all(is_part) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadKey)
        }
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file to read from.
pub struct StoredFile {
    pub bytes: u64,
    pub reader: FileReader,
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Why a place did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    #[error("the folder of kept files does not take part")]
    Folder(#[from] io::Error),
    /// Another kind of place.
    #[error("the place of kept files does not take part")]
    Elsewhere(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A place for files.
pub trait FileStore: fmt::Debug + Send + Sync {
    /// Keeps the file at `path` under `key`, in place of what was there. The file at `path` may be gone afterwards.
    fn put<'a>(
        &'a self,
        key: &'a FileKey,
        path: &'a Path,
        media_type: &'a str,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// The file, or `None` when there is none.
    fn open<'a>(&'a self, key: &'a FileKey) -> BoxFuture<'a, Result<Option<StoredFile>, StoreError>>;

    /// Forgets the file. One that is not there is forgotten already.
    fn delete<'a>(&'a self, key: &'a FileKey) -> BoxFuture<'a, Result<(), StoreError>>;

    /// An absolute address from which anybody can fetch this one file for so long, saved under `file_name`. `None`
    /// when the place has none to offer: then [`FileStore::open`] it, behind an address of one's own.
    fn link<'a>(
        &'a self,
        key: &'a FileKey,
        expires: Duration,
        file_name: &'a str,
    ) -> BoxFuture<'a, Result<Option<String>, StoreError>>;
}

/// A folder of this machine, or one that it mounts. All processes that share the files must see it.
#[derive(Debug, Clone)]
pub struct LocalFolder {
    root: PathBuf,
}

impl LocalFolder {
    /// Takes a folder, and makes it when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        std::fs::create_dir_all(&root)?;
        Ok(Self { root })
    }

    fn path(&self, key: &FileKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    async fn take(&self, key: &FileKey, path: &Path) -> Result<(), StoreError> {
        let place = self.path(key);
        let folder = place.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).await?;
        fs::File::open(path).await?.sync_all().await?;
        match fs::rename(path, &place).await {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
            outcome => return Ok(outcome?),
        }
        // From another file system: a copy beside its place, which then appears there at once. Dropped on failure.
        leftovers::clear(folder, INCOMING);
        let beside = tempfile::Builder::new().prefix(INCOMING).tempfile_in(folder)?;
        let _in_use = InUse::mark(beside.as_file())?;
        let beside = beside.into_temp_path();
        fs::copy(path, &beside).await?;
        fs::File::open(&beside).await?.sync_all().await?;
        beside.persist(&place).map_err(|error| StoreError::Folder(error.error))
    }
}

impl FileStore for LocalFolder {
    fn put<'a>(
        &'a self,
        key: &'a FileKey,
        path: &'a Path,
        _media_type: &'a str,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.take(key, path))
    }

    fn open<'a>(&'a self, key: &'a FileKey) -> BoxFuture<'a, Result<Option<StoredFile>, StoreError>> {
        Box::pin(async move {
            let file = match fs::File::open(self.path(key)).await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                file => file?,
            };
            let bytes = file.metadata().await?.len();
            Ok(Some(StoredFile { bytes, reader: Box::pin(file) }))
        })
    }

    fn delete<'a>(&'a self, key: &'a FileKey) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            match fs::remove_file(self.path(key)).await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                outcome => Ok(outcome?),
            }
        })
    }

    fn link<'a>(
        &'a self,
        _key: &'a FileKey,
        _expires: Duration,
        _file_name: &'a str,
    ) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    fn key(text: &str) -> FileKey {
        text.parse().unwrap()
    }

    async fn content(store: &dyn FileStore, at: &str) -> Option<String> {
        let mut file = store.open(&key(at)).await.unwrap()?;
        let mut text = String::new();
        file.reader.read_to_string(&mut text).await.unwrap();
        assert_eq!(file.bytes, u64::try_from(text.len()).unwrap());
        Some(text)
    }

    #[test]
    fn a_key_never_leads_out_of_its_place() {
        for bad in
            ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "a/./b", ".hidden", "a\\b", "a\0b", "ä"]
        {
            assert_eq!(bad.parse::<FileKey>(), Err(BadKey), "{bad:?}");
        }
        assert_eq!("x".repeat(513).parse::<FileKey>(), Err(BadKey));
        assert_eq!(key("reports/0c9f.v2_a-b.csv").to_string(), "reports/0c9f.v2_a-b.csv");
    }

    #[tokio::test]
    async fn a_file_is_kept_replaced_and_forgotten() {
        let (root, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store: Box<dyn FileStore> = Box::new(LocalFolder::open(root.path().join("files")).unwrap());
        let source = work.path().join("source");
        for text in ["first", "second"] {
            std::fs::write(&source, text).unwrap();
            store.put(&key("reports/1.csv"), &source, "text/csv").await.unwrap();
            assert_eq!(content(&*store, "reports/1.csv").await.as_deref(), Some(text));
            assert!(!source.exists(), "it was moved");
        }
        assert_eq!(content(&*store, "reports/2.csv").await, None);
        assert_eq!(store.link(&key("reports/1.csv"), Duration::from_secs(300), "x.csv").await.unwrap(), None);
        for _ in 0..2 {
            store.delete(&key("reports/1.csv")).await.unwrap();
            assert_eq!(content(&*store, "reports/1.csv").await, None);
        }
    }

    #[tokio::test]
    async fn a_file_from_another_file_system_arrives_whole_and_alone() {
        // Where both are one file system this is the test above once more.
        let Ok(work) = tempfile::tempdir_in("/dev/shm") else { return };
        let root = tempfile::tempdir().unwrap();
        let store = LocalFolder::open(root.path()).unwrap();
        let source = work.path().join("source");
        std::fs::write(&source, "from afar").unwrap();
        store.put(&key("reports/1.csv"), &source, "text/csv").await.unwrap();
        assert_eq!(content(&store, "reports/1.csv").await.as_deref(), Some("from afar"));
        let there: Vec<_> = std::fs::read_dir(root.path().join("reports")).unwrap().collect();
        assert_eq!(there.len(), 1, "{there:?}");
    }

    #[tokio::test]
    async fn what_is_not_there_cannot_be_kept() {
        let root = tempfile::tempdir().unwrap();
        let store = LocalFolder::open(root.path()).unwrap();
        let error = store.put(&key("a.csv"), &root.path().join("nothing"), "text/csv").await.unwrap_err();
        assert!(matches!(error, StoreError::Folder(_)));
        assert_eq!(content(&store, "a.csv").await, None);
    }
}

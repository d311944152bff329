//! Temporary files of processes that were killed: nobody else will ever remove them.
//!
//! Whoever writes a file holds a lock on it, and the kernel ends that with the process, however it ends. So a file
//! that can be locked is nobody's any more. Where a file system knows no locks, nothing is removed.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

/// A file this young may be one that its writer is about to lock.
const YOUNG: Duration = Duration::from_secs(2);

/// Shows that a file is being written, for as long as it or the file itself is open.
#[derive(Debug)]
pub(crate) struct InUse {
    _locked: Option<File>,
}

impl InUse {
    /// Marks a file that was just made.
    pub(crate) fn mark(file: &File) -> io::Result<Self> {
        let file = file.try_clone()?;
        Ok(Self { _locked: file.try_lock().is_ok().then_some(file) })
    }
}

/// Removes the files in `folder` whose names begin with `prefix` and which nobody writes any more. What cannot be
/// removed is left to the next call.
pub(crate) fn clear(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            let _left_to_the_next = clear_one(&entry.path());
        }
    }
}

fn clear_one(path: &Path) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    let age = file.metadata()?.modified()?.elapsed();
    if !file.metadata()?.is_file() || age.is_ok_and(|it| it < YOUNG) {
        return Ok(());
    }
    match file.try_lock() {
        Ok(()) => fs::remove_file(path),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    /// As if it had last been written to a minute ago.
    fn old_file(folder: &Path, name: &str) -> File {
        let file = File::create(folder.join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
        file
    }

    #[test]
    fn only_what_nobody_writes_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let written = old_file(folder.path(), "report-written.csv");
        let in_use = InUse::mark(&written).unwrap();
        drop(written);
        old_file(folder.path(), "report-left.csv");
        old_file(folder.path(), "other.csv");
        File::create(folder.path().join("report-just-made.csv")).unwrap();
        let names = || {
            let mut names: Vec<_> = fs::read_dir(folder.path())
                .unwrap()
                .map(|it| it.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        clear(folder.path(), "report-");
        assert_eq!(names(), ["other.csv", "report-just-made.csv", "report-written.csv"]);
        drop(in_use);
        clear(folder.path(), "report-");
        assert_eq!(names(), ["other.csv", "report-just-made.csv"]);
    }
}

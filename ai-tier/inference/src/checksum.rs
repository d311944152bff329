//! Which file is this really?

use std::{fs::File, io, io::Read, path::Path};

use sha2::{Digest, Sha256};

/// Checksum and size of a file, however large.
pub(crate) struct FileSum {
    /// SHA-256, in lower-case hexadecimal.
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
}

/// Reads the whole file once.
pub(crate) fn of_file(path: &Path) -> io::Result<FileSum> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    let mut bytes = 0u64;
    loop {
        let n = file.read(&mut buffer)?;
        let Some(read) = buffer.get(..n).filter(|it| !it.is_empty()) else { break };
        hash.update(read);
        bytes += u64::try_from(n).unwrap_or_default();
    }
    Ok(FileSum { sha256: hex(&hash.finalize()), bytes })
}

/// SHA-256 of pieces one after the other, in lower-case hexadecimal.
pub(crate) fn of_bytes<T: AsRef<[u8]>>(pieces: impl IntoIterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_a_known_file_is_the_known_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, b"abc").unwrap();
        let sum = of_file(&path).unwrap();
        assert_eq!(sum.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sum.bytes, 3);
    }
}

//! Stored forms: each text and program beside its brotli and gzip twin, made once with the most effort.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// What gets smaller by compression. Images and fonts are compressed already.
const COMPRESSIBLE: [&str; 8] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// Bytes of one file in each form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) name: String,
    pub(crate) plain: usize,
    pub(crate) gzip: usize,
    pub(crate) brotli: usize,
}

/// Writes `FILE.br` and `FILE.gz` beside each file that shrinks, and lists all files by name.
pub(crate) fn store_forms(site: &Path) -> Result<Vec<Sizes>> {
    let mut sizes = Vec::new();
    for path in files_below(site)? {
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(site).unwrap_or(&path).display().to_string();
        let mut it = Sizes { name, plain: content.len(), gzip: content.len(), brotli: content.len() };
        if path.extension().is_some_and(|extension| COMPRESSIBLE.iter().any(|known| extension == *known)) {
            it.gzip = store(&path, "gz", &gzip(&content)?)?;
            it.brotli = store(&path, "br", &brotli(&content)?)?;
        }
        sizes.push(it);
    }
    Ok(sizes)
}

fn store(path: &Path, ending: &str, content: &[u8]) -> Result<usize> {
    let mut name = path.file_name().context("a file without a name")?.to_owned();
    name.push(".");
    name.push(ending);
    let stored = path.with_file_name(name);
    let mut file = File::create(&stored).with_context(|| format!("cannot write {}", stored.display()))?;
    file.write_all(content).with_context(|| format!("cannot write {}", stored.display()))?;
    Ok(content.len())
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).context("cannot gzip")?;
    encoder.finish().context("cannot gzip")
}

fn brotli(mut content: &[u8]) -> Result<Vec<u8>> {
    let parameters =
        BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut content, &mut compressed, &parameters)
        .context("cannot compress by brotli")?;
    Ok(compressed)
}

fn files_below(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", dir.display()))?.path();
        if path.is_dir() { found.extend(files_below(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn both_forms_hold_the_same_text_and_images_are_left_alone() {
        let site = tempfile::tempdir().unwrap();
        let text = "let desktops = [];\n".repeat(200);
        fs::write(site.path().join("a.js"), &text).unwrap();
        fs::write(site.path().join("b.png"), [0; 64]).unwrap();
        let sizes = store_forms(site.path()).unwrap();
        assert_eq!(sizes.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["a.js", "b.png"]);
        assert!(sizes[0].brotli < sizes[0].plain && sizes[0].gzip < sizes[0].plain);

        let mut unzipped = String::new();
        flate2::read::GzDecoder::new(File::open(site.path().join("a.js.gz")).unwrap())
            .read_to_string(&mut unzipped)
            .unwrap();
        assert_eq!(unzipped, text);
        let mut unpacked = Vec::new();
        let mut stored = File::open(site.path().join("a.js.br")).unwrap();
        brotli::BrotliDecompress(&mut stored, &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
        assert!(!site.path().join("b.png.br").exists());
    }
}

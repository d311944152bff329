//! Rules on files: none grows without end, none has a name that says nothing, no unfinished code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::command;
use crate::place::Place;

/// One story fits into four hundred lines; the rest is grace.
const LONGEST: usize = 450;

/// Names that gather whatever has no place.
const NAMELESS: [&str; 5] = ["utils", "helpers", "common", "manager", "misc"];

/// Files that a tool writes, to their very names.
const GENERATED: [&str; 1] = ["schema.rs"];

/// Breaches in all source files that git knows or would add.
pub(super) fn breaches(place: &Place) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    for path in sources(&place.root)? {
        let text = match fs::read_to_string(place.root.join(&path)) {
            Ok(text) => text,
            // Deleted, but not yet for git.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
        };
        breaches.extend(of_file(&path, &text));
    }
    Ok(breaches)
}

fn sources(root: &Path) -> Result<Vec<PathBuf>> {
    let mut list = Command::new("git");
    list.current_dir(root).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        "*.rs",
        "*.py",
    ]);
    Ok(command::capture(&mut list, "git ls-files")?.lines().map(PathBuf::from).collect())
}

fn of_file(path: &Path, text: &str) -> Vec<String> {
    let shown = path.display();
    let mut breaches = Vec::new();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = path.file_name().unwrap_or_default();
    let n_lines = text.lines().count();
    if n_lines > LONGEST && !GENERATED.iter().any(|it| name == *it) {
        breaches.push(format!("{shown}: {n_lines} lines; split it, {LONGEST} is the most"));
    }
    if NAMELESS.contains(&stem.as_ref()) {
        breaches.push(format!("{shown}: `{stem}` says nothing; name it after what it does"));
    }
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index.saturating_add(1), line)) {
        if let Some(word) = unfinished().into_iter().find(|word| line.contains(word.as_str())) {
            breaches.push(format!("{shown}:{number}: `{word}` does not ship; finish it, or open an issue"));
        }
    }
    breaches
}

/// Put together here, so that this file does not contain them.
fn unfinished() -> [String; 6] {
    [
        ["todo", "!("].concat(),
        ["dbg", "!("].concat(),
        ["unimplemented", "!("].concat(),
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["XX", "X:"].concat(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_permitted_length_passes_and_one_line_more_does_not() {
        let path = Path::new("app-tier/app/src/bookings.rs");
        assert!(of_file(path, &"//\n".repeat(LONGEST)).is_empty());
        assert_eq!(of_file(path, &"//\n".repeat(LONGEST + 1)).len(), 1);
    }

    #[test]
    fn unfinished_code_is_reported_with_its_line() {
        let text = format!("fn f() {{\n    {}\n}}\n", ["todo", "!()"].concat());
        let breaches = of_file(Path::new("src/f.rs"), &text);
        assert!(breaches[0].starts_with("src/f.rs:2:"), "{breaches:?}");
    }

    #[test]
    fn a_name_that_says_nothing_is_refused() {
        assert_eq!(of_file(Path::new("src/helpers.rs"), "").len(), 1);
    }
}

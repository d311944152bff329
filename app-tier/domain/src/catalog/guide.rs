//! The catalog as a page of documentation: what can be asked, for those who read before they try.
//!
//! `docs/QUESTIONS.md` is this text, and a test holds it to that.

use std::fmt::Write as _;

use contract::{
    auth::Role,
    catalog::{Dimension, Entity},
};

use super::Catalog;

/// More values than this are an example of what there is, not a list.
const VALUES: usize = 8;

const BEGINNING: &str = "\
# What can be asked

<!-- Written by `cargo run -p domain --example guide > docs/QUESTIONS.md`, from the catalog. Not by hand. -->

The question box reads plain English. What it knows is listed here; the page *Ask → everything that can be asked* has the
same for each user's own rights. A question may count, add up, average, share out, group, rank, compare with another
stretch of time, and list. Times are said as people say them: yesterday, last month, since 3 March, the last 30 days.
What Skydesk does not know it does not answer; it says so, or asks which of several readings is meant.
";

/// The whole page, for an administrator.
#[must_use]
pub fn markdown() -> String {
    let mut text = BEGINNING.to_owned();
    for entity in &Catalog::for_role(Role::Admin).wire().entities {
        section(&mut text, entity);
    }
    text
}

fn section(text: &mut String, it: &Entity) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "\n## {}\n", it.label);
    if !it.synonyms.is_empty() {
        let _ = writeln!(text, "Also called {}.\n", it.synonyms.join(", "));
    }
    for example in &it.examples {
        let _ = writeln!(text, "- *{example}*");
    }
    let _ = writeln!(text, "\n| of each | also called | what it is |\n| --- | --- | --- |");
    for dimension in &it.dimensions {
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            dimension.label,
            dimension.synonyms.join(", "),
            described(dimension)
        );
    }
    let named: Vec<String> =
        it.figures.iter().flat_map(|it| &it.synonyms).map(|it| format!("“{it}”")).collect();
    if !named.is_empty() {
        let _ = writeln!(text, "\nFigures that have names: {}.", named.join(", "));
    }
}

/// What it is, with its values where there are some to name.
fn described(it: &Dimension) -> String {
    let values: Vec<String> = it.values.iter().take(VALUES).map(|it| format!("`{it}`")).collect();
    let more = if it.values.len() > VALUES { ", …" } else { "" };
    format!("{} {}{more}", it.described(), values.join(", ")).trim_end().to_owned()
}

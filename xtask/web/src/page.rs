//! The page, and the few lines of JavaScript that start the application.
//!
//! Both keep to the strict content policy: no inline script, no inline style, nothing from elsewhere.

use anyhow::{Result, bail};

/// Where the page's author wants the links.
const PLACEHOLDER: &str = "<!-- assets -->";

/// A file that the page refers to.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) address: String,
    pub(crate) integrity: String,
}

/// All files that the page refers to.
#[derive(Debug, Clone)]
pub(crate) struct Assets {
    pub(crate) wasm: Asset,
    /// wasm-bindgen's bindings.
    pub(crate) glue: Asset,
    pub(crate) boot: Asset,
    pub(crate) style: Asset,
}

/// Starts the application. It is a file, as the content policy forbids a script inside the page.
pub(crate) fn boot_script(glue: &Asset, wasm: &Asset) -> String {
    format!(
        "import start from \"{}\";\nstart({{ module_or_path: fetch(\"{}\", {{ integrity: \"{}\" }}) }});\n",
        glue.address, wasm.address, wasm.integrity
    )
}

/// Puts the links into the page.
///
/// # Errors
/// The page does not say where.
pub(crate) fn fill(template: &str, assets: &Assets) -> Result<String> {
    if template.matches(PLACEHOLDER).count() != 1 {
        bail!("the page has to contain {PLACEHOLDER} once, in its head");
    }
    let Assets { wasm, glue, boot, style } = assets;
    // Everything is asked for at once; without the preloads the program would wait for the script that names it.
    let links = [
        format!(r#"<link rel="stylesheet" href="{}" integrity="{}">"#, style.address, style.integrity),
        // No integrity here, as browsers do not know it on this kind of link; the boot script states it.
        format!(
            r#"<link rel="preload" as="fetch" type="application/wasm" crossorigin href="{}">"#,
            wasm.address
        ),
        format!(r#"<link rel="modulepreload" href="{}" integrity="{}">"#, glue.address, glue.integrity),
        format!(r#"<script type="module" src="{}" integrity="{}"></script>"#, boot.address, boot.integrity),
    ];
    let indented = template
        .lines()
        .find(|line| line.contains(PLACEHOLDER))
        .map_or("", |line| line.split(PLACEHOLDER).next().unwrap_or_default());
    Ok(template.replace(PLACEHOLDER, &links.join(&format!("\n{indented}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets() -> Assets {
        let asset =
            |name: &str| Asset { address: format!("/assets/{name}"), integrity: format!("sha384-{name}") };
        Assets { wasm: asset("a.wasm"), glue: asset("g.js"), boot: asset("b.js"), style: asset("s.css") }
    }

    #[test]
    fn scripts_and_styles_are_linked_with_their_integrity() {
        let html = fill("<head>\n  <!-- assets -->\n</head>\n", &assets()).unwrap();
        for name in ["g.js", "b.js", "s.css"] {
            let line = html.lines().find(|line| line.contains(&format!("/assets/{name}"))).unwrap();
            assert!(
                line.starts_with("  <") && line.contains(&format!("integrity=\"sha384-{name}\"")),
                "{line}"
            );
        }
    }

    #[test]
    fn the_program_is_asked_for_early_and_checked_by_the_script_that_starts_it() {
        let assets = assets();
        let html = fill("<head><!-- assets --></head>", &assets).unwrap();
        assert!(html.contains(
            r#"rel="preload" as="fetch" type="application/wasm" crossorigin href="/assets/a.wasm""#
        ));
        let boot = boot_script(&assets.glue, &assets.wasm);
        assert!(boot.contains(r#"fetch("/assets/a.wasm", { integrity: "sha384-a.wasm" })"#), "{boot}");
    }

    #[test]
    fn nothing_runs_from_inside_the_page() {
        let html = fill("<head><!-- assets --></head>", &assets()).unwrap();
        assert!(html.contains("></script>"), "{html}");
        assert!(!html.contains("<style") && !html.contains("javascript:"), "{html}");
    }

    #[test]
    fn a_page_without_a_place_for_links_is_refused() {
        assert!(fill("<head></head>", &assets()).is_err());
    }
}

//! What a strict reader sees of a page: how it looks at a size and in a theme, what axe finds, and what the browser
//! complains about.

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};
use thirtyfour::By;

use crate::Person;

/// By npm, for the web build; tests run in their package's folder.
const AXE: &str = "../../web-tier/frontend/node_modules/axe-core/axe.min.js";

/// How the page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// For file names.
    pub name: &'static str,
    /// CSS pixels.
    pub width: u32,
    pub height: u32,
    /// The system's theme, which the application follows until somebody chooses.
    pub dark: bool,
}

/// What axe looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// WCAG 2.1, A and AA.
    All,
    /// Only what another theme can change.
    Contrast,
}

/// A rule that a page breaks.
#[derive(Debug, Clone, Deserialize)]
pub struct Finding {
    /// `minor`, `moderate`, `serious`, `critical`.
    pub impact: Option<String>,
    pub id: String,
    /// The elements, as HTML.
    pub nodes: Vec<String>,
}

impl Finding {
    /// Somebody cannot use the page because of it.
    #[must_use]
    pub fn is_serious(&self) -> bool {
        matches!(self.impact.as_deref(), Some("serious" | "critical"))
    }
}

impl Person {
    /// Looks at the page in another size and theme, without reading it again.
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn looks(&self, view: View) -> anyhow::Result<()> {
        let size =
            json!({"width": view.width, "height": view.height, "deviceScaleFactor": 1, "mobile": false});
        let theme = if view.dark { "dark" } else { "light" };
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": theme}, {"name": "prefers-reduced-motion", "value": "reduce"}]});
        let tools = self.driver.cdp();
        tools.send_raw("Emulation.setDeviceMetricsOverride", size).await?;
        tools.send_raw("Emulation.setEmulatedMedia", media).await?;
        // Colours that are still on their way would be read, and photographed, as they are at that instant.
        let still = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => { \
             document.getAnimations().filter(it => it.effect.getComputedTiming().endTime !== Infinity).forEach(it => it.finish()); \
             done() }))";
        self.driver.execute_async(still, Vec::new()).await?;
        Ok(())
    }

    /// Waits until something matches the selector and nothing is being read any more.
    ///
    /// # Errors
    /// It did not come in time.
    pub async fn settles(&self, selector: &str) -> anyhow::Result<()> {
        self.waits(&format!("{selector} on a page at rest"), async || {
            let there = !self.driver.find_all(By::Css(selector)).await?.is_empty();
            let busy = !self.driver.find_all(By::Css("[aria-busy=\"true\"]")).await?.is_empty();
            Ok((there && !busy).then_some(()))
        })
        .await
    }

    /// What axe finds on the page as it is.
    ///
    /// # Errors
    /// axe is not installed, or failed.
    pub async fn audits(&self, rules: Rules) -> anyhow::Result<Vec<Finding>> {
        if self.runs("return typeof window.axe", Vec::new()).await? == "undefined" {
            let axe = tokio::fs::read_to_string(AXE)
                .await
                .with_context(|| format!("{AXE} is missing; `cargo xtask setup` installs npm's packages"))?;
            self.runs(axe, Vec::new()).await?;
        }
        let only = match rules {
            Rules::All => json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]),
            Rules::Contrast => json!({"type": "rule", "values": ["color-contrast"]}),
        };
        let script = "const [only, done] = arguments; axe.run(document, {runOnly: only, resultTypes: ['violations']}).then(\
             found => done(found.violations.map(it => ({impact: it.impact, id: it.id, nodes: it.nodes.map(node => node.html)}))), \
             error => done(String(error)))";
        let found = self.driver.execute_async(script, vec![only]).await?;
        serde_json::from_value(found.json().clone()).with_context(|| format!("axe failed: {}", found.json()))
    }

    /// By how many pixels the page is wider than the window.
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn overflow(&self) -> anyhow::Result<i64> {
        let wider =
            self.runs("return document.documentElement.scrollWidth - window.innerWidth", Vec::new()).await?;
        wider.as_i64().context("the browser gave no number")
    }

    /// Errors and warnings in the browser's console since the last look, violations of the policy among them.
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let log = self.driver.browser_log().await?;
        let bad = log.into_iter().filter(|it| matches!(it.level.as_str(), "SEVERE" | "WARNING"));
        Ok(bad.map(|it| it.message).collect())
    }

    async fn runs(&self, script: impl Into<String>, arguments: Vec<Value>) -> anyhow::Result<Value> {
        Ok(self.driver.execute(script.into(), arguments).await?.json().clone())
    }
}

//! A person at the browser: what the whole-stack tests do through nginx with a real Chromium.
//!
//! Knows nothing of the inside: addresses and passwords come from the environment that `cargo xtask test` sets.

mod eye;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver, WebElement,
    error::WebDriverErrorInner,
};

pub use eye::{Finding, Rules, View};

/// Waiting for a page to show something ends after this.
const PATIENCE: Duration = Duration::from_secs(90);

/// Where the stack is and how to get in.
#[derive(Debug, Clone)]
pub struct Stack {
    pub base_url: String,
    pub password: String,
    pub webdriver_url: String,
    pub downloads: PathBuf,
    /// The AWS sandbox, to be asked what has become of it.
    pub aws_url: String,
}

impl Stack {
    /// From the environment.
    ///
    /// # Errors
    /// A variable is missing: run the test by `cargo xtask test --only e2e`.
    pub fn from_env() -> anyhow::Result<Self> {
        let read = |name: &str| {
            #[expect(
                clippy::disallowed_methods,
                reason = "tests are told by the environment where the stack is"
            )]
            std::env::var(name)
                .with_context(|| format!("{name} is not set; run: cargo xtask test --only e2e"))
        };
        Ok(Self {
            base_url: read("E2E_BASE_URL")?.trim_end_matches('/').to_owned(),
            password: read("E2E_ADMIN_PASSWORD")?,
            webdriver_url: read("E2E_WEBDRIVER_URL")?,
            downloads: read("E2E_DOWNLOAD_DIR")?.into(),
            aws_url: read("E2E_AWS_URL")?,
        })
    }
}

/// A browser window.
#[derive(Debug)]
pub struct Person {
    driver: WebDriver,
    stack: Stack,
}

impl Person {
    /// Opens a window of 1440 by 900 with an empty profile.
    ///
    /// # Errors
    /// chromedriver does not answer.
    pub async fn arrive(stack: Stack) -> anyhow::Result<Self> {
        let mut capabilities = DesiredCapabilities::chrome();
        // Without the background switches Chromium looks for hosts of its own.
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1440,900",
        ] {
            capabilities.add_arg(argument)?;
        }
        let preferences = serde_json::json!({"download.default_directory": stack.downloads, "download.prompt_for_download": false});
        capabilities.add_experimental_option("prefs", preferences)?;
        // What pages complain about, the content security policy included, is read by `complaints`.
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        let driver = WebDriver::new(&stack.webdriver_url, capabilities)
            .await
            .context("chromedriver does not answer")?;
        Ok(Self { driver, stack })
    }

    /// Goes to a page of the product.
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn go(&self, path: &str) -> anyhow::Result<()> {
        Ok(self.driver.goto(format!("{}{path}", self.stack.base_url)).await?)
    }

    /// The element with that test id, once it is there and shown.
    ///
    /// # Errors
    /// It did not come in time; the page's text is in the error.
    pub async fn sees(&self, id: &str) -> anyhow::Result<WebElement> {
        self.waits(&format!("something called {id}"), async || {
            for element in self.all(id).await? {
                if element.is_displayed().await.unwrap_or(false) {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await
    }

    /// All elements with that test id.
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn all(&self, id: &str) -> anyhow::Result<Vec<WebElement>> {
        Ok(self.driver.find_all(By::Css(format!("[data-testid=\"{id}\"]"))).await?)
    }

    /// Waits until `look` finds something.
    ///
    /// # Errors
    /// It did not in time; the page's text is in the error.
    pub async fn waits<T>(
        &self,
        what: &str,
        look: impl AsyncFn() -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if tokio::time::Instant::now() > deadline {
                let body = self.driver.find(By::Css("body")).await?.text().await?;
                let url = self.driver.current_url().await?;
                bail!("waited in vain for {what} at {url}; the page says:\n{body}");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Presses what has that test id, once it can be pressed: a button may be busy with what others began, or the clock.
    ///
    /// # Errors
    /// It did not come, or could not be pressed in time.
    pub async fn presses(&self, id: &str) -> anyhow::Result<()> {
        self.waits(&format!("something called {id} that can be pressed"), async || {
            for element in self.all(id).await? {
                if element.is_displayed().await.unwrap_or(false) {
                    return pressed(&element).await;
                }
            }
            Ok(None)
        })
        .await
    }

    /// Presses a part of the element with that test id and that text.
    ///
    /// # Errors
    /// It did not come, or cannot be pressed.
    pub async fn presses_within(&self, id: &str, text: &str, css: &str) -> anyhow::Result<()> {
        self.waits(&format!("a {id} with {text} that can be pressed"), async || {
            for element in self.all(id).await? {
                if element.text().await?.contains(text) {
                    return pressed(&element.find(By::Css(css)).await?).await;
                }
            }
            Ok(None)
        })
        .await
    }

    /// Writes into the field with that test id, in place of what is there.
    ///
    /// # Errors
    /// It did not come, or takes no text.
    pub async fn writes(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let field = self.sees(id).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// The text of what has that test id.
    ///
    /// # Errors
    /// It did not come.
    pub async fn reads(&self, id: &str) -> anyhow::Result<String> {
        Ok(self.sees(id).await?.text().await?)
    }

    /// Signs in as the administrator.
    ///
    /// # Errors
    /// The form or the first page did not come.
    pub async fn signs_in(&self) -> anyhow::Result<()> {
        self.go("/").await?;
        self.writes("login-username", "admin").await?;
        self.writes("login-password", &self.stack.password).await?;
        self.presses("login-submit").await?;
        self.sees("navigation").await?;
        Ok(())
    }

    /// Starts a sync on the first page, and sees it move and end without reloading.
    ///
    /// # Errors
    /// It did not end in time.
    pub async fn syncs(&self) -> anyhow::Result<()> {
        self.presses("sync-button").await?;
        self.sees("sync-progress").await?;
        self.waits("the sync to end with desktops on the page", async || {
            let moving = !self.all("sync-group").await?.is_empty();
            let freshness = self.reads("freshness").await?;
            Ok((!moving && freshness.contains("sts:AssumeRole")).then_some(()))
        })
        .await
    }

    /// What the sandbox knows of a desktop's past.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn past(&self, desktop: &str) -> anyhow::Result<serde_json::Value> {
        let url = format!("{}/_sandbox/past?workspace={desktop}", self.stack.aws_url);
        Ok(reqwest::get(url).await?.error_for_status()?.json().await?)
    }

    /// A PNG of the window.
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn photographs(&self, name: &str) -> anyhow::Result<()> {
        let file = self.stack.downloads.join(format!("{name}.png"));
        Ok(self.driver.screenshot(&file).await?)
    }

    /// The one file in the download folder with that ending, once it is whole.
    ///
    /// # Errors
    /// None came in time.
    pub async fn downloads(&self, extension: &str) -> anyhow::Result<PathBuf> {
        self.waits(&format!("a downloaded .{extension} file"), async || {
            let mut files = tokio::fs::read_dir(&self.stack.downloads).await?;
            while let Some(file) = files.next_entry().await? {
                if file.path().extension().is_some_and(|it| it == extension) {
                    return Ok(Some(file.path()));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Closes the window.
    ///
    /// # Errors
    /// The browser is gone already.
    pub async fn leaves(self) -> anyhow::Result<()> {
        Ok(self.driver.quit().await?)
    }
}

/// Presses it, if it can be pressed now.
async fn pressed(element: &WebElement) -> anyhow::Result<Option<()>> {
    if !element.is_clickable().await.unwrap_or(false) {
        return Ok(None);
    }
    match element.click().await {
        Ok(()) => Ok(Some(())),
        Err(refused) => match *refused {
            // It became busy, or was drawn anew, since it was looked at.
            WebDriverErrorInner::ElementClickIntercepted(_)
            | WebDriverErrorInner::StaleElementReference(_) => Ok(None),
            _ => Err(refused.into()),
        },
    }
}

//! The first page: what travels until it can be used, and when a browser shows the first rows.
//!
//! Both go through nginx, as a browser does. The time is the browser's own: from the start of the navigation to the frame
//! after the first row of the desktops' table is there, files, WebAssembly, signing in by cookie and the list included.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use crate::sheet::{Entry, Sheet};
use crate::stack::Stack;

const PATIENCE: Duration = Duration::from_secs(60);
/// Page loads of each kind; their median counts.
const LOADS: usize = 5;

const NAVIGATION: &str = "text/html,*/*;q=0.8";
/// Runs in each new page before its own code.
const WATCH: &str = r#"
const watcher = new MutationObserver(() => {
    if (!document.querySelector('[data-testid="desktops-table"] tbody td')) return;
    watcher.disconnect();
    requestAnimationFrame(() => { window.skydeskFirstTable = performance.now(); });
});
watcher.observe(document, { childList: true, subtree: true });
"#;

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    stack.filled().await?;
    transfer(stack, sheet).await?;
    let browser = Browser::open(stack).await?;
    let outcome = first_table(stack, &browser, sheet).await;
    browser.close().await?;
    outcome
}

/// The page and every file of its own that it names.
async fn transfer(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let base = &stack.place.base_url;
    // The index answers navigations only, which say that they want a page.
    let page = stack.http.get(format!("{base}/")).header("Accept", NAVIGATION);
    let page = page.send().await?.error_for_status()?.text().await?;
    let mut paths: Vec<&str> = vec!["/"];
    for attribute in ["href=\"", "src=\""] {
        paths.extend(page.split(attribute).skip(1).filter_map(|it| it.split('"').next()));
    }
    paths.retain(|it| it.starts_with('/'));
    paths.sort_unstable();
    paths.dedup();
    ensure!(paths.iter().any(|it| it.ends_with(".wasm")), "the page names no WebAssembly: {paths:?}");
    let (mut total, mut each) = (0, Vec::new());
    for path in paths {
        let request = stack
            .http
            .get(format!("{base}{path}"))
            .header("Accept", NAVIGATION)
            .header("Accept-Encoding", "br");
        let answer = request.send().await?.error_for_status()?;
        let encoding = answer.headers().get("content-encoding").and_then(|it| it.to_str().ok());
        let encoding = encoding.unwrap_or("not compressed").to_owned();
        let length = answer.bytes().await?.len();
        total += length;
        let name = path.rsplit('/').next().filter(|it| !it.is_empty()).unwrap_or("index.html");
        each.push(format!("{name} {length} ({encoding})"));
    }
    sheet.add(Entry::new(
        "first page, all its files, as transferred",
        f64::from(u32::try_from(total)?) / 1024.0,
        "KiB",
    ));
    sheet.note(&format!("bodies in bytes: {}", each.join(", ")));
    Ok(())
}

async fn first_table(stack: &Stack, browser: &Browser<'_>, sheet: &mut Sheet) -> anyhow::Result<()> {
    browser.sign_in(&stack.place.base_url, &stack.place.admin_password).await?;
    browser.cdp("Page.enable", json!({})).await?;
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({"source": WATCH})).await?;
    let desktops = format!("{}/desktops", stack.place.base_url);
    for cached in [false, true] {
        let mut times = Vec::new();
        for _ in 0..LOADS {
            if !cached {
                browser.cdp("Network.clearBrowserCache", json!({})).await?;
            }
            browser.go(&desktops).await?;
            let time = browser.until("return window.skydeskFirstTable ?? null").await?;
            times.push(time.as_f64().context("the page tells no time")?);
            // The next load is a load, not a step back to a page that is kept.
            browser.go("about:blank").await?;
        }
        times.sort_unstable_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().context("nothing was measured")?;
        let what = if cached { "files in the browser's cache" } else { "nothing in the browser's cache" };
        sheet.add(Entry::new(
            format!("first rows of the desktops' table, {what}, median of {LOADS}"),
            median,
            "ms",
        ));
    }
    Ok(())
}

/// Chromium by chromedriver, in as much of WebDriver as this takes.
struct Browser<'a> {
    stack: &'a Stack,
    session: String,
}

impl<'a> Browser<'a> {
    async fn open(stack: &'a Stack) -> anyhow::Result<Self> {
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            // Without these Chromium looks for hosts of its own.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1440,900",
        ];
        let capabilities =
            json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let answer = send(stack, "session", &capabilities).await?;
        let session =
            answer.get("sessionId").and_then(Value::as_str).context("chromedriver opens no session")?;
        Ok(Self { stack, session: session.to_owned() })
    }

    async fn command(&self, what: &str, body: &Value) -> anyhow::Result<Value> {
        send(self.stack, &format!("session/{}/{what}", self.session), body).await
    }

    async fn go(&self, url: &str) -> anyhow::Result<()> {
        self.command("url", &json!({"url": url})).await.map(drop)
    }

    /// A command of Chromium's own protocol.
    async fn cdp(&self, command: &str, parameters: Value) -> anyhow::Result<()> {
        self.command("goog/cdp/execute", &json!({"cmd": command, "params": parameters})).await.map(drop)
    }

    /// Asks the page again and again until it answers something.
    async fn until(&self, script: &str) -> anyhow::Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.command("execute/sync", &json!({"script": script, "args": []})).await?;
            if !answer.is_null() {
                return Ok(answer);
            }
            if Instant::now() > deadline {
                let page = json!({"script": "return document.body.innerText", "args": []});
                bail!(
                    "waited in vain for `{script}`; the page says: {}",
                    self.command("execute/sync", &page).await?
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn sign_in(&self, base: &str, password: &str) -> anyhow::Result<()> {
        self.go(&format!("{base}/")).await?;
        for (name, text) in [("login-username", "admin"), ("login-password", password)] {
            let field = self.element(name).await?;
            self.command(&format!("element/{field}/value"), &json!({"text": text})).await?;
        }
        let button = self.element("login-submit").await?;
        self.command(&format!("element/{button}/click"), &json!({})).await?;
        self.element("navigation").await.map(drop)
    }

    /// The element with that test id, once it is there.
    async fn element(&self, name: &str) -> anyhow::Result<String> {
        let found =
            self.until(&format!(r#"return document.querySelector('[data-testid="{name}"]')"#)).await?;
        let id = found.as_object().and_then(|it| it.values().next()?.as_str());
        Ok(id.context("the browser names no element")?.to_owned())
    }

    async fn close(self) -> anyhow::Result<()> {
        let url = format!("{}/session/{}", self.stack.place.webdriver_url, self.session);
        self.stack.http.delete(url).send().await?.error_for_status()?;
        Ok(())
    }
}

async fn send(stack: &Stack, path: &str, body: &Value) -> anyhow::Result<Value> {
    let url = format!("{}/{path}", stack.place.webdriver_url);
    let answer = stack.http.post(url).json(body).send().await.context("chromedriver does not answer")?;
    let status = answer.status();
    let mut answer: Value = answer.json().await.context("chromedriver does not answer in JSON")?;
    let value = answer.get_mut("value").map(Value::take).unwrap_or_default();
    ensure!(status.is_success(), "chromedriver refuses {path}: {value}");
    Ok(value)
}

//! The web tier's configuration, on a real nginx: rendered and started by the script that its image starts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking; clippy.toml covers test functions only"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(10);

/// Found from the package's folder, where tests run, and not from a path that was compiled in: what one checkout
/// compiled is used by the next.
fn start_script() -> PathBuf {
    Path::new("../web-tier/nginx/start.sh").canonicalize().unwrap()
}

/// A site over a handful of files, stopped when dropped.
struct Site {
    nginx: Child,
    port: u16,
    dir: TempDir,
}

impl Site {
    fn start(backend_url: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let assets = dir.path().join("root/assets");
        fs::create_dir_all(&assets).unwrap();
        for (name, content) in [
            ("index.html", "page"),
            ("index.html.br", "page in brotli"),
            ("index.html.gz", "page in gzip"),
            ("favicon.svg", "icon"),
            ("assets/app-1.wasm", "program"),
            ("assets/app-1.wasm.br", "program in brotli"),
            ("assets/app-1.wasm.gz", "program in gzip"),
        ] {
            fs::write(dir.path().join("root").join(name), content).unwrap();
        }
        // Free a moment ago; the test fails, and says so, should somebody take it in between.
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let script = start_script();
        let mut command = Command::new("/bin/sh");
        command.arg(script).env("BACKEND_URL", backend_url).env("WEB_LISTEN", format!("127.0.0.1:{port}"));
        command.env("WEB_ROOT", dir.path().join("root")).env("WEB_STATE", dir.path().join("state"));
        command.env("PATH", "/usr/bin:/bin:/usr/sbin");
        if rustix::process::geteuid().is_root() {
            command.env("NGINX_USER", "root");
        }
        let log = fs::File::create(dir.path().join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut site = Self { nginx: command.spawn().unwrap(), port, dir };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = site.nginx.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "nginx does not listen: {}", site.log());
            thread::yield_now();
        }
        site
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    fn send(&self, request_line: &str, headers: &[&str]) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let headers: String = headers.iter().map(|it| format!("{it}\r\n")).collect();
        write!(stream, "{request_line} HTTP/1.1\r\nHost: skydesk\r\nConnection: close\r\n{headers}\r\n")
            .unwrap();
        stream
    }

    fn ask(&self, request_line: &str, headers: &[&str]) -> Answer {
        let mut text = String::new();
        self.send(request_line, headers).read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {}", self.log()));
        Answer { head: head.to_owned(), body: body.to_owned() }
    }

    /// As a browser asks for a page.
    fn visit(&self, path: &str) -> Answer {
        self.ask(
            &format!("GET {path}"),
            &["Accept: text/html,*/*;q=0.8", "Accept-Encoding: gzip, deflate, br, zstd"],
        )
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.nginx), Signal::TERM);
        let _ = self.nginx.wait();
    }
}

struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    fn headers(&self, name: &str) -> Vec<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.filter(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }
}

/// An app tier that answers each request with `answer`, and hands on what it was asked.
fn backend(answer: &'static str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head: Vec<String> = BufReader::new(&stream)
                .lines()
                .map(Result::unwrap)
                .take_while(|line| !line.is_empty())
                .collect();
            stream.write_all(answer.as_bytes()).unwrap();
            if asked.send(head.join("\n")).is_err() {
                return;
            }
        }
    });
    (url, requests)
}

/// Nobody listens on the discard port.
const NOBODY: &str = "http://127.0.0.1:9";

#[test]
fn a_client_gets_the_smallest_form_that_it_takes() {
    let site = Site::start(NOBODY);
    for (accepted, body, encoding) in [
        ("gzip, deflate, br, zstd", "program in brotli", vec!["br"]),
        ("gzip;q=1.0, *;q=0", "program in gzip", vec!["gzip"]),
        ("br;q=0, gzip", "program in gzip", vec!["gzip"]),
        ("identity", "program", vec![]),
        ("vibrant", "program", vec![]),
    ] {
        let answer = site.ask("GET /assets/app-1.wasm", &[&format!("Accept-Encoding: {accepted}")]);
        assert_eq!(answer.body, body, "{accepted}");
        assert_eq!(answer.headers("Content-Encoding"), encoding, "{accepted}");
        assert_eq!(answer.headers("Content-Type"), ["application/wasm"], "{accepted}");
        assert_eq!(answer.headers("Vary"), ["Accept-Encoding"], "{accepted}");
    }
}

#[test]
fn assets_are_kept_for_ever_and_the_page_is_asked_for_again() {
    let site = Site::start(NOBODY);
    assert_eq!(
        site.visit("/assets/app-1.wasm").headers("Cache-Control"),
        ["public, max-age=31536000, immutable"]
    );
    assert_eq!(site.visit("/").headers("Cache-Control"), ["no-cache"]);
    assert_eq!(site.visit("/favicon.svg").headers("Cache-Control"), ["no-cache"]);
    assert_eq!(site.visit("/assets/gone.wasm").headers("Cache-Control"), ["no-cache"]);
}

#[test]
fn only_a_navigation_gets_the_page_for_an_address_that_is_no_file() {
    let site = Site::start(NOBODY);
    let page = site.visit("/workspaces/ws-123?sort=-state");
    assert_eq!((page.status(), page.body.as_str()), ("200", "page in brotli"));
    assert_eq!(page.headers("Content-Type"), ["text/html; charset=utf-8"]);
    assert_eq!(site.ask("GET /workspaces/ws-123", &["Accept: application/json"]).status(), "404");
    assert_eq!(site.visit("/assets/gone.wasm").status(), "404");
    assert_eq!(site.visit("/assets/app-1.wasm.br").status(), "404");
    assert_eq!(site.visit("/.env").status(), "404");
}

#[test]
fn every_answer_of_the_site_carries_its_security_headers_once() {
    let site = Site::start(NOBODY);
    for path in ["/", "/assets/app-1.wasm", "/assets/gone.wasm"] {
        let answer = site.visit(path);
        let policy = answer.headers("Content-Security-Policy");
        assert_eq!(policy.len(), 1, "{path}");
        assert!(policy[0].starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{path}");
        assert!(!policy[0].contains("unsafe-inline") && !policy[0].contains("'unsafe-eval'"), "{path}");
        assert_eq!(answer.headers("X-Content-Type-Options"), ["nosniff"], "{path}");
        assert_eq!(answer.headers("X-Frame-Options"), ["DENY"], "{path}");
        assert!(answer.headers("Strict-Transport-Security").is_empty(), "{path} over http");
    }
}

#[test]
fn the_api_keeps_its_own_policy_and_headers_are_not_doubled() {
    let (url, _requests) = backend(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\nContent-Security-Policy: theirs\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: x\r\n\r\n{}",
    );
    let answer = Site::start(&url).ask("GET /api/docs", &[]);
    assert_eq!(answer.body, "{}");
    assert_eq!(answer.headers("Content-Security-Policy"), ["theirs"]);
    assert_eq!(answer.headers("Cache-Control"), ["no-store"]);
    assert_eq!(answer.headers("Content-Type"), ["application/json"]);
    assert_eq!(answer.headers("X-Content-Type-Options"), ["nosniff"]);
    assert_eq!(answer.headers("X-Request-Id").len(), 1);
}

#[test]
fn what_a_client_claims_about_itself_does_not_reach_the_app() {
    let (url, requests) = backend("HTTP/1.1 204 No Content\r\n\r\n");
    let site = Site::start(&url);
    let claims = [
        "X-Forwarded-For: 6.6.6.6",
        "X-Forwarded-Proto: https",
        "Forwarded: for=6.6.6.6",
        "X-Request-Id: a b",
    ];
    let answer = site.ask("GET /api/auth/me", &claims);
    let seen = requests.recv_timeout(PATIENCE).unwrap();
    assert!(seen.contains("X-Forwarded-For: 127.0.0.1\n") && !seen.contains("6.6.6.6"), "{seen}");
    assert!(seen.contains("X-Forwarded-Proto: http\n"), "{seen}");
    let id = answer.headers("X-Request-Id")[0].to_owned();
    assert!(id.len() == 32 && seen.contains(&format!("X-Request-Id: {id}\n")), "{seen}");
}

#[test]
fn a_harmless_request_id_is_kept_and_the_log_shows_no_query() {
    let (url, requests) = backend("HTTP/1.1 204 No Content\r\n\r\n");
    let site = Site::start(&url);
    let answer = site.ask("GET /api/reports/1/file?signature=secret", &["X-Request-Id: trace-0001"]);
    assert!(requests.recv_timeout(PATIENCE).unwrap().contains("X-Request-Id: trace-0001"));
    assert_eq!(answer.headers("X-Request-Id"), ["trace-0001"]);
    let deadline = Instant::now() + PATIENCE;
    while !site.log().contains("trace-0001") {
        assert!(Instant::now() < deadline, "nothing was logged");
        thread::yield_now();
    }
    assert!(!site.log().contains("secret"), "{}", site.log());
}

#[test]
fn an_app_that_is_down_is_a_problem_that_says_so() {
    let site = Site::start(NOBODY);
    let answer = site.ask("GET /api/workspaces", &[]);
    assert_eq!(answer.status(), "503");
    assert_eq!(answer.headers("Content-Type"), ["application/problem+json"]);
    assert_eq!(answer.headers("Retry-After"), ["5"]);
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["code"], "server_unavailable");
    assert_eq!(problem["request_id"], answer.headers("X-Request-Id")[0]);
}

#[test]
fn the_apps_own_refusals_pass_unchanged() {
    let (url, _requests) =
        backend("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nRetry-After: 30\r\n\r\nours");
    let answer = Site::start(&url).ask("GET /api/workspaces", &[]);
    assert_eq!((answer.status(), answer.body.as_str()), ("503", "ours"));
    assert_eq!(answer.headers("Retry-After"), ["30"]);
}

#[test]
fn a_body_beyond_all_limits_is_refused_as_a_problem() {
    let answer = Site::start(NOBODY).ask("POST /api/ai/query", &["Content-Length: 3000000"]);
    assert_eq!(answer.status(), "413");
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["code"], "body_too_large");
}

#[test]
fn live_progress_arrives_while_the_stream_is_open() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let site = Site::start(&format!("http://{}", listener.local_addr().unwrap()));
    let client = site.send("GET /api/stream", &["Accept: text/event-stream"]);
    let (mut app, _) = listener.accept().unwrap();
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n").unwrap();
    // The app has not closed; a buffering proxy would keep the event.
    let first = BufReader::new(client).lines().map(Result::unwrap).find(|line| line.starts_with("data:"));
    assert_eq!(first.as_deref(), Some("data: first"));
}

#[test]
fn a_setting_that_would_become_configuration_is_refused() {
    for (name, value) in [
        ("BACKEND_URL", "http://app:8000/api"),
        ("BACKEND_URL", "app:8000"),
        ("BACKEND_URL", "http://app;} server {"),
        ("WEB_TRUSTED_PROXY", "10.0.0.0/8; include /etc/passwd"),
        ("WEB_TLS_CERT", "/nowhere/cert.pem"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("index.html"), "").unwrap();
        let script = start_script();
        let mut command = Command::new("/bin/sh");
        command.arg(script).env("BACKEND_URL", NOBODY).env("WEB_ROOT", dir.path()).env("NGINX", "/bin/false");
        command.env("WEB_STATE", dir.path().join("state")).env(name, value);
        let output = command.output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && message.starts_with("web tier: "), "{name}={value}: {message}");
        assert!(!dir.path().join("state").exists(), "{name}={value} was rendered");
    }
}

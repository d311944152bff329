//! Debian packages: what each is for, whether it is there, and how it gets there.
//!
//! Presence is judged by the file a package brings, not by the package database: what was installed by hand counts.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::Purpose;
use crate::place::{postgres_programs, program};
use crate::{command, say};

const INSTALL: &str = include_str!("install.sh");

/// Something that is not there, the package that brings it, and what for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Missing {
    pub(crate) package: &'static str,
    pub(crate) reason: &'static str,
}

struct Need {
    package: &'static str,
    reason: &'static str,
    is_there: fn() -> bool,
}

const CURL_CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

const FOR_WEB: &[Need] = &[Need {
    package: "npm",
    reason: "Tailwind and wasm-opt come from npm",
    is_there: || program("npm").is_some(),
}];

const FOR_RUNNING: &[Need] = &[
    Need { package: "g++", reason: "llama.cpp is compiled here", is_there: || program("c++").is_some() },
    Need { package: "cmake", reason: "llama.cpp is compiled here", is_there: || program("cmake").is_some() },
    Need {
        package: "libclang-dev",
        reason: "llama.cpp's bindings are generated here",
        is_there: libclang_is_there,
    },
    Need {
        package: "ca-certificates",
        reason: "packages and models are fetched over https",
        is_there: || Path::new(CURL_CERTIFICATES).exists(),
    },
    Need { package: "postgresql", reason: "the database", is_there: || postgres_programs().is_some() },
    Need {
        package: "redis-server",
        reason: "cache and live progress",
        is_there: || program("redis-server").is_some(),
    },
    Need { package: "nginx", reason: "the web tier", is_there: || program("nginx").is_some() },
    Need { package: "python3-venv", reason: "the AWS sandbox runs in a venv", is_there: ensurepip_is_there },
];

const FOR_TESTING: &[Need] = &[
    Need { package: "chromium", reason: "the browser journey", is_there: || program("chromium").is_some() },
    Need {
        package: "chromium-driver",
        reason: "the browser journey",
        is_there: || program("chromedriver").is_some(),
    },
];

/// What building, running and, if asked for, testing lacks.
pub(crate) fn missing(purpose: Purpose) -> Vec<Missing> {
    let tests = if purpose == Purpose::Test { FOR_TESTING } else { &[] };
    FOR_WEB.iter().chain(FOR_RUNNING).chain(tests).filter_map(lacking).collect()
}

/// What the web build alone lacks.
pub(crate) fn missing_for_web() -> Vec<Missing> {
    FOR_WEB.iter().filter_map(lacking).collect()
}

/// Installs the packages; does nothing when there are none.
///
/// # Errors
/// This is no Debian, or nothing may be installed without a password: the message says what to do by hand.
pub(crate) fn install(missing: &[Missing]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    for it in missing {
        say::line(&format!("  missing: {} ({})", it.package, it.reason));
    }
    let packages: Vec<&str> = missing.iter().map(|it| it.package).collect();
    if program("apt-get").is_none() {
        bail!(
            "this machine has no apt-get, so these have to be installed by hand, whatever they are called here: {}\n\
             Or let containers bring everything: docker compose -f docker-compose.full.yml --profile demo up",
            packages.join(", ")
        );
    }
    let mut install = if rustix::process::geteuid().is_root() {
        Command::new("sh")
    } else if command::succeeds(Command::new("sudo").args(["-n", "true"])) {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "sh"]);
        sudo
    } else {
        bail!(
            "packages are missing and sudo wants a password. Install them, then run this again:\n\
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
            packages.join(" ")
        );
    };
    install.args(["-c", INSTALL, "install.sh"]).args(&packages);
    say::step(&format!("apt-get install {}", packages.join(" ")), || {
        command::run(&mut install, "apt-get install")
    })?;
    if packages.iter().any(|it| ["postgresql", "redis-server", "nginx"].contains(it)) {
        say::line(
            "  Skydesk runs its own copies of these servers. Debian would start the system's at the next boot; \
             if nothing else needs them:\n  sudo systemctl disable postgresql redis-server nginx",
        );
    }
    Ok(())
}

fn lacking(need: &Need) -> Option<Missing> {
    (!(need.is_there)()).then_some(Missing { package: need.package, reason: need.reason })
}

/// bindgen looks for the library in LLVM's own folders.
fn libclang_is_there() -> bool {
    let versions = fs::read_dir("/usr/lib").into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        entry.file_name().to_str()?.starts_with("llvm-").then(|| entry.path().join("lib"))
    });
    versions.chain(["/usr/lib/x86_64-linux-gnu".into(), "/usr/lib/aarch64-linux-gnu".into()]).any(|dir| {
        fs::read_dir(dir)
            .into_iter()
            .flatten()
            .any(|entry| entry.is_ok_and(|it| it.file_name().to_string_lossy().starts_with("libclang.so")))
    })
}

/// `python3 -m venv` without it makes an environment that cannot install anything.
fn ensurepip_is_there() -> bool {
    fs::read_dir("/usr/lib").into_iter().flatten().any(|entry| {
        entry.is_ok_and(|it| {
            it.file_name().to_string_lossy().starts_with("python3.")
                && it.path().join("ensurepip/__init__.py").exists()
        })
    }) || command::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]))
}

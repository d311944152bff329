//! The compiler for the browser. Two ways lead to one:
//! rustup's own target, or Debian's second toolchain, which builds the standard library from source. The latter is for
//! machines where rustup is not there or cannot fetch anything, such as image builds behind a registry mirror.
//!
//! The two never share artefacts: each has its own target directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::debian::Missing;
use crate::place::{Place, program, variable};
use crate::{command, say};

/// The target's name.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Chooses a toolchain by hand: `rustup` or `debian`. For testing this very file.
const CHOICE: &str = "SKYDESK_WASM_TOOLCHAIN";

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

const DEBIAN_REASON: &str = "compiles the web application, as rustup cannot fetch its target";

/// A way to compile for the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The toolchain that compiles everything else, with the target added.
    Rustup,
    /// Debian's `rustc-web`, linking with this linker.
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// The toolchain that is there.
    ///
    /// # Errors
    /// None is, or the one that [`CHOICE`] names is not.
    pub(crate) fn find() -> Result<Self> {
        let chosen = variable(CHOICE);
        match chosen.as_deref() {
            None | Some("rustup") if rustup_target_is_there() => Ok(Self::Rustup),
            None | Some("debian") if debian_is_there() => Ok(Self::Debian { linker: linker()? }),
            None => bail!("no compiler for {TARGET}; `cargo xtask setup` installs one"),
            Some(name) => bail!("{CHOICE}={name} is not installed; unset it, or say `rustup` or `debian`"),
        }
    }

    /// A name for fingerprints and folders.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Debian { .. } => "debian",
        }
    }

    /// Where its artefacts are.
    pub(crate) fn target_dir(&self, place: &Place) -> PathBuf {
        place.cache.join("target-web").join(self.name())
    }

    /// `cargo build` for the browser, to be given packages and a profile.
    pub(crate) fn build(&self, place: &Place) -> Command {
        match self {
            Self::Rustup => self.prepared(Command::new("cargo"), "build", place),
            Self::Debian { .. } => self.prepared(Command::new(DEBIAN_CARGO), "build", place),
        }
    }

    /// `cargo clippy` for the browser, to be given packages and lints.
    ///
    /// # Errors
    /// Debian's clippy is not there.
    pub(crate) fn clippy(&self, place: &Place) -> Result<Command> {
        match self {
            Self::Rustup => Ok(self.prepared(Command::new("cargo"), "clippy", place)),
            Self::Debian { .. } => {
                if !Path::new(DEBIAN_CLIPPY).exists() {
                    bail!("{DEBIAN_CLIPPY} is missing; `apt-get install rust-web-clippy` brings it");
                }
                // By path: cargo would look for its subcommand in ~/.cargo/bin first, and find rustup's.
                Ok(self.prepared(Command::new(DEBIAN_CLIPPY), "clippy", place))
            }
        }
    }

    fn prepared(&self, mut cargo: Command, subcommand: &str, place: &Place) -> Command {
        cargo.current_dir(&place.root).args([subcommand, "--target", TARGET]);
        cargo.env("CARGO_TARGET_DIR", self.target_dir(place));
        if let Self::Debian { linker } = self {
            // `build-std` is unstable, hence the bootstrap switch; Debian ships sources and compiler of one version.
            cargo.args(["-Zbuild-std=std,panic_abort"]);
            cargo.env("CARGO", DEBIAN_CARGO).env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker).env_remove("RUSTUP_TOOLCHAIN");
        }
        cargo
    }
}

/// Debian packages without which nothing compiles for the browser. Tries rustup first, which needs no package.
pub(crate) fn missing() -> Vec<Missing> {
    let wants_debian = variable(CHOICE).as_deref() == Some("debian");
    if debian_is_there() || (!wants_debian && (rustup_target_is_there() || rustup_adds_target())) {
        return Vec::new();
    }
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"]
        .map(|package| Missing { package, reason: DEBIAN_REASON })
        .into()
}

fn rustup_target_is_there() -> bool {
    sysroot().is_ok_and(|it| it.join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

fn rustup_adds_target() -> bool {
    program("rustup").is_some()
        && say::step(&format!("rustup target add {TARGET}"), || {
            command::run(Command::new("rustup").args(["target", "add", TARGET]), "rustup target add")
        })
        .inspect_err(|e| say::line(&format!("  {e}; trying Debian's toolchain instead")))
        .is_ok()
}

fn debian_is_there() -> bool {
    [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_SOURCES].iter().all(|it| Path::new(it).exists())
}

/// Debian's compiler brings no WASM linker; the copy of LLVM's in the default toolchain serves.
fn linker() -> Result<PathBuf> {
    let description = command::capture(Command::new("rustc").arg("-vV"), "rustc -vV")?;
    let host = description.lines().find_map(|it| it.strip_prefix("host: ")).context("rustc names no host")?;
    let ours = sysroot()?.join("lib/rustlib").join(host).join("bin/rust-lld");
    [Some(ours), program("rust-lld"), program("wasm-ld"), program("lld")]
        .into_iter()
        .flatten()
        .find(|it| it.exists())
        .context("no linker for WASM: neither the Rust toolchain's rust-lld nor Debian's lld is there")
}

fn sysroot() -> Result<PathBuf> {
    command::capture(Command::new("rustc").args(["--print", "sysroot"]), "rustc --print sysroot")
        .map(PathBuf::from)
}

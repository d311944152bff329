//! From a compiled web application to the files that nginx serves.
//!
//! `cargo xtask web` calls it with the compiler's and Tailwind's output. It is a program of its own because
//! wasm-bindgen's half takes long to compile, and nothing else of xtask needs it. It compiles nothing itself and
//! asks nobody over the network.

mod bundle;
mod compress;
mod fingerprint;
mod page;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Makes the web application's files.
#[derive(Debug, Parser)]
#[command(name = "xtask-web", disable_version_flag = true)]
pub(crate) struct Arguments {
    /// The compiled application
    #[arg(long)]
    wasm: PathBuf,
    /// Its style sheet
    #[arg(long)]
    css: PathBuf,
    /// The page, with `<!-- assets -->` where links to style sheet and program go
    #[arg(long)]
    page: PathBuf,
    /// A folder of further files, served under their own names
    #[arg(long)]
    public: Option<PathBuf>,
    /// Binaryen's optimiser
    #[arg(long)]
    wasm_opt: PathBuf,
    /// A folder for intermediate files
    #[arg(long)]
    work: PathBuf,
    /// Where the site goes; replaced as a whole
    #[arg(long)]
    out: PathBuf,
}

fn main() -> ExitCode {
    match bundle::make(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

//! Foreground commands: run to their end, stopped with us, and explained when they fail.
//!
//! Services that keep running belong to [`crate::stack::supervisor`].

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::interrupt;

/// How much of a log an error message quotes.
const QUOTED_LINES: usize = 20;

/// Runs a command whose output the user sees.
///
/// # Errors
/// It cannot be started, fails, or the user asked to stop.
pub(crate) fn run(command: &mut Command, what: &str) -> Result<()> {
    let child = command.spawn().with_context(|| cannot_start(command, what))?;
    let status = wait(child)?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}

/// Runs a command whose output is only of interest when it fails.
///
/// # Errors
/// As [`run`]; the message ends with the last lines that the command wrote.
pub(crate) fn run_quietly(command: &mut Command, what: &str, log: &Path) -> Result<()> {
    if let Some(dir) = log.parent() {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    }
    let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let errors = output.try_clone().context("cannot share a log file")?;
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    let child = command.spawn().with_context(|| cannot_start(command, what))?;
    let status = wait(child)?;
    if !status.success() {
        bail!("{what} failed ({status}); {} ends with:\n{}", log.display(), tail(log));
    }
    Ok(())
}

/// Runs a short command and returns what it wrote to stdout, without the last line break.
///
/// # Errors
/// As [`run`]; the message quotes stderr.
pub(crate) fn capture(command: &mut Command, what: &str) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command, what))?;
    interrupt::check()?;
    if !output.status.success() {
        bail!("{what} failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
    }
    let text = String::from_utf8(output.stdout).with_context(|| format!("{what} did not write UTF-8"))?;
    Ok(text.trim_end().to_owned())
}

/// Whether a command exists and succeeds; its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The last lines of a log, indented.
pub(crate) fn tail(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let quoted = lines.get(lines.len().saturating_sub(QUOTED_LINES)..).unwrap_or_default();
    if quoted.is_empty() {
        return "    (nothing)".to_owned();
    }
    quoted.iter().map(|it| format!("    {it}")).collect::<Vec<_>>().join("\n")
}

/// Waits for the end, and takes the child down when the user asks to stop.
fn wait(mut child: Child) -> Result<ExitStatus> {
    let mut beat = Duration::from_millis(2);
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for a child process")? {
            interrupt::check()?;
            return Ok(status);
        }
        if let Err(interrupted) = interrupt::pause(beat) {
            // From a terminal the child got the signal as well; from `kill` it did not.
            let _ = kill_process(Pid::from_child(&child), Signal::TERM);
            let _ = child.wait();
            return Err(interrupted);
        }
        beat = (beat * 2).min(Duration::from_millis(100));
    }
}

fn cannot_start(command: &Command, what: &str) -> String {
    format!("cannot start {what} ({})", command.get_program().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_explained_by_its_own_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("some/step.log");
        let error =
            run_quietly(Command::new("sh").args(["-c", "echo no space left >&2; exit 3"]), "the step", &log)
                .unwrap_err()
                .to_string();
        assert!(error.contains("the step failed (exit status: 3)"), "{error}");
        assert!(error.ends_with("    no space left"), "{error}");
    }

    #[test]
    fn captured_text_loses_its_line_break() {
        assert_eq!(capture(Command::new("echo").arg("words"), "echo").unwrap(), "words");
    }
}

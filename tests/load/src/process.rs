//! Processes as the kernel accounts for them: CPU time and memory, from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, bail};

/// `/proc` counts CPU time in these, on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// A process of the stack, with all that it has started.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) pid: u32,
}

/// Memory in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// What is in RAM, shared pages counted in each process that has them.
    pub(crate) resident: u64,
    /// What is in RAM, shared pages counted in parts.
    pub(crate) proportional: u64,
}

impl Process {
    /// This program.
    pub(crate) fn own() -> Self {
        Self { name: "load".to_owned(), pid: std::process::id() }
    }

    /// CPU time of the process and its living descendants, user and system, and of children that they have awaited.
    ///
    /// # Errors
    /// The process is gone.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut ticks = 0;
        for pid in self.family()? {
            // A descendant may end between the two looks.
            let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
            // utime, stime, cutime, cstime: fields 14 to 17 of the whole line, counted here from the state.
            ticks += fields(&stat).skip(11).take(4).filter_map(|it| it.parse::<u32>().ok()).sum::<u32>();
        }
        Ok(TICK * ticks)
    }

    /// Memory of the process and its descendants.
    ///
    /// # Errors
    /// The process is gone.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let mut memory = Memory::default();
        for pid in self.family()? {
            let Ok(text) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
            memory.resident += kibibytes(&text, "Rss:").unwrap_or(0) * 1024;
            memory.proportional += kibibytes(&text, "Pss:").unwrap_or(0) * 1024;
        }
        Ok(memory)
    }

    /// The most that was resident, in bytes, since the start or [`Process::forget_peak`]. Of the process alone.
    ///
    /// # Errors
    /// The process is gone.
    pub(crate) fn peak(&self) -> anyhow::Result<u64> {
        let text =
            fs::read_to_string(format!("/proc/{}/status", self.pid)).with_context(|| self.is_gone())?;
        Ok(kibibytes(&text, "VmHWM:").context("the kernel tells no peak")? * 1024)
    }

    /// Lets [`Process::peak`] begin anew.
    ///
    /// # Errors
    /// The process is gone or somebody else's.
    pub(crate) fn forget_peak(&self) -> anyhow::Result<()> {
        fs::write(format!("/proc/{}/clear_refs", self.pid), "5").with_context(|| self.is_gone())
    }

    /// The process and its living descendants.
    fn family(&self) -> anyhow::Result<Vec<u32>> {
        if !fs::exists(format!("/proc/{}", self.pid))? {
            bail!("{}", self.is_gone());
        }
        let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
            .context("there is no /proc")?
            .filter_map(|entry| {
                let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
                let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
                Some((pid, fields(&stat).nth(1)?.parse().ok()?))
            })
            .collect();
        let mut family = vec![self.pid];
        loop {
            let next = parents.iter().find(|(pid, parent)| family.contains(parent) && !family.contains(pid));
            let Some((pid, _)) = next else { return Ok(family) };
            family.push(*pid);
        }
    }

    fn is_gone(&self) -> String {
        format!("{} (process {}) is gone", self.name, self.pid)
    }
}

/// The fields of a `stat` line from the state on. The name before may hold blanks and brackets.
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace()
}

fn kibibytes(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix("kB")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_a_peak_not_below_it() {
        let own = Process::own();
        let memory = own.memory().unwrap();
        assert!(memory.resident > 1024 * 1024 && memory.proportional > 0);
        assert!(memory.proportional <= memory.resident);
        assert!(own.peak().unwrap() > 1024 * 1024);
        assert!(own.cpu().unwrap() < Duration::from_mins(10));
    }

    #[test]
    fn a_name_with_brackets_is_skipped() {
        assert_eq!(fields("7 (a) b) S 1 2").collect::<Vec<_>>(), ["S", "1", "2"]);
    }
}

//! Results: collected while measuring, told as they come, and a table at the end.
//!
//! A ratio is always ours by theirs, whatever the unit: of times a small one is good, of rates a large one. Nothing here
//! measures.

use std::io::Write as _;

use serde::Serialize;

/// What all measurements found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Sheet {
    measurement: String,
    entries: Vec<Entry>,
    notes: Vec<Note>,
}

/// What should be reached.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Aim {
    /// Ours by theirs.
    RatioAtLeast(f64),
    /// Ours by theirs.
    RatioAtMost(f64),
    /// In the entry's unit.
    AtMost(f64),
    /// In the entry's unit.
    AtLeast(f64),
}

/// One figure of ours, and what it is held against.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    measurement: String,
    what: String,
    ours: f64,
    unit: &'static str,
    beside: Option<String>,
    theirs: Option<f64>,
    ratio: Option<f64>,
    aim: Option<Aim>,
    met: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Note {
    measurement: String,
    text: String,
}

impl Entry {
    /// `ours` in `unit`, such as `requests/s`.
    pub(crate) fn new(what: impl Into<String>, ours: f64, unit: &'static str) -> Self {
        Self {
            measurement: String::new(),
            what: what.into(),
            ours,
            unit,
            beside: None,
            theirs: None,
            ratio: None,
            aim: None,
            met: None,
        }
    }

    /// What did the same work in the same run, and its figure in the same unit.
    pub(crate) fn beside(mut self, name: impl Into<String>, theirs: f64) -> Self {
        self.beside = Some(name.into());
        self.theirs = Some(theirs);
        self.ratio = (theirs > 0.0).then_some(self.ours / theirs);
        self
    }

    pub(crate) fn aim(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }

    fn is_met(&self) -> Option<bool> {
        match self.aim? {
            Aim::RatioAtLeast(least) => Some(self.ratio? >= least),
            Aim::RatioAtMost(most) => Some(self.ratio? <= most),
            Aim::AtMost(most) => Some(self.ours <= most),
            Aim::AtLeast(least) => Some(self.ours >= least),
        }
    }

    fn cells(&self) -> [String; 7] {
        let aim = self.aim.map(|aim| match aim {
            Aim::RatioAtLeast(least) => format!("≥ {least} ×"),
            Aim::RatioAtMost(most) => format!("≤ {most} ×"),
            Aim::AtMost(most) => format!("≤ {most} {}", self.unit),
            Aim::AtLeast(least) => format!("≥ {least} {}", self.unit),
        });
        let met = self.met.map(|met| if met { "met" } else { "not met" }.to_owned());
        [
            self.what.clone(),
            format!("{} {}", readable(self.ours), self.unit),
            self.beside.clone().unwrap_or_default(),
            self.theirs.map(|it| format!("{} {}", readable(it), self.unit)).unwrap_or_default(),
            self.ratio.map(|it| format!("{} ×", readable(it))).unwrap_or_default(),
            aim.unwrap_or_default(),
            met.unwrap_or_default(),
        ]
    }
}

impl Sheet {
    /// What follows belongs to the measurement of that name.
    pub(crate) fn begin(&mut self, measurement: &str) {
        measurement.clone_into(&mut self.measurement);
        eprintln!("── {measurement}");
    }

    /// A result. It is told at once, so that a long run shows where it is.
    pub(crate) fn add(&mut self, mut entry: Entry) {
        entry.measurement.clone_from(&self.measurement);
        entry.met = entry.is_met();
        eprintln!(
            "   {}",
            entry.cells().iter().filter(|it| !it.is_empty()).cloned().collect::<Vec<_>>().join(" · ")
        );
        self.entries.push(entry);
    }

    /// What a reader of the figures has to know.
    pub(crate) fn note(&mut self, text: &str) {
        eprintln!("   {text}");
        self.notes.push(Note { measurement: self.measurement.clone(), text: text.to_owned() });
    }

    /// Everything as Markdown, on standard output.
    ///
    /// # Errors
    /// Standard output is closed.
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "| measurement | what | ours | beside | theirs | ours by theirs | aim | |")?;
        writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
        for entry in &self.entries {
            writeln!(out, "| {} | {} |", entry.measurement, entry.cells().join(" | "))?;
        }
        writeln!(out)?;
        for note in &self.notes {
            writeln!(out, "- {}: {}", note.measurement, note.text)?;
        }
        Ok(())
    }

    /// Everything for a program to read.
    ///
    /// # Errors
    /// A figure is no number.
    pub(crate) fn to_json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(&serde_json::json!({"entries": self.entries, "notes": self.notes}))?)
    }
}

/// Three significant digits or whole thousands: more would be noise.
fn readable(number: f64) -> String {
    match number.abs() {
        it if it >= 100.0 => format!("{number:.0}"),
        it if it >= 10.0 => format!("{number:.1}"),
        it if it >= 1.0 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_met_by_ratio_or_by_the_figure() {
        let faster = Entry::new("requests", 300.0, "requests/s").beside("a peer", 10.0);
        assert_eq!(faster.clone().aim(Aim::RatioAtLeast(15.0)).is_met(), Some(true));
        assert_eq!(faster.clone().aim(Aim::RatioAtMost(15.0)).is_met(), Some(false));
        assert_eq!(faster.is_met(), None);
        assert_eq!(Entry::new("time", 21.0, "ms").aim(Aim::AtMost(20.0)).is_met(), Some(false));
        assert_eq!(
            Entry::new("time", 1.0, "ms").aim(Aim::RatioAtMost(2.0)).is_met(),
            None,
            "nothing beside it"
        );
    }

    #[test]
    fn figures_keep_three_digits() {
        assert_eq!(
            [0.1234, 1.234, 12.34, 123.4, 12345.6].map(readable),
            ["0.123", "1.23", "12.3", "123", "12346"]
        );
    }
}

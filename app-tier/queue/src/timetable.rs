//! When a schedule runs: a cron expression read in a time zone.
//!
//! A fixed time that the clocks skip in spring runs right after the gap; one that they repeat in autumn runs once.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    errors::CronError,
    parser::{CronParser, Seconds, Year},
};

/// A cron expression (minute, hour, day of month, month, day of week; `@daily` and the like) in an IANA time zone.
#[derive(Debug, Clone)]
pub struct Timetable {
    cron: Cron,
    zone: Tz,
}

/// Why a timetable cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TimetableError {
    #[error("{pattern:?} is not a cron expression of five fields such as \"30 6 * * MON-FRI\" ({reason})")]
    Cron { pattern: String, reason: String },
    #[error("{0:?} is not a time zone such as \"Europe/Berlin\" or \"UTC\"")]
    Timezone(String),
    #[error("{0:?} names a time that never comes")]
    Never(String),
}

impl Timetable {
    /// Read both parts.
    ///
    /// # Errors
    /// Either is not understood; the message is fit for the person who wrote it.
    pub fn parse(cron: &str, timezone: &str) -> Result<Self, TimetableError> {
        let zone = Tz::from_str(timezone.trim())
            .map_err(|_unknown| TimetableError::Timezone(timezone.to_owned()))?;
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser
            .parse(cron)
            .map_err(|error| TimetableError::Cron { pattern: cron.to_owned(), reason: reason(error) })?;
        Ok(Self { cron, zone })
    }

    /// The first planned time after `time`.
    ///
    /// # Errors
    /// [`TimetableError::Never`], as for the 30th of February.
    pub fn next_after(&self, time: DateTime<Utc>) -> Result<DateTime<Utc>, TimetableError> {
        self.cron
            .find_next_occurrence(&time.with_timezone(&self.zone), false)
            .map(|next| next.with_timezone(&Utc))
            .map_err(|_no_end| TimetableError::Never(self.cron.as_str().to_owned()))
    }
}

/// The parser's words without its type names.
fn reason(error: CronError) -> String {
    match error {
        CronError::EmptyPattern => "it is empty".to_owned(),
        CronError::InvalidPattern(text)
        | CronError::IllegalCharacters(text)
        | CronError::ComponentError(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, zone: &str, after: &str) -> String {
        let after = after.parse().unwrap();
        Timetable::parse(cron, zone).unwrap().next_after(after).unwrap().to_rfc3339()
    }

    #[test]
    fn a_time_is_local_to_the_zone() {
        assert_eq!(next("30 6 * * *", "Europe/Berlin", "2026-01-10T00:00:00Z"), "2026-01-10T05:30:00+00:00");
        assert_eq!(next("30 6 * * *", "Europe/Berlin", "2026-07-10T00:00:00Z"), "2026-07-10T04:30:00+00:00");
    }

    #[test]
    fn a_time_in_the_spring_gap_runs_right_after_it() {
        assert_eq!(next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00+00:00");
    }

    #[test]
    fn a_time_repeated_in_autumn_runs_once() {
        let first = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z");
        assert_eq!(first, "2026-10-25T00:30:00+00:00");
        assert_eq!(next("30 2 * * *", "Europe/Berlin", &first), "2026-10-26T01:30:00+00:00");
    }

    #[test]
    fn the_next_time_is_after_a_planned_one() {
        assert_eq!(next("0 * * * *", "UTC", "2026-01-10T05:00:00Z"), "2026-01-10T06:00:00+00:00");
    }

    #[test]
    fn mistakes_are_told_in_words() {
        for (cron, zone, words) in [
            ("61 * * * *", "UTC", "\"61 * * * *\" is not a cron expression"),
            ("", "UTC", "it is empty"),
            ("* * * * * *", "UTC", "is not a cron expression of five fields"),
            ("* * * * *", "Europe/Atlantis", "\"Europe/Atlantis\" is not a time zone"),
        ] {
            let error = Timetable::parse(cron, zone).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn the_thirtieth_of_february_never_comes() {
        let never = Timetable::parse("0 0 30 2 *", "UTC").unwrap();
        let error = never.next_after("2026-01-01T00:00:00Z".parse().unwrap()).unwrap_err();
        assert!(matches!(error, TimetableError::Never(_)), "{error}");
    }
}

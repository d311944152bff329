//! Questions that were kept under a name: to ask them again, to see them on the overview, to have them as a file every week.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ids::ViewId, names::words, problem::FieldError, query::Plan, reports::Format};

/// The longest name, in characters.
pub const MAX_NAME_CHARS: usize = 80;
/// More than this nobody finds again.
pub const MOST_VIEWS: i64 = 200;

/// `GET /api/views`: one's own, also those that no longer fit, and what others share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct View {
    pub id: ViewId,
    pub name: String,
    /// Relative times stay relative: "last month" is another one next month.
    pub plan: Plan,
    /// `false`: the plan is about what its owner may not ask any more, or about what there is no more. It cannot be asked.
    pub fits: bool,
    /// The plan in words; empty where it does not fit.
    pub sentence: String,
    pub owner: String,
    /// Only the owner may change it.
    pub mine: bool,
    pub shared: bool,
    pub on_overview: bool,
    pub report: Option<ViewReport>,
    /// When the next report is made. `null` beside a `report`: it was stopped, because its owner may not make it any more or the
    /// plan no longer fits; to save the view starts it again.
    pub next_report_at: Option<DateTime<Utc>>,
}

/// `POST /api/views`, and `PUT /api/views/{id}` with all of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// No other of one's own has it, whatever the case.
    pub name: String,
    pub plan: Plan,
    /// Everybody who may ask the same sees it.
    #[serde(default)]
    pub shared: bool,
    /// On the owner's overview; a shared one on everybody's.
    #[serde(default)]
    pub on_overview: bool,
    /// Needs the right to make reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ViewReport>,
}

impl NewView {
    /// Every rule that needs neither catalog nor database.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
            errors.push(FieldError::new("/name", format!("has 1 to {MAX_NAME_CHARS} characters")));
        } else if name.chars().any(char::is_control) {
            errors.push(FieldError::new("/name", "is one line of text"));
        }
        if self.report.as_ref().is_some_and(|it| it.hour > 23) {
            errors.push(FieldError::new("/report/hour", "is 0 to 23"));
        }
        errors
    }
}

/// A report that makes itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewReport {
    pub format: Format,
    pub every: Every,
    /// Of the day, 0 to 23.
    pub hour: u8,
    /// IANA name; days are cut in it, too.
    pub timezone: String,
}

impl ViewReport {
    /// Five fields of cron. Weeks begin on Monday.
    #[must_use]
    pub fn cron(&self) -> String {
        let days = match self.every {
            Every::Day => "* * *",
            Every::Week => "* * 1",
            Every::Month => "1 * *",
        };
        format!("0 {} {days}", self.hour)
    }
}

words! {
    /// How often.
    pub enum Every {
        Day = "day", "Every day";
        /// On Mondays.
        Week = "week", "Every Monday";
        /// On the first.
        Month = "month", "On the first of the month";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(name: &str, hour: u8) -> Vec<String> {
        let report = ViewReport { format: Format::Csv, every: Every::Week, hour, timezone: "UTC".into() };
        let view = NewView {
            name: name.into(),
            plan: Plan::default(),
            shared: false,
            on_overview: false,
            report: Some(report),
        };
        view.check().into_iter().map(|it| it.pointer).collect()
    }

    #[test]
    fn a_name_is_one_short_line_and_an_hour_is_one_of_the_day() {
        assert!(faults("Zombies", 23).is_empty());
        assert_eq!(faults(" ", 24), ["/name", "/report/hour"]);
        assert_eq!(faults(&"x".repeat(81), 0), ["/name"]);
        assert_eq!(faults("a\nb", 0), ["/name"]);
    }

    #[test]
    fn reports_come_by_cron() {
        let of = |every| ViewReport { format: Format::Csv, every, hour: 7, timezone: "UTC".into() }.cron();
        let all: Vec<_> = Every::ALL.iter().map(|it| of(*it)).collect();
        assert_eq!(all, ["0 7 * * *", "0 7 * * 1", "0 7 1 * *"]);
    }
}

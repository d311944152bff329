//! What an administrator can change while Skydesk runs. What needs a restart is in the environment.

use serde::{Deserialize, Serialize};

use crate::{money::Money, problem::FieldError};

/// `GET,PUT /api/admin/config`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Calls per second to one API of one account-region.
    pub aws_calls_per_second: f64,
    /// What Skydesk may spend on asking AWS in a calendar month (UTC), over all accounts, in USD: `GetMetricData` and Cost
    /// Explorer are charged for.
    pub aws_monthly_cap: Money,
    /// Hours between two readings of usage; 0: none is read.
    pub usage_every_hours: u32,
    /// The key of the tag that holds a desktop's own id, by which Cost Explorer can tell what each desktop costs.
    pub cost_tag: String,
    /// A desktop with this tag, in any case of letters, is left as it is: no change of it is advised. A date as its value
    /// (`2027-01-31`) says until when.
    pub opt_out_tag: String,
    /// Days without a connection after which a desktop counts as idle.
    pub idle_days: u32,
    /// Rows of an answer that are sent; a report holds all.
    pub answer_rows: u32,
    /// Seconds after which a question's SELECT is stopped.
    pub question_timeout_seconds: u32,
    /// Questions a user may ask in a minute.
    pub questions_per_minute: u32,
    /// Days that report files are kept.
    pub report_days: u32,
    /// Days that finished jobs are kept.
    pub job_days: u32,
    /// Ask the language model for what the rules do not read, and whether it agrees with what they are certain of.
    pub use_model: bool,
    /// A reading of which rules, model and reranker together are less sure than this is asked back instead of answered.
    pub least_confidence: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            aws_calls_per_second: 10.0,
            aws_monthly_cap: Money::from_cents(1_000),
            usage_every_hours: 24,
            cost_tag: "skydesk:workspace-id".to_owned(),
            opt_out_tag: "Skip_Convert".to_owned(),
            idle_days: 30,
            answer_rows: 500,
            question_timeout_seconds: 5,
            questions_per_minute: 30,
            report_days: 30,
            job_days: 30,
            use_model: true,
            least_confidence: 0.7,
        }
    }
}

impl Settings {
    /// Every bound.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut within = |pointer: &str, value: f64, least: f64, most: f64| {
            if !(least..=most).contains(&value) {
                errors.push(FieldError::new(pointer, format!("takes {least} to {most}")));
            }
        };
        within("/aws_calls_per_second", self.aws_calls_per_second, 0.1, 1000.0);
        within("/aws_monthly_cap", self.aws_monthly_cap.to_f64(), 0.0, 100_000.0);
        within("/usage_every_hours", f64::from(self.usage_every_hours), 0.0, 1_000.0);
        within("/idle_days", f64::from(self.idle_days), 1.0, 3650.0);
        within("/answer_rows", f64::from(self.answer_rows), 1.0, 10_000.0);
        within("/question_timeout_seconds", f64::from(self.question_timeout_seconds), 1.0, 60.0);
        within("/questions_per_minute", f64::from(self.questions_per_minute), 1.0, 10_000.0);
        within("/report_days", f64::from(self.report_days), 1.0, 3650.0);
        within("/job_days", f64::from(self.job_days), 1.0, 3650.0);
        within("/least_confidence", self.least_confidence, 0.0, 1.0);
        if !(1..=128).contains(&self.cost_tag.chars().count()) || self.cost_tag.starts_with("aws:") {
            errors.push(FieldError::new(
                "/cost_tag",
                "takes 1 to 128 characters, and not aws: at the beginning, as AWS does",
            ));
        }
        if !(1..=128).contains(&self.opt_out_tag.chars().count()) {
            errors.push(FieldError::new("/opt_out_tag", "takes 1 to 128 characters, as AWS does"));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_allowed_and_bounds_are_kept() {
        assert_eq!(Settings::default().check(), []);
        let broken = Settings { aws_calls_per_second: f64::NAN, idle_days: 0, ..Settings::default() };
        let pointers: Vec<_> = broken.check().into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/aws_calls_per_second", "/idle_days"]);
    }
}

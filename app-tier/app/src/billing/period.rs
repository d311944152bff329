//! What is asked about costs: grouped how, by which steps, from when to when.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use contract::{
    billing::{DESKTOPS_SERVICE, Step},
    problem::FieldError,
};
use serde::Deserialize;
use store::billing::{Filter, GroupBy};

use crate::{Error, Result};

const MOST_MONTHS: i64 = 60;
const MOST_DAYS: i64 = 186;
const USUAL_MONTHS: Months = Months::new(11);
const USUAL_DAYS: Days = Days::new(30);
/// AWS's longest key of a tag.
const LONGEST_KEY: usize = 128;

/// What the query string may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillingQuery {
    group_by: Option<String>,
    by: Option<Step>,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    service: Option<String>,
    account: Option<String>,
    region: Option<String>,
}

/// What the answer is put together by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Grouping {
    By(GroupBy),
    /// The key.
    Tag(String),
}

/// What was asked, understood.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) grouping: Grouping,
    pub(super) by: Step,
    pub(super) from: NaiveDate,
    pub(super) until: NaiveDate,
    pub(super) service: Option<String>,
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
}

impl BillingQuery {
    pub(super) fn group_by(&self) -> &str {
        self.group_by.as_deref().unwrap_or("service")
    }

    pub(super) fn read(&self, now: DateTime<Utc>) -> Result<Asked> {
        let mut errors = Vec::new();
        let grouping = match self.group_by() {
            "service" => Some(Grouping::By(GroupBy::Service)),
            "account" => Some(Grouping::By(GroupBy::Account)),
            "region" => Some(Grouping::By(GroupBy::Region)),
            other => other
                .strip_prefix("tag:")
                .filter(|key| (1..=LONGEST_KEY).contains(&key.chars().count()))
                .map(|key| Grouping::Tag(key.to_owned())),
        };
        if grouping.is_none() {
            errors.push(FieldError::new(
                "/group_by",
                "takes service, account, region, or tag: and a tag's key",
            ));
        }
        let by = self.by.unwrap_or(Step::Month);
        let tagged = matches!(grouping, Some(Grouping::Tag(_)));
        if by == Step::Day && tagged {
            errors.push(FieldError::new(
                "/by",
                "takes month where costs are grouped by a tag: they are known by the month",
            ));
        }
        let service = if tagged { Some(DESKTOPS_SERVICE.to_owned()) } else { self.service.clone() };
        if tagged && self.service.as_ref().is_some_and(|it| it != DESKTOPS_SERVICE) {
            errors.push(FieldError::new(
                "/service",
                format!("takes {DESKTOPS_SERVICE} where costs are grouped by a tag"),
            ));
        }
        let (from, until) = self.span(by, now.date_naive());
        let length = match by {
            Step::Month => {
                i64::from((until.year() - from.year()) * 12) + i64::from(until.month())
                    - i64::from(from.month())
            }
            Step::Day => (until - from).num_days(),
        };
        let most = if by == Step::Month { MOST_MONTHS } else { MOST_DAYS };
        if !(1..=most).contains(&length) {
            errors.push(FieldError::new(
                "/from",
                format!("is to be before until, at most {most} {}s", by.name()),
            ));
        }
        match grouping {
            Some(grouping) if errors.is_empty() => Ok(Asked {
                grouping,
                by,
                from,
                until,
                service,
                account: self.account.clone(),
                region: self.region.clone(),
            }),
            _ => Err(Error::invalid(errors)),
        }
    }

    /// Whole months where months are asked for.
    fn span(&self, by: Step, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let tomorrow = today.succ_opt().unwrap_or(today);
        match by {
            Step::Day => {
                let until = self.until.unwrap_or(tomorrow);
                (self.from.or(until.checked_sub_days(USUAL_DAYS)).unwrap_or(until), until)
            }
            Step::Month => {
                let until = match self.until {
                    Some(day) if day.day() == 1 => day,
                    other => next_month(other.unwrap_or(today)),
                };
                let usual = || month_of(until.pred_opt().unwrap_or(until)).checked_sub_months(USUAL_MONTHS);
                (self.from.map(month_of).or_else(usual).unwrap_or(until), until)
            }
        }
    }
}

impl Asked {
    pub(super) fn filter(&self) -> Filter<'_> {
        Filter {
            from: self.from,
            until: self.until,
            service: self.service.as_deref(),
            account: self.account.as_deref(),
            region: self.region.as_deref(),
        }
    }

    /// The service of desktops is in the answer.
    pub(super) fn about_desktops(&self) -> bool {
        self.service.as_ref().is_none_or(|it| it == DESKTOPS_SERVICE)
    }
}

/// The first day of its month.
pub(super) fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

pub(super) fn next_month(day: NaiveDate) -> NaiveDate {
    month_of(day).checked_add_months(Months::new(1)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(by: Step, from: Option<&str>, until: Option<&str>) -> Option<(String, String)> {
        let date = |it: Option<&str>| it.map(|it| it.parse().unwrap());
        let query =
            BillingQuery { by: Some(by), from: date(from), until: date(until), ..BillingQuery::default() };
        let asked = query.read("2026-11-21T10:00:00Z".parse().unwrap()).ok()?;
        Some((asked.from.to_string(), asked.until.to_string()))
    }

    #[test]
    fn a_year_of_months_and_a_month_of_days_unless_told() {
        let is = |from: &str, until: &str| Some((from.to_owned(), until.to_owned()));
        assert_eq!(span(Step::Month, None, None), is("2025-12-01", "2026-12-01"));
        assert_eq!(span(Step::Day, None, None), is("2026-10-23", "2026-11-22"));
        assert_eq!(span(Step::Month, Some("2026-03-17"), Some("2026-05-02")), is("2026-03-01", "2026-06-01"));
        assert_eq!(span(Step::Month, None, Some("2026-05-01")), is("2025-05-01", "2026-05-01"));
        assert_eq!(span(Step::Month, Some("2026-05-01"), Some("2026-05-01")), None);
        assert_eq!(span(Step::Day, Some("2026-01-01"), None), None, "too long");
    }

    #[test]
    fn groups_are_four_and_tags_go_by_the_month() {
        let read = |group_by: &str, by| {
            let query =
                BillingQuery { group_by: Some(group_by.to_owned()), by: Some(by), ..BillingQuery::default() };
            query.read("2026-11-21T10:00:00Z".parse().unwrap()).map(|it| it.grouping).ok()
        };
        assert_eq!(read("tag:Cost Center", Step::Month), Some(Grouping::Tag("Cost Center".to_owned())));
        assert_eq!(read("tag:Team", Step::Day), None);
        assert_eq!(read("tag:", Step::Month), None);
        assert_eq!(read("desktop", Step::Month), None);
        assert_eq!(read("region", Step::Day), Some(Grouping::By(GroupBy::Region)));
    }
}

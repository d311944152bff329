//! Values of a plan as the kind of their dimension, and times made absolute.
//!
//! Invariant: whatever comes out of here PostgreSQL takes as a parameter: no text with a zero byte, no time beyond its
//! calendar.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use contract::{
    catalog::Kind,
    query::{CalendarPeriod, Value},
};

use crate::catalog::{Clock, Field};

/// The values of a filter, all of the dimension's kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed {
    None,
    Texts(Vec<String>),
    Numbers(Vec<f64>),
    Bool(bool),
    Time(DateTime<Utc>),
}

/// When and where a question is asked: dates mean days of this zone.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub now: DateTime<Utc>,
    pub zone: Tz,
}

impl Moment {
    /// The asker's today.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// The instant a day begins. Where a change of clocks swallows midnight, the first instant after it.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        (0..=3)
            .find_map(|hours| self.zone.from_local_datetime(&(midnight + TimeDelta::hours(hours))).earliest())
            .map_or_else(|| Utc.from_utc_datetime(&midnight), |it| it.with_timezone(&Utc))
    }
}

/// Adds a value to those of a filter; the error says what it should have been.
pub(super) fn add_value(
    typed: &mut Option<Typed>,
    field: &Field,
    value: &Value,
    at: Moment,
) -> Result<(), &'static str> {
    match field.kind {
        Kind::Text | Kind::Choice => {
            let Value::Text(text) = value else { return Err("a text") };
            if text.contains('\0') {
                return Err("a text without zero bytes");
            }
            match field.clock {
                Some(it) if !it.values().contains(text) => {
                    return Err(if it == Clock::Weekday {
                        "a weekday, Monday to Sunday"
                    } else {
                        "an hour, 00:00 to 23:00"
                    });
                }
                _ => {}
            }
            match typed.get_or_insert_with(|| Typed::Texts(Vec::new())) {
                Typed::Texts(them) => them.push(text.clone()),
                _ => return Err("a text"),
            }
        }
        Kind::Number => {
            let number = match value {
                Value::Number(it) => Some(*it),
                Value::Text(text) => text.parse().ok(),
                _ => None,
            };
            let number = number.filter(|it| it.is_finite()).ok_or("a number")?;
            match typed.get_or_insert_with(|| Typed::Numbers(Vec::new())) {
                Typed::Numbers(them) => them.push(number),
                _ => return Err("a number"),
            }
        }
        Kind::Bool => {
            let flag = match value {
                Value::Bool(it) => Some(*it),
                Value::Text(text) => match text.as_str() {
                    "true" | "yes" => Some(true),
                    "false" | "no" => Some(false),
                    _ => None,
                },
                _ => None,
            };
            *typed = Some(Typed::Bool(flag.ok_or("true or false")?));
        }
        Kind::Time | Kind::Date => {
            *typed = Some(Typed::Time(
                instant(value, field, at).ok_or("a time, such as 2026-03-03 or 2026-03-03T08:00:00Z")?,
            ));
        }
        Kind::Tags => return Err("possible here"),
    }
    Ok(())
}

/// The instant that a value means for a time: of what is a date on AWS's bill, days begin in UTC; what day it is, the
/// asker's calendar says.
pub(crate) fn instant(value: &Value, field: &Field, at: Moment) -> Option<DateTime<Utc>> {
    let start = |day: NaiveDate| {
        if field.is_date() { Utc.from_utc_datetime(&day.and_time(NaiveTime::MIN)) } else { at.start_of(day) }
    };
    let instant = match value {
        Value::Ago { days_ago } => start(at.today().checked_sub_days(Days::new(u64::from(*days_ago)))?),
        Value::HoursAgo { hours_ago } => {
            at.now.checked_sub_signed(TimeDelta::try_hours(i64::from(*hours_ago))?)?
        }
        Value::StartOf { start_of, ago } => start(period(at.today(), *start_of, *ago)?),
        Value::Text(text) => match text.parse::<NaiveDate>() {
            Ok(day) => start(day),
            Err(_) => DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc),
        },
        Value::Bool(_) | Value::Number(_) => return None,
    };
    (1..=9999).contains(&instant.year()).then_some(instant)
}

/// The first day of a week, month, quarter or year so many before the one with `today`.
pub(crate) fn period(today: NaiveDate, period: CalendarPeriod, ago: u32) -> Option<NaiveDate> {
    let month = today.with_day(1)?;
    let back =
        |start: NaiveDate, months: u32| start.checked_sub_months(Months::new(ago.checked_mul(months)?));
    match period {
        CalendarPeriod::Week => {
            let monday = u64::from(today.weekday().num_days_from_monday());
            today.checked_sub_days(Days::new(u64::from(ago).checked_mul(7)?.checked_add(monday)?))
        }
        CalendarPeriod::Month => back(month, 1),
        CalendarPeriod::Quarter => back(month.with_month0(month.month0() / 3 * 3)?, 3),
        CalendarPeriod::Year => back(month.with_month(1)?, 12),
    }
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;

    use super::*;
    use crate::catalog::Catalog;

    fn moment(now: &str, zone: &str) -> Moment {
        Moment { now: now.parse().unwrap(), zone: zone.parse().unwrap() }
    }

    fn field(entity: &str, name: &str) -> Field {
        Catalog::for_role(Role::Admin).entity(entity).unwrap().field(name).unwrap()
    }

    fn read(value: &Value, at: Moment) -> String {
        instant(value, &field("workspaces", "last_connected_at"), at).unwrap().to_rfc3339()
    }

    #[test]
    fn a_day_begins_where_the_asker_is() {
        let berlin = moment("2026-03-30T00:30:00+02:00", "Europe/Berlin");
        assert_eq!(read(&Value::Ago { days_ago: 0 }, berlin), "2026-03-29T22:00:00+00:00");
        let yesterday = read(&Value::Ago { days_ago: 1 }, berlin);
        assert_eq!(yesterday, "2026-03-28T23:00:00+00:00", "an hour shorter");
        // Clocks in Beirut went from 23:59 to 01:00 that night: the day began at one.
        let beirut = moment("2026-03-29T12:00:00Z", "Asia/Beirut");
        assert_eq!(beirut.start_of("2026-03-29".parse().unwrap()).to_rfc3339(), "2026-03-28T22:00:00+00:00");
    }

    #[test]
    fn periods_begin_on_their_first_day() {
        // A Saturday.
        let at = moment("2026-11-21T10:00:00Z", "UTC");
        for (period, ago, expected) in [
            (CalendarPeriod::Week, 0, "2026-11-16"),
            (CalendarPeriod::Week, 1, "2026-11-09"),
            (CalendarPeriod::Month, 0, "2026-11-01"),
            (CalendarPeriod::Month, 13, "2025-10-01"),
            (CalendarPeriod::Quarter, 0, "2026-10-01"),
            (CalendarPeriod::Quarter, 1, "2026-07-01"),
            (CalendarPeriod::Year, 0, "2026-01-01"),
            (CalendarPeriod::Year, 2, "2024-01-01"),
        ] {
            assert_eq!(read(&Value::start_of(period, ago), at), format!("{expected}T00:00:00+00:00"));
        }
        assert_eq!(read(&Value::HoursAgo { hours_ago: 24 }, at), "2026-11-20T10:00:00+00:00");
    }

    #[test]
    fn a_date_of_the_bill_is_the_same_everywhere() {
        let new_york = moment("2026-11-21T10:00:00Z", "America/New_York");
        let month = instant(&Value::start_of(CalendarPeriod::Month, 0), &field("billing", "month"), new_york);
        assert_eq!(month.unwrap().to_rfc3339(), "2026-11-01T00:00:00+00:00");
        assert_eq!(
            read(&Value::start_of(CalendarPeriod::Month, 0), new_york),
            "2026-11-01T04:00:00+00:00",
            "a time is the asker's"
        );
    }

    #[test]
    fn what_no_calendar_has_is_no_time() {
        let at = moment("2026-11-21T10:00:00Z", "Asia/Tokyo");
        let far = u32::MAX;
        let it = field("events", "at");
        for value in [
            Value::Ago { days_ago: far },
            Value::Ago { days_ago: 800_000 },
            Value::HoursAgo { hours_ago: far },
            Value::start_of(CalendarPeriod::Week, far),
            Value::start_of(CalendarPeriod::Year, far),
            Value::text("+20000-01-01"),
            Value::text("0000-01-01"),
            Value::text("2026-02-30"),
            Value::Number(3.0),
        ] {
            assert_eq!(instant(&value, &it, at), None, "{value:?}");
        }
    }
}

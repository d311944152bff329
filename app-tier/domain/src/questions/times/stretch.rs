//! A stretch of time, the one before it, and whether it is one unit of the calendar.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use contract::query::{CalendarPeriod, Grain, Value};

use super::{
    calendar::{self, Named},
    durations::{self, period_of},
};
use crate::catalog::check::period;

/// A stretch of time; an open end is unbounded.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    pub since: Option<Value>,
    pub before: Option<Value>,
    /// The unit in which it was said: a month for "in October" and for "last 3 months".
    pub unit: Grain,
    /// So many of that unit up to now ("last 3 months"), not the unit as the calendar cuts it.
    pub rolling: Option<u32>,
}

impl Stretch {
    pub(super) fn open(since: Value, unit: Grain) -> Self {
        Self { since: Some(since), before: None, unit, rolling: None }
    }

    pub(super) fn closed(since: Value, before: Value, unit: Grain) -> Self {
        Self { since: Some(since), before: Some(before), unit, rolling: None }
    }

    /// Between two bounds as a plan has them. What it was said in is told from these: days ago are rolling, and dates that
    /// are firsts are months.
    pub(in crate::questions) fn between(since: Option<Value>, before: Option<Value>) -> Self {
        let first = |it: &Value| match it {
            Value::Text(it) => it.parse::<NaiveDate>().is_ok_and(|it| it.day() == 1),
            _ => false,
        };
        let unit = match &since {
            Some(Value::StartOf { start_of, .. }) => grain_of(*start_of),
            Some(Value::HoursAgo { .. }) => Grain::Hour,
            Some(it) if first(it) && before.as_ref().is_none_or(first) => Grain::Month,
            _ => Grain::Day,
        };
        let rolling = match (&since, &before) {
            (Some(Value::Ago { days_ago }), None) => Some(*days_ago),
            (Some(Value::Ago { days_ago }), Some(Value::Ago { days_ago: end })) => days_ago.checked_sub(*end),
            _ => None,
        };
        Self { since, before, unit, rolling }
    }

    pub(super) fn of(named: Named) -> Self {
        Self::closed(day(named.start), day(named.end), named.unit)
    }

    pub(super) fn whole(period: CalendarPeriod, ago: u32) -> Self {
        let unit = grain_of(period);
        match ago {
            0 => Self::open(Value::start_of(period, 0), unit),
            n => Self::closed(Value::start_of(period, n), Value::start_of(period, n - 1), unit),
        }
    }

    /// The day on which it begins.
    #[must_use]
    pub fn first_day(&self, today: NaiveDate) -> Option<NaiveDate> {
        match self.since.as_ref()? {
            Value::Ago { days_ago } => today.checked_sub_days(Days::new(u64::from(*days_ago))),
            Value::HoursAgo { hours_ago } => today.checked_sub_days(Days::new(u64::from(hours_ago / 24))),
            Value::StartOf { start_of, ago } => period(today, *start_of, *ago),
            Value::Text(text) => text.parse().ok(),
            Value::Number(_) | Value::Bool(_) => None,
        }
    }

    /// Both as one, where the one begins when the other ends; `None` otherwise.
    pub(in crate::questions) fn and(&self, other: &Self) -> Option<Self> {
        if self.rolling.is_some() || other.rolling.is_some() {
            return None;
        }
        let (first, then) = match (&self.before, &other.before) {
            (Some(end), _) if other.since.as_ref() == Some(end) => (self, other),
            (_, Some(end)) if self.since.as_ref() == Some(end) => (other, self),
            _ => return None,
        };
        let unit = first.unit.min(then.unit);
        Some(Self { since: first.since.clone(), before: then.before.clone(), unit, rolling: None })
    }

    /// What is on now, of a stretch that is the last of its kind: this month, of last month.
    #[must_use]
    pub fn current(&self) -> Option<Self> {
        let Some(Value::StartOf { start_of, ago: 1 }) = self.since else { return None };
        (*self == Self::whole(start_of, 1)).then(|| Self::whole(start_of, 0))
    }

    /// "from September to October", "between September and October", in these words: the later and the earlier.
    #[must_use]
    pub fn halves(&self, text: &str, today: NaiveDate) -> Option<(Self, Self)> {
        if self.unit < Grain::Month {
            return None;
        }
        let words = crate::questions::words::words(text);
        let first = words.first()?.text.as_str();
        let joint = if first == "between" { "and" } else { "to" };
        let to = words.iter().position(|it| it.text == joint)?;
        let from = usize::from(matches!(first, "from" | "between"));
        let (earlier, _) = super::stretch(words.get(from..to)?, today)?;
        let (later, _) = super::stretch(words.get(to + 1..)?, today)?;
        Some((later, earlier))
    }

    /// "quarter over quarter", "mom": the one that is on.
    #[must_use]
    pub fn compared(text: &str) -> Option<Self> {
        let word = match text {
            "yoy" => "year",
            "qoq" => "quarter",
            "mom" => "month",
            other => other.split(' ').next()?,
        };
        Some(Self::whole(durations::period(word)?, 0))
    }

    /// One unit of the calendar, not several.
    #[must_use]
    pub fn is_one(&self, today: NaiveDate) -> bool {
        let Some(first) = self.first_day(today).filter(|_| self.rolling.is_none()) else { return false };
        let Some(unit) = period_of(self.unit) else {
            return self.end(today).is_some_and(|it| first.succ_opt() == Some(it));
        };
        let last = self.end(today).and_then(|it| it.pred_opt()).unwrap_or(today);
        period(first, unit, 0) == period(last, unit, 0)
    }

    /// The same stretch of the year before.
    #[must_use]
    pub fn year_before(&self, today: NaiveDate) -> Option<Self> {
        let back = Months::new(12);
        // What is said by the calendar stays so: the quarter four quarters ago.
        if let Some(Value::StartOf { start_of, ago }) = self.since
            && let Some(more) = units_of_a_year(start_of)
            && (*self == Self::whole(start_of, ago))
        {
            return Some(Self::whole(start_of, ago.checked_add(more)?));
        }
        let since = self.first_day(today)?.checked_sub_months(back)?;
        let end = match &self.before {
            Some(_) => self.end(today)?,
            // What is open ends today.
            None => today.succ_opt()?,
        };
        let before = Some(day(end.checked_sub_months(back)?));
        Some(Self { since: Some(day(since)), before, ..self.clone() })
    }

    /// How many days it has, until today where it is open; none where it has no beginning.
    #[must_use]
    pub fn days(&self, today: NaiveDate) -> i64 {
        let end = self.end(today).or_else(|| today.succ_opt());
        self.first_day(today).zip(end).map_or(0, |(first, end)| (end - first).num_days())
    }

    fn end(&self, today: NaiveDate) -> Option<NaiveDate> {
        Self { since: self.before.clone(), ..self.clone() }.first_day(today)
    }

    /// The stretch of the same length before this one; `None` where it has no such thing.
    #[must_use]
    pub fn one_before(&self) -> Option<Self> {
        match (&self.since, &self.before) {
            (Some(Value::StartOf { start_of, ago }), before) => match before {
                None if *ago == 0 => Some(Self::whole(*start_of, 1)),
                Some(Value::StartOf { start_of: of, ago: end }) if of == start_of && *ago == end + 1 => {
                    Some(Self::whole(*start_of, ago + 1))
                }
                _ => None,
            },
            (Some(Value::Ago { days_ago }), Some(Value::Ago { days_ago: end })) if days_ago > end => {
                let length = days_ago - end;
                Some(Self {
                    since: Some(Value::Ago { days_ago: days_ago + length }),
                    before: Some(Value::Ago { days_ago: *days_ago }),
                    ..self.clone()
                })
            }
            (Some(Value::Ago { days_ago }), None) => {
                let length = (*days_ago).max(1);
                Some(Self {
                    since: Some(Value::Ago { days_ago: days_ago + length }),
                    before: Some(Value::Ago { days_ago: *days_ago }),
                    ..self.clone()
                })
            }
            (Some(Value::HoursAgo { hours_ago }), None) => Some(Self {
                since: Some(Value::HoursAgo { hours_ago: hours_ago * 2 }),
                before: Some(Value::HoursAgo { hours_ago: *hours_ago }),
                ..self.clone()
            }),
            (Some(Value::Text(since)), Some(Value::Text(before))) => {
                let (since, before): (NaiveDate, NaiveDate) = (since.parse().ok()?, before.parse().ok()?);
                calendar::before(since, before).map(|start| Self {
                    since: Some(day(start)),
                    before: Some(day(since)),
                    ..self.clone()
                })
            }
            _ => None,
        }
    }
}

pub(super) fn day(it: NaiveDate) -> Value {
    Value::text(it.format("%Y-%m-%d").to_string())
}

/// Weeks are none: a year has no whole number of them.
fn units_of_a_year(of: CalendarPeriod) -> Option<u32> {
    match of {
        CalendarPeriod::Week => None,
        CalendarPeriod::Month => Some(12),
        CalendarPeriod::Quarter => Some(4),
        CalendarPeriod::Year => Some(1),
    }
}

fn grain_of(period: CalendarPeriod) -> Grain {
    match period {
        CalendarPeriod::Week => Grain::Week,
        CalendarPeriod::Month => Grain::Month,
        CalendarPeriod::Quarter => Grain::Quarter,
        CalendarPeriod::Year => Grain::Year,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_bounds_were_said_in_is_told_from_them() {
        let between = |since, before| {
            let value = |it| serde_json::from_value::<Option<Value>>(it).unwrap();
            let it = Stretch::between(value(since), value(before));
            (it.unit, it.rolling)
        };
        for (since, before, expected) in [
            (
                json!({"start_of": "quarter", "ago": 1}),
                json!({"start_of": "quarter"}),
                (Grain::Quarter, None),
            ),
            (json!("2026-10-01"), json!("2026-11-01"), (Grain::Month, None)),
            (json!("2026-10-01"), json!("2026-10-15"), (Grain::Day, None)),
            (json!({"days_ago": 30}), json!(null), (Grain::Day, Some(30))),
            (json!({"days_ago": 60}), json!({"days_ago": 30}), (Grain::Day, Some(30))),
            (json!({"hours_ago": 48}), json!(null), (Grain::Hour, None)),
            (json!(null), json!({"days_ago": 30}), (Grain::Day, None)),
        ] {
            assert_eq!(between(since.clone(), before.clone()), expected, "{since} {before}");
        }
    }
}

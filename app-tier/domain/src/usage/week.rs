//! The week of a desktop: when its user is connected, and how many hours each weekday is billed for.

use chrono::{
    DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeZone as _, Timelike as _, Utc, Weekday,
};
use chrono_tz::Tz;

use super::{Billable, SLOT, Series, Span, begin_of, series::slots, slot_of};

/// Weeks that a profile looks back.
const WEEKS: u64 = 8;

/// Minutes with a user by weekday and hour, in a time zone. A slot counts for the hour that it begins in. The hour that clocks
/// skip has none, and the one that comes twice may have twice as many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeatMap {
    minutes: [[u32; 24]; 7],
}

impl HeatMap {
    /// Minutes between `hour` and the next one, over all such weekdays. Zero for an hour that no day has.
    #[must_use]
    pub fn minutes(&self, weekday: Weekday, hour: u32) -> u32 {
        let day = self.minutes.get(row(weekday));
        day.zip(usize::try_from(hour).ok()).and_then(|(day, hour)| day.get(hour)).copied().unwrap_or(0)
    }

    /// Monday first, each from midnight.
    #[must_use]
    pub fn rows(&self) -> &[[u32; 24]; 7] {
        &self.minutes
    }
}

/// How many hours were billed on each Monday, Tuesday and so on of the last eight weeks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    days: [Vec<u32>; 7],
}

impl Profile {
    /// Looks at the 56 whole days before the one that `now` is in, days as `zone` has them. `hours` are those of `series`.
    ///
    /// A day of which less than half was observed says nothing and is left out: no data is not no use. A day with nobody
    /// connected counts as zero.
    #[must_use]
    pub fn of(series: &Series, hours: &Billable, zone: Tz, now: DateTime<Utc>) -> Self {
        let today = now.with_timezone(&zone).date_naive();
        let mut profile = Self::default();
        let first = today.checked_sub_days(Days::new(7 * WEEKS)).unwrap_or(NaiveDate::MIN);
        for date in first.iter_days().take_while(|it| *it < today) {
            let day = span_of_day(date, zone);
            if series.observed_part(day) < 0.5 {
                continue;
            }
            if let Some(days) = profile.days.get_mut(row(date.weekday())) {
                days.push(hours.within(day).hours);
            }
        }
        profile
    }

    /// Hours of the days of that name, oldest first; at most eight, fewer if some were not observed.
    #[must_use]
    pub fn hours(&self, weekday: Weekday) -> &[u32] {
        self.days.get(row(weekday)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Hours to expect on such a day. `None` if none was observed.
    #[must_use]
    pub fn mean(&self, weekday: Weekday) -> Option<f64> {
        let hours = self.hours(weekday);
        let count = u32::try_from(hours.len()).ok().filter(|it| *it > 0)?;
        Some(f64::from(hours.iter().sum::<u32>()) / f64::from(count))
    }

    /// How many days it rests on, 56 at most.
    #[must_use]
    pub fn observed_days(&self) -> usize {
        self.days.iter().map(Vec::len).sum()
    }
}

impl Series {
    /// When in the week a user is connected, over the observations of a span.
    #[must_use]
    pub fn heat_map(&self, span: Span, zone: Tz) -> HeatMap {
        let mut minutes = [[0; 24]; 7];
        for slot in self.connected.within(&slots(span)).flatten() {
            let local = begin_of(slot).with_timezone(&zone);
            let hour = usize::try_from(local.hour()).ok();
            let day = minutes.get_mut(row(local.weekday()));
            if let Some(cell) = day.zip(hour).and_then(|(day, hour)| day.get_mut(hour)) {
                *cell += u32::try_from(SLOT.num_minutes()).unwrap_or(0);
            }
        }
        HeatMap { minutes }
    }

    /// How much of a span was observed, 0 to 1; 0 for an empty one.
    #[must_use]
    pub fn observed_part(&self, span: Span) -> f64 {
        let bounds = slot_of(span.from)..slot_of(span.until);
        let whole = |it: i64| f64::from(i32::try_from(it).unwrap_or(i32::MAX));
        match bounds.end - bounds.start {
            length if length > 0 => whole(self.observed.count(&bounds)) / whole(length),
            _ => 0.0,
        }
    }
}

/// From midnight to midnight, 23 to 25 hours. Where clocks skip midnight, the day begins with the first time that there is.
fn span_of_day(date: NaiveDate, zone: Tz) -> Span {
    let begin = |date: NaiveDate| {
        let midnight = date.and_time(NaiveTime::MIN);
        let times = (0..24).filter_map(|quarters| {
            let local = midnight + chrono::TimeDelta::minutes(15 * quarters);
            zone.from_local_datetime(&local).earliest()
        });
        times.map(|it| it.to_utc()).next().unwrap_or_else(|| midnight.and_utc())
    };
    Span::new(begin(date), begin(date.succ_opt().unwrap_or(date)))
}

fn row(weekday: Weekday) -> usize {
    usize::try_from(weekday.num_days_from_monday()).unwrap_or(0)
}

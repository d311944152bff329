//! One desktop, put together for the engine from what syncs stored.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::{
    prices::{Price, PriceKey, PriceList},
    running_mode::{Desktop, History, LastConnection, Mode, OptOut, TimeoutHours},
    usage::{Series, Span, Timeout},
};
use store::{recommendations::Subject, usage::Stored};

/// A look at connections that is older says nothing about who is unused today.
const RECENT: TimeDelta = TimeDelta::hours(48);
/// A day of which more was not observed is not known, where silence is not how a stopped desktop looks.
const HALF_A_DAY: f64 = 0.5;

pub(crate) struct Basis<'a> {
    pub(crate) subject: &'a Subject,
    /// Days with billable hours, in any order.
    pub(crate) hours: Vec<(NaiveDate, i32)>,
    pub(crate) usage: Option<Stored>,
    /// How far back the engine looks.
    pub(crate) first_day: NaiveDate,
    /// Whole weeks that timeouts are simulated on, up to today.
    pub(crate) weeks: Span,
    pub(crate) now: DateTime<Utc>,
    pub(crate) opt_out_tag: &'a str,
}

/// What [`Desktop`] borrows from.
pub(crate) struct Ready<'a> {
    basis: Basis<'a>,
    mode: Mode,
    price: Price,
    history: Vec<Option<f64>>,
    timeouts: Vec<TimeoutHours>,
}

impl<'a> Basis<'a> {
    /// `None` for what cannot be reckoned with: an unknown mode, or a desktop without a known price.
    pub(crate) fn ready(self, prices: &PriceList) -> Option<Ready<'a>> {
        let it = self.subject;
        let timeout = Timeout::of_desktop(it.auto_stop_minutes);
        let mode = Mode::parse(it.running_mode.as_deref()?, Some(u32::from(timeout.minutes())))?;
        let gib = |it: Option<i32>| it.and_then(|it| u32::try_from(it).ok());
        let key = PriceKey::of_desktop(
            &it.region,
            it.operating_system.as_deref()?,
            it.compute_type.as_deref()?,
            gib(it.root_volume_gib)?,
            gib(it.user_volume_gib)?,
        );
        let price = prices.lookup(&key)?;
        let history = self.history(mode);
        let timeouts = self.timeouts(mode);
        Some(Ready { basis: self, mode, price, history, timeouts })
    }

    /// Hours of the days up to yesterday, from the first one of which anything is known.
    fn history(&self, mode: Mode) -> Vec<Option<f64>> {
        let Some(stored) = &self.usage else { return Vec::new() };
        let today = self.now.date_naive();
        // Usage is asked for farther back than a new desktop is old: it begins where something was observed.
        let observed = stored.series.observed().map(|it| it.from);
        let begins = match observed {
            Some(first) if stored.window.from <= stored.observed.from => first,
            _ => stored.observed.from,
        };
        let known = self.hours.iter().map(|it| it.0).min();
        let first = known.map_or(begins.date_naive(), |it| it.min(begins.date_naive())).max(self.first_day);
        let mut hours: Vec<Option<f64>> = first
            .iter_days()
            .take_while(|it| *it < today)
            .map(|day| self.unless_silent(mode, &stored.series, day))
            .collect();
        for (day, billed) in &self.hours {
            let place = usize::try_from((*day - first).num_days()).ok();
            if let Some(slot) = place.and_then(|it| hours.get_mut(it)) {
                *slot = Some(f64::from(*billed));
            }
        }
        hours
    }

    /// A day without hours: zero, unless nobody knows. A stopped desktop may report nothing, one in AlwaysOn has no
    /// reason to be silent.
    fn unless_silent(&self, mode: Mode, series: &Series, day: NaiveDate) -> Option<f64> {
        let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
        let whole = Span::new(midnight, midnight + TimeDelta::days(1));
        let loaded = whole.from >= self.weeks.from;
        let silent = loaded && mode == Mode::AlwaysOn && series.observed_part(whole) < HALF_A_DAY;
        (!silent).then_some(0.0)
    }

    /// What each timeout would have been billed, week by week; for AutoStop only.
    fn timeouts(&self, mode: Mode) -> Vec<TimeoutHours> {
        let (Mode::AutoStop { .. }, Some(stored)) = (mode, &self.usage) else { return Vec::new() };
        let Some(observed) = stored.series.observed() else { return Vec::new() };
        let weeks: Vec<Span> = (0..)
            .map(|n| self.weeks.from + TimeDelta::weeks(n))
            .take_while(|from| *from < self.weeks.until)
            .map(|from| Span::new(from, from + TimeDelta::weeks(1)))
            .filter(|it| it.from >= observed.from)
            .collect();
        let of = |timeout: Timeout| {
            let hours = stored.series.billable(timeout, self.now);
            let weeks = weeks.iter().map(|it| f64::from(hours.within(*it).hours)).collect();
            TimeoutHours { minutes: u32::from(timeout.minutes()), weeks }
        };
        Timeout::CHOICES.map(of).to_vec()
    }

    /// The tag in any case of letters; a date as its value is the first day on which it no longer holds.
    fn opt_out(&self) -> Option<OptOut> {
        let tags = self.subject.tags.as_ref()?.as_object()?;
        let (_, value) = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(self.opt_out_tag))?;
        let until = value.as_str().and_then(|it| it.trim().parse::<NaiveDate>().ok());
        Some(OptOut { until: until.and_then(|it| it.checked_add_days(Days::new(1))) })
    }
}

impl Ready<'_> {
    pub(crate) fn desktop(&self) -> Desktop<'_> {
        let Basis { subject: it, now, .. } = &self.basis;
        let this_month = domain::usage::Month::of(*now).first_day();
        let hours =
            self.basis.hours.iter().filter(|(day, _)| *day >= this_month).map(|(_, hours)| f64::from(*hours));
        let recent = |at: Option<DateTime<Utc>>| at.is_some_and(|at| *now - at < RECENT);
        Desktop {
            now: *now,
            mode: self.mode,
            month_paid: self.mode == Mode::AlwaysOn || it.left_always_on,
            price: &self.price,
            hours_this_month: hours.sum(),
            history: History { before: now.date_naive(), hours: &self.history },
            timeouts: &self.timeouts,
            since: it.first_seen_at,
            last_connection: match (it.last_connected_at, &it.connection) {
                (Some(at), _) => LastConnection::At(at),
                (None, Some(_)) => LastConnection::Never,
                (None, None) => LastConnection::Unknown,
            },
            synced: recent(it.connection_observed_at) && recent(Some(it.observed_at)),
            standby: it.standby,
            opt_out: self.basis.opt_out(),
        }
    }
}

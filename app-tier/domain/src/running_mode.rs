//! The running-mode engine: what to change about a desktop so that it costs less, by how much, and why.
//!
//! [`advise`] looks at one desktop: its mode (`switch`), its AutoStop timeout (`timeout`), and whether anybody needs
//! it (`unused`), by what [`forecast`] expects of its user. [`bill`] reckons what days cost under AWS's rules, and
//! [`what_if`] runs rules over days that have passed.
//!
//! Deliberately without a word where a figure would be a guess: no recommendation without all three prices, without
//! enough days of known usage, or against an opt-out; why there is none is said instead. It never acts.
//!
//! Invariants, each a property test: more expected hours never turn advice from AlwaysOn to AutoStop; advice does not
//! depend on the unit of the prices; no saving is negative.

pub mod bill;
mod calendar;
pub mod forecast;
mod reasons;
mod switch;
#[cfg(test)]
pub(crate) mod testing;
mod timeout;
mod unused;
pub mod what_if;

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use contract::money::{Currency, Money};

use self::{
    calendar::{days_left, month_end},
    forecast::{Forecast, Outlook},
    switch::{Ahead, Switch},
};
use crate::prices::{Origin, Price, Rates};

/// The running modes that are billed by these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    AlwaysOn,
    AutoStop { timeout_minutes: u32 },
}

impl Mode {
    /// From AWS's words. `None` for `MANUAL` and whatever AWS adds: their billing is not known here.
    #[must_use]
    pub fn parse(running_mode: &str, timeout_minutes: Option<u32>) -> Option<Self> {
        match running_mode {
            "ALWAYS_ON" => Some(Mode::AlwaysOn),
            // AWS's default.
            "AUTO_STOP" => Some(Mode::AutoStop { timeout_minutes: timeout_minutes.unwrap_or(60) }),
            _ => None,
        }
    }
}

/// Billable hours of consecutive days (UTC), the last of which is the day before `before`. `None`: not known. What is no
/// number of hours in a day counts as not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History<'a> {
    pub before: NaiveDate,
    /// The oldest day first.
    pub hours: &'a [Option<f64>],
}

impl<'a> History<'a> {
    /// The last `n` days of it.
    fn last(self, n: usize) -> History<'a> {
        let from = self.hours.len().saturating_sub(n);
        History { hours: self.hours.get(from..).unwrap_or_default(), ..self }
    }

    fn days(self) -> impl Iterator<Item = (NaiveDate, Option<f64>)> + 'a {
        let known = |it: &f64| (0.0..=24.0).contains(it);
        let back = u64::try_from(self.hours.len()).unwrap_or(0);
        let first = self.before.checked_sub_days(chrono::Days::new(back)).unwrap_or(NaiveDate::MIN);
        first.iter_days().zip(self.hours.iter().map(move |it| it.filter(known)))
    }
}

/// When a user was last connected, as far as AWS tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastConnection {
    At(DateTime<Utc>),
    /// AWS has a row for the desktop and no connection in it.
    Never,
    /// AWS has no row, or could not be asked.
    Unknown,
}

/// Somebody decided that a desktop is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptOut {
    /// The first day on which it no longer holds; `None`: for ever.
    pub until: Option<NaiveDate>,
}

/// Whole weeks of billable hours, the same ones for each timeout, as simulated on stored sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeoutHours {
    pub minutes: u32,
    pub weeks: Vec<f64>,
}

/// What is known of one desktop.
#[derive(Debug, Clone, Copy)]
pub struct Desktop<'a> {
    pub now: DateTime<Utc>,
    pub mode: Mode,
    /// The month is paid as AlwaysOn already, also when the mode set now is AutoStop (which holds from the next month).
    pub month_paid: bool,
    pub price: &'a Price,
    /// Billable hours since the first of the month. They are sunk, and only told.
    pub hours_this_month: f64,
    pub history: History<'a>,
    /// The present timeout among them, if timeouts are to be advised on.
    pub timeouts: &'a [TimeoutHours],
    /// When the desktop was made, or first seen.
    pub since: DateTime<Utc>,
    pub last_connection: LastConnection,
    /// Whether the last look at connections and at the desktop itself was complete.
    pub synced: bool,
    /// It stands by for another desktop in another region.
    pub standby: bool,
    pub opt_out: Option<OptOut>,
}

/// What the engine holds to. The defaults are what it was measured with.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// How many weeks of usage the forecast looks back at most.
    pub weeks: u8,
    /// A day that is so much older than another weighs half as much.
    pub half_life_days: f64,
    /// Fewer known days than this are no ground for a forecast.
    pub fewest_days: u32,
    /// At most this part of the days may be unknown, 0 to 1.
    pub most_missing: f64,
    /// So many days before the month ends, its last day included, the next month is decided on.
    pub notice_days: u32,
    /// Whether absences are told from use at all.
    pub absences: bool,
    /// A stretch without use that is less likely than this was an absence.
    pub chance_of_absence: f64,
    /// The same for a stretch that lasts until now.
    pub chance_of_absence_now: f64,
    /// Who is away is expected to be away for so many times as long again.
    pub absence_again: f64,
    /// How much of the usual hours a month ahead brings; the rest is leave, illness and holidays to come.
    pub attendance: f64,
    /// A saving below this part of a month of AlwaysOn is not worth a change: the forecast is not that good.
    pub least_saving: f64,
    /// A desktop that nobody connected to for so many days can go.
    pub unused_days: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            weeks: 26,
            half_life_days: 28.0,
            fewest_days: 14,
            most_missing: 0.25,
            notice_days: 3,
            absences: true,
            chance_of_absence: 1e-4,
            chance_of_absence_now: 1e-2,
            absence_again: 0.5,
            attendance: 0.95,
            least_saving: 0.03,
            unused_days: 90,
        }
    }
}

/// What could be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Holds at once.
    ToAlwaysOn,
    /// Holds from this day, the first of the next month.
    ToAutoStop {
        from: NaiveDate,
    },
    SetTimeout {
        minutes: u32,
    },
    /// Irreversible, with all its user's data.
    Terminate,
}

/// From what a recommendation was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasedOn {
    /// Usage from this day to before the other.
    pub usage_from: NaiveDate,
    pub usage_until: NaiveDate,
    pub days_known: u32,
    pub days_missing: u32,
    pub prices: Origin,
}

/// One change that saves money.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    pub action: Action,
    /// One sentence.
    pub why: String,
    /// What it saves until `saves_until` if as many hours come as are expected: the median. Not negative.
    pub saves_p50: Money,
    /// What it saves at least in nine of ten cases; zero if it may save nothing. Not above `saves_p50`.
    pub saves_p90: Money,
    pub currency: Currency,
    /// The savings are of the days to before this one.
    pub saves_until: NaiveDate,
    /// The chance that it saves anything, 0 to 1, by the same normal approximation as the hours.
    pub confidence: f64,
    /// A price or a day of usage that it rests on is not exact.
    pub estimated: bool,
    pub based_on: BasedOn,
}

/// Why the engine is silent about something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Withheld {
    /// Somebody decided that the desktop stays as it is.
    OptedOut,
    /// One of the three prices is not known.
    PricePartial,
    /// One of the three prices is zero.
    PriceZero,
    /// Fewer days of usage than a forecast needs.
    TooLittleUsage,
    /// Too many days are not known.
    UsageMissing,
    /// Whether it is unused cannot be told: the last look was not complete, or AWS told nothing.
    ConnectionUnknown,
}

/// All that the engine has to say about one desktop.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// The greatest saving first.
    pub recommendations: Vec<Recommendation>,
    pub withheld: Vec<Withheld>,
    /// Billable hours to come in the rest of this month and in the next, where usage allows to tell.
    pub rest_of_month: Option<Outlook>,
    pub next_month: Option<Outlook>,
}

/// Looks at one desktop.
#[must_use]
pub fn advise(desktop: &Desktop<'_>, policy: &Policy) -> Advice {
    let today = desktop.now.date_naive();
    let mut advice =
        Advice { recommendations: Vec::new(), withheld: Vec::new(), rest_of_month: None, next_month: None };
    let forecast = match forecast(desktop.history, policy) {
        Ok(it) => Some(it),
        Err(why) => {
            advice.withheld.push(why);
            None
        }
    };
    if let Some(forecast) = &forecast {
        let turn = month_end(today);
        advice.rest_of_month = Some(forecast.outlook(today, turn, share_left(desktop.now)));
        advice.next_month = Some(forecast.outlook(turn, month_end(turn), 1.0));
    }
    if desktop.opt_out.is_some_and(|it| it.until.is_none_or(|until| today < until)) {
        advice.withheld.push(Withheld::OptedOut);
        return advice;
    }
    let Some(rates) = desktop.price.rates() else {
        let missing = !desktop.price.missing().is_empty();
        advice.withheld.push(if missing { Withheld::PricePartial } else { Withheld::PriceZero });
        return advice;
    };
    let basis = Basis { desktop, rates, policy, today };
    match unused::terminate(&basis) {
        Ok(it) => advice.recommendations.extend(it),
        Err(why) => advice.withheld.push(why),
    }
    if let Some(forecast) = &forecast {
        let switch =
            switch(desktop.now, is_always_on(desktop.mode), desktop.month_paid, rates, forecast, policy);
        advice.recommendations.extend(switch.map(|it| basis.switch(it, forecast)));
    }
    advice.recommendations.extend(timeout::set(&basis));
    advice.recommendations.sort_by_key(|it| std::cmp::Reverse(it.saves_p50));
    advice
}

/// What all parts of the engine reckon with.
struct Basis<'a> {
    desktop: &'a Desktop<'a>,
    rates: Rates,
    policy: &'a Policy,
    today: NaiveDate,
}

impl Basis<'_> {
    fn switch(&self, it: Switch, forecast: &Forecast) -> Recommendation {
        let action = match it.always_on {
            true => Action::ToAlwaysOn,
            false => Action::ToAutoStop { from: month_end(self.today) },
        };
        let why = reasons::switch(self, &it, forecast);
        self.recommendation(action, why, (it.saves, it.saves_p90), it.until, it.chance)
    }

    fn recommendation(
        &self,
        action: Action,
        why: String,
        (saves_p50, saves_p90): (Money, Money),
        saves_until: NaiveDate,
        confidence: f64,
    ) -> Recommendation {
        let window = self.desktop.history.last(usize::from(self.policy.weeks) * 7);
        let all = u32::try_from(window.hours.len()).unwrap_or(u32::MAX);
        let known = u32::try_from(window.days().filter(|(_, it)| it.is_some()).count()).unwrap_or(all);
        let based_on = BasedOn {
            usage_from: window.days().next().map_or(window.before, |(date, _)| date),
            usage_until: window.before,
            days_known: known,
            days_missing: all - known,
            prices: self.desktop.price.origin,
        };
        Recommendation {
            action,
            why,
            saves_p50,
            saves_p90: saves_p90.min(saves_p50),
            currency: self.desktop.price.currency.clone(),
            saves_until,
            confidence,
            estimated: based_on.days_missing > 0 || based_on.prices != Origin::Listed,
            based_on,
        }
    }
}

/// The forecast, unless usage is too short or too patchy for one.
fn forecast(history: History<'_>, policy: &Policy) -> Result<Forecast, Withheld> {
    let forecast = Forecast::new(history, policy);
    if forecast.days < policy.fewest_days {
        return Err(Withheld::TooLittleUsage);
    }
    let missing = f64::from(forecast.days - forecast.known_days) / f64::from(forecast.days.max(1));
    if missing > policy.most_missing || forecast.known_days == 0 {
        return Err(Withheld::UsageMissing);
    }
    Ok(forecast)
}

/// The switch that is worth it now.
fn switch(
    now: DateTime<Utc>,
    always_on: bool,
    month_paid: bool,
    rates: Rates,
    forecast: &Forecast,
    policy: &Policy,
) -> Option<Switch> {
    let today = now.date_naive();
    let by_the_hour = !always_on && !month_paid;
    if !by_the_hour && days_left(today) > policy.notice_days {
        return None;
    }
    let ahead = Ahead::new(rates, forecast, today, share_left(now));
    let switch = if by_the_hour { ahead.to_always_on() } else { ahead.next_month(always_on) };
    switch.filter(|it| worth_it(it.saves, rates, policy))
}

fn worth_it(saves: Money, rates: Rates, policy: &Policy) -> bool {
    saves.is_positive() && saves.to_f64() >= rates.always_on_month.to_f64() * policy.least_saving
}

fn is_always_on(mode: Mode) -> bool {
    mode == Mode::AlwaysOn
}

/// How much of the day is left, 1 at midnight.
fn share_left(now: DateTime<Utc>) -> f64 {
    1.0 - f64::from(now.num_seconds_from_midnight()) / 86_400.0
}

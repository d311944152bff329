//! Which AutoStop timeout costs least, by hours that were simulated on stored sessions.
//!
//! A short timeout ends the hours after a session sooner; a long one can save the hours that AWS begins anew when
//! somebody is back soon. Only the billed hours are compared: that a stopped desktop takes a while to start is for people
//! to weigh. Deliberately nothing about desktops in AlwaysOn: a timeout costs them nothing.

use chrono::Days;
use contract::money::Money;

use super::{Action, Basis, Mode, Recommendation, forecast::count, reasons, worth_it};

/// Savings are told for so many days.
const DAYS: f64 = 30.0;
/// Fewer weeks than this show habits badly.
const FEWEST_WEEKS: usize = 4;

pub(super) fn set(basis: &Basis<'_>) -> Option<Recommendation> {
    let Mode::AutoStop { timeout_minutes } = basis.desktop.mode else { return None };
    let timeouts = basis.desktop.timeouts;
    let now = timeouts.iter().find(|it| it.minutes == timeout_minutes)?;
    if now.weeks.len() < FEWEST_WEEKS || timeouts.iter().any(|it| it.weeks.len() != now.weeks.len()) {
        return None;
    }
    let total = |weeks: &[f64]| weeks.iter().sum::<f64>();
    // Of equal ones the shorter.
    let best = timeouts.iter().min_by(|one, other| {
        total(&one.weeks).total_cmp(&total(&other.weeks)).then(one.minutes.cmp(&other.minutes))
    })?;
    if total(&best.weeks) >= total(&now.weeks) {
        return None;
    }
    let mut saved: Vec<f64> = now.weeks.iter().zip(&best.weeks).map(|(now, then)| now - then).collect();
    saved.sort_by(f64::total_cmp);
    let hour = basis.rates.auto_stop_hour.to_f64();
    let worth = |hours_a_week: f64| {
        Money::from_f64(hours_a_week * DAYS / 7.0 * hour).unwrap_or_default().max(Money::ZERO)
    };
    let middle = worth(total(&saved) / count(saved.len()));
    if !worth_it(middle, basis.rates, basis.policy) {
        return None;
    }
    let tenth = saved.get(saved.len() / 10).copied().unwrap_or(0.0);
    let better_weeks = count(saved.iter().filter(|it| **it > 0.0).count()) / count(saved.len());
    let why = reasons::timeout(basis, now, best);
    let until = basis.today.checked_add_days(Days::new(30)).unwrap_or(basis.today);
    let action = Action::SetTimeout { minutes: best.minutes };
    Some(basis.recommendation(action, why, (middle, worth(tenth)), until, better_weeks))
}

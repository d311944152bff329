//! Desktops that nobody needs any more.
//!
//! Only what can be told for sure counts: AWS gave a row about the connection, the last look was complete, the desktop is
//! old enough to have been used, and the stored usage does not say otherwise. It fails safe: whatever is missing means
//! that the desktop is needed. A desktop that stands by for another one is meant to be unused.

use chrono::{DateTime, Utc};
use contract::money::Money;

use super::{
    Action, Basis, LastConnection, Recommendation, Withheld, calendar::month_end, is_always_on, reasons,
};

/// A termination that is due, if there is one.
///
/// # Errors
///
/// [`Withheld::ConnectionUnknown`] where it cannot be told.
pub(super) fn terminate(basis: &Basis<'_>) -> Result<Option<Recommendation>, Withheld> {
    let desktop = basis.desktop;
    let days_since = |it: DateTime<Utc>| (desktop.now - it).num_days();
    let bound = i64::from(basis.policy.unused_days);
    if desktop.standby || days_since(desktop.since) < bound {
        return Ok(None);
    }
    let unused_since = match desktop.last_connection {
        LastConnection::At(at) => at,
        LastConnection::Never => desktop.since,
        LastConnection::Unknown => return Err(Withheld::ConnectionUnknown),
    };
    if !desktop.synced {
        return Err(Withheld::ConnectionUnknown);
    }
    let seen_in_use = |it: Option<f64>| it.is_some_and(|hours| hours > 0.0);
    let used_after =
        desktop.history.days().any(|(date, it)| date > unused_since.date_naive() && seen_in_use(it));
    // Never connected and yet billed is maintenance; connected long ago and yet in use is a contradiction.
    let contradicted = used_after && desktop.last_connection != LastConnection::Never;
    if days_since(unused_since) < bound || contradicted {
        return Ok(None);
    }
    // What it costs without anybody is sure: the fee of a month. Hours of maintenance come on top and are not counted.
    let always_on = is_always_on(desktop.mode);
    let fee: Money = if always_on { basis.rates.always_on_month } else { basis.rates.auto_stop_month };
    let why = reasons::unused(basis, days_since(unused_since), fee);
    let until = month_end(month_end(basis.today));
    Ok(Some(basis.recommendation(Action::Terminate, why, (fee, fee), until, 1.0)))
}

//! What one desktop is reckoned to cost, from what syncs stored.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    billing::{
        choose::Modelled,
        model::{Basis, charges, modes},
    },
    prices::{Price, PriceKey, PriceList},
    usage::Month,
};
use store::billing::{Desktop, DesktopDays};

/// Usage is read once a day; what is missing at the end of it will come.
const LATE: TimeDelta = TimeDelta::hours(50);

/// The price of a desktop, as far as it is known.
pub(crate) fn price(it: &Desktop, prices: &PriceList) -> Option<Price> {
    let gib = |it: Option<i32>| it.and_then(|it| u32::try_from(it).ok());
    let key = PriceKey::of_desktop(
        &it.region,
        it.operating_system.as_deref()?,
        it.compute_type.as_deref()?,
        gib(it.root_volume_gib)?,
        gib(it.user_volume_gib)?,
    );
    prices.lookup(&key)
}

/// What a month is reckoned to cost up to `now`. `None`: a price or the mode is not known, or nothing is known of that
/// time.
pub(crate) fn modelled(
    it: &Desktop,
    days: &DesktopDays,
    prices: &PriceList,
    month: Month,
    now: DateTime<Utc>,
) -> Option<Modelled> {
    let price = price(it, prices)?;
    let rates = price.rates()?;
    let mode = it.running_mode.as_deref()?;
    let known_from = it.observed_from.map_or(it.first_seen_at, |observed| observed.min(it.first_seen_at));
    let span = month.span();
    if known_from >= span.until || it.gone_at.is_some_and(|gone| gone < span.from) {
        return None;
    }
    let modes = modes(days.modes.clone(), mode != "AUTO_STOP");
    let basis = Basis { rates, modes: &modes, created: it.created_at, gone: it.gone_at, hours: &days.hours };
    let begins = it.created_at.map_or(span.from, |created| created.max(span.from));
    let ends = it.gone_at.unwrap_or(span.until).min(span.until).min(now);
    let hourly = modes.iter().take_while(|it| it.since < ends).any(|it| !it.always_on);
    let observed = it.observed_from.is_some_and(|from| from <= begins)
        && it.observed_until.is_some_and(|until| until + LATE >= ends);
    Some(Modelled {
        currency: price.currency,
        days: charges(month, now.date_naive(), &basis),
        complete: known_from <= begins && (!hourly || observed),
    })
}

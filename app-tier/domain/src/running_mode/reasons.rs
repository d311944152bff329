//! Why: one sentence of plain English for each recommendation, with the figures that decided.

use chrono::NaiveDate;
use contract::money::Money;

use super::{
    Basis, LastConnection, TimeoutHours,
    calendar::month_end,
    forecast::Forecast,
    is_always_on,
    switch::{Decided, Switch},
};
use crate::prices::Rates;

pub(super) fn switch(basis: &Basis<'_>, switch: &Switch, forecast: &Forecast) -> String {
    let currency = &basis.desktop.price.currency;
    let Rates { always_on_month, auto_stop_month, auto_stop_hour } = basis.rates;
    let hours = whole(switch.hours.mean);
    let turn = month_end(basis.today);
    let next = turn.format("%B %Y");
    let bounds = whole(switch.break_even);
    let paid = is_always_on(basis.desktop.mode) || basis.desktop.month_paid;
    if paid && switch.always_on {
        return format!(
            "In {next} about {hours} hours are expected, and from {bounds} hours a month on AlwaysOn ({always_on_month} \
             {currency}) is cheaper than AutoStop ({auto_stop_month} and {auto_stop_hour} an hour)."
        );
    }
    if paid {
        let away = forecast.away_until(basis.today).map_or("", |_| ", as its user is away");
        return format!(
            "In {next} about {hours} hours are expected{away}, and up to {bounds} hours a month AutoStop \
             ({auto_stop_month} {currency} and {auto_stop_hour} an hour) is cheaper than AlwaysOn ({always_on_month})."
        );
    }
    let last = turn.pred_opt().unwrap_or(turn).format("%-d %B");
    let rest = super::bill::rest_of_month(always_on_month, basis.today).to_cents();
    match switch.decided {
        Decided::ThisMonth => format!(
            "After {} hours this month about {hours} more are expected until {last}, which cost {} {currency} by the hour \
             and {rest} in AlwaysOn.",
            whole(basis.desktop.hours_this_month),
            spent(auto_stop_hour, switch.hours.mean),
        ),
        Decided::NextMonth => format!(
            "In {next} about {hours} hours are expected, and beginning it in AlwaysOn saves the base fee of \
             {auto_stop_month} {currency}, against {rest} for AlwaysOn until {last}."
        ),
    }
}

pub(super) fn timeout(basis: &Basis<'_>, now: &TimeoutHours, best: &TimeoutHours) -> String {
    let total = |it: &TimeoutHours| whole(it.weeks.iter().sum());
    format!(
        "In the last {} weeks a timeout of {} minutes would have billed {} hours instead of {} with {} minutes, at {} {} \
         an hour.",
        now.weeks.len(),
        best.minutes,
        total(best),
        total(now),
        now.minutes,
        basis.rates.auto_stop_hour,
        basis.desktop.price.currency,
    )
}

pub(super) fn unused(basis: &Basis<'_>, days: i64, fee: Money) -> String {
    let currency = &basis.desktop.price.currency;
    match basis.desktop.last_connection {
        LastConnection::At(at) => {
            format!(
                "Nobody has connected since {}, {days} days ago, and each month costs {fee} {currency}.",
                long(at.date_naive())
            )
        }
        LastConnection::Never | LastConnection::Unknown => format!(
            "Nobody has ever connected since {}, {days} days ago, and each month costs {fee} {currency}.",
            long(basis.desktop.since.date_naive())
        ),
    }
}

fn long(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

fn spent(hour: Money, hours: f64) -> Money {
    Money::from_f64(hour.to_f64() * hours).unwrap_or_default().to_cents()
}

fn whole(hours: f64) -> String {
    format!("{hours:.0}")
}

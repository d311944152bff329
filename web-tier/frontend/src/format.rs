//! Figures, times and words as people read them. Pure: the clock and the time zone come in as arguments.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use contract::{
    money::{Currency, Money},
    recommendations::Action,
};

/// `1234567` as `1,234,567`.
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('−');
    }
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// At most two decimals, none where there are none: `1,204`, `3.5`, `0.07`.
#[must_use]
pub fn decimal(number: f64) -> String {
    if !number.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.2}", number.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse::<i64>().map_or_else(|_| whole.to_owned(), grouped);
    let fraction = fraction.trim_end_matches('0');
    let sign = if number < 0.0 && (whole != "0" || !fraction.is_empty()) { "−" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// An amount for charts, with two decimals and without its currency: `1,204.50`, `−0.07`; a dash where it is not known.
#[must_use]
pub fn cents(amount: f64) -> String {
    if !amount.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.2}", amount.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "00"));
    let whole = whole.parse::<i64>().map_or_else(|_| whole.to_owned(), grouped);
    let sign = if amount < 0.0 && text != "0.00" { "−" } else { "" };
    format!("{sign}{whole}.{fraction}")
}

/// `1,204.50 USD`: two decimals, rounded once, and never through a float.
#[must_use]
pub fn money(amount: Money, currency: &Currency) -> String {
    let cents = amount.to_cents().nanos().unsigned_abs() / 10_000_000;
    let units = i64::try_from(cents / 100).unwrap_or(i64::MAX);
    let sign = if amount.to_cents().nanos() < 0 { "−" } else { "" };
    format!("{sign}{}.{:02} {currency}", grouped(units), cents % 100)
}

/// Minutes as hours with one decimal, without the unit: `1,204.5`, `0.1`. Some is never shown as none.
#[must_use]
pub fn hours(minutes: u32) -> String {
    let tenths = ((u64::from(minutes) + 3) / 6).max(u64::from(minutes > 0));
    format!("{}.{}", grouped(i64::try_from(tenths / 10).unwrap_or(i64::MAX)), tenths % 10)
}

/// Minutes as people say them: `25 min`, `5 h`, `5 h 25 min`.
#[must_use]
pub fn span(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{} h", grouped(i64::from(hours))),
        (hours, minutes) => format!("{} h {minutes} min", grouped(i64::from(hours))),
    }
}

/// A day: `3 Mar 2026`.
#[must_use]
pub fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// `12.3 MB`, in powers of ten as files are sold.
#[must_use]
pub fn bytes(count: i64) -> String {
    #[expect(clippy::as_conversions, reason = "one decimal is shown; a double holds more than that")]
    let mut size = count.max(0) as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB", "TB"] {
        if size < 1000.0 {
            break;
        }
        size /= 1000.0;
        unit = next;
    }
    if unit == "B" { format!("{size} B") } else { format!("{size:.1} {unit}") }
}

/// A part of a whole, `48 %`; empty when there is no whole.
#[must_use]
pub fn percent(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return String::new();
    }
    #[expect(clippy::as_conversions, reason = "a percentage needs no more than a double")]
    let share = part as f64 * 100.0 / whole as f64;
    match share {
        share if share == 0.0 || share >= 1.0 => format!("{share:.0} %"),
        share if share > 0.0 => "< 1 %".to_owned(),
        share if share > -1.0 => "> −1 %".to_owned(),
        share => format!("−{:.0} %", -share),
    }
}

/// How long ago, or in how long: `3 min ago`, `in 2 h`.
#[must_use]
pub fn relative(now: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds();
    let span = match seconds.abs() {
        0..=44 => return if seconds >= 0 { "just now".to_owned() } else { "in a moment".to_owned() },
        s @ 45..=3_569 => format!("{} min", (s + 30) / 60),
        s @ 3_570..=84_599 => format!("{} h", (s + 1_800) / 3_600),
        s @ 84_600..=3_887_999 => match (s + 43_200) / 86_400 {
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        },
        s @ 3_888_000..=63_071_999 => format!("{} months", (s + 1_296_000) / 2_592_000),
        s => format!("{} years", s / 31_536_000),
    };
    if seconds >= 0 { format!("{span} ago") } else { format!("in {span}") }
}

/// To the second, with the offset: `2026-03-03 14:05:12 +01:00`.
#[must_use]
pub fn exact(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// A time of today, for "as of".
#[must_use]
pub fn clock(at: DateTime<FixedOffset>) -> String {
    at.format("%H:%M").to_string()
}

/// A span of milliseconds: `12 ms`, `1.4 s`.
#[must_use]
pub fn elapsed(milliseconds: u64) -> String {
    if milliseconds < 1000 {
        format!("{milliseconds} ms")
    } else {
        format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
    }
}

/// Seconds that are left: `40 s`, `3 min`.
#[must_use]
pub fn left(seconds: i64) -> String {
    if seconds < 90 { format!("{} s", seconds.max(1)) } else { format!("{} min", (seconds + 30) / 60) }
}

/// AWS's own spelling of what its API names in capitals.
const NAMES: [(&str, &str); 10] = [
    ("ALWAYS_ON", "AlwaysOn"),
    ("AUTO_STOP", "AutoStop"),
    ("PCOIP", "PCoIP"),
    ("POWERPRO", "PowerPro"),
    ("GRAPHICSPRO", "GraphicsPro"),
    ("GRAPHICS_G4DN", "Graphics.g4dn"),
    ("GRAPHICSPRO_G4DN", "GraphicsPro.g4dn"),
    ("AMAZON_LINUX_2", "Amazon Linux 2"),
    ("ROCKY_8", "Rocky Linux 8"),
    ("RHEL_8", "RHEL 8"),
];

/// AWS's and our own spelling of a value for people: `ALWAYS_ON` → `AlwaysOn`, `sync_desktops` → `Sync desktops`.
#[must_use]
pub fn spoken(value: &str) -> String {
    if value.is_empty() {
        return "(none)".to_owned();
    }
    if let Some((_, name)) = NAMES.iter().find(|(it, _)| *it == value) {
        return (*name).to_owned();
    }
    if let Some(action) = Action::parse(value) {
        return action.label().to_owned();
    }
    for (prefix, family) in [("GENERALPURPOSE_", "GeneralPurpose."), ("WINDOWS_SERVER_", "Windows Server ")] {
        if let Some(member) = value.strip_prefix(prefix) {
            return format!("{family}{}", member.to_lowercase());
        }
    }
    if let Some(version) = value.strip_prefix("UBUNTU_") {
        return format!("Ubuntu {}", version.replace('_', "."));
    }
    let lower = value.chars().any(char::is_lowercase);
    if lower && !value.contains('_') || value.len() <= 3 {
        return value.to_owned();
    }
    capital(&value.replace('_', " ").to_lowercase())
}

/// With a capital at the beginning, as titles have.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|it| it.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `1 desktop`, `2 desktops`.
#[must_use]
pub fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(["0", "999", "1,000", "−1,234,567"], [0, 999, 1000, -1_234_567].map(grouped).each_ref());
        assert_eq!(grouped(i64::MIN), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn decimals_show_no_more_than_there_is() {
        assert_eq!(
            [1204.0, 3.5, 0.066, -0.001, -2.25, f64::NAN].map(decimal).each_ref(),
            ["1,204", "3.5", "0.07", "0", "−2.25", "–"]
        );
    }

    #[test]
    fn money_is_grouped_with_two_decimals_and_its_currency() {
        let usd = |text: &str| money(text.parse().unwrap(), &Currency::usd());
        assert_eq!(
            ["0", "9.75", "1234567.895", "0.005", "-0.5", "-1204", "-0.001"].map(usd).each_ref(),
            [
                "0.00 USD",
                "9.75 USD",
                "1,234,567.90 USD",
                "0.00 USD",
                "−0.50 USD",
                "−1,204.00 USD",
                "0.00 USD"
            ]
        );
        assert_eq!(money(Money::MIN, &Currency("JPY".to_owned())), "−9,223,372,036.85 JPY");
    }

    #[test]
    fn amounts_in_charts_have_two_decimals() {
        assert_eq!(
            [1204.5, 0.0, -0.004, -1_000_000.999, f64::NAN].map(cents).each_ref(),
            ["1,204.50", "0.00", "0.00", "−1,000,001.00", "–"]
        );
    }

    #[test]
    fn minutes_are_told_as_hours() {
        assert_eq!(
            [0, 1, 6, 57, 60, 75_273].map(hours).each_ref(),
            ["0.0", "0.1", "0.1", "1.0", "1.0", "1,254.6"]
        );
        assert_eq!([0, 25, 60, 325].map(span).each_ref(), ["0 min", "25 min", "1 h", "5 h 25 min"]);
        assert_eq!(day(NaiveDate::from_ymd_opt(2026, 3, 3).unwrap()), "3 Mar 2026");
    }

    #[test]
    fn sizes_carry_their_unit() {
        assert_eq!([0, 999, 1_500, 12_340_000].map(bytes).each_ref(), ["0 B", "999 B", "1.5 kB", "12.3 MB"]);
    }

    #[test]
    fn shares_of_nothing_are_not_shown_and_small_ones_not_as_zero() {
        assert_eq!(percent(1, 0), "");
        assert_eq!(percent(1, 2400), "< 1 %");
        assert_eq!(percent(0, 2400), "0 %");
        assert_eq!(percent(1200, 2400), "50 %");
        assert_eq!([percent(-1, 2400), percent(-1200, 2400)], ["> −1 %", "−50 %"]);
    }

    #[test]
    fn times_are_told_from_now() {
        let now = Utc.with_ymd_and_hms(2026, 3, 3, 12, 0, 0).unwrap();
        let ago = |seconds: i64| relative(now, now - chrono::TimeDelta::seconds(seconds));
        assert_eq!(ago(3), "just now");
        assert_eq!(ago(-3), "in a moment");
        assert_eq!(ago(180), "3 min ago");
        assert_eq!(ago(-7_200), "in 2 h");
        assert_eq!(ago(3_575), "1 h ago", "never 60 min");
        assert_eq!(ago(86_000), "1 day ago", "never 24 h");
        assert_eq!(ago(86_400 * 30), "30 days ago");
        assert_eq!(ago(86_400 * 90), "3 months ago");
        assert_eq!(ago(86_400 * 800), "2 years ago");
    }

    #[test]
    fn exact_times_carry_their_zone() {
        let at = Utc.with_ymd_and_hms(2026, 3, 3, 13, 5, 12).unwrap();
        let zone = FixedOffset::east_opt(3600).unwrap();
        assert_eq!(exact(at.with_timezone(&zone)), "2026-03-03 14:05:12 +01:00");
        assert_eq!(clock(at.with_timezone(&zone)), "14:05");
    }

    #[test]
    fn values_are_spoken() {
        assert_eq!(
            ["ALWAYS_ON", "AVAILABLE", "sync_connection_status", "eu-west-1", "DCV", "production", ""]
                .map(spoken)
                .each_ref(),
            ["AlwaysOn", "Available", "Sync connection status", "eu-west-1", "DCV", "production", "(none)"]
        );
        assert_eq!(spoken("to_always_on"), "Switch to AlwaysOn");
    }

    #[test]
    fn sizes_and_systems_are_spelled_as_aws_does() {
        assert_eq!(
            ["GENERALPURPOSE_4XLARGE", "POWERPRO", "WINDOWS_SERVER_2022", "WINDOWS_11", "UBUNTU_22_04"]
                .map(spoken)
                .each_ref(),
            ["GeneralPurpose.4xlarge", "PowerPro", "Windows Server 2022", "Windows 11", "Ubuntu 22.04"]
        );
    }

    #[test]
    fn spans_are_short() {
        assert_eq!([7, 1_449].map(elapsed).each_ref(), ["7 ms", "1.4 s"]);
        assert_eq!([0, 40, 200].map(left).each_ref(), ["1 s", "40 s", "3 min"]);
    }
}

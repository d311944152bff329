//! Amounts of money, exact to the billionth of a unit.
//!
//! AWS prices an hour at a fraction of a cent and Cost Explorer reports up to ten decimals, so minor units would lose
//! what adds up over a fleet. An amount here is a whole number of 10⁻⁹ units: sums are exact and do not depend on their
//! order. What is finer than that (the tenth decimal and on) is rounded to the nearest, a tie to the even neighbour,
//! once, when the text is read.
//!
//! Deliberately without a currency: amounts of different currencies must not meet in one sum, so that whoever holds
//! amounts holds one [`Currency`] beside them. No conversion between currencies.
//!
//! On the wire an amount is a decimal text (`"9.75"`), because JSON's numbers are binary fractions in most readers.

use std::{fmt, iter, str::FromStr};

use serde::{Deserialize, Serialize};

/// Units are kept in this many parts.
const PARTS: i64 = 1_000_000_000;
/// Decimals that [`PARTS`] stands for.
const DECIMALS: i32 = 9;
/// Longer texts are nobody's amount of money, and exponents in them could be anything.
const LONGEST_TEXT: usize = 64;

/// An amount in units of a currency that stands beside it; from about −9.2 to 9.2 thousand million units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "9.75"))]
#[serde(into = "String", try_from = "String")]
pub struct Money(i64);

/// The text is not a decimal number, or larger than an amount can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotMoney;

impl fmt::Display for NotMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an amount of money: a decimal number such as 9.75 is expected")
    }
}

impl std::error::Error for NotMoney {}

impl Money {
    pub const ZERO: Money = Money(0);
    pub const MAX: Money = Money(i64::MAX);
    pub const MIN: Money = Money(i64::MIN);

    /// From billionths of a unit.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From hundredths of a unit; bounded by [`Money::MIN`] and [`Money::MAX`].
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents.saturating_mul(PARTS / 100))
    }

    /// The nearest amount to a computed figure; bounded, and `None` for what is not a number.
    #[must_use]
    pub fn from_f64(units: f64) -> Option<Self> {
        #[expect(clippy::as_conversions, reason = "a float becomes the nearest integer within bounds")]
        (!units.is_nan()).then(|| Self((units * 1e9).round_ties_even() as i64))
    }

    /// Billionths of a unit.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// For estimates and charts; about 15 digits are kept.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        #[expect(clippy::as_conversions, reason = "documented as approximate")]
        let nanos = self.0 as f64;
        nanos / 1e9
    }

    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// `None` when the sum is larger than an amount can be.
    #[must_use]
    pub const fn checked_add(self, other: Money) -> Option<Money> {
        match self.0.checked_add(other.0) {
            Some(it) => Some(Money(it)),
            None => None,
        }
    }

    /// `None` when the difference is larger than an amount can be.
    #[must_use]
    pub const fn checked_sub(self, other: Money) -> Option<Money> {
        match self.0.checked_sub(other.0) {
            Some(it) => Some(Money(it)),
            None => None,
        }
    }

    /// `None` when the product is larger than an amount can be.
    #[must_use]
    pub const fn checked_mul(self, times: i64) -> Option<Money> {
        match self.0.checked_mul(times) {
            Some(it) => Some(Money(it)),
            None => None,
        }
    }

    /// The sum, or the nearest bound.
    #[must_use]
    pub const fn saturating_add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }

    /// The difference, or the nearest bound.
    #[must_use]
    pub const fn saturating_sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }

    /// `part` of `whole` equal parts, rounded to the nearest billionth with ties to even: a month's price for the rest
    /// of its days. `None` when `whole` is zero or the result too large.
    #[must_use]
    pub fn share(self, part: u32, whole: u32) -> Option<Money> {
        let scaled = i128::from(self.0) * i128::from(part);
        i64::try_from(divide_to_nearest(scaled, i128::from(whole))?).ok().map(Money)
    }

    /// Rounded to hundredths, ties to even; what people read. Sums are made before, not after.
    #[must_use]
    pub fn to_cents(self) -> Money {
        let cents = divide_to_nearest(i128::from(self.0), i128::from(PARTS / 100));
        // The bounds themselves round towards zero, so that the fallback is for the compiler only.
        cents.and_then(|it| i64::try_from(it).ok()?.checked_mul(PARTS / 100)).map_or(self, Money)
    }

    /// The exact sum whatever the order, also where a part of it would be too large; `None` when the whole is.
    #[must_use]
    pub fn checked_sum(amounts: impl IntoIterator<Item = Money>) -> Option<Money> {
        let sum: i128 = amounts.into_iter().map(|it| i128::from(it.0)).sum();
        i64::try_from(sum).ok().map(Money)
    }
}

/// The quotient to the nearest, ties to even; `None` for a divisor that is not positive.
fn divide_to_nearest(dividend: i128, divisor: i128) -> Option<i128> {
    if divisor <= 0 {
        return None;
    }
    let (quotient, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    let up = rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 != 0);
    Some(quotient + i128::from(up))
}

impl FromStr for Money {
    type Err = NotMoney;

    /// Reads what AWS writes: `0.2200000000`, `-1.5`, and `4.4E-7` as Cost Explorer has it for small amounts.
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        if text.len() > LONGEST_TEXT {
            return Err(NotMoney);
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            None => (text, 0),
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().ok_or(NotMoney)?),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|it| it.is_ascii_digit());
        if !all_digits || (whole.is_empty() && fraction.is_empty()) {
            return Err(NotMoney);
        }
        let fraction_length = i32::try_from(fraction.len()).ok().ok_or(NotMoney)?;
        // The value is `digits × 10^shift` billionths.
        let shift = exponent.saturating_add(DECIMALS).saturating_sub(fraction_length);
        let nanos = scale(whole.bytes().chain(fraction.bytes()), shift).ok_or(NotMoney)?;
        i64::try_from(if negative { -nanos } else { nanos }).map(Money).ok().ok_or(NotMoney)
    }
}

/// `digits × 10^shift` to the nearest integer, ties to even; `None` when it is too large.
fn scale(digits: impl Iterator<Item = u8>, shift: i32) -> Option<i128> {
    let digits: Vec<u8> = digits.map(|it| it - b'0').skip_while(|it| *it == 0).collect();
    let length = i32::try_from(digits.len()).ok()?;
    // Digits that stay in front of the rounding point; the rest only decides which way to round.
    let kept = length.saturating_add(shift.min(0)).max(-1);
    let kept_digits = usize::try_from(kept).unwrap_or(0);
    let number = digits
        .iter()
        .take(kept_digits)
        .try_fold(0_i128, |number, digit| number.checked_mul(10)?.checked_add(i128::from(*digit)))?;
    if shift >= 0 {
        return if number == 0 {
            Some(0)
        } else {
            number.checked_mul(10_i128.checked_pow(u32::try_from(shift).ok()?)?)
        };
    }
    // With `kept` below zero even the first digit stands behind the tenths of a billionth: nothing to round up.
    let first_dropped = if kept < 0 { 0 } else { digits.get(kept_digits).copied().unwrap_or(0) };
    let more_behind = digits.iter().skip(kept_digits + 1).any(|it| *it != 0);
    let up = first_dropped > 5 || (first_dropped == 5 && (more_behind || number % 2 == 1));
    Some(number + i128::from(up))
}

impl fmt::Display for Money {
    /// Two decimals, and more where the amount has them: `9.75`, `35.00`, `0.0044`. A given precision adds zeros, it
    /// cuts nothing: round with [`Money::to_cents`] first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        let (units, parts) = (nanos / PARTS.unsigned_abs(), nanos % PARTS.unsigned_abs());
        let decimals = format!("{parts:09}");
        let shown = decimals.trim_end_matches('0');
        let places = f.precision().unwrap_or(2);
        f.pad_integral(self.0 >= 0, "", &format!("{units}.{shown:0<places$}"))
    }
}

impl From<Money> for String {
    fn from(it: Money) -> Self {
        it.to_string()
    }
}

impl TryFrom<String> for Money {
    type Error = NotMoney;

    fn try_from(text: String) -> Result<Self, NotMoney> {
        text.parse()
    }
}

impl iter::Sum for Money {
    /// Exact while the whole is an amount, else the nearest bound.
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        let sum: i128 = amounts.map(|it| i128::from(it.0)).sum();
        Money(i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX }))
    }
}

/// A currency as AWS writes it: an ISO 4217 code (`USD`, `CNY`, …). An open set, taken as it comes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Currency(pub String);

impl Currency {
    /// What AWS bills in unless the payer chose otherwise.
    #[must_use]
    pub fn usd() -> Self {
        Self("USD".to_owned())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn texts_of_aws_are_read() {
        for (text, nanos) in [
            ("0.2200000000", 220_000_000),
            ("35", 35_000_000_000),
            ("-1.5", -1_500_000_000),
            ("+.5", 500_000_000),
            ("7.", 7_000_000_000),
            ("4.4E-7", 440),
            ("0E-10", 0),
            ("1e3", 1_000_000_000_000),
            ("0e999", 0),
            ("1e-999", 0),
            ("9223372036.854775807", i64::MAX),
            ("-9223372036.854775808", i64::MIN),
        ] {
            assert_eq!(text.parse(), Ok(Money(nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_finer_than_a_billionth_is_rounded_to_the_nearest_and_ties_to_even() {
        for (text, nanos) in [
            ("0.0000000014", 1),
            ("0.0000000015", 2),
            ("0.0000000025", 2),
            ("0.00000000250001", 3),
            ("0.0000000005", 0),
            ("0.00000000051", 1),
            ("0.00000000009", 0),
            ("-0.0000000015", -2),
            ("9.9999999999", 10_000_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Money(nanos)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let long = "0".repeat(LONGEST_TEXT + 1);
        for text in [
            "",
            ".",
            "-",
            "1,5",
            "1.2.3",
            "NaN",
            "inf",
            "0x10",
            "1e",
            "e5",
            "1 ",
            "9223372036.854775808",
            "1e99",
            "--1",
            "1e99999999999",
            &long,
        ] {
            assert_eq!(text.parse::<Money>(), Err(NotMoney), "{text}");
        }
    }

    #[test]
    fn two_decimals_are_shown_and_more_where_there_are_more() {
        for (text, shown) in
            [("35", "35.00"), ("9.75", "9.75"), ("0.0044", "0.0044"), ("-0.5", "-0.50"), ("0", "0.00")]
        {
            assert_eq!(money(text).to_string(), shown);
        }
        assert_eq!(format!("{:>8}", money("9.75")), "    9.75");
        assert_eq!(money("11.666666666").to_cents().to_string(), "11.67");
        assert_eq!(money("-0.005").to_cents().to_string(), "0.00");
    }

    #[test]
    fn shares_are_rounded_once() {
        assert_eq!(money("35").share(10, 30), Some(money("11.666666667")));
        assert_eq!(money("35").share(30, 30), Some(money("35")));
        assert_eq!(money("35").share(1, 0), None);
        assert_eq!(Money::MAX.share(2, 1), None);
    }

    #[test]
    fn bounds_are_kept() {
        assert_eq!(Money::MAX.checked_add(Money(1)), None);
        assert_eq!(Money::MIN.checked_sub(Money(1)), None);
        assert_eq!(Money::MAX.checked_mul(2), None);
        assert_eq!(Money::MAX.saturating_add(Money(1)), Money::MAX);
        assert_eq!(Money::MIN.saturating_sub(Money(1)), Money::MIN);
        assert_eq!(Money::from_f64(f64::INFINITY), Some(Money::MAX));
        assert_eq!(Money::from_f64(f64::NAN), None);
        assert_eq!(Money::MAX.to_cents(), money("9223372036.85"));
        assert_eq!(Money::checked_sum([Money::MAX, Money(1), Money(-1)]), Some(Money::MAX));
        assert_eq!(Money::checked_sum([Money::MAX, Money(1)]), None);
        assert_eq!([Money::MIN, Money(-1)].into_iter().sum::<Money>(), Money::MIN);
    }

    #[test]
    fn on_the_wire_it_is_a_text() {
        assert_eq!(serde_json::to_string(&money("9.75")).unwrap(), r#""9.75""#);
        assert_eq!(serde_json::from_str::<Money>(r#""0.22""#).unwrap(), money("0.22"));
        assert!(serde_json::from_str::<Money>("0.22").is_err());
        assert_eq!(serde_json::to_string(&Currency::usd()).unwrap(), r#""USD""#);
    }

    proptest! {
        #[test]
        fn any_amount_is_read_back_as_it_was_written(nanos: i64) {
            prop_assert_eq!(Money(nanos).to_string().parse(), Ok(Money(nanos)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-+0-9.eE]{0,70}|\\PC{0,20}") {
            let _ = text.parse::<Money>();
        }

        #[test]
        fn sums_are_exact_in_any_order_and_grouping(
            mut nanos in prop::collection::vec(-1_000_000_000_000_000_i64..1_000_000_000_000_000, 0..200),
            cut in 0_usize..200,
        ) {
            let total = Money::checked_sum(nanos.iter().copied().map(Money));
            prop_assert_eq!(total, Some(Money(nanos.iter().sum())));
            let (front, back) = nanos.split_at(cut.min(nanos.len()));
            let parts = [front, back].map(|it| it.iter().copied().map(Money).sum::<Money>());
            prop_assert_eq!(Some(parts[0].saturating_add(parts[1])), total);
            nanos.reverse();
            prop_assert_eq!(Money::checked_sum(nanos.into_iter().map(Money)), total);
        }

        #[test]
        fn texts_of_ten_decimals_lose_at_most_half_a_billionth(units in 0_i64..1_000_000, rest in 0_i64..10_000_000_000) {
            let read = money(&format!("{units}.{rest:010}"));
            let tenths = units * 10_000_000_000 + rest;
            prop_assert!((read.nanos() * 10 - tenths).abs() <= 5);
        }

        #[test]
        fn shares_of_all_parts_are_the_whole_within_rounding(nanos in 0_i64..1_000_000_000_000, whole in 1_u32..32) {
            let part = Money(nanos).share(1, whole).unwrap();
            prop_assert!((part.nanos() * i64::from(whole) - nanos).abs() <= i64::from(whole) / 2 + 1);
        }
    }
}

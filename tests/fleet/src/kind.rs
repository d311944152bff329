//! The kinds of users, and how many of each a mixed fleet has.

/// How somebody uses his desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Every working day, seven to eight hours.
    Office,
    /// Some days of the week, or every morning.
    PartTime,
    /// Long days, evenings, some Saturdays; now and then nobody disconnects over night.
    Heavy,
    /// An hour or two, now and then.
    Occasional,
    /// Night shifts and weekends.
    NightAndWeekend,
    /// As an office worker, but comes late or leaves early in the year, and the desktop stays.
    Contractor,
    /// Long days around the turn of each month, hardly any between.
    MonthEnd,
    /// Never once.
    NeverConnected,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Office,
        Self::PartTime,
        Self::Heavy,
        Self::Occasional,
        Self::NightAndWeekend,
        Self::Contractor,
        Self::MonthEnd,
        Self::NeverConnected,
    ];

    /// How many of 50 desktops in a mixed fleet.
    #[must_use]
    pub const fn share(self) -> u32 {
        match self {
            Self::Office => 15,
            Self::PartTime => 8,
            Self::Heavy => 7,
            Self::Occasional => 8,
            Self::NightAndWeekend | Self::Contractor | Self::MonthEnd => 3,
            // Somebody always ordered one too many.
            Self::NeverConnected => 3,
        }
    }

    /// The kind of a mixed fleet's n-th desktop: the shares hold in every 50 of them, and nearly in any part of those.
    pub(crate) fn of(number: u32) -> Self {
        // 7 and 50 have no common divisor: all 50 places are visited, and neighbours differ.
        let mut place = (number % 50) * 7 % 50;
        for kind in Self::ALL {
            match place.checked_sub(kind.share()) {
                Some(rest) => place = rest,
                None => return kind,
            }
        }
        Self::Office
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_hold() {
        assert_eq!(Kind::ALL.map(Kind::share).iter().sum::<u32>(), 50);
        for kind in Kind::ALL {
            let count = (0..200).filter(|it| Kind::of(*it) == kind).count();
            assert_eq!(u32::try_from(count).unwrap(), 4 * kind.share(), "{kind:?}");
        }
    }
}

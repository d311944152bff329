//! What a reading decided although something else was possible, or could not decide.
//!
//! Invariant: a pass takes back only what it settles itself; the doubts of others stay.

/// Why a reading may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// Meant so more often than not.
    Likely,
    /// A number of a unit that what it is compared with is not measured in.
    OtherUnit,
    NumberOfNothing,
    /// A condition on a figure, and nothing to have one per.
    NoGroup,
    HowManyGroups,
    HighestOfWhat,
    BestOfWhat,
    OrderedByUnmeasured,
    FigureOfNothing,
    ShareOfWhat,
    TextOfNothing,
    NotOfCondition,
    /// A kind of something and something of another kind.
    TwoKinds,
    /// It takes back what it said before: "in Dublin no sorry Frankfurt".
    Corrected,
    /// All there is, from a question that says more.
    NothingNarrowed,
    /// The check refuses the plan.
    NoPlan,
    /// Money is asked for, and it has none.
    NoMoney,
    /// Of what is done neither what nor when is said.
    NothingDone,
    WhoUnknown,
    /// Accounts and users of the house are never twice there.
    NeverTwice,
    PerRow,
    /// The name of another entity.
    OthersName,
    /// Only the last connection is known, not each.
    LastConnection,
    SeveralTimes,
    TimeOfNothing,
    NotBefore,
    HoursOfDay,
    StepOfNoTime,
    TooFine,
    NothingToCompare,
    ChangeOfNoTime,
    NothingEdited,
    UnknownReference,
}

impl Doubt {
    /// It leaves a reading certain where nothing else speaks against it.
    pub(super) fn is_soft(self) -> bool {
        self == Doubt::Likely
    }

    /// What it takes from a reading's score.
    pub(super) fn weight(self) -> f64 {
        if self.is_soft() { 0.4 } else { 2.0 }
    }
}

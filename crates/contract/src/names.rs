//! Names of the variants of an enum: on the wire and in the database, and for people where a second one is given.
//!
//! Invariant: `parse` is the reverse of `name`. Serde's own spelling is derived where the enum is; that both agree is tested,
//! here or beside the enum.

macro_rules! words {
    ($type:ident: $($name:ident = $word:literal, $label:literal;)*) => {
        $crate::names::words! { $type: $($name = $word;)* }

        impl $type {
            /// For people.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $($type::$name => $label,)* }
            }
        }
    };
    ($type:ident: $($name:ident = $word:literal;)*) => {
        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$name,)*];

            /// The name on the wire and in the database.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $($type::$name => $word,)* }
            }

            /// The reverse of [`Self::name`].
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.name() == name)
            }
        }
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use serde::{Serialize, de::DeserializeOwned};

    use crate::{
        accounts::Capability,
        changes::ChangeKind,
        jobs::JobState,
        operations::{DesktopState, OperationAction, OperationState, StepState, Verdict},
        overview::SyncState,
        recommendations::{Action, PriceOrigin},
    };

    fn agree<T: Serialize + DeserializeOwned + Copy + PartialEq + std::fmt::Debug>(
        all: &[T],
        name: fn(T) -> &'static str,
        parse: fn(&str) -> Option<T>,
    ) {
        for it in all {
            let on_wire = serde_json::to_value(it).unwrap();
            assert_eq!(on_wire, name(*it), "{it:?}");
            assert_eq!((serde_json::from_value::<T>(on_wire).unwrap(), parse(name(*it))), (*it, Some(*it)));
        }
        assert_eq!(parse("no such name"), None);
    }

    #[test]
    fn names_are_those_on_the_wire() {
        macro_rules! check {
            ($($type:ident)*) => { $(agree($type::ALL, $type::name, $type::parse);)* };
        }
        check!(Capability ChangeKind JobState DesktopState OperationAction OperationState StepState Verdict SyncState Action PriceOrigin);
    }
}

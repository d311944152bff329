//! Enums whose variants have names: on the wire and in the database, and for people where a second one is given.
//!
//! Invariant: `name` is the name on the wire, and `parse` is the reverse of it. All three are made of one list, so that none
//! can part from the others.

macro_rules! words {
    ($(#[$of:meta])* pub enum $type:ident { $($(#[$doc:meta])* $name:ident = $word:tt, $label:tt;)* }) => {
        $crate::names::words! { $(#[$of])* pub enum $type { $($(#[$doc])* $name = $word;)* } }

        impl $type {
            /// For people.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $($type::$name => $label,)* }
            }
        }
    };
    ($(#[$of:meta])* pub enum $type:ident { $($(#[$doc:meta])* $name:ident = $word:tt;)* }) => {
        $(#[$of])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $type { $($(#[$doc])* #[serde(rename = $word)] $name,)* }

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
    use crate::query::{Grain, Op};

    #[test]
    fn a_name_is_what_is_on_the_wire_and_is_read_again() {
        for it in Op::ALL.iter().copied() {
            let on_wire = serde_json::to_value(it).unwrap();
            assert_eq!(on_wire, it.name());
            let read = (serde_json::from_value::<Op>(on_wire).unwrap(), Op::parse(it.name()));
            assert_eq!(read, (it, Some(it)));
        }
        assert_eq!((Op::AtLeast.name(), Op::AtLeast.label()), ("at_least", "at least"));
        assert_eq!((Op::parse("AtLeast"), serde_json::from_str::<Op>(r#""AtLeast""#).ok()), (None, None));
        assert!(Grain::Hour < Grain::Year);
    }
}

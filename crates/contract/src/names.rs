//! Names of the variants of an enum: on the wire and in the database, and for people.
//!
//! Invariant: `parse` is the reverse of `name`. Serde's own spelling is derived where the enum is; each has a test that both
//! agree.

macro_rules! words {
    ($type:ident: $($name:ident = $word:literal, $label:literal;)*) => {
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

            /// For people.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $($type::$name => $label,)* }
            }
        }
    };
}

pub(crate) use words;

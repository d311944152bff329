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
    words! {
        #[derive(PartialOrd, Ord)]
        pub enum Light {
            Red = "red", "Stop";
            /// Nearly.
            RedAndAmber = "red_and_amber", "Get ready";
            Green = "go", "Go";
        }
    }

    #[test]
    fn a_name_is_what_is_on_the_wire_and_is_read_again() {
        let names: Vec<_> = Light::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names, ["red", "red_and_amber", "go"]);
        for it in Light::ALL.iter().copied() {
            let on_wire = serde_json::to_value(it).unwrap();
            assert_eq!(on_wire, it.name());
            assert_eq!(
                (serde_json::from_value::<Light>(on_wire).unwrap(), Light::parse(it.name())),
                (it, Some(it))
            );
        }
        assert_eq!((Light::parse("Red"), serde_json::from_str::<Light>(r#""Red""#).ok()), (None, None));
        assert_eq!(Light::RedAndAmber.label(), "Get ready");
        assert!(Light::Red < Light::Green);
    }
}

//! Reading the environment into configuration, once, at start.
//!
//! [`Env`] collects every mistake instead of stopping at the first, so that one failed start is enough to learn all of
//! them. Each variable `NAME` may come from a file named by `NAME_FILE` instead, as Docker and systemd pass secrets.
//! It deliberately keeps no configuration itself and is never read after start.
//!
//! Invariant: a secret's value is in no message.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fmt, fs,
    str::FromStr,
    time::Duration,
};

use secrecy::SecretString;

/// The environment while configuration is read. After a mistake the readers answer placeholders; they never come into
/// use, because [`Env::finish`] fails.
#[derive(Debug)]
pub struct Env {
    variables: Variables,
    asked: BTreeSet<String>,
    mistakes: Vec<Mistake>,
}

/// The values, kept out of `Debug`: some of them are secrets.
struct Variables(BTreeMap<String, String>);

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What is wrong with one variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The variable.
    pub name: String,
    /// What is wrong and what would be right, for the person who starts the server.
    pub text: String,
}

/// Everything that is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration has mistakes")?;
        self.mistakes.iter().try_for_each(|mistake| write!(f, "\n  {} {}", mistake.name, mistake.text))
    }
}

impl Env {
    /// The environment of this process.
    #[must_use]
    pub fn from_process() -> Self {
        let variables = env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        });
        Self::from_map(variables)
    }

    /// These variables and no others.
    pub fn from_map<K: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables: Variables(variables), asked: BTreeSet::new(), mistakes: Vec::new() }
    }

    /// The value, or `None` when it is absent or empty (a compose file writes `${NAME:-}` for "not set").
    pub fn optional(&mut self, name: &str) -> Option<String> {
        self.asked.insert(name.to_owned());
        let file_variable = format!("{name}_FILE");
        let direct = self.variables.0.get(name).filter(|value| !value.is_empty()).cloned();
        let file = self.variables.0.get(&file_variable).filter(|value| !value.is_empty()).cloned();
        match (direct, file) {
            (Some(_), Some(_)) => {
                self.mistake(name, format!("is set, and so is {file_variable}; set one of them"));
                None
            }
            (None, Some(path)) => match fs::read_to_string(&path) {
                Ok(text) => {
                    Some(text.trim_end_matches(['\r', '\n']).to_owned()).filter(|text| !text.is_empty())
                }
                Err(error) => {
                    self.mistake(&file_variable, format!("names {path}, which cannot be read: {error}"));
                    None
                }
            },
            (direct, None) => direct,
        }
    }

    /// The value; its absence is a mistake.
    pub fn required(&mut self, name: &str) -> String {
        self.present(name).unwrap_or_default()
    }

    /// The value as a `T`, or `default` when it is absent.
    pub fn parsed<T: FromStr<Err: fmt::Display>>(&mut self, name: &str, default: T) -> T {
        self.parsed_optional(name).unwrap_or(default)
    }

    /// The value as a `T`, or `None` when it is absent.
    pub fn parsed_optional<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.optional(name)?;
        match text.trim().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.mistake(name, format!("is {text:?}: {error}"));
                None
            }
        }
    }

    /// The value as a `T`; its absence is a mistake. `None` after a mistake only.
    pub fn parsed_required<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let before = self.mistakes.len();
        let value = self.parsed_optional(name);
        if value.is_none() && self.mistakes.len() == before {
            self.mistake(name, "is not set");
        }
        value
    }

    /// A list of `T` between commas; empty when the variable is absent.
    pub fn list<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Vec<T> {
        let text = self.optional(name).unwrap_or_default();
        let mut values = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            match item.parse() {
                Ok(value) => values.push(value),
                Err(error) => self.mistake(name, format!("contains {item:?}: {error}")),
            }
        }
        values
    }

    /// A switch: `true`, `yes`, `on`, `1` or their opposites.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        let Some(text) = self.optional(name) else { return default };
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => true,
            "false" | "no" | "off" | "0" => false,
            _ => {
                self.mistake(name, format!("is {text:?}; it can be true or false"));
                default
            }
        }
    }

    /// A time in whole seconds. By convention the variable's name says so (`…_SECONDS`).
    pub fn seconds(&mut self, name: &str, default: Duration) -> Duration {
        self.parsed_optional(name).map_or(default, Duration::from_secs)
    }

    /// A value that must not be printed; its absence is a mistake.
    pub fn secret(&mut self, name: &str) -> SecretString {
        self.present(name).unwrap_or_default().into()
    }

    /// A value that must not be printed, if there is one.
    pub fn secret_optional(&mut self, name: &str) -> Option<SecretString> {
        self.optional(name).map(SecretString::from)
    }

    /// Note a mistake that no reader here can see, such as two variables that do not go together. `text` follows the
    /// name and must not contain a secret.
    pub fn mistake(&mut self, name: &str, text: impl Into<String>) {
        self.mistakes.push(Mistake { name: name.to_owned(), text: text.into() });
    }

    /// The variables asked for so far, without their `_FILE` twins.
    #[must_use]
    pub fn asked(&self) -> &BTreeSet<String> {
        &self.asked
    }

    /// Whether what was read may be used.
    ///
    /// # Errors
    /// All mistakes that were made.
    pub fn finish(self) -> Result<(), ConfigError> {
        match self.mistakes {
            mistakes if mistakes.is_empty() => Ok(()),
            mistakes => Err(ConfigError { mistakes }),
        }
    }

    fn present(&mut self, name: &str) -> Option<String> {
        let before = self.mistakes.len();
        let value = self.optional(name);
        if value.is_none() && self.mistakes.len() == before {
            self.mistake(name, "is not set");
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn all_mistakes_are_reported_at_once() {
        let mut env = Env::from_map([("PORT", "eighty"), ("VERBOSE", "maybe"), ("PEERS", "1, x")]);
        env.required("URL");
        env.parsed("PORT", 80_u16);
        env.flag("VERBOSE", false);
        env.list::<u8>("PEERS");
        env.parsed_required::<u16>("OTHER_PORT");
        env.secret("KEY");
        let text = env.finish().unwrap_err().to_string();
        assert_eq!(
            text,
            "the configuration has mistakes\n  \
             URL is not set\n  \
             PORT is \"eighty\": invalid digit found in string\n  \
             VERBOSE is \"maybe\"; it can be true or false\n  \
             PEERS contains \"x\": invalid digit found in string\n  \
             OTHER_PORT is not set\n  \
             KEY is not set"
        );
    }

    #[test]
    fn values_are_read_and_defaults_fill_the_gaps() {
        let mut env =
            Env::from_map([("URL", "http://x"), ("PORT", " 81 "), ("EMPTY", ""), ("WAIT_SECONDS", "7")]);
        assert_eq!(env.required("URL"), "http://x");
        assert_eq!(env.parsed("PORT", 80_u16), 81);
        assert_eq!(env.parsed("EMPTY", 80_u16), 80);
        assert_eq!(env.optional("EMPTY"), None);
        assert_eq!(env.seconds("WAIT_SECONDS", Duration::ZERO), Duration::from_secs(7));
        assert!(env.flag("ABSENT", true));
        assert_eq!(env.list::<u16>("NONE"), Vec::<u16>::new());
        assert!(env.secret_optional("NO_SECRET").is_none());
        env.finish().unwrap();
    }

    #[test]
    fn a_value_may_come_from_a_file() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "from the file").unwrap();
        let mut env = Env::from_map([("KEY_FILE", file.path().to_str().unwrap())]);
        assert_eq!(env.secret("KEY").expose_secret(), "from the file");
        env.finish().unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_read_and_a_variable_set_twice_are_mistakes() {
        let mut env =
            Env::from_map([("KEY_FILE", "/nowhere/key"), ("TOKEN", "t0p"), ("TOKEN_FILE", "/token")]);
        env.secret("KEY");
        env.secret("TOKEN");
        let mistakes = env.finish().unwrap_err().mistakes;
        assert_eq!(mistakes.len(), 2, "{mistakes:?}");
        assert_eq!(mistakes[0].name, "KEY_FILE");
        assert!(mistakes[0].text.starts_with("names /nowhere/key, which cannot be read"), "{mistakes:?}");
        assert_eq!(mistakes[1].text, "is set, and so is TOKEN_FILE; set one of them");
    }

    #[test]
    fn the_names_asked_for_are_known_afterwards() {
        let mut env = Env::from_map([("UNUSED", "1")]);
        env.optional("B");
        env.secret("A");
        assert_eq!(env.asked().iter().collect::<Vec<_>>(), ["A", "B"]);
    }

    #[test]
    fn no_value_can_be_printed() {
        let mut env = Env::from_map([("KEY", "canary-1"), ("TOKEN", "canary-2"), ("TOKEN_FILE", "/token")]);
        let secret = env.secret("KEY");
        env.secret("TOKEN");
        let printed = format!("{env:?} {secret:?} {:?}", env.mistakes);
        assert!(!printed.contains("canary"), "{printed}");
    }
}

//! A stack's passwords and keys: made once, kept in a file that only its owner reads.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::{Context as _, Result};

use super::Instance;

/// Passwords and keys of one stack. No `Display`, and a `Debug` that shows nothing.
#[derive(Clone)]
pub(crate) struct Secrets {
    pub(crate) secret_key: String,
    pub(crate) postgres_password: String,
    pub(crate) redis_password: String,
    pub(crate) ai_api_key: String,
    /// Settings that the user has added to the file; they go to every program of the product and win.
    pub(crate) further: Vec<(String, String)>,
}

/// What is made when it is not there.
const OURS: [&str; 4] = ["SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "AI_API_KEY"];

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Reads `env` in the stack's folder; what is not in it is made and added.
    pub(crate) fn load_or_make(instance: &Instance) -> Result<Self> {
        let path = instance.dir.join("env");
        let before = fs::read_to_string(&path).unwrap_or_default();
        let mut text = before.clone();
        for name in OURS {
            if value(&text, name).is_none() {
                text.push_str(&format!("{name}={}\n", random_token()?));
            }
        }
        let known = |name: &str| value(&text, name).unwrap_or_default().to_owned();
        let [secret_key, postgres_password, redis_password, ai_api_key] = OURS.map(known);
        let further = settings(&text).filter(|(name, _)| !OURS.contains(name));
        let further = further.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        if text != before {
            let mut options = OpenOptions::new();
            options.create(true).write(true).truncate(true).mode(0o600);
            let mut file = options.open(&path).with_context(|| format!("cannot write {}", path.display()))?;
            file.write_all(text.as_bytes()).context("cannot write the stack's secrets")?;
        }
        Ok(Self { secret_key, postgres_password, redis_password, ai_api_key, further })
    }
}

/// 256 bits as hexadecimal digits: fit for a key, a URL and a shell.
pub(crate) fn random_token() -> Result<String> {
    let bytes: [u8; 32] = random_bytes()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Bytes from the kernel's generator.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")
        .and_then(|mut it| it.read_exact(&mut bytes))
        .context("the kernel gives no random bytes")?;
    Ok(bytes)
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    settings(text).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// `NAME=value` lines; others, such as comments, are nobody's business.
fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::stack::Lifetime;

    #[test]
    fn secrets_are_made_once_and_nobody_else_can_read_them() {
        let dir = tempfile::tempdir().unwrap();
        let instance = Instance { dir: dir.path().to_path_buf(), lifetime: Lifetime::Kept };
        let first = Secrets::load_or_make(&instance).unwrap();
        let second = Secrets::load_or_make(&instance).unwrap();
        assert_eq!(first.secret_key, second.secret_key);
        assert_eq!(first.secret_key.len(), 64);
        assert_ne!(first.secret_key, first.ai_api_key);
        let mode = fs::metadata(dir.path().join("env")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_was_set_by_hand_is_kept_and_further_settings_are_handed_on() {
        let dir = tempfile::tempdir().unwrap();
        let instance = Instance { dir: dir.path().to_path_buf(), lifetime: Lifetime::Kept };
        fs::write(dir.path().join("env"), "# mine\nAI_API_KEY=mine\nAI_THREADS=1\n").unwrap();
        let secrets = Secrets::load_or_make(&instance).unwrap();
        assert_eq!(secrets.ai_api_key, "mine");
        assert_eq!(secrets.further, [("AI_THREADS".to_owned(), "1".to_owned())]);
    }
}

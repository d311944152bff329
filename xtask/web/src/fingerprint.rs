//! Names and checksums that follow from a file's content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha384};

/// `app.js` → `app-3f2a9c1b7d04.js`: new content, new name, so that a browser may keep it for ever.
pub(crate) fn hashed_name(name: &str, content: &[u8]) -> String {
    let hash: String = Sha256::digest(content).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{name}-{hash}"),
    }
}

/// The value of an `integrity` attribute.
pub(crate) fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_changes_with_the_content_and_keeps_its_extension() {
        let one = hashed_name("skydesk.wasm", b"one");
        assert_ne!(one, hashed_name("skydesk.wasm", b"two"));
        assert_eq!(one, hashed_name("skydesk.wasm", b"one"));
        assert!(one.starts_with("skydesk-") && one.ends_with(".wasm"), "{one}");
    }

    #[test]
    fn integrity_is_what_browsers_compute() {
        // From the W3C's recommendation on subresource integrity.
        assert_eq!(
            integrity(b"alert('Hello, world.');"),
            "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO"
        );
    }
}

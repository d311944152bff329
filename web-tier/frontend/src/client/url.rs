//! Query strings, without a browser: what goes into an address comes out of it unchanged.

/// Escapes a text for a path segment or a query.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The reverse of [`encode`]; `+` is a blank, and a broken escape stays as it is written.
#[must_use]
pub fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let hex =
                    |it: u8| char::from(it).to_digit(16).and_then(|it| u8::try_from(it).ok()).unwrap_or(0);
                out.push(hex(*high) * 16 + hex(*low));
                rest = after;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Names and values in the order of the address; a leading `?` is allowed.
#[must_use]
pub fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .trim_start_matches('?')
        .split('&')
        .filter(|it| !it.is_empty())
        .map(|it| {
            let (name, value) = it.split_once('=').unwrap_or((it, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// The reverse of [`pairs`], without the `?`.
#[must_use]
pub fn query<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    let parts: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name.as_ref()), encode(value.as_ref())))
        .collect();
    parts.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let given = [("q", "a&b=c d+é%"), ("tags.Cost center", "1/2"), ("state", "A"), ("state", "B")];
        let text = query(&given);
        assert!(text.is_ascii() && !text.contains(' '));
        let back = pairs(&format!("?{text}"));
        assert_eq!(back, given.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }

    #[test]
    fn foreign_spellings_are_read() {
        assert_eq!(decode("a+b%20c"), "a b c");
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(pairs("?a&&b="), [("a".into(), String::new()), ("b".into(), String::new())]);
    }
}

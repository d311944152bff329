//! What is named by how it begins: "SVC- machines", "hosts named lab-something", "everything in 10.21.32.x".
//!
//! Not here: texts that are said to be looked for ("hostname starts with LAB-"), which the reader has.
//! Invariant: what is made of such a mark only looks for a text, so that nothing is compared with a value nobody knows.

use contract::query::{Filter, Op, Value};

use super::{Keyword, Mark, Meaning};
use crate::catalog::{DESKTOP_PREFIX, Entity};

/// Words that stand for whatever follows a beginning.
const WHATEVER: &[&str] = &["something", "anything", "whatever", "*", "x", "xx", "xxx", "xxxx"];
/// Words beside a part of an address: what has two or three numbers and dots is no price and no day there.
const NETWORKS: &[&str] =
    &["ip", "ips", "address", "addresses", "network", "range", "subnet", "cidr", "firewall", "vlan"];
/// What names of errors end with, as AWS has them.
const ERRORS: &[&str] =
    &["Denied", "Error", "Exceeded", "Exception", "Failure", "Fault", "NotFound", "Operation", "Unavailable"];

/// "SVC- machines": those whose computer is called so.
pub(super) fn hosts(marks: &mut [Mark], entity: &Entity) {
    let Some(dimension) = reached(entity, "computer_name") else { return };
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some((mark, rest)) = rest.split_first_mut() else { return };
        let Some((begins, whatever)) = beginning(last_word(&mark.raw)) else { continue };
        let of_desktops = rest.first().is_some_and(|it| {
            it.meaning == Meaning::Entity
                || matches!(&it.meaning, Meaning::Field(name) if name == "workspace_id")
        });
        let free = match &mark.meaning {
            Meaning::Unknown => true,
            // "DEV- machines" are no account's.
            Meaning::Value(_) | Meaning::Field(_) => whatever || of_desktops,
            _ => false,
        };
        if !free || is_looked_for(before, rest) {
            continue;
        }
        let end = mark.start + mark.raw.chars().count();
        mark.meaning = looks(&dimension, begins);
        drop_starting(before, &dimension);
        // "DEV-something" may be two words to the linker.
        for it in rest.iter_mut().take_while(|it| it.start < end) {
            it.meaning = Meaning::Noise;
        }
    }
}

/// "10.21.32.*", "10.21.32.0/24", "the 10.21.96 range".
pub(super) fn networks(marks: &mut [Mark], entity: &Entity) {
    let own = entity.dimension("source_ip").map(|it| it.name.to_owned());
    let Some(dimension) = own.or_else(|| reached(entity, "ip_address")) else { return };
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some((mark, rest)) = rest.split_first_mut() else { return };
        let open = matches!(mark.meaning, Meaning::Unknown | Meaning::Time(_) | Meaning::Number(_, None));
        let compared =
            before.last().is_some_and(|it| matches!(it.meaning, Meaning::Keyword(Keyword::Compare(_))));
        if !open || compared || is_looked_for(before, rest) {
            continue;
        }
        let Some(begins) = network(last_word(&mark.raw), is_of_networks(before, rest)) else { continue };
        mark.meaning = looks(&dimension, begins);
        drop_starting(before, &dimension);
        // "the 10.21.96 range", "10.22. network"
        for it in rest.iter_mut().take(2) {
            match it.meaning {
                Meaning::Break if it.text == ";" => it.meaning = Meaning::Noise,
                Meaning::Unknown if NETWORKS.contains(&it.text.as_str()) => it.meaning = Meaning::Noise,
                _ => break,
            }
        }
    }
}

/// `ThrottlingException`, `ResourceLimitExceeded`: an error's name is told by its form, whether or not one was recorded.
pub(super) fn errors(marks: &mut [Mark], entity: &Entity) {
    let Some(dimension) = ["error_code", "error"].into_iter().find(|it| entity.dimension(it).is_some())
    else {
        return;
    };
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some((mark, rest)) = rest.split_first_mut() else { return };
        if mark.meaning == Meaning::Unknown && is_error(&mark.raw) && !is_looked_for(before, rest) {
            mark.meaning = looks(dimension, mark.raw.clone());
        }
    }
}

fn is_error(word: &str) -> bool {
    let plain = word.chars().all(|it| it.is_ascii_alphabetic());
    let humps = word.chars().filter(char::is_ascii_uppercase).count() > 1;
    plain
        && humps
        && word.starts_with(|it: char| it.is_ascii_uppercase())
        && ERRORS.iter().any(|it| word.ends_with(it))
}

/// What a computer's name begins with, and whether it is said that anything may follow.
fn beginning(word: &str) -> Option<(String, bool)> {
    let (begins, rest) = match word.split_once('-') {
        Some((begins, rest)) => (format!("{begins}-"), rest),
        None => (word.strip_suffix('*')?.to_owned(), "*"),
    };
    let letters = begins.trim_end_matches('-');
    let plain = letters.len() > 1 && letters.chars().all(|it| it.is_ascii_alphanumeric());
    let called = plain && letters.starts_with(|it: char| it.is_ascii_alphabetic());
    let whatever = WHATEVER.contains(&rest.to_lowercase().as_str());
    let upper = rest.is_empty() && letters.chars().all(|it| !it.is_ascii_lowercase());
    (called && (whatever || upper)).then_some((begins, whatever))
}

/// "the IPs in 10.22", "the 10.22 range"; "in the range 10.50 to 20" is none.
fn is_of_networks(before: &[Mark], after: &[Mark]) -> bool {
    let named = |it: &Mark| it.text.split(' ').any(|word| NETWORKS.contains(&word));
    before.iter().rev().take(3).any(|it| named(it) && it.text != "range") || after.iter().take(2).any(named)
}

/// What an address begins with, up to and with a dot; `spoken`: the words beside it are about addresses.
fn network(word: &str, spoken: bool) -> Option<String> {
    let (address, bits) = match word.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (word, None),
    };
    let parts: Vec<&str> = address.split('.').collect();
    let known = parts.iter().take_while(|it| it.parse::<u8>().is_ok()).count();
    let rest = parts.get(known..).unwrap_or_default();
    let whatever = !rest.is_empty() && rest.iter().all(|it| matches!(*it, "*" | "x" | "xx" | "xxx"));
    let known = match (bits, known) {
        (Some("24"), 4) => 3,
        (Some("16"), 4) => 2,
        (Some("8"), 4) => 1,
        (Some(_), _) => return None,
        (None, 2 | 3) if whatever || spoken && rest.iter().all(|it| it.is_empty()) => known,
        _ => return None,
    };
    Some(format!("{}.", parts.get(..known)?.join(".")))
}

/// "hostname starts with LAB-", "with LAB- in the hostname": the reader's.
fn is_looked_for(before: &[Mark], after: &[Mark]) -> bool {
    let said = before.last().is_some_and(|it| it.meaning == Meaning::Keyword(Keyword::Contains));
    let within = |it: &Mark| {
        it.meaning == Meaning::Keyword(Keyword::InTheName)
            || matches!(it.text.as_str(), "in the title" | "in them")
    };
    // "in the hostname", and not "in the corp directory"
    let named = matches!(after, [within, field, ..]
        if matches!(within.text.as_str(), "in the" | "in its" | "in their")
            && matches!(field.meaning, Meaning::Field(_)));
    said || named || after.first().is_some_and(within)
}

/// "with an address starting 10.22", "hosts starting CTR-": no state is meant, and no column.
fn drop_starting(before: &mut [Mark], dimension: &str) {
    let [rest @ .., starts] = before else { return };
    if !matches!(starts.text.as_str(), "starting" | "beginning" | "begins" | "starts") {
        return;
    }
    starts.meaning = Meaning::Noise;
    let named = |it: &Mark| matches!(&it.meaning, Meaning::Field(name) if name == dimension);
    if let [.., with, named_so] = rest
        && named(named_so)
    {
        named_so.meaning = Meaning::Noise;
        if with.meaning == Meaning::Keyword(Keyword::With) {
            with.meaning = Meaning::Noise;
        }
    }
}

fn looks(dimension: &str, text: String) -> Meaning {
    let filters = vec![Filter::new(dimension, Op::Contains, Value::text(text))];
    Meaning::Condition { filters, either: false }
}

/// What a dimension of desktops is called here: the entity's own goes before.
fn reached(entity: &Entity, dimension: &str) -> Option<String> {
    let of_desktop = format!("{DESKTOP_PREFIX}{dimension}");
    [dimension, of_desktop.as_str()].into_iter().find_map(|it| entity.reach(it)).map(|it| it.name)
}

fn last_word(raw: &str) -> &str {
    raw.split_whitespace().next_back().unwrap_or_default()
}

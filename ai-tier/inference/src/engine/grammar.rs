//! What an answer may look like: a GBNF grammar, or a JSON schema that llama.cpp turns into one.
//!
//! llama.cpp reads both by recursive descent and unrolls repetitions, so a hostile text could exhaust stack or memory
//! before any error comes back, and that would end the process. Hence the limits here, checked before llama.cpp sees a
//! byte. They do not judge whether the grammar is any good; that is for its own parser.

use llama_cpp_2::{model::LlamaModel, sampling::LlamaSampler};

/// Where every grammar starts.
const ROOT: &str = "root";
/// The house's grammars are 5 to 20 KB.
pub const MAX_BYTES: usize = 128 * 1024;
/// Parentheses and brackets inside each other; the parser recurses once for each.
const MAX_DEPTH: usize = 64;
/// Sum over all `{m,n}`: each repetition becomes a rule of its own.
const MAX_REPETITIONS: u64 = 20_000;
/// Any JSON object; llama.cpp's own grammar for one bounds its depth.
const ANY_OBJECT: &str = r#"{"type":"object"}"#;

/// The form that an answer is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    /// A grammar in llama.cpp's notation whose start rule is `root`.
    Gbnf(String),
    /// A JSON schema, as JSON text.
    JsonSchema(String),
    /// Any JSON object.
    JsonObject,
}

/// Why a constraint cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrammarError {
    #[error("the grammar is empty")]
    Empty,
    #[error("the grammar has {bytes} bytes, at most {MAX_BYTES} are read")]
    TooLarge { bytes: usize },
    #[error("the grammar nests more than {MAX_DEPTH} groups")]
    TooDeep,
    #[error("the repetitions in the grammar add up to more than {MAX_REPETITIONS}")]
    TooManyRepetitions,
    #[error("the grammar holds a null character")]
    Null,
    #[error(
        "the grammar does not parse: it needs a rule `root`, every rule it names has to exist, and none may begin with itself"
    )]
    Unparsable,
    #[error("the JSON schema cannot be turned into a grammar")]
    UnusableSchema,
}

impl Constraint {
    /// A sampler that lets through only what the constraint allows.
    pub(super) fn sampler(&self, model: &LlamaModel) -> Result<LlamaSampler, GrammarError> {
        let gbnf = match self {
            Self::Gbnf(text) => text.clone(),
            Self::JsonSchema(schema) => from_schema(schema)?,
            Self::JsonObject => from_schema(ANY_OBJECT)?,
        };
        check(&gbnf)?;
        // The crate reports a rule `root` that is missing, a null byte and a parse error alike.
        LlamaSampler::grammar(model, &gbnf, ROOT).map_err(|_cause| GrammarError::Unparsable)
    }
}

fn from_schema(schema: &str) -> Result<String, GrammarError> {
    check_text(schema)?;
    // `pattern` is read by recursive descent too. Parentheses in a description count as well, which does no harm.
    let mut depth = 0usize;
    for byte in schema.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(GrammarError::TooDeep);
        }
    }
    let grammar =
        llama_cpp_2::json_schema_to_grammar(schema).map_err(|_cause| GrammarError::UnusableSchema)?;
    Ok(compact(&grammar))
}

/// llama.cpp lets twenty tabs stand between any two signs of JSON. A small model goes on with what it has begun, and spends
/// its tokens on blanks; a single one is enough for anybody.
fn compact(grammar: &str) -> String {
    let line =
        |it: &str| if it.starts_with("space ::=") { "space ::= | \" \"".to_owned() } else { it.to_owned() };
    grammar.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn check_text(text: &str) -> Result<(), GrammarError> {
    if text.trim().is_empty() {
        return Err(GrammarError::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(GrammarError::TooLarge { bytes: text.len() });
    }
    if text.contains('\0') {
        return Err(GrammarError::Null);
    }
    Ok(())
}

/// Refuses what could exhaust llama.cpp's parser. Literals, character classes and comments are skipped.
fn check(gbnf: &str) -> Result<(), GrammarError> {
    check_text(gbnf)?;
    let mut depth = 0usize;
    let mut repetitions = 0u64;
    let mut rest = gbnf.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => skip_past(&mut rest, b'"'),
            b'[' => skip_past(&mut rest, b']'),
            b'#' => drop(rest.by_ref().find(|it| *it == b'\n')),
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'{' => repetitions = repetitions.saturating_add(largest_number(&mut rest)),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(GrammarError::TooDeep);
        }
        if repetitions > MAX_REPETITIONS {
            return Err(GrammarError::TooManyRepetitions);
        }
    }
    Ok(())
}

fn skip_past(rest: &mut std::str::Bytes<'_>, end: u8) {
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => drop(rest.next()),
            _ if byte == end => return,
            _ => {}
        }
    }
}

/// The larger bound of `m,n}`.
fn largest_number(rest: &mut std::str::Bytes<'_>) -> u64 {
    let (mut largest, mut current) = (0u64, 0u64);
    for byte in rest {
        match byte {
            b'0'..=b'9' => current = current.saturating_mul(10).saturating_add(u64::from(byte - b'0')),
            b'}' => break,
            _ => current = 0,
        }
        largest = largest.max(current);
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn house_sized_grammars_pass() {
        assert_eq!(check("root ::= (\"a\" | [b-c(]{1,40}) # ((((\n"), Ok(()));
    }

    #[test]
    fn deep_nesting_is_refused_before_the_parser_recurses() {
        let bomb = format!("root ::= {}\"a\"{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(check(&bomb), Err(GrammarError::TooLarge { bytes: bomb.len() }));
        let bomb = format!("root ::= {}\"a\"{}", "(".repeat(1_000), ")".repeat(1_000));
        assert_eq!(check(&bomb), Err(GrammarError::TooDeep));
    }

    #[test]
    fn parentheses_in_literals_and_classes_are_text() {
        let text =
            format!("root ::= \"{}\" [{}] \"\\\"{}\"", "(".repeat(100), "(".repeat(100), "(".repeat(100));
        assert_eq!(check(&text), Ok(()));
    }

    #[test]
    fn repetitions_are_added_up() {
        assert_eq!(check(&"root ::= \"a\"{0,1900}\n".repeat(11)), Err(GrammarError::TooManyRepetitions));
        assert_eq!(check(&"root ::= \"a\"{1900}\n".repeat(10)), Ok(()));
        assert_eq!(check("root ::= \"a\"{99999999999999999999999}"), Err(GrammarError::TooManyRepetitions));
    }

    #[test]
    fn a_schema_with_a_bottomless_pattern_is_refused() {
        let schema = format!(r#"{{"type":"string","pattern":"^{}$"}}"#, "(".repeat(5_000));
        assert_eq!(from_schema(&schema), Err(GrammarError::TooDeep));
    }

    #[test]
    fn a_schema_becomes_a_grammar_with_a_root() {
        let gbnf = from_schema(r#"{"type":"object","properties":{"n":{"enum":["a","b"]}},"required":["n"]}"#);
        let gbnf = gbnf.unwrap();
        assert!(gbnf.contains("root ::="));
        assert!(gbnf.contains("space ::= | \" \"") && !gbnf.contains("{0,20}"), "{gbnf}");
    }

    #[test]
    fn emptiness_and_null_characters_are_named() {
        assert_eq!(check("  \n"), Err(GrammarError::Empty));
        assert_eq!(check("root ::= \"a\0\""), Err(GrammarError::Null));
    }
}

//! Regular expressions inside queries: literals only, compiled once, with the query.

use regex::{Regex, RegexBuilder};

/// The most that a compiled expression may take, in bytes: enough for what tells e-mail domains or
/// plan names apart, and compiled in far less than a millisecond.
const COMPILED_BYTES_MAX: usize = 64 * 1024;
const NESTING_MAX: u32 = 16;

/// The expression of `match`: the whole text fits (RFC 9535, section 2.4.6).
pub(super) fn whole(pattern: &str) -> Option<Regex> {
    compile(&in_whole(pattern)).ok()
}

/// The expression of `search`: some part of the text fits (RFC 9535, section 2.4.7).
pub(super) fn part(pattern: &str) -> Option<Regex> {
    compile(pattern).ok()
}

fn in_whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Carriage returns are line breaks for `.`, as in RFC 9485.
fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .crlf(true)
        .size_limit(COMPILED_BYTES_MAX)
        .nest_limit(NESTING_MAX)
        .build()
}

/// What is wrong with an expression, for the author of the query.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PatternFault {
    pub(super) message: String,
    pub(super) hint: &'static str,
}

/// Checks the expression in `literal`, a JSONPath string literal with its quotes.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(literal: &str) -> Result<(), PatternFault> {
    let Some(pattern) = unescape(literal) else {
        let message = "the text has an escape that JSONPath doesn't know".to_owned();
        return Err(PatternFault { message, hint: "write `\\\\` for one backslash" });
    };
    // The expression by itself first: inside the group, `a)(b` would be valid.
    let tried = compile(&pattern).and_then(|_| compile(&in_whole(&pattern)));
    tried.map(|_| ()).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PatternFault {
            message: "the regular expression is too large".to_owned(),
            hint: "ask for fewer repetitions",
        },
        error => PatternFault {
            message: format!("the regular expression is not valid: {}", reason(&error)),
            hint: "what stands for itself is written in brackets, as in '[.]' or '[(]'",
        },
    })
}

/// The last line of the library's message, which holds the reason; the others draw the place.
fn reason(error: &regex::Error) -> String {
    let message = error.to_string();
    let last = message.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

/// What the literal stands for (RFC 9535, section 2.3.1.2).
pub(super) fn unescape(literal: &str) -> Option<String> {
    let inner = literal.get(1..literal.len().checked_sub(1)?)?;
    let mut units: Vec<u16> = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(char) = rest.next() {
        if char != '\\' {
            units.extend(char.encode_utf16(&mut [0; 2]).iter());
            continue;
        }
        let unit = match rest.next()? {
            'b' => 0x08,
            't' => 0x09,
            'n' => 0x0A,
            'f' => 0x0C,
            'r' => 0x0D,
            same @ ('/' | '\\' | '\'' | '"') => same as u16,
            'u' => {
                let digits: String = rest.by_ref().take(4).collect();
                if digits.len() != 4 {
                    return None;
                }
                u16::from_str_radix(&digits, 16).ok()?
            }
            _ => return None,
        };
        units.push(unit);
    }
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::{check, unescape};

    #[test]
    fn escapes_are_those_of_the_standard() {
        assert_eq!(unescape(r"'a\\.b\u00e4\ud83d\ude00'").as_deref(), Some("a\\.bä😀"));
        assert_eq!(unescape(r"'\.'"), None);
        assert_eq!(unescape(r"'\u12'"), None);
        assert_eq!(unescape(r"'\ud83d'"), None);
        assert_eq!(unescape("'"), None);
    }

    #[test]
    fn expressions_are_valid_and_small() {
        assert_eq!(check("'.*@example[.]com'"), Ok(()));
        assert_eq!(check(r"'\\d+'"), Ok(()));
        let message = |literal: &str| check(literal).unwrap_err().message;
        assert!(message("'('").contains("unclosed group"));
        assert!(check("'a)(b'").is_err());
        assert!(message(r"'\\w{1000}'").contains("too large"));
        assert!(message(r"'\d+'").contains("escape"));
    }
}

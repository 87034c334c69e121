//! The texts and numbers that stand in a query or condition: what it compares values with.

use regex::Regex;
use std::sync::LazyLock;

/// A text or number in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// What a value is compared with, or a name in brackets; a number as it is written.
    Value(String),
    /// The regular expression of `match` or `search`.
    Pattern(String),
}

/// Quoted texts, which may hold escapes, and numbers.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\b\d+(?:\.\d+)?\b"#)
        .expect("the pattern is a literal and valid")
});

/// Those of a query or condition that has been compiled.
pub(super) fn literals(text: &str) -> Vec<Literal> {
    let found = LITERAL.find_iter(text);
    found
        .map(|found| {
            let quoted = found.as_str().strip_prefix(['\'', '"']);
            let Some(inner) = quoted.and_then(|rest| rest.strip_suffix(['\'', '"'])) else {
                return Literal::Value(found.as_str().to_owned());
            };
            let before = &text[..found.start()];
            let call = before.rfind('(').map_or("", |at| before[..at].trim_end());
            let is_pattern = before.trim_end().ends_with(',')
                && (call.ends_with("match") || call.ends_with("search"));
            let inner = unescaped(inner);
            if is_pattern { Literal::Pattern(inner) } else { Literal::Value(inner) }
        })
        .collect()
}

/// RFC 9535 escapes as JSON does, and lets a quote of its own be escaped too.
fn unescaped(inner: &str) -> String {
    if !inner.contains('\\') {
        return inner.to_owned();
    }
    let json = inner.replace("\\'", "'").replace("\\\"", "\"").replace('"', "\\\"");
    serde_json::from_str(&format!("\"{json}\"")).unwrap_or_else(|_| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Literal::{Pattern, Value};
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[Literal]) {
        assert_eq!(literals(text), expected);
    }

    #[test]
    fn texts_and_numbers_are_found() {
        let value = |text: &str| Value(text.to_owned());
        check("$.data.id", &[]);
        check("$.a['b c'][?@.ref == 'email'].x", &[value("b c"), value("email")]);
        check(r#"@.a == "it's" && @.b != 'say "a"'"#, &[value("it's"), value("say \"a\"")]);
        check(r"@.a == 'it\'s \u00e9'", &[value("it's é")]);
        check("@.id == 12345 || @.x2 > 1.5", &[value("12345"), value("1.5")]);
        check("$.a[?search(@.title, '(?i)your name')].b", &[Pattern("(?i)your name".to_owned())]);
    }
}

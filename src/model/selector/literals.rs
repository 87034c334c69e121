//! The texts, numbers and names that stand in a query or condition: what it compares values with,
//! and which members it looks at.

use regex::Regex;
use std::sync::LazyLock;

/// A text, number or name in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// What a value is compared with, or a name in brackets; a number as it is written.
    Value(String),
    /// A name after a dot.
    Name(String),
    /// The regular expression of `match` or `search`.
    Pattern(String),
}

/// Quoted texts, which may hold escapes, names, and numbers.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\.(?:\p{L}|_)[\p{L}\p{N}_]*|\b\d+(?:\.\d+)?\b"#,
    )
    .expect("the pattern is a literal and valid")
});

/// Those of a query or condition that has been compiled.
pub(super) fn literals(text: &str) -> Vec<Literal> {
    LITERAL.find_iter(text).map(|found| literal(found.as_str(), &text[..found.start()])).collect()
}

/// The literal that is written so after `before`.
fn literal(written: &str, before: &str) -> Literal {
    if let Some(name) = written.strip_prefix('.') {
        return Literal::Name(name.to_owned());
    }
    let quoted = written.strip_prefix(['\'', '"']);
    let Some(inner) = quoted.and_then(|rest| rest.strip_suffix(['\'', '"'])) else {
        return Literal::Value(written.to_owned());
    };
    let call = before.rfind('(').map_or("", |at| before[..at].trim_end());
    let is_pattern =
        before.trim_end().ends_with(',') && (call.ends_with("match") || call.ends_with("search"));
    let inner = unescaped(inner);
    if is_pattern { Literal::Pattern(inner) } else { Literal::Value(inner) }
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
    use super::Literal::{Name, Pattern, Value};
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[Literal]) {
        assert_eq!(literals(text), expected);
    }

    #[test]
    fn texts_numbers_and_names_are_found() {
        let value = |text: &str| Value(text.to_owned());
        let name = |text: &str| Name(text.to_owned());
        check("$", &[]);
        check("$.data['b c']", &[name("data"), value("b c")]);
        check("$[?@.ref == 'email'].x", &[name("ref"), value("email"), name("x")]);
        let quotes = [value("0"), value("it's"), value("say \"a\"")];
        check(r#"@[0] == "it's" && @['say "a"']"#, &quotes);
        check(r"@.a == 'it\'s \u00e9'", &[name("a"), value("it's é")]);
        check("@.x2 == 12345 || @ > 1.5", &[name("x2"), value("12345"), value("1.5")]);
        let pattern = Pattern("(?i)your name".to_owned());
        check("$[?search(@.title, '(?i)your name')]", &[name("title"), pattern]);
    }
}

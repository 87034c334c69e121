//! The text of a path, which is also a query that finds what is there; and names that are not
//! shown.

use std::fmt::Write;

/// Longer names are values that something put into the place of a name.
const NAME_CHARS_MAX: usize = 100;
/// Ids and telephone numbers have at least as many digits.
const NAME_DIGITS_MAX: usize = 5;

/// One step of a path.
#[derive(Clone, Copy, Debug)]
pub(in crate::review) enum Part<'a> {
    Name(&'a str),
    /// Any entry of a list.
    Any,
    /// The entries of a list that have `value` at `by`.
    Entry {
        by: &'a [String],
        value: &'a str,
    },
}

/// A path in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::review) struct Path(String);

impl Path {
    pub(in crate::review) fn root() -> Self {
        Self("$".to_owned())
    }

    pub(in crate::review) fn then(&self, part: Part<'_>) -> Self {
        let mut text = self.0.clone();
        match part {
            Part::Name(name) => push_name(&mut text, name),
            Part::Any => text.push_str("[*]"),
            Part::Entry { by, value } => {
                text.push_str("[?@");
                by.iter().for_each(|name| push_name(&mut text, name));
                text.push_str(" == ");
                push_quoted(&mut text, value);
                text.push(']');
            }
        }
        Self(text)
    }

    /// The names below an object that are not told apart, as a pattern for people.
    pub(in crate::review) fn others(&self) -> String {
        format!("{}.*", self.0)
    }

    pub(in crate::review) fn into_text(self) -> String {
        self.0
    }
}

fn push_name(text: &mut String, name: &str) {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let begins = name.chars().next().is_some_and(|char| is_plain(char) && !char.is_ascii_digit());
    if begins && name.chars().all(is_plain) {
        text.push('.');
        text.push_str(name);
    } else {
        text.push('[');
        push_quoted(text, name);
        text.push(']');
    }
}

fn push_quoted(text: &mut String, quoted: &str) {
    text.push('\'');
    for char in quoted.chars() {
        match char {
            '\'' | '\\' => text.extend(['\\', char]),
            _ if is_unprintable(char) => push_escape(text, char),
            _ => text.push(char),
        }
    }
    text.push('\'');
}

/// As JSON and JSONPath escape it.
fn push_escape(text: &mut String, char: char) {
    let mut units = [0; 2];
    for unit in char.encode_utf16(&mut units) {
        // Writing to a text can't fail.
        let _ = write!(text, "\\u{unit:04x}");
    }
}

/// Control characters, and those that would change the direction of what is printed around them.
fn is_unprintable(char: char) -> bool {
    let steers =
        matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    char.is_control() || steers || char == '\u{feff}'
}

/// Whether a name looks like data about a person, or like the id of one: such are counted, and
/// neither kept nor shown.
pub(in crate::review) fn is_private(name: &str) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    is_private_value(name) || digits > NAME_DIGITS_MAX
}

/// The same of a value that may identify the entries of a list: ids of questions have digits.
pub(super) fn is_private_value(value: &str) -> bool {
    value.contains('@') || value.chars().count() > NAME_CHARS_MAX
}

#[cfg(test)]
mod tests {
    use super::{Part, Path, is_private};
    use crate::model::Selector;

    #[track_caller]
    fn check(parts: &[Part<'_>], expected: &str) {
        let path = parts.iter().fold(Path::root(), |path, part| path.then(*part)).into_text();
        assert_eq!(path, expected);
        assert!(Selector::parse(&path).is_ok(), "{path} is no query");
    }

    #[test]
    fn a_path_is_a_query() {
        let by = ["field".to_owned(), "ref".to_owned()];
        check(&[Part::Name("data"), Part::Name("id_2")], "$.data.id_2");
        check(&[Part::Name("first name"), Part::Any], "$['first name'][*]");
        check(&[Part::Name("2"), Part::Name("")], "$['2']['']");
        check(&[Part::Name("it's"), Part::Name("a\\b")], r"$['it\'s']['a\\b']");
        check(&[Part::Name("a\u{1b}[2J")], r"$['a\u001b[2J']");
        check(&[Part::Name("a\u{202e}b"), Part::Name("é")], r"$['a\u202eb']['é']");
        check(
            &[Part::Name("answers"), Part::Entry { by: &by, value: "e-mail" }, Part::Name("email")],
            "$.answers[?@.field.ref == 'e-mail'].email",
        );
    }

    #[test]
    fn names_that_look_like_a_person_are_not_kept() {
        for private in ["ada@example.com", "+49 151 234567", &"n".repeat(101)] {
            assert!(is_private(private), "{private}");
        }
        for plain in ["email", "utm_source", "oauth2_2024", "What is your name?"] {
            assert!(!is_private(plain), "{plain}");
        }
    }
}

//! Text and JSON as JavaScript sees them, because the destination's rules are JavaScript.
//!
//! It keeps to what the rules need: trimming, lengths in UTF-16 code units, cutting, and the length
//! of `JSON.stringify`. Rust's own notions differ in every one of these (`str::trim` takes U+0085
//! and leaves U+FEFF; `len` counts bytes; `1.0` is written with its `.0`), and a difference of one
//! character is a lost lead.

use serde_json::Value;
use std::fmt::{self, Write};

/// `String.prototype.trim`: ECMAScript's WhiteSpace and LineTerminator at both ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_white_space)
}

/// [`trim`] at the end only.
pub(super) fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_white_space)
}

/// ECMAScript 2025, 12.2 and 12.3: tab, line ends, U+FEFF and the category Zs.
pub(super) const fn is_white_space(c: char) -> bool {
    matches!(
        c,
        '\u{9}'..='\u{d}'
            | '\u{20}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
            | '\u{feff}'
    )
}

/// `String.prototype.length`: UTF-16 code units.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The longest beginning of `text` of at most `units_max` code units; a character of two units is
/// never split.
pub fn truncate(text: &str, units_max: usize) -> &str {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > units_max {
            return &text[..at];
        }
    }
    text
}

/// `JSON.stringify(value).length`, for a value that the destination parsed from our bytes.
///
/// It calls itself once a level: the caller bounds the depth.
pub(super) fn stringified_units(value: &Value) -> usize {
    match value {
        Value::Null => 4,
        Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => number.as_f64().map_or(NUMBER_UNITS_MAX, number_units),
        Value::String(text) => quoted_units(text),
        Value::Array(items) => {
            let inner: usize = items.iter().map(stringified_units).sum();
            2 + inner + items.len().saturating_sub(1)
        }
        Value::Object(entries) => {
            let inner: usize = entries.iter().map(|(key, value)| entry_units(key, value)).sum();
            2 + inner + entries.len().saturating_sub(1)
        }
    }
}

/// The length of `"key":value` as `JSON.stringify` writes it.
pub(super) fn entry_units(key: &str, value: &Value) -> usize {
    quoted_units(key) + 1 + stringified_units(value)
}

/// Sign, 17 digits, the point, and an exponent as in `e-308`; no number is longer in any notation
/// that `Number::toString` uses, zeros before the digits included.
const NUMBER_UNITS_MAX: usize = 25;

fn quoted_units(text: &str) -> usize {
    let escaped = |c: char| match c {
        '"' | '\\' | '\u{8}' | '\u{9}' | '\u{a}' | '\u{c}' | '\u{d}' => 2,
        '\0'..='\u{1f}' => "\\u0000".len(),
        other => other.len_utf16(),
    };
    2 + text.chars().map(escaped).sum::<usize>()
}

/// The length of `Number::toString` (ECMAScript, 6.1.6.1.20). Every JSON number is a double there.
fn number_units(number: f64) -> usize {
    let mut length = Length(0);
    let magnitude = number.abs();
    let written = if magnitude == 0.0 {
        // A negative zero loses its sign.
        length.write_str("0")
    } else if (1e-6..1e21).contains(&magnitude) {
        write!(length, "{number}")
    } else {
        // Rust leaves out the `+` of a positive exponent.
        let plus = if magnitude >= 1e21 { "+" } else { "" };
        write!(length, "{number:e}{plus}")
    };
    written.map_or(NUMBER_UNITS_MAX, |()| length.0)
}

/// Counts what is written to it, which is ASCII.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn trimming_is_that_of_javascript() {
        #[track_caller]
        fn check(text: &str, trimmed: &str) {
            assert_eq!(trim(text), trimmed, "{text:?}");
        }
        check("", "");
        check("\u{feff}a\u{feff}", "a");
        check(
            "\t\n\u{b}\u{c}\r \u{a0}\u{1680}\u{2000}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}",
            "",
        );
        // White space for Rust or for the eye, not for JavaScript.
        check("\u{85}a\u{200b}", "\u{85}a\u{200b}");
        check("\u{180e}", "\u{180e}");
        check("\0 ", "\0");
        check(" a b ", "a b");
    }

    #[test]
    fn lengths_are_code_units_and_pairs_stay_whole() {
        #[track_caller]
        fn check(text: &str, units_max: usize, cut: &str) {
            assert_eq!(truncate(text, units_max), cut);
        }
        assert_eq!([units("a"), units("é"), units("😀"), units("e\u{301}")], [1, 1, 2, 2]);
        check("abc", 3, "abc");
        check("abc", 2, "ab");
        check("a😀b", 2, "a");
        check("a😀b", 3, "a😀");
        check("😀", 0, "");
    }

    #[test]
    fn json_is_as_long_as_javascript_writes_it() {
        #[track_caller]
        fn check(value: Value, stringified: &str) {
            assert_eq!(stringified_units(&value), units(stringified), "{stringified}");
        }
        check(json!([]), "[]");
        check(json!({}), "{}");
        check(json!({ "a": [null, true, false], "b": {} }), r#"{"a":[null,true,false],"b":{}}"#);
        check(json!("a\"\\\u{8}\t\n\u{c}\r"), r#""a\"\\\b\t\n\f\r""#);
        check(json!("\0\u{1f}\u{7f}\u{2028}😀/"), "\"\\u0000\\u001f\u{7f}\u{2028}😀/\"");
        check(json!(1.0), "1");
        check(json!(-0.0), "0");
        check(json!(-0.5), "-0.5");
        check(json!(1e20), "100000000000000000000");
        check(json!(1e21), "1e+21");
        check(json!(-1.5e300), "-1.5e+300");
        check(json!(0.000001), "0.000001");
        check(json!(0.00000123), "0.00000123");
        check(json!(1e-7), "1e-7");
        check(json!(5e-324), "5e-324");
        check(json!(u64::MAX), "18446744073709552000");
        check(json!(i64::MIN), "-9223372036854776000");
    }
}

//! Escapes of half a character, which JSON's grammar allows and parsers refuse.
//!
//! A program that cuts a text in the middle of an emoji writes a lone `\ud83d` (RFC 8259, 8.2).
//! Such an event would never become readable, whoever looks at it, so for reading, and only for
//! reading, each half is taken for U+FFFD, the character for what can't be shown.

/// `text` with every lone surrogate replaced, if there is one; as long as it was.
pub(super) fn repaired(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let (mut at, mut is_changed) = (0, false);
    while let Some(escape) = bytes.get(at..).and_then(next_backslash).map(|found| at + found) {
        at = match unit(&bytes, escape) {
            // A pair: one whole character.
            Some(0xd800..=0xdbff) if matches!(unit(&bytes, escape + 6), Some(0xdc00..=0xdfff)) => {
                escape + 12
            }
            Some(0xd800..=0xdfff) => {
                bytes[escape + 2..escape + 6].copy_from_slice(b"fffd");
                is_changed = true;
                escape + 6
            }
            // The backslash and what it escapes, which may be another backslash.
            _ => escape + 2,
        };
    }
    String::from_utf8(bytes).ok().filter(|_| is_changed)
}

fn next_backslash(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'\\')
}

/// The number of the escape `\uXXXX` at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    // `from_str_radix` would take a sign too.
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(repaired(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn only_halves_are_replaced() {
        check(r#""\ud83d""#, Some(r#""\ufffd""#));
        check(r#""\uDE00x""#, Some(r#""\ufffdx""#));
        check(r#""\ud83d\ud83d\ude00""#, Some(r#""\ufffd\ud83d\ude00""#));
        check(r#""\ude00\ud83d""#, Some(r#""\ufffd\ufffd""#));
        check(r#""\ud83d\ude00 \u00e9""#, None);
        check(r#""\\ud83d""#, None);
        check(r#""\\\ud83d""#, Some(r#""\\\ufffd""#));
        check(r#""\ud83"#, None);
        check(r"\u+83d \", None);
    }

    proptest! {
        #[test]
        fn any_cut_text_becomes_readable(text in "\\PC{0,8}", cut in 0..16_usize) {
            let units: Vec<u16> = text.encode_utf16().skip(cut).collect();
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{escaped}\"");
            let readable = repaired(&json).unwrap_or(json);
            let read: String = serde_json::from_str(&readable).unwrap();
            prop_assert_eq!(read, String::from_utf16_lossy(&units));
        }

        #[test]
        fn any_text_can_be_looked_at(text in "[\\\\ud83e0é]{0,30}") {
            let _ = repaired(&text);
        }
    }
}

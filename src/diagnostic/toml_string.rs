//! Where a part of a TOML string stands in its file: a query is read from what the string says, and
//! its fault must be shown where it is written.

use std::ops::Range;

/// The bytes of `raw` that say `part` of `value`, which is what the string at `whole` says. All of
/// the string, where it doesn't say that.
pub fn span_within(
    raw: &str,
    whole: &Range<usize>,
    value: &str,
    part: &Range<usize>,
) -> Range<usize> {
    let exact = raw.get(whole.clone()).and_then(|written| offsets(written, value)).and_then(|at| {
        let (start, end) = (*at.get(part.start)?, *at.get(part.end)?);
        // A part ends where its last character ends, not where the next one begins: between the two
        // a line break may have been escaped.
        let last = value.get(..part.end)?.chars().next_back().map_or(0, char::len_utf8);
        let end = match part.end.checked_sub(last) {
            Some(before) if before >= part.start && last > 0 => {
                *at.get(before)? + written_length(raw.get(whole.start + *at.get(before)?..)?)
            }
            _ => end,
        };
        Some(whole.start + start..whole.start + end.max(start))
    });
    exact.unwrap_or_else(|| whole.clone())
}

/// For every byte of `value`, and its end, where in `written`, a TOML string with its quotes, it is
/// said. `None` where `written` says something else.
fn offsets(written: &str, value: &str) -> Option<Vec<usize>> {
    let quote = written.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let triple = written.starts_with(&quote.to_string().repeat(3)) && written.len() >= 6;
    let quotes = if triple { 3 } else { 1 };
    let mut at = quotes;
    let end = written.len().checked_sub(quotes)?;
    if triple {
        at += line_break(&written[at..]);
    }
    let mut offsets = Vec::with_capacity(value.len() + 1);
    let mut said = value;
    while at < end {
        let rest = written.get(at..end)?;
        if quote == '"' && rest.starts_with('\\') {
            let (length, char) = escape(rest)?;
            if let Some(char) = char {
                said = said.strip_prefix(char)?;
                offsets.extend(std::iter::repeat_n(at, char.len_utf8()));
            }
            at += length;
            continue;
        }
        let char = rest.chars().next()?;
        said = said.strip_prefix(char)?;
        offsets.extend(at..at + char.len_utf8());
        at += char.len_utf8();
    }
    offsets.push(end);
    said.is_empty().then_some(offsets)
}

/// The bytes of the escape that `text` begins with, and the character that it stands for, which is
/// none where it hides a line break.
fn escape(text: &str) -> Option<(usize, Option<char>)> {
    let escaped = text.strip_prefix('\\')?;
    let code = |digits: usize| {
        let hex = text.get(2..2 + digits)?;
        Some((2 + digits, Some(char::from_u32(u32::from_str_radix(hex, 16).ok()?)?)))
    };
    let char = match escaped.chars().next()? {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        same @ ('"' | '\\') => same,
        'x' => return code(2),
        'u' => return code(4),
        'U' => return code(8),
        _ => {
            let shown = escaped.trim_start_matches([' ', '\t', '\r', '\n']);
            return Some((text.len() - shown.len(), None));
        }
    };
    Some((2, Some(char)))
}

/// How many bytes the first character of `text` takes, which may be an escape.
fn written_length(text: &str) -> usize {
    match escape(text) {
        Some((length, Some(_))) => length,
        _ => text.chars().next().map_or(0, char::len_utf8),
    }
}

fn line_break(text: &str) -> usize {
    ["\r\n", "\n"].iter().find(|line| text.starts_with(**line)).map_or(0, |line| line.len())
}

#[cfg(test)]
mod tests {
    use super::span_within;
    use toml::de::{DeTable, DeValue};

    /// Checks where `part` of the only string of `raw` is said.
    #[track_caller]
    fn check(raw: &str, part: &str, expected: &str) {
        let table = DeTable::parse(raw).unwrap();
        let node = &table.get_ref()["a"];
        let DeValue::String(value) = node.get_ref() else { panic!("{node:?}") };
        let start = value.find(part).unwrap_or_else(|| panic!("{value:?}"));
        let span = span_within(raw, &node.span(), value, &(start..start + part.len()));
        assert_eq!(&raw[span], expected);
    }

    #[test]
    fn parts_are_found_however_the_string_is_written() {
        check("a = \"x = y\"", "=", "=");
        check("a = 'é = \\n'", "\\n", "\\n");
        check(r#"a = "\"é\" = y""#, "=", "=");
        check(r#"a = "$[\"b\"].c""#, "\"b\"", "\\\"b\\\"");
        check(r#"a = "\u00e9\U0001F600\t=""#, "=", "=");
        check(r#"a = "\u00e9\U0001F600\t=""#, "😀", "\\U0001F600");
        check("a = \"\"\"\nx =\r\n y\"\"\"", "=", "=");
        check("a = \"\"\"\r\nx = \\\r\n   y\"\"\"", "y", "y");
        check("a = \"\"\"x = \\\n   y\"\"\"", "= ", "= ");
        check("a = '''\nx = y'''", "y", "y");
        check("a = ''''x'''", "'x", "'x");
        check("a = \"\"", "", "");
    }

    #[test]
    fn what_does_not_fit_is_the_whole_string() {
        let whole = span_within("a = \"xy\"", &(4..8), "xz", &(0..1));
        assert_eq!(whole, 4..8);
        assert_eq!(span_within("a = 12", &(4..6), "12", &(0..1)), 4..6);
        assert_eq!(span_within("a", &(4..6), "12", &(0..1)), 4..6);
        assert_eq!(span_within("a = '1'", &(4..7), "1", &(7..9)), 4..7);
    }
}

//! The table of fields that differ, and values cut so that what differs stays in sight.

use crate::cli::print::{printable, width};
use crate::mapping::Difference;
use comfy_table::{Table, presets};
use serde_json::Value;

const NOTHING: &str = "nothing";
/// The longest name of a field that is shown whole.
const PATH_MAX: usize = 30;
const INDENT: &str = "  ";
/// What stands between two columns of the table.
const GAP: usize = 2;

/// One line a field: what it is called, what is expected and what was found.
pub(super) fn table(differences: &[Difference], columns: usize) -> String {
    let paths: Vec<_> =
        differences.iter().map(|it| middle_cut(&printable(&it.path), PATH_MAX)).collect();
    let taken = INDENT.len() + longest(&paths).max("field".len()) + 2 * GAP;
    let expected: Vec<_> = differences.iter().map(|it| shown(&it.expected)).collect();
    let found: Vec<_> = differences.iter().map(|it| shown(&it.found)).collect();
    let widths = widths(columns.saturating_sub(taken), longest(&expected), longest(&found));
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["field", "expected", "found"]);
    for ((path, expected), found) in paths.into_iter().zip(expected).zip(found) {
        let (expected, found) = around_difference(&expected, &found, widths);
        table.add_row([path, expected, found]);
    }
    lines(&table)
}

/// The fields of an object, a line each.
pub(super) fn fields(body: &Value, columns: usize) -> String {
    let Value::Object(members) = body else { return format!("{INDENT}{}", json(body)) };
    let widest = members.keys().map(|name| width(&printable(name))).max().unwrap_or_default();
    let width = columns.saturating_sub(INDENT.len() + widest + GAP);
    let mut rows = Table::new();
    rows.load_style(presets::NOTHING);
    for (name, value) in members {
        rows.add_row([printable(name), middle_cut(&json(value), width)]);
    }
    lines(&rows)
}

/// How wide two columns are that share `room`: half of it each, unless one needs less.
fn widths(room: usize, left: usize, right: usize) -> (usize, usize) {
    let half = room / 2;
    match (left <= half, right <= half) {
        (true, _) => (left, room - left),
        (false, true) => (room - right, right),
        (false, false) => (half, half),
    }
}

fn longest(texts: &[String]) -> usize {
    texts.iter().map(|text| width(text)).max().unwrap_or_default()
}

/// The table's lines, indented, with no blanks at their ends.
fn lines(table: &Table) -> String {
    let text = table.trim_fmt();
    // The table pads each cell by a blank on its left side.
    let lines =
        text.lines().map(|line| format!("{INDENT}{}", line.strip_prefix(' ').unwrap_or(line)));
    lines.collect::<Vec<_>>().join("\n")
}

fn shown(value: &Option<Value>) -> String {
    value.as_ref().map_or_else(|| NOTHING.to_owned(), json)
}

/// A value as JSON, with nothing in it that a terminal would obey.
fn json(value: &Value) -> String {
    printable(&value.to_string())
}

/// The text, or its beginning and end.
fn middle_cut(text: &str, width: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let head: String = chars[..kept - kept / 2].iter().collect();
    let tail: String = chars[chars.len() - kept / 2..].iter().collect();
    format!("{head}…{tail}")
}

/// Both texts, each cut to its width so that the first character that differs is in sight.
fn around_difference(a: &str, b: &str, widths: (usize, usize)) -> (String, String) {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    (window(&a, common, widths.0), window(&b, common, widths.1))
}

/// So few characters are not worth a cut.
const BARELY: usize = 3;

/// At most `width` characters of a text that show the one at `at`, with some before it.
fn window(chars: &[char], at: usize, width: usize) -> String {
    if chars.len() <= width {
        return chars.iter().collect();
    }
    let inner = width.saturating_sub(2).max(1);
    // A third of what is shown stands before the difference.
    let start = at.saturating_sub(inner / 3).min(chars.len().saturating_sub(inner));
    let (start, end) = if start <= BARELY { (0, inner + 1) } else { (start, start + inner) };
    let end = if end + 1 >= chars.len() { chars.len() } else { end };
    let before = if start > 0 { "…" } else { "" };
    let after = if end < chars.len() { "…" } else { "" };
    let shown: String = chars[start..end].iter().collect();
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::print::COLUMNS;
    use serde_json::json;

    #[test]
    fn values_are_cut_around_what_differs() {
        #[track_caller]
        fn check(a: &str, b: &str, cut_a: &str, cut_b: &str) {
            assert_eq!(around_difference(a, b, (12, 12)), (cut_a.to_owned(), cut_b.to_owned()));
        }
        check("short", "shorter", "short", "shorter");
        check("0123456789ab", "0123456789", "0123456789ab", "0123456789");
        check("0123456789abcdef", "0123456789abcdeX", "…6789abcdef", "…6789abcdeX");
        check("X123456789abcdef", "0123456789abcdef", "X123456789a…", "0123456789a…");
        check("0123456789abcdef", "012345678XYZdefg", "…6789abcdef", "…678XYZdefg");
        check("äöüäöüäöü0123456789abcdefgh", "äöüäöüäöü", "…äöü0123456…", "äöüäöüäöü");
    }

    #[test]
    fn every_line_fits_the_terminal() {
        let long =
            |end: &str| Some(json!(format!("https://img.example.com/{}/{end}", "a".repeat(90))));
        let differences = [
            Difference {
                path: "customerAvatar".into(),
                expected: long("noor.png"),
                found: long("ada.png"),
            },
            Difference {
                path: format!("metadata.{}", "x".repeat(99)),
                expected: None,
                found: long(""),
            },
        ];
        let table = table(&differences, COLUMNS);
        for line in table.lines() {
            assert!(line.chars().count() <= COLUMNS, "{line}");
        }
        assert!(table.contains("noor.png\"") && table.contains("ada.png\""), "{table}");
        let fields = fields(&json!({ "customerAvatar": "b".repeat(200) }), COLUMNS);
        assert!(fields.chars().count() <= COLUMNS, "{fields}");
    }
}

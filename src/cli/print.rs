//! Output that can't fail, whoever closes the pipe has read enough; that no terminal obeys; and that
//! fits one.

use crate::diagnostic::is_obeyed;
use rustix::termios::tcgetwinsize;
use serde_json::Value;
use std::fmt::Write;
use std::io::{IsTerminal, stdout};

/// What terminals have at least.
pub(super) const COLUMNS: usize = 80;
/// Narrower ones break lines anyhow.
const COLUMNS_MIN: usize = 40;

/// Prints a line to stdout: data.
macro_rules! out {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

/// Prints a line to stderr: everything but data.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

/// Text from outside, with nothing in it that a terminal would obey. Quotes and backslashes stay.
pub(super) fn printable(text: &str) -> String {
    let harmless = |c: char| matches!(c, '"' | '\'' | '\\');
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(harmless) {
        let inner = piece.strip_suffix(harmless).unwrap_or(piece);
        // Of a whole text, unlike of single characters, it leaves marks with their letters.
        shown.extend(inner.escape_debug());
        shown.push_str(&piece[inner.len()..]);
    }
    shown
}

/// JSON for a program, which a person may read in a terminal: what that would obey is escaped, which
/// is the same to a program.
pub(super) fn json_text(value: &Value) -> String {
    let text = format!("{value:#}");
    let mut harmless = String::with_capacity(text.len());
    for c in text.chars() {
        // Outside of its texts JSON has none of these but line breaks.
        if c != '\n' && is_obeyed(c) {
            let _ = write!(harmless, "\\u{:04x}", u32::from(c));
        } else {
            harmless.push(c);
        }
    }
    harmless
}

/// The columns of the terminal that stdout is; what terminals have at least, if it is none.
pub(super) fn columns() -> usize {
    let size = if stdout().is_terminal() { tcgetwinsize(stdout()).ok() } else { None };
    let columns = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    columns.unwrap_or(COLUMNS).max(COLUMNS_MIN)
}

/// Whether to write in colours: to terminals only, and not where somebody asks for none.
pub(super) fn colours(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty())
}

pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

/// The text in pieces of at most `room` characters.
pub(super) fn broken(text: &str, room: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(room).map(|chunk| chunk.iter().collect()).collect()
}

/// The text in lines of at most `room` characters, broken between words where that is possible.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').flat_map(|word| broken(word, room)) {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(&word),
            Some(line) if width(line) + 1 + width(&word) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// A sentence behind `prefix`, in lines that begin where it ends.
pub(super) fn hanging(prefix: &str, sentence: &str, columns: usize) -> String {
    let room = columns.saturating_sub(width(prefix)).max(1);
    let line_break = format!("\n{}", " ".repeat(width(prefix)));
    format!("{prefix}{}", wrapped(sentence, room).join(&line_break))
}

#[cfg(test)]
mod tests {
    use super::{hanging, json_text, printable};
    use serde_json::{Value, json};

    #[test]
    fn sentences_go_on_below_their_beginning() {
        assert_eq!(hanging("é: ", "", 10), "é: ");
        assert_eq!(hanging("é: ", "one two three", 10), "é: one two\n   three");
        assert_eq!(hanging("é: ", "onetwothree", 10), "é: onetwot\n   hree");
    }

    #[test]
    fn a_terminal_is_never_told_what_to_do() {
        let text = "a\u{1b}[31m\u{202e}\u{9b}ü \"\\'";
        assert_eq!(printable(text), "a\\u{1b}[31m\\u{202e}\\u{9b}ü \"\\'");
    }

    #[test]
    fn json_says_the_same_and_tells_a_terminal_nothing() {
        let value = json!({ "\u{9b}é": ["a\u{202e}\u{2028}\n\u{1b}", 1] });
        let text = json_text(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
        assert!(!text.contains(['\u{9b}', '\u{202e}', '\u{2028}', '\u{1b}']), "{text}");
        assert!(text.contains('é') && text.contains("\n  "), "{text}");
    }

    #[test]
    fn names_in_every_script_can_be_read() {
        for name in ["Zoe\u{308} \"Zo\"", "सुनीता", "สมชาย", "ada"] {
            assert_eq!(printable(name), name);
        }
    }
}

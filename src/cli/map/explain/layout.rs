//! Rows of two columns that fit a terminal.
//!
//! What is too long for its column goes on: labels, which are queries mostly, and sentences are
//! never cut, because they are what is looked for; values are, because they can be anything.

use crate::cli::print::{broken, width, wrapped};

/// The widest that the first column gets by itself, of the width of the whole.
const LABELS_SHARE: usize = 2;
const GAP: usize = 2;

pub(super) struct Row {
    pub(super) indent: usize,
    pub(super) label: String,
    pub(super) cell: Cell,
}

/// The second column.
pub(super) enum Cell {
    Empty,
    /// Cut where it doesn't fit.
    Value(String, Tone),
    /// Goes on in the next line.
    Sentence(String, Tone),
}

/// What colour says again that the words have said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Dim,
    Bad,
}

/// How a terminal wants to be written to.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) width: usize,
    pub(super) colour: bool,
}

impl Style {
    /// The rows as lines, the second column aligned.
    pub(super) fn lines(self, rows: &[Row]) -> Vec<String> {
        let widest = self.width / LABELS_SHARE;
        let taken = |row: &Row| row.indent + width(&row.label) + GAP;
        let fitting = rows.iter().map(taken).filter(|taken| *taken <= widest);
        let column = fitting.max().unwrap_or(widest);
        rows.iter().flat_map(|row| self.row(row, column)).collect()
    }

    fn row(self, row: &Row, column: usize) -> Vec<String> {
        let indent = " ".repeat(row.indent);
        let room = self.width.saturating_sub(row.indent).max(1);
        let mut lines: Vec<String> =
            broken(&row.label, room).iter().map(|part| format!("{indent}{part}")).collect();
        let beside = self.width.saturating_sub(column).max(1);
        let (parts, tone) = match &row.cell {
            Cell::Empty => return lines,
            Cell::Value(value, tone) => (vec![cut(value, beside)], *tone),
            Cell::Sentence(sentence, tone) => (wrapped(sentence, beside), *tone),
        };
        for (number, part) in parts.iter().enumerate() {
            let part = self.coloured(part, tone);
            match lines.last_mut() {
                Some(last) if number == 0 && width(last) + GAP <= column => {
                    last.push_str(&" ".repeat(column - width(last)));
                    last.push_str(&part);
                }
                _ => lines.push(format!("{}{part}", " ".repeat(column))),
            }
        }
        lines
    }

    fn coloured(self, text: &str, tone: Tone) -> String {
        let code = match tone {
            _ if !self.colour => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Good => "32",
            Tone::Dim => "2",
            Tone::Bad => "31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

fn cut(text: &str, room: usize) -> String {
    match text.char_indices().nth(room) {
        None => text.to_owned(),
        Some(_) => text.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Row, Style, Tone};

    #[track_caller]
    fn check(rows: &[(usize, &str, Cell)], expected: &str) {
        let row = |(indent, label, cell): &(usize, &str, Cell)| Row {
            indent: *indent,
            label: (*label).to_owned(),
            cell: match cell {
                Cell::Empty => Cell::Empty,
                Cell::Value(text, tone) => Cell::Value(text.clone(), *tone),
                Cell::Sentence(text, tone) => Cell::Sentence(text.clone(), *tone),
            },
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        let lines = Style { width: 20, colour: false }.lines(&rows);
        assert!(lines.iter().all(|line| line.chars().count() <= 20), "{lines:#?}");
        assert_eq!(lines.join("\n"), expected);
    }

    fn value(text: &str) -> Cell {
        Cell::Value(text.to_owned(), Tone::Good)
    }

    #[test]
    fn the_second_column_is_aligned_and_nothing_is_wider() {
        check(&[(0, "a", value("1")), (2, "bcd", value("2"))], "a      1\n  bcd  2");
        check(&[(0, "a", value("x".repeat(18).as_str()))], "a  xxxxxxxxxxxxxxxx…");
        check(
            &[(2, "a", value("1")), (2, "a label too long for it", value("2"))],
            "  a  1\n  a label too long f\n  or it\n     2",
        );
        let sentence = Cell::Sentence("some words of an averylongsentence".to_owned(), Tone::Bad);
        check(
            &[(0, "note", sentence), (0, "b", Cell::Empty)],
            "note  some words of\n      an\n      averylongsente\n      nce\nb",
        );
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let row = Row { indent: 0, label: "é".to_owned(), cell: value("ü") };
        let lines = Style { width: 20, colour: true }.lines(&[row]);
        assert_eq!(lines, ["é  \u{1b}[32mü\u{1b}[0m"]);
    }
}

//! The text of a file that faults point into, made safe to quote.

use regex::Regex;
use std::sync::LazyLock;

/// A file's name and text. What is quoted from it never shows a secret that somebody wrote into
/// it by mistake: such values are masked, byte for byte, so that spans stay right.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    name: String,
    quotable: String,
}

/// A string after `secret… =` or `api_key =`, or inside a `secrets` array, up to its quote or the
/// end of the line.
static SECRET_LINES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s)(?:secrets?|api_key|password|token)["']?\s*=\s*(?:\[[^\]]*\]?|[^\n]*)"#)
        .expect("the pattern is a literal and valid")
});
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""([^"\n]*)"?|'([^'\n]*)'?"#).expect("the pattern is a literal and valid")
});
/// Secrets that providers mark with a prefix are masked wherever they stand.
static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:whsec_|dub_|sk_live_|sk_test_)[A-Za-z0-9+/=_-]{6,}")
        .expect("the pattern is a literal and valid")
});

impl SourceText {
    pub fn new(name: impl Into<String>, text: &str) -> Self {
        Self { name: name.into(), quotable: mask(text) }
    }

    /// How the file is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text with secrets masked; as long, byte for byte, as the original.
    pub fn quotable(&self) -> &str {
        &self.quotable
    }

    /// Line and column, both from 1; the column counts characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let upto = &self.quotable[..floor(&self.quotable, offset)];
        let line = upto.matches('\n').count() + 1;
        let start = upto.rfind('\n').map_or(0, |at| at + 1);
        (line, upto[start..].chars().count() + 1)
    }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    for table in SECRET_LINES.find_iter(text) {
        for word in WORDS.captures_iter(table.as_str()) {
            let value =
                word.get(1).or_else(|| word.get(2)).expect("one of the groups always takes part");
            if value.as_str().starts_with("env:") || value.as_str().starts_with("file:") {
                continue;
            }
            let from = table.start() + value.start();
            masked.replace_range(from..from + value.len(), &"*".repeat(value.len()));
        }
    }
    let marked: Vec<_> = MARKED.find_iter(&masked).map(|found| found.range()).collect();
    for range in marked {
        let length = range.len();
        masked.replace_range(range, &"*".repeat(length));
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::SourceText;

    #[track_caller]
    fn check(text: &str, quotable: &str) {
        let source = SourceText::new("a.toml", text);
        assert_eq!(source.quotable(), quotable);
        assert_eq!(source.quotable().len(), text.len());
    }

    #[test]
    fn a_secret_written_into_a_file_is_never_quoted() {
        check("secrets = [\"hunter2\", 'env:A']", "secrets = [\"*******\", 'env:A']");
        check("secrets = [\n  \"hunter2\n", "secrets = [\n  \"*******\n");
        check("secrets = \"hunter2\"\nname = \"b\"", "secrets = \"*******\"\nname = \"b\"");
        check("x = \"whsec_abcdefgh\"", "x = \"**************\"");
        check("eventName = \"Sign up\"", "eventName = \"Sign up\"");
    }

    #[test]
    fn places_count_characters_from_one() {
        let source = SourceText::new("a.toml", "é = 1\nöö = x");
        assert_eq!(source.line_column(0), (1, 1));
        assert_eq!(source.line_column(source.quotable().find('x').unwrap()), (2, 6));
        assert_eq!(source.line_column(999), (2, 7));
    }
}

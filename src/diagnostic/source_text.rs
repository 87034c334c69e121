//! The text of a file that faults point into, made safe to quote.

use super::did_you_mean;
use regex::{Captures, Regex};
use std::ops::Range;
use std::sync::LazyLock;

/// A file's name and text. What is quoted from it never shows a secret that somebody wrote into
/// it by mistake: such values are masked, byte for byte, so that spans stay right.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    name: String,
    quotable: String,
}

/// Less is no secret, and would be found in many a sentence.
const SECRET_BYTES_MIN: usize = 6;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a literal and valid")
}

/// A key: what stands first in a line or table header, or before a `=` or `:`. The comparison `==`
/// of a condition makes none.
static KEYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"^\s*\[*\s*["']?([\w-]+)|([A-Za-z_][\w-]*)["']?\s*(?:=(?:[^=]|$)|:(?:\s|$))"#)
});
/// A line with which another value begins. That of a secret is taken to go on until then: the
/// quotes and brackets of a file with faults can't be counted on.
static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"^\s*(?:["']?[\w.-]+["']?\s*=\s*[^=\s]|\[\[?\s*[A-Za-z_][\w. -]*\])"#)
});
static HEADER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*\[\[?\s*[A-Za-z_]"));
static WORDS: LazyLock<Regex> = LazyLock::new(|| pattern(r#"[^\s\[\]{}"',=]+"#));
/// What may be seen of a secret: where it is from.
static REFERENCE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"));
/// Secrets that providers mark with a prefix, and those in URLs, are masked wherever they stand.
static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?:whsec_|dub_|sk_live_|sk_test_)[A-Za-z0-9+/=_-]{6,}|://[^\s/"'@]+@"#)
});

impl SourceText {
    pub fn new(name: impl Into<String>, text: &str) -> Self {
        Self { name: name.into(), quotable: harmless(&mask(text)) }
    }

    /// How the file is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text with secrets masked; as long, byte for byte, as the original.
    pub fn quotable(&self) -> &str {
        &self.quotable
    }

    /// `said` of `span`, without what is masked on its lines. `raw` is what this text was made of.
    pub fn masked(&self, raw: &str, span: &Range<usize>, said: String) -> String {
        let (start, end) = (floor(raw, span.start), floor(raw, span.end));
        let start = raw[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = raw[end..].find('\n').map_or(raw.len(), |at| end + at);
        let lines = &raw[start..end];
        let quotable = self.quotable.get(start..end).filter(|quotable| *quotable != lines);
        let Some(quotable) = quotable else { return said };
        let secrets = differences(lines, quotable)
            .into_iter()
            .filter_map(|(at, length)| raw.get(start + at..start + at + length))
            // A hint that mends a query leaves these out.
            .map(|secret| secret.trim_start_matches(['$', '@', '.']))
            .filter(|secret| secret.len() >= SECRET_BYTES_MIN);
        secrets.fold(said, |said, secret| said.replace(secret, &"*".repeat(secret.len())))
    }

    /// Line and column, both from 1; the column counts characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let upto = &self.quotable[..floor(&self.quotable, offset)];
        let line = upto.matches('\n').count() + 1;
        let start = upto.rfind('\n').map_or(0, |at| at + 1);
        (line, upto[start..].chars().count() + 1)
    }
}

/// Some terminals obey the control characters U+0080 to U+009F; the others are made visible where
/// the text is shown. What is put in their place is as long.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\u{80}'..='\u{9f}') { '¿' } else { c }).collect()
}

/// Where two texts of one length differ: place and length in bytes.
fn differences(a: &str, b: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, (a, b)) in a.bytes().zip(b.bytes()).enumerate() {
        match found.last_mut() {
            _ if a == b => {}
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => found.push((at, 1)),
        }
    }
    found
}

fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut value = Value::Harmless;
    for line in text.split_inclusive('\n') {
        let ends = match value {
            Value::Harmless => false,
            Value::Secret => BEGINS.is_match(line),
            Value::SecretTable => HEADER.is_match(line),
        };
        let goes_on = value != Value::Harmless && !ends;
        let from = if goes_on { Some(0) } else { secret_key(line) };
        let Some(from) = from else {
            value = Value::Harmless;
            masked.push_str(line);
            continue;
        };
        if !goes_on {
            value = if HEADER.is_match(line) { Value::SecretTable } else { Value::Secret };
        }
        let hidden = |word: &Captures<'_>| match REFERENCE.is_match(&word[0]) {
            true => word[0].to_owned(),
            false => stars(word),
        };
        masked.push_str(&line[..from]);
        masked.push_str(&WORDS.replace_all(&line[from..], hidden));
    }
    mask_marked(&masked)
}

/// `text` with the secrets masked that can be told without knowing whose value it is.
pub fn mask_marked(text: &str) -> String {
    MARKED.replace_all(text, stars).into_owned()
}

/// What the line at hand belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    Harmless,
    Secret,
    SecretTable,
}

/// Where the first key ends that names a secret, misspelt or not.
fn secret_key(line: &str) -> Option<usize> {
    const PARTS: [&str; 5] = ["secret", "token", "passw", "apikey", "credential"];
    let mut keys = KEYS.captures_iter(line).filter_map(|key| key.get(1).or_else(|| key.get(2)));
    let secret = keys.find(|key| {
        let name = key.as_str().to_ascii_lowercase().replace('-', "_");
        // These say what secrets look like.
        if ["secret_prefix", "secret_encoding"].contains(&&*name) {
            return false;
        }
        name.ends_with("_key")
            || PARTS.iter().any(|part| name.contains(part))
            || did_you_mean(&name, ["secret", "secrets", "api_key", "password"]).is_some()
    });
    secret.map(|key| key.end())
}

fn stars(text: &Captures<'_>) -> String {
    "*".repeat(text[0].len())
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
    fn nothing_is_quoted_that_a_terminal_obeys() {
        check("a = \"é\u{9b}31m\"", "a = \"é¿31m\"");
    }

    #[test]
    fn what_is_said_of_a_secret_is_masked_like_it() {
        let raw = "api_key = \"$hunter2\"\nname = \"hunter2\"";
        let source = SourceText::new("a.toml", raw);
        let said = |span| source.masked(raw, &span, "write \"$hunter2\" in api_key".to_owned());
        assert_eq!(said(10..20), "write \"$*******\" in api_key");
        assert_eq!(said(0..0), "write \"$*******\" in api_key");
        assert_eq!(said(raw.len()..raw.len()), "write \"$hunter2\" in api_key");
    }

    #[test]
    fn a_secret_is_masked_however_it_is_written() {
        for text in [
            "secrets = [\"hunter2]hunter2\", \"hunter2\"]",
            "secrets = [\"a\\\"hunter2\"]",
            "secrets = ['''a'hunter2''']",
            "secrets = [hunter2]",
            "secrets = hunter2",
            "secrets: [\"hunter2\"]",
            "secrets \"hunter2\"",
            "\"secrets\" = [\"hunter2\"]",
            "secrets = [\"env:A hunter2\"]",
            "secrets = [\"env:hunter2+/=\"]",
            "secrets = [\"env:A\"] hunter2",
            "secrets = \"\"\"\nhunter2\n\"\"\"",
            "secrets = [\n  # it's so\n\n  \"hunter2==\",\n  hunter2==\n]",
            "secert = \"hunter2\"",
            "webhook_key = \"hunter2\"",
            "dub.api_key = \"hunter2\"",
            "auth = { username = \"a\", passwort = \"hunter2\" }",
            "[secrets]\nclerk = \"hunter2\"\n\nauth0 = \"hunter2\"",
            "url = \"https://me:hunter2@example.com\"",
        ] {
            let source = SourceText::new("a.toml", &format!("{text}\n[[lead]]\nname = \"b\""));
            assert!(!source.quotable().contains("hunter2"), "{}", source.quotable());
            assert!(source.quotable().ends_with("\n[[lead]]\nname = \"b\""), "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_is_quoted() {
        for text in [
            "when = \"@.data.token == 'x'\"",
            "customerExternalId = \"$.form_response.token\"",
            "metadata = { plan = \"$.plan\" }",
            "secrets = ['env:A', \"file:/run/secrets/clerk\"]",
            "provider = \"clerk\"",
            "method = \"bearer\"",
            "rate_per_minute = 0",
            "secret_prefix = [\"whsec_\"]\nsecret_encoding = \"base46\"",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn places_count_characters_from_one() {
        let source = SourceText::new("a.toml", "é = 1\nöö = x");
        assert_eq!(source.line_column(0), (1, 1));
        assert_eq!(source.line_column(source.quotable().find('x').unwrap()), (2, 6));
        assert_eq!(source.line_column(999), (2, 7));
    }
}

//! What is wrong where a file is no TOML, in the words of people who never heard of TOML.
//!
//! The parser says what it expected; a person wants to know what they did. So the common mistakes
//! are recognised from the line around the fault, and the hint is that line as it should be. What is
//! not recognised keeps the parser's words.

use crate::diagnostic::SyntaxFault;
use regex::Regex;
use std::sync::LazyLock;

const TYPOGRAPHIC: [char; 10] = ['“', '”', '„', '‟', '«', '»', '‘', '’', '‚', '‛'];

/// The fault as a person would say it; what it quotes is of `text`.
pub(super) fn explain(text: &str, fault: SyntaxFault) -> SyntaxFault {
    let Some(spot) = Spot::of(text, &fault) else { return fault };
    const MISTAKES: [fn(&Spot<'_>) -> Option<Said>; 11] = [
        other_format,
        comment,
        invisible,
        typographic_quotes,
        duplicate,
        colon,
        inside_text,
        unquoted,
        unclosed,
        after_value,
        no_value,
    ];
    match MISTAKES.iter().find_map(|mistake| mistake(&spot)) {
        Some(said) => SyntaxFault { message: said.message, hint: said.hint, ..fault },
        None => fault,
    }
}

/// A message and what to do.
struct Said {
    message: String,
    hint: Option<String>,
}

fn said(message: &str, hint: impl Into<String>) -> Option<Said> {
    Some(Said { message: message.to_owned(), hint: Some(hint.into()) })
}

/// The place of a fault, with what is around it.
struct Spot<'a> {
    text: &'a str,
    at: usize,
    /// Its line, up to the fault and from there.
    before: &'a str,
    rest: &'a str,
    line: &'a str,
    message: &'a str,
}

impl<'a> Spot<'a> {
    fn of(text: &'a str, fault: &'a SyntaxFault) -> Option<Self> {
        let at = fault.span.start;
        let start = text.get(..at)?.rfind('\n').map_or(0, |line| line + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let column = (at - start).min(line.len());
        let (before, rest) = line.split_at_checked(column)?;
        Some(Self { text, at, before, rest, line, message: &fault.message })
    }

    fn says(&self, part: &str) -> bool {
        self.message.contains(part)
    }

    /// The key of the line, if it begins with one.
    fn key(&self) -> Option<&'a str> {
        static KEY: LazyLock<Regex> =
            LazyLock::new(|| pattern(r#"^\s*(?:[{,]\s*)?([A-Za-z_][\w.-]*|"[^"]*")"#));
        Some(KEY.captures(self.line)?.get(1)?.as_str())
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a literal and valid")
}

fn other_format(spot: &Spot<'_>) -> Option<Said> {
    let is_first = spot.text[..spot.at].trim().is_empty();
    if is_first && spot.rest.trim_start().starts_with('{') {
        let hint = "its first line is `provider = \"...\"`; leadhook's folder `mappings` has ready \
                    ones";
        return said("this looks like JSON, and a mapping file is TOML", hint);
    }
    None
}

fn comment(spot: &Spot<'_>) -> Option<Said> {
    let line = spot.line.trim_start();
    let sign = ["//", "/*", "--", "<!--", ";"].into_iter().find(|sign| line.starts_with(sign))?;
    said(&format!("a comment doesn't begin with `{sign}` here"), "begin it with `#`")
}

fn invisible(spot: &Spot<'_>) -> Option<Said> {
    let at_fault = spot.rest.chars().next();
    let is_invisible = |c: char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
            || (!c.is_ascii() && c.is_whitespace())
    };
    at_fault.filter(|c| is_invisible(*c))?;
    said(
        "there is an invisible character here, as web pages and word processors have them",
        "delete it and type an ordinary blank",
    )
}

fn typographic_quotes(spot: &Spot<'_>) -> Option<Said> {
    let outside = QUOTED.replace_all(spot.line, "");
    if !outside.contains(TYPOGRAPHIC) {
        return None;
    }
    let mended: String = spot.line.trim().replace(TYPOGRAPHIC, "\"");
    said("quotes of a word processor don't count, only straight ones", format!("write {mended}"))
}

static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#""[^"]*"|'[^']*'|#.*"#));

fn duplicate(spot: &Spot<'_>) -> Option<Said> {
    if !spot.says("duplicate key") && !spot.says("cannot extend") {
        return None;
    }
    let line = spot.line.trim();
    if line.starts_with('[') {
        let message = format!("there is a `{line}` already");
        return said(&message, "put the lines below it to those below the first one");
    }
    let key = spot.key()?;
    let hint = "remove one of the two; where a value can be in several places, write `{ first = \
                [\"$...\", \"$...\"] }`";
    said(&format!("there is a `{key}` already"), hint)
}

fn colon(spot: &Spot<'_>) -> Option<Said> {
    static COLON: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"^\s*(?:-\s+)?("?[A-Za-z_][\w.-]*"?)\s*:(?:\s+(.*))?$"#));
    let parts = COLON.captures(spot.line)?;
    let value = parts.get(2).map_or("", |value| value.as_str().trim().trim_end_matches(','));
    let is_written = value.starts_with(['"', '\'', '[', '{', 't', 'f'])
        || value.starts_with(|c: char| c.is_ascii_digit());
    let value = match value {
        "" => "...".to_owned(),
        value if is_written => value.to_owned(),
        value => format!("\"{value}\""),
    };
    let key = parts[1].trim_matches('"');
    said("a key and its value are joined by `=`, not by `:`", format!("write {key} = {value}"))
}

/// Faults inside a text in quotes, or at its end.
fn inside_text(spot: &Spot<'_>) -> Option<Said> {
    if !spot.says("string") && !spot.says("escaped value") && !spot.says("unicode value") {
        return None;
    }
    if spot.says("must be quoted") {
        return None;
    }
    if spot.says("escape") || spot.says("unicode value") {
        let hint = "put the text into single quotes, where it is an ordinary sign: '...'";
        return said("a backslash in a text in double quotes begins a special sign", hint);
    }
    if spot.rest.trim().is_empty() {
        let quote = if spot.says("literal") { "'" } else { "\"" };
        let message = "the text that begins on this line is never closed";
        return said(message, format!("end it with {quote}"));
    }
    let control = spot.rest.chars().next().filter(|c| c.is_control())?;
    let message = format!("a text can't have the control character U+{:04X}", u32::from(control));
    said(&message, "delete it")
}

/// A value that begins with neither a quote nor a bracket.
fn unquoted(spot: &Spot<'_>) -> Option<Said> {
    let is_value = spot.before.trim_end().ends_with(['=', '[', ',']) && !spot.rest.is_empty();
    if !is_value || !spot.says("quoted") && !spot.says("invalid") && !spot.says("missing value") {
        return None;
    }
    let end = spot.rest.find([',', '}', '#']).unwrap_or(spot.rest.len());
    let value = spot.rest[..end].trim_end().trim_matches(['"', '\'']);
    let brackets = value.matches('[').count() < value.matches(']').count();
    let value = if brackets { value.trim_end_matches(']').trim_end() } else { value };
    let (message, hint) = match value.to_ascii_lowercase().as_str() {
        "" => return None,
        truth @ ("true" | "false") => ("it is written in small letters", format!("write {truth}")),
        "yes" | "on" => ("this is written as true", "write true".to_owned()),
        "no" | "off" => ("this is written as false", "write false".to_owned()),
        "null" | "none" | "nil" => {
            ("there is no value for nothing", "leave the line out".to_owned())
        }
        _ if value.starts_with(['$', '@']) => {
            let quote = if value.contains('"') { '\'' } else { '"' };
            ("a query stands in quotes", format!("write {quote}{value}{quote}"))
        }
        _ => ("a text stands in quotes", format!("write \"{}\"", value.replace('"', "'"))),
    };
    said(message, hint)
}

/// A bracket that was opened on an earlier line, or on this one.
fn unclosed(spot: &Spot<'_>) -> Option<Said> {
    if spot.says("array elements") && spot.rest.trim_start().starts_with('}') {
        return said("a `[` before this is never closed", "write `]` before the `}`");
    }
    let in_brackets = ["missing comma", "unclosed", "inline table", "in array", "array elements"];
    let at_start = spot.before.trim().is_empty();
    if !in_brackets.iter().any(|part| spot.says(part)) || !(at_start || spot.rest.trim().is_empty())
    {
        return None;
    }
    let bracket = if spot.says("key-value") || spot.says("table") { '}' } else { ']' };
    let whence = if at_start { "on an earlier line" } else { "on this line or an earlier one" };
    let opened = if bracket == '}' { '{' } else { '[' };
    let message = format!("a `{opened}` {whence} is never closed");
    said(&message, format!("write `{bracket}` where it ends"))
}

/// Something that follows a value on its line.
fn after_value(spot: &Spot<'_>) -> Option<Said> {
    let before = spot.before.trim_end();
    let follows = ["unexpected", "missing comma", "extra"].iter().any(|part| spot.says(part));
    if !follows || before.is_empty() || spot.rest.trim().is_empty() {
        return None;
    }
    let message = "nothing may follow the value on its line";
    match spot.rest.trim_start().chars().next()? {
        ',' => said(message, "remove the comma"),
        ';' => said(message, "remove the semicolon"),
        '+' | '&' | '.' if before.ends_with(['"', '\'']) => said(
            "texts are not joined by signs",
            "write { join = [\"$...\", \"$...\"], with = \" \" }",
        ),
        '=' if before.ends_with('=') => {
            let (key, value) = (before.trim_end_matches('=').trim(), spot.rest.trim_start());
            let value = value.trim_start_matches('=').trim();
            said("a key and its value are joined by one `=`", format!("write {key} = {value}"))
        }
        _ if before.ends_with('"') => said(
            "the text has ended at the quote before this",
            "inside a text in double quotes, quote with ' instead of \"",
        ),
        _ if before.ends_with('\'') => said(
            "the text has ended at the quote before this",
            "a text that has a ' in it stands in double quotes",
        ),
        _ => None,
    }
}

fn no_value(spot: &Spot<'_>) -> Option<Said> {
    if !spot.says("key with no value")
        && !spot.says("must be quoted")
        && !spot.says("missing value")
    {
        return None;
    }
    let key = spot.key()?;
    let value = spot.rest.trim();
    let shown = if value.is_empty() { "\"...\"" } else { value };
    let message = match spot.before.trim_end().ends_with('=') {
        true => format!("`{key}` has no value"),
        false => format!("`{key}` is not followed by `=` and a value"),
    };
    said(&message, format!("write {key} = {shown}"))
}

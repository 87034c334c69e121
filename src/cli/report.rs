//! How commands tell faults: as text for a person, as JSON for a program.
//!
//! The JSON is a promise, described in `docs/workbench.md`; nothing but this module knows its shape.

use crate::diagnostic::{Code, Diagnostic, Place, Severity, SourceText, render_all};
use serde::Serialize;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

/// A longer line is cut: nobody reads it, and a file can have as many faults as it has lines.
const QUOTE_CHARS_MAX: usize = 1_000;

/// Of more sources than these it is not told one by one what is not set.
pub(super) const UNSET_MAX: usize = 3;

/// Prints faults for a person, to stderr.
pub(super) fn report(diagnostics: &[Diagnostic]) {
    if !diagnostics.is_empty() {
        say!("{}\n", render_all(&condensed(diagnostics)));
    }
}

/// The faults, with one in place of all that name what is not set where these are many: who begins
/// with every provider there is must not have to scroll for what is wrong.
pub(super) fn condensed(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let file = |diagnostic: &Diagnostic| match &diagnostic.place {
        Place::Text { text, .. }
            if diagnostic.code == Code::SecretMissing && !diagnostic.is_error() =>
        {
            Some(text.name().to_owned())
        }
        _ => None,
    };
    let unset: BTreeSet<String> = diagnostics.iter().filter_map(file).collect();
    let Some(first) = unset.first().filter(|_| unset.len() > UNSET_MAX) else {
        return diagnostics.to_vec();
    };
    let stem = |file: &String| Path::new(file).file_stem().map(|it| it.display().to_string());
    let names: Vec<String> = unset.iter().filter_map(stem).collect();
    let message = format!(
        "{} sources lack a secret or setting, and answer 503 until they have it: {}",
        unset.len(),
        names.join(", ")
    );
    let folder = Path::new(first).parent().map(|folder| folder.display().to_string());
    let place = Place::Path(folder.unwrap_or_default());
    let one = Diagnostic::warning(Code::SecretMissing, place, message)
        .hint(format!("`leadhook check {first}` says what it lacks and where to find it"));
    let others = diagnostics.iter().filter(|diagnostic| file(diagnostic).is_none());
    std::iter::once(one).chain(others.cloned()).collect()
}

/// One fault as data.
#[derive(Debug, Serialize)]
pub(super) struct Fault<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
    /// The file or folder; absent where the fault is in the environment.
    file: Option<&'a str>,
    /// The environment variable.
    environment: Option<&'a str>,
    /// The bytes of the file that are at fault; absent where it is the file as a whole.
    span: Option<Bytes>,
    start: Option<Position>,
    /// Just after the last character.
    end: Option<Position>,
    /// The line on which the span starts, secrets masked.
    quote: Option<String>,
}

#[derive(Debug, Serialize)]
struct Bytes {
    start: usize,
    end: usize,
}

/// Both from 1; the column counts characters.
#[derive(Debug, Serialize)]
struct Position {
    line: usize,
    column: usize,
}

/// The faults as data, in their order.
pub(super) fn faults(diagnostics: &[Diagnostic]) -> Vec<Fault<'_>> {
    diagnostics.iter().map(fault).collect()
}

fn fault(diagnostic: &Diagnostic) -> Fault<'_> {
    let mut fault = Fault {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        code: diagnostic.code.name(),
        message: &diagnostic.message,
        hint: diagnostic.hint.as_deref(),
        file: None,
        environment: None,
        span: None,
        start: None,
        end: None,
        quote: None,
    };
    match &diagnostic.place {
        Place::Text { text, span } => {
            fault.file = Some(text.name());
            fault.start = Some(position(text, span.start));
            fault.end = Some(position(text, span.end));
            fault.quote = Some(quote(text, span));
            fault.span = Some(Bytes { start: span.start, end: span.end });
        }
        Place::Path(path) => fault.file = Some(path),
        Place::Environment(name) => fault.environment = Some(name),
    }
    fault
}

fn position(text: &SourceText, offset: usize) -> Position {
    let (line, column) = text.line_column(offset);
    Position { line, column }
}

fn quote(text: &SourceText, span: &Range<usize>) -> String {
    let (line, _) = text.line_column(span.start);
    let line = text.quotable().lines().nth(line - 1).unwrap_or_default();
    line.chars().take(QUOTE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::{UNSET_MAX, condensed, faults};
    use crate::diagnostic::{Code, Diagnostic, Place, SourceText};
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn a_fault_is_told_with_its_place_and_without_secrets() {
        let raw = "é = 1\r\nsecrets = [\"hunter2\"] # ü";
        let text = Arc::new(SourceText::new("a.toml", raw));
        let start = raw.find("\"hunter2").unwrap();
        let place = Place::Text { text, span: start..start + 9 };
        let fault = Diagnostic::error(Code::SecretReference, place, "no").hint("yes".to_owned());
        let expected = json!([{
            "severity": "error",
            "code": "secret_reference",
            "message": "no",
            "hint": "yes",
            "file": "a.toml",
            "environment": null,
            "span": { "start": 19, "end": 28 },
            "start": { "line": 2, "column": 12 },
            "end": { "line": 2, "column": 21 },
            "quote": "secrets = [\"*******\"] * **",
        }]);
        assert_eq!(serde_json::to_value(faults(&[fault])).unwrap(), expected);
    }

    #[test]
    fn many_unset_secrets_are_one_line() {
        let unset = |name: &str, warn: fn(Code, Place, &'static str) -> Diagnostic| {
            let text = Arc::new(SourceText::new(format!("m/{name}.toml"), "secrets = []"));
            warn(Code::SecretMissing, Place::Text { text, span: 0..7 }, "X is not set")
        };
        let few: Vec<_> =
            ["a", "a", "b", "c"].iter().map(|it| unset(it, Diagnostic::warning)).collect();
        assert_eq!(condensed(&few), few);
        assert_eq!(UNSET_MAX, 3);
        let fault = unset("z", Diagnostic::error);
        let many = [&few[..], &[fault.clone(), unset("d", Diagnostic::warning)]].concat();
        let [one, other] = &condensed(&many)[..] else { panic!("two") };
        assert!(one.message.starts_with("4 sources") && one.message.ends_with(": a, b, c, d"));
        assert_eq!((one.place.to_string().as_str(), other), ("m", &fault));
        assert!(one.hint.as_ref().is_some_and(|hint| hint.contains("check m/a.toml")));
    }

    #[test]
    fn a_fault_without_a_line_has_none() {
        let variable = Place::Environment("DUB_API_KEY".to_owned());
        let folder = Place::Path("mappings".to_owned());
        let found = [
            Diagnostic::error(Code::SettingMissing, variable, "a"),
            Diagnostic::warning(Code::NoSources, folder, "b"),
        ];
        let told = serde_json::to_value(faults(&found)).unwrap();
        assert_eq!(
            (&told[0]["environment"], &told[0]["file"]),
            (&json!("DUB_API_KEY"), &json!(null))
        );
        assert_eq!((&told[1]["file"], &told[1]["span"]), (&json!("mappings"), &json!(null)));
        assert_eq!(told[1]["severity"], "warning");
    }
}

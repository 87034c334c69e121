//! The syntax faults of a TOML text: each mistake once.
//!
//! A parser that goes on after an error takes what follows an unclosed bracket for its contents,
//! and complains of every line. So only the first fault counts, and reading begins anew at the next
//! line that looks like a statement: what is found from there is a mistake of its own.

use std::ops::Range;
use toml::de::DeTable;

/// More mistakes than anybody mends at a time.
const FAULTS_MAX: usize = 20;

/// One syntax fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxFault {
    /// Bytes of the text.
    pub span: Range<usize>,
    pub message: String,
    pub hint: Option<String>,
}

/// Every syntax fault of `text`, in order; at most 20.
pub fn syntax_faults(text: &str) -> Vec<SyntaxFault> {
    let mut faults = Vec::new();
    let mut from = 0;
    while faults.len() < FAULTS_MAX {
        let rest = &text[from..];
        let (_, errors) = DeTable::parse_recoverable(rest);
        let span_of = |error: &toml::de::Error| error.span().unwrap_or(0..rest.len());
        let Some(first) = errors.iter().min_by_key(|error| span_of(error).start) else { break };
        let span = span_of(first);
        let span = from + span.start..from + span.end;
        faults.push(fault(text, span.clone(), first.message()));
        match next_statement(text, span.start.max(from)) {
            Some(next) => from = next,
            None => break,
        }
    }
    faults
}

fn fault(text: &str, span: Range<usize>, message: &str) -> SyntaxFault {
    let unclosed = ["array", "inline table"].iter().any(|kind| message.contains(kind));
    let line = text[..span.start].matches('\n').count();
    let hint = unclosed.then(|| match line {
        0 => "a `]` or `}` seems to be missing before this".to_owned(),
        _ => "a `]` or `}` seems to be missing before this, perhaps on an earlier line".to_owned(),
    });
    SyntaxFault { span, message: message.to_owned(), hint }
}

/// Where the next line after `offset` begins that looks like `key = value` or `[table]`.
fn next_statement(text: &str, offset: usize) -> Option<usize> {
    let mut start = offset + text[offset..].find('\n')? + 1;
    loop {
        let line = text[start..].lines().next()?;
        if looks_like_statement(line) {
            return Some(start);
        }
        start += text[start..].find('\n')? + 1;
    }
}

fn looks_like_statement(line: &str) -> bool {
    if let Some(table) = line.strip_prefix('[') {
        return table.trim_end().ends_with(']') && !table.contains(['"', '\'', ',']);
    }
    let key = line.split('=').next().unwrap_or_default().trim_end();
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    line.contains('=') && !key.is_empty() && key.chars().all(bare)
}

#[cfg(test)]
mod tests {
    use super::syntax_faults;

    /// `expected`: the line, from 1, of each fault.
    #[track_caller]
    fn check(text: &str, expected: &[usize]) {
        let faults = syntax_faults(text);
        let line = |start: usize| text[..start].matches('\n').count() + 1;
        let lines: Vec<_> = faults.iter().map(|fault| line(fault.span.start)).collect();
        assert_eq!(lines, expected, "{faults:#?}");
    }

    #[test]
    fn one_mistake_is_one_fault() {
        check("a = 1\nb = [\n  \"x\",\n]\n[c]\n", &[]);
        check("a = [\"x\"\nb = 1\nc = 2\n[d]\ne = 3\n", &[2]);
        check("a = { first = [\"x\", missing = \"y\" }\nb = 1\nc = 2\n", &[1]);
        check("a = \"x\nb = 1\n", &[1]);
        check("a = \"x\nb = 1\nc = [1 2]\nd = \n[e]\n", &[1, 3, 4]);
        check("a = [\n", &[1]);
        check("= 1", &[1]);
    }

    #[test]
    fn a_bracket_that_was_not_closed_is_hinted_at() {
        let faults = syntax_faults("on = [\"user.created\"\nwhen = \"x\"\n");
        let hint = faults[0].hint.as_deref().unwrap_or_default();
        assert!(hint.contains("earlier line"), "{faults:?}");
    }

    #[test]
    fn however_broken_it_ends() {
        assert_eq!(syntax_faults(&"x=\n".repeat(60_000)).len(), 20);
        syntax_faults("é = [\"\u{feff}");
        syntax_faults("\n\n[[[\n=\n\"\"\"");
    }
}

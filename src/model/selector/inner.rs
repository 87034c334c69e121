//! The queries inside filters: what a query looks at to decide what it selects.

use super::scan::Kind;
use super::{Filter, Selector};

/// A query inside a filter, as a query of its own into the event.
#[derive(Clone, Debug)]
pub struct InnerQuery {
    /// `$.answers[?@.field.ref == 'email'].email` looks at `$.answers[*].field.ref`.
    pub selector: Selector,
    /// Its names below the filtered entry, as in `field`, `ref`; empty where it begins at the
    /// event, or where its text escapes characters.
    pub below_entry: Vec<String>,
}

impl Selector {
    /// The queries inside the filters of this one.
    pub fn inner(&self) -> Vec<InnerQuery> {
        find(self.text(), Kind::Query)
    }
}

impl Filter {
    /// The queries of the condition.
    pub fn inner(&self) -> Vec<InnerQuery> {
        find(self.text(), Kind::Condition)
    }
}

/// `text` has been checked: brackets match, literals end, and in filters every query is singular.
fn find(text: &str, kind: Kind) -> Vec<InnerQuery> {
    let mut found = Vec::new();
    // The open brackets, and whether each is a filter.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'\'' | b'"' => at = end_of_literal(text, at) - 1,
            b'[' => open.push((at, false)),
            b']' => drop(open.pop()),
            b'?' => open.iter_mut().rev().take(1).for_each(|(_, is_filter)| *is_filter = true),
            b'@' | b'$' => {
                let filter = open.iter().rev().find(|(_, is_filter)| *is_filter);
                let end = end_of_path(text, at + 1);
                let path = &text[at + 1..end];
                let base = match (byte, filter, kind) {
                    (b'@', Some((start, _)), _) => Some(format!("{}[*]", &text[..*start])),
                    (b'@', None, Kind::Condition) | (b'$', Some(_), _) => Some("$".to_owned()),
                    // The query itself.
                    _ => None,
                };
                let is_below = *byte == b'@' && filter.is_some();
                let query = base.and_then(|base| Selector::parse(&format!("{base}{path}")).ok());
                if let Some(selector) = query {
                    let below_entry = if is_below { names(path) } else { Vec::new() };
                    found.push(InnerQuery { selector, below_entry });
                    at = end - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The byte behind the literal whose quote stands at `start`.
fn end_of_literal(text: &str, start: usize) -> usize {
    let quote = text.as_bytes()[start];
    let mut escaped = false;
    let closing = text.bytes().skip(start + 1).position(|byte| {
        let closes = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    closing.map_or(text.len(), |closing| start + closing + 2)
}

/// The byte behind the names and indices that begin at `at`.
fn end_of_path(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let blanks = rest.len() - rest.trim_start().len();
        let length = match rest.trim_start().as_bytes().first() {
            Some(b'.') => {
                let name = &rest[blanks + 1..];
                name.find(|char: char| !is_of_name(char)).unwrap_or(name.len()) + 1
            }
            Some(b'[') => {
                let start = at + blanks + 1;
                let inside = &text[start..];
                let quoted = inside.len() - inside.trim_start().len();
                let end = match inside.trim_start().as_bytes().first() {
                    Some(b'\'' | b'"') => end_of_literal(text, start + quoted),
                    _ => start,
                };
                let Some(closing) = text[end..].find(']') else { return at };
                end + closing + 1 - at - blanks
            }
            _ => return at,
        };
        at += blanks + length;
    }
}

fn is_of_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_' || !char.is_ascii()
}

/// The names of a path of names; none where one is an index or can't be read simply.
fn names(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = path.trim();
    while !rest.is_empty() {
        let (name, behind) = match rest.strip_prefix('.') {
            Some(name) => name.split_at(name.find(|c| !is_of_name(c)).unwrap_or(name.len())),
            None => {
                let inside = rest.trim_start_matches('[').trim_start();
                let Some(quote) = inside.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
                    return Vec::new();
                };
                let Some((name, behind)) = inside[1..].split_once(quote) else {
                    return Vec::new();
                };
                (name, behind.trim_start().trim_start_matches(']'))
            }
        };
        if name.contains('\\') {
            return Vec::new();
        }
        names.push(name.to_owned());
        rest = behind.trim_start();
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{Filter, InnerQuery, Selector};

    #[track_caller]
    fn check(inner: Vec<InnerQuery>, expected: &[(&str, &[&str])]) {
        let found: Vec<_> = inner
            .iter()
            .map(|inner| (inner.selector.text(), inner.below_entry.clone()))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(text, names)| (*text, names.iter().map(|name| (*name).to_owned()).collect()))
            .collect();
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn query(text: &str, expected: &[(&str, &[&str])]) {
        check(Selector::parse(text).expect("it is valid").inner(), expected);
    }

    #[test]
    fn queries_inside_filters_are_found() {
        query("$.data.id", &[]);
        query("$['a[?@.b]'].c", &[]);
        query(
            "$.answers[?@.field.ref == 'email'].email",
            &[("$.answers[*].field.ref", &["field", "ref"])],
        );
        query(
            "$.data.emails[?@.id == $.data.primary_id].address",
            &[("$.data.emails[*].id", &["id"]), ("$.data.primary_id", &[])],
        );
        query(
            "$.a[?@['first name'] == '@.b' && search(@.c[0], '[$]')].d[?@ > 1]",
            &[
                ("$.a[*]['first name']", &["first name"]),
                ("$.a[*].c[0]", &[]),
                ("$.a[?@['first name'] == '@.b' && search(@.c[0], '[$]')].d[*]", &[]),
            ],
        );
        query(r#"$.a[?@["b\"]"] == 1]"#, &[(r#"$.a[*]["b\"]"]"#, &[])]);
        query("$.a[?@.x == 1 || !@ .y]", &[("$.a[*].x", &["x"]), ("$.a[*] .y", &["y"])]);
    }

    #[test]
    fn a_condition_looks_at_the_event() {
        let inner = Filter::parse("@.data.banned != true && @.type == 'a'").unwrap().inner();
        check(inner, &[("$.data.banned", &[]), ("$.type", &[])]);
    }
}

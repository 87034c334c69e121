//! Faults as text: the form that compilers made familiar, with the line and a caret.

use super::{Diagnostic, Place, Severity, SourceText};
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// Every fault is shown with a line of its file, which takes time in a long one.
const RENDERED_MAX: usize = 100;

/// One fault as several lines of text, without colour and without a newline at the end.
fn render(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.name());
    let place: Element<'_> = match &diagnostic.place {
        Place::Text { text, span } => snippet(text, span).into(),
        Place::Path(path) => Origin::path(printable(path)).into(),
        Place::Environment(name) => Origin::path(format!("environment: {name}")).into(),
    };
    let mut group = Group::with_title(title).element(place);
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    Renderer::plain().render(&[group])
}

/// All faults, in the order of their places, a blank line between two. Of more than anybody reads,
/// which a file that is no TOML at all can have, the rest are counted.
pub fn render_all<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> String {
    let mut diagnostics = diagnostics.into_iter();
    let mut texts: Vec<String> = diagnostics.by_ref().take(RENDERED_MAX).map(render).collect();
    let more = diagnostics.count();
    if more > 0 {
        texts.push(format!("and {more} more"));
    }
    texts.join("\n\n")
}

/// A file's name may hold anything, also what a terminal would obey.
fn printable(name: &str) -> String {
    let shown = |c: char| if super::is_obeyed(c) { char::REPLACEMENT_CHARACTER } else { c };
    name.chars().map(shown).collect()
}

/// The line of the fault alone: the library looks through everything that it is given, for each
/// fault anew.
fn snippet<'a>(
    text: &'a SourceText,
    span: &Range<usize>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let whole = text.quotable();
    let span = visible(whole, span);
    let start = whole[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let line = whole[start..].split('\n').next().unwrap_or_default();
    Snippet::source(line)
        .line_start(text.line_column(start).0)
        .path(printable(text.name()))
        .annotation(AnnotationKind::Primary.span(span.start - start..span.end - start))
}

/// A caret needs at least one character, and a span of several lines is shown by its first.
fn visible(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = end.min(line_end).max(start);
    if start == end {
        let width = text[start..].chars().next().map_or(0, char::len_utf8);
        return start..start + if line_end > start { width } else { 0 };
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn what_is_shown_is_bounded_and_harmless() {
        let place = Place::Path("\u{1b}[31m\u{202e}.toml".to_owned());
        let fault = Diagnostic::error(Code::FileUnreadable, place, "no");
        let text = render_all(&vec![fault; RENDERED_MAX + 2]);
        assert_eq!(text.matches("error[file_unreadable]").count(), RENDERED_MAX);
        assert!(text.ends_with("\n\nand 2 more"));
        assert!(!text.contains(['\u{1b}', '\u{202e}']));
    }
}

//! Faults as text: the form that compilers made familiar, with the line and a caret.

use super::{Diagnostic, Place, Severity, SourceText};
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// One fault as several lines of text, without colour and without a newline at the end.
pub fn render(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.name());
    let place: Element<'_> = match &diagnostic.place {
        Place::Text { text, span } => snippet(text, span).into(),
        Place::Path(path) => Origin::path(path.as_str()).into(),
        Place::Environment(name) => Origin::path(format!("environment: {name}")).into(),
        Place::Option(name) => Origin::path(format!("option: {name}")).into(),
    };
    let mut group = Group::with_title(title).element(place);
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    Renderer::plain().render(&[group])
}

/// All faults, in the order of their places, a blank line between two.
pub fn render_all<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> String {
    let texts: Vec<String> = diagnostics.into_iter().map(render).collect();
    texts.join("\n\n")
}

fn snippet<'a>(
    text: &'a SourceText,
    span: &Range<usize>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    Snippet::source(text.quotable())
        .path(text.name())
        .annotation(AnnotationKind::Primary.span(visible(text.quotable(), span)))
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

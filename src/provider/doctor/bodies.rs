//! What a body may have been before something between altered it: line ends, blanks at its ends, and
//! the many ways to write the same JSON.

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io;

/// Larger bodies are not written anew.
const REWRITTEN_BYTES_MAX: usize = 1024 * 1024;

/// A body that may have been signed.
pub(super) struct Variant {
    pub body: Bytes,
    /// What was done to it on the way, as in "the body was altered: ...".
    pub altered: &'static str,
}

/// Bodies that may have become `body`.
pub(super) fn variants(body: &Bytes) -> Vec<Variant> {
    let mut variants = ends(body);
    if body.len() <= REWRITTEN_BYTES_MAX
        && let Ok(value) = serde_json::from_slice::<Value>(body)
    {
        variants.extend(rewritten(&value));
    }
    variants.retain(|variant| variant.body != body);
    variants
}

fn ends(body: &Bytes) -> Vec<Variant> {
    let text = |bytes: Vec<u8>, altered| Variant { body: bytes.into(), altered };
    let with_end = |end: &[u8]| [body.as_ref(), end].concat();
    let mut variants = vec![
        text(with_end(b"\n"), "a line break at its end was taken off"),
        text(with_end(b"\r\n"), "a line break at its end was taken off"),
        text(body.trim_ascii_end().to_vec(), "a line break or blank was added at its end"),
        text(body.trim_ascii().to_vec(), "blanks were added around it"),
    ];
    if let Some(rest) = body.strip_prefix(b"\xef\xbb\xbf") {
        variants.push(text(rest.to_vec(), "a byte order mark was put before it"));
    }
    if let Ok(written) = std::str::from_utf8(body) {
        let unix = written.replace("\r\n", "\n");
        let windows = unix.replace('\n', "\r\n");
        variants.push(text(unix.into_bytes(), "line ends were changed from LF to CRLF"));
        variants.push(text(windows.into_bytes(), "line ends were changed from CRLF to LF"));
    }
    variants
}

fn rewritten(value: &Value) -> Vec<Variant> {
    const LAYOUTS: [Layout; 5] =
        [Layout::Compact, Layout::Spaced, Layout::Pretty(2), Layout::Pretty(4), Layout::Tabs];
    let mut variants = Vec::new();
    for sorted in [false, true] {
        let mut value = value.clone();
        if sorted {
            value.sort_all_objects();
        }
        for layout in LAYOUTS {
            for escape in [Escape::No, Escape::Unicode, Escape::Slashes, Escape::Both] {
                let Some(body) = write(&value, layout, escape) else { continue };
                for end in ["", "\n"] {
                    let body = [body.as_slice(), end.as_bytes()].concat().into();
                    let altered = said(layout, escape, sorted);
                    variants.push(Variant { body, altered });
                }
            }
        }
    }
    variants
}

fn said(layout: Layout, escape: Escape, sorted: bool) -> &'static str {
    match (sorted, escape, layout) {
        (true, ..) => "its JSON was written anew, with its keys in another order",
        (_, Escape::Unicode | Escape::Both, _) => {
            "its JSON was written anew, with letters beyond ASCII no longer escaped"
        }
        (_, Escape::Slashes, _) => "its JSON was written anew, with slashes no longer escaped",
        (_, _, Layout::Compact) => {
            "its JSON was written anew, with blanks or escapes it did not have"
        }
        (_, _, Layout::Spaced) => "its JSON was written anew, without blanks behind `:` and `,`",
        (_, _, Layout::Pretty(_) | Layout::Tabs) => "its JSON was written anew, no longer indented",
    }
}

#[derive(Clone, Copy)]
enum Layout {
    Compact,
    /// As Python writes it.
    Spaced,
    Pretty(usize),
    Tabs,
}

#[derive(Clone, Copy)]
enum Escape {
    No,
    Unicode,
    Slashes,
    Both,
}

fn write(value: &Value, layout: Layout, escape: Escape) -> Option<Vec<u8>> {
    let mut written = Vec::new();
    let spaces = b"    ";
    let done = match layout {
        Layout::Compact => value.serialize(&mut Serializer::with_formatter(
            &mut written,
            Escaping { inner: serde_json::ser::CompactFormatter, escape },
        )),
        Layout::Spaced => value.serialize(&mut Serializer::with_formatter(
            &mut written,
            Escaping { inner: SpacedFormatter, escape },
        )),
        Layout::Pretty(width) => value.serialize(&mut Serializer::with_formatter(
            &mut written,
            Escaping { inner: PrettyFormatter::with_indent(&spaces[..width.min(4)]), escape },
        )),
        Layout::Tabs => value.serialize(&mut Serializer::with_formatter(
            &mut written,
            Escaping { inner: PrettyFormatter::with_indent(b"\t"), escape },
        )),
    };
    done.ok().map(|()| written)
}

/// `{"a": 1, "b": 2}`.
struct SpacedFormatter;

impl Formatter for SpacedFormatter {
    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { w.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { w.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        w.write_all(b": ")
    }
}

/// A layout, with strings escaped as some languages do.
struct Escaping<F> {
    inner: F,
    escape: Escape,
}

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        w: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let (unicode, slashes) = match self.escape {
            Escape::No => return w.write_all(text.as_bytes()),
            Escape::Unicode => (true, false),
            Escape::Slashes => (false, true),
            Escape::Both => (true, true),
        };
        for c in text.chars() {
            match c {
                '/' if slashes => w.write_all(b"\\/")?,
                c if unicode && !c.is_ascii() => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(w, "\\u{unit:04x}")?;
                    }
                }
                c => w.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?,
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.inner.begin_array(w)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.inner.end_array(w)
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.inner.begin_array_value(w, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.inner.end_array_value(w)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.inner.begin_object(w)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.inner.end_object(w)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.inner.begin_object_key(w, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.inner.begin_object_value(w)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.inner.end_object_value(w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(original: &str, arrived: &str, altered: &str) {
        let variants = variants(&Bytes::copy_from_slice(arrived.as_bytes()));
        let found = variants.iter().find(|variant| variant.body == original);
        let found = found.unwrap_or_else(|| panic!("{original:?} is not among the variants"));
        assert!(found.altered.contains(altered), "{}", found.altered);
    }

    #[test]
    fn what_proxies_do_is_undone() {
        check("{\"a\":1}\n", "{\"a\":1}", "taken off");
        check("{\"a\":1}", "{\"a\":1}\n", "added at its end");
        check("{\r\n}", "{\n}", "CRLF to LF");
        check("{\n}", "{\r\n}", "LF to CRLF");
        check("{}", "\u{feff}{}", "byte order mark");
    }

    #[test]
    fn json_that_was_written_anew_is_written_as_others_do() {
        let arrived = "{\"b\":\"é/\",\"a\":[1,{}]}";
        check("{\"b\": \"é/\", \"a\": [1, {}]}", arrived, "without blanks");
        check("{\"b\":\"\\u00e9/\",\"a\":[1,{}]}", arrived, "no longer escaped");
        check("{\"b\":\"é\\/\",\"a\":[1,{}]}", arrived, "slashes");
        check(
            "{\n  \"b\": \"é/\",\n  \"a\": [\n    1,\n    {}\n  ]\n}",
            arrived,
            "no longer indented",
        );
        check("{\"a\":[1,{}],\"b\":\"é/\"}", arrived, "another order");
        check(
            "{\"b\":\"é/\",\"a\":[1,{}]}",
            "{ \"b\" : \"\\u00e9/\", \"a\": [1, {}] }",
            "blanks or escapes",
        );
    }

    #[test]
    fn what_is_no_json_is_left_as_it_is_but_for_its_ends() {
        assert!(variants(&Bytes::from_static(b"a=1&b=2")).len() <= 4);
        assert!(variants(&Bytes::from_static(b"\xff")).len() <= 4);
    }
}

//! The fields of forms as one JSON object.
//!
//! A field that is repeated becomes a list of its values, in order. A file becomes what is known
//! of it, without what is in it: its name, its type, and how many bytes it has.

use crate::diagnostic::Code;
use crate::model::{Headers, Reason};
use bytes::Bytes;
use futures_util::{FutureExt, future::ready, stream::once};
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::{Map, Value, json, map::Entry};
use std::convert::Infallible;

/// Fields in one form, a repeated one counted each time.
const FIELDS_MAX: usize = 1_000;

/// Reads `name=value&…`; bytes that are no text are shown as U+FFFD.
pub(super) fn urlencoded(body: &[u8]) -> Result<Value, Reason> {
    let mut fields = Fields::default();
    for (name, value) in url::form_urlencoded::parse(body) {
        fields.add(&name, Value::String(value.into_owned()))?;
    }
    Ok(fields.into_value())
}

/// Reads the parts of a `multipart/form-data` body, which the boundary in its content type divides.
pub(super) fn multipart(headers: &Headers, body: &Bytes) -> Result<Value, Reason> {
    let content_type = headers.get("content-type").unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(no_form)?;
    let limit = SizeLimit::new().whole_stream(body.len() as u64);
    let whole = once(ready(Ok::<_, Infallible>(body.clone())));
    let constraints = Constraints::new().size_limit(limit);
    let parts = Multipart::with_constraints(whole, boundary, constraints);
    // The whole body is there, so that nothing is ever waited for.
    read(parts).now_or_never().unwrap_or_else(|| Err(Reason::new(Code::BodyNotForm)))
}

async fn read(mut parts: Multipart<'_>) -> Result<Value, Reason> {
    let mut fields = Fields::default();
    while let Some(part) = parts.next_field().await.map_err(no_form)? {
        // What has no name can't be asked for.
        let Some(name) = part.name().map(str::to_owned) else { continue };
        fields.add(&name, value(part).await.map_err(no_form)?)?;
    }
    Ok(fields.into_value())
}

async fn value(part: Field<'_>) -> multer::Result<Value> {
    let Some(file_name) = part.file_name().map(str::to_owned) else {
        return part.text().await.map(Value::String);
    };
    let content_type = part.content_type().map(ToString::to_string);
    let bytes = part.bytes().await?.len();
    Ok(json!({ "filename": file_name, "content_type": content_type, "bytes": bytes }))
}

/// The library quotes names of fields, which may be people's data.
fn no_form(error: multer::Error) -> Reason {
    let detail = match error {
        multer::Error::DecodeContentType(_)
        | multer::Error::NoMultipart
        | multer::Error::NoBoundary => "the content type names no boundary",
        multer::Error::IncompleteFieldData { .. } | multer::Error::IncompleteStream => {
            "it ends before its last boundary"
        }
        _ => "a part of it is broken",
    };
    Reason::new(Code::BodyNotForm).detail(detail)
}

#[derive(Default)]
struct Fields {
    members: Map<String, Value>,
    count: usize,
}

impl Fields {
    /// `value` is no list.
    fn add(&mut self, name: &str, value: Value) -> Result<(), Reason> {
        self.count += 1;
        if self.count > FIELDS_MAX {
            let detail = format!("the limit is {FIELDS_MAX} fields");
            return Err(Reason::new(Code::EventTooComplex).detail(detail));
        }
        match self.members.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(value);
            }
            Entry::Occupied(mut entry) => match entry.get_mut() {
                Value::Array(values) => values.push(value),
                first => *first = Value::Array(vec![first.take(), value]),
            },
        }
        Ok(())
    }

    fn into_value(self) -> Value {
        Value::Object(self.members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(read: Result<Value, Reason>, expected: Result<Value, Code>) {
        assert_eq!(read.map_err(|reason| reason.code), expected);
    }

    fn parts(body: impl AsRef<[u8]>) -> Result<Value, Reason> {
        let content_type = "multipart/form-data; boundary=xYz";
        let headers = Headers::new([("content-type".to_owned(), content_type.to_owned())]);
        multipart(&headers, &Bytes::copy_from_slice(body.as_ref()))
    }

    fn part(attributes: &str, value: &str) -> String {
        format!("--xYz\r\nContent-Disposition: form-data; {attributes}\r\n\r\n{value}\r\n")
    }

    #[test]
    fn fields_become_members_and_repeated_ones_lists() {
        check(urlencoded(b""), Ok(json!({})));
        check(
            urlencoded(b"a=1&b=%C3%BC+%26&=x&c"),
            Ok(json!({"a": "1", "b": "ü &", "": "x", "c": ""})),
        );
        check(urlencoded(b"a=1&b=2&a=3&a=4"), Ok(json!({"a": ["1", "3", "4"], "b": "2"})));
        check(urlencoded(b"a=%ff\xff"), Ok(json!({"a": "\u{fffd}\u{fffd}"})));
        check(urlencoded("a&".repeat(1_001).as_bytes()), Err(Code::EventTooComplex));
    }

    #[test]
    fn parts_become_members_and_files_what_is_known_of_them() {
        let body = [
            part("name=\"a\"", "1\r\n2"),
            part("name=\"b\"", ""),
            part("name=\"a\"", "ü"),
            part("filename=\"nameless\"", "x"),
            part("name=\"f\"; filename=\"p.png\"\r\nContent-Type: image/png", "12345"),
            part("name=\"g\"; filename=\"\"", ""),
            "--xYz--\r\n".to_owned(),
        ];
        check(
            parts(body.concat()),
            Ok(json!({
                "a": ["1\r\n2", "ü"],
                "b": "",
                "f": { "filename": "p.png", "content_type": "image/png", "bytes": 5 },
                "g": { "filename": "", "content_type": null, "bytes": 0 },
            })),
        );
        check(parts("--xYz--"), Ok(json!({})));
        check(parts("a preamble\r\n--xYz--an epilogue"), Ok(json!({})));
        check(parts(part("name=\"a\"", "").repeat(1_001) + "--xYz--"), Err(Code::EventTooComplex));
    }

    #[test]
    fn what_is_no_form_says_so() {
        for broken in ["", "{}", "--xYz", "--xYz\r\n", "--xYz\r\n\r\n", "--xYz\r\na\r\n\r\n"] {
            check(parts(broken), Err(Code::BodyNotForm));
        }
        check(parts(part("name=\"a\"", "1")), Err(Code::BodyNotForm));
        let whole = part("name=\"a\"", "1") + "--xYz--";
        for content_type in ["", "multipart/form-data", "multipart/mixed; boundary=xYz", "é"] {
            let headers = Headers::new([("content-type".to_owned(), content_type.to_owned())]);
            check(multipart(&headers, &Bytes::from(whole.clone())), Err(Code::BodyNotForm));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at(
            body in prop::collection::vec(any::<u8>(), 0..200),
            near in "(--xYz|\r\n|Content-Disposition: form-data; |name=|filename=|[\"\\\\; a-]){0,30}",
            content_type in "(multipart/form-data; ?)?boundary=[ -~]{0,20}",
        ) {
            prop_assert!(urlencoded(&body).is_ok());
            let _ = (parts(&body), parts(&near), urlencoded(near.as_bytes()));
            let headers = Headers::new([("content-type".to_owned(), content_type)]);
            let _ = multipart(&headers, &Bytes::from(near));
        }
    }
}

//! Samples as the provider would send them: the inverse of reading a body.
//!
//! Absent here: signatures, and the token of a provider whose bodies are tokens.

use super::{EventForm, Format, embedded, reading};
use crate::diagnostic::Code;
use crate::model::Reason;
use crate::provider::token_text::InBody;
use bytes::Bytes;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A file of a sample has so many bytes at most, whatever it says.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A body as a provider sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    pub content_type: String,
    /// Where the provider's bodies are tokens: their claims, which its signature makes a token of.
    pub body: Bytes,
}

impl EventForm {
    /// Writes a sample in the first of the formats. What needs no change keeps its bytes.
    pub fn encode(&self, sample: &Bytes) -> Result<Encoded, Reason> {
        let format = self.formats.first();
        let mut content_type = format.content_type().to_owned();
        let body = match format {
            Format::Json => self.closed(sample),
            Format::JsonLines => self.closed_lines(sample),
            Format::Urlencoded => urlencoded(&self.fields(sample)?),
            Format::Multipart => {
                let boundary = boundary(sample);
                content_type = format!("{content_type}; boundary={boundary}");
                multipart(&boundary, &self.fields(sample)?)
            }
            Format::Jwt => {
                if let InBody::Field(_) = self.token {
                    content_type = Format::Json.content_type().to_owned();
                }
                sample.clone()
            }
        };
        Ok(Encoded { content_type, body })
    }

    /// The document with its JSON fields as texts.
    fn closed(&self, document: &Bytes) -> Bytes {
        let Ok(mut value) = reading::read(document) else { return document.clone() };
        if !embedded::close(&self.json_fields, &mut value) {
            return document.clone();
        }
        value.to_string().into()
    }

    fn closed_lines(&self, sample: &Bytes) -> Bytes {
        if self.json_fields.is_empty() || reading::read(sample).is_ok() {
            return self.closed(sample);
        }
        let lines = sample.split(|byte| *byte == b'\n');
        let closed: Vec<_> = lines.map(|line| self.closed(&sample.slice_ref(line))).collect();
        closed.join(&b'\n').into()
    }

    /// The fields of a form, in order, a list as several of one name.
    fn fields(&self, sample: &[u8]) -> Result<Vec<(String, Value)>, Reason> {
        let mut document = reading::read(sample)?;
        embedded::close(&self.json_fields, &mut document);
        let Value::Object(members) = document else {
            let detail = "the sample of a form is one JSON object, its fields";
            return Err(Reason::new(Code::BodyNotForm).detail(detail));
        };
        let each = |(name, value)| {
            let values = if let Value::Array(values) = value { values } else { vec![value] };
            values.into_iter().map(move |value| (String::clone(&name), value))
        };
        Ok(members.into_iter().flat_map(each).collect())
    }
}

fn urlencoded(fields: &[(String, Value)]) -> Bytes {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        text.append_pair(name, &field_text(value));
    }
    text.finish().into()
}

fn multipart(boundary: &str, fields: &[(String, Value)]) -> Bytes {
    let mut body = Vec::new();
    for (name, value) in fields {
        let name = attribute(name);
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"");
        body.extend_from_slice(head.as_bytes());
        match value.as_object().and_then(File::of) {
            Some(file) => file.write(&mut body),
            None => {
                body.extend_from_slice(b"\r\n\r\n");
                body.extend_from_slice(field_text(value).as_bytes());
            }
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body.into()
}

/// What a sample tells of a file.
struct File<'a> {
    name: &'a str,
    content_type: Option<&'a str>,
    bytes: u64,
}

impl<'a> File<'a> {
    fn of(members: &'a Map<String, Value>) -> Option<Self> {
        let name = members.get("filename")?.as_str()?;
        let content_type = members.get("content_type").and_then(Value::as_str);
        let bytes = members.get("bytes").and_then(Value::as_u64).unwrap_or(0).min(FILE_BYTES_MAX);
        Some(Self { name, content_type, bytes })
    }

    fn write(&self, body: &mut Vec<u8>) {
        body.extend_from_slice(format!("; filename=\"{}\"\r\n", attribute(self.name)).as_bytes());
        if let Some(content_type) = self.content_type {
            let content_type = content_type.replace(char::is_control, " ");
            body.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body.extend((0..self.bytes).map(|_| b'.'));
    }
}

/// A field as a form holds it: all is text.
fn field_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A name in quotes, as browsers write it (WHATWG HTML, 4.10.21.8).
fn attribute(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text that is not in the sample, and the same each time.
fn boundary(sample: &[u8]) -> String {
    format!("leadhook-{}", hex::encode(&Sha256::digest(sample)[..12]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::split::tests::form;

    #[track_caller]
    fn check(event: &str, sample: &str, content_type: &str, body: &str) {
        let encoded = form(event).encode(&Bytes::copy_from_slice(sample.as_bytes())).unwrap();
        assert_eq!(encoded.content_type, content_type);
        assert_eq!(String::from_utf8_lossy(&encoded.body), body);
    }

    #[test]
    fn json_keeps_its_bytes_unless_fields_are_texts() {
        check("", "{ \"a\": {} }\n", "application/json", "{ \"a\": {} }\n");
        check("", "no JSON", "application/json", "no JSON");
        let fields = "json_fields = ['$.a', '$.a.b']";
        let closed = r#"{"a":"{\"b\":\"[1]\"}"}"#;
        check(fields, r#"{"a": {"b": [1]}}"#, "application/json", closed);
        check(fields, "{ \"a\": \"x\" }", "application/json", "{ \"a\": \"x\" }");
        let lines = format!("{fields}\nformat = 'json-lines'");
        check(&lines, "{\"a\":{}}\n{ }", "application/json", "{\"a\":\"{}\"}\n{ }");
        check("format = 'json-lines'", "{}\n{ }\n", "application/json", "{}\n{ }\n");
    }

    #[test]
    fn fields_of_forms_are_texts() {
        check(
            "format = ['urlencoded', 'json']\njson_fields = '$.payload'",
            r#"{"a b": "ü&", "n": 1.5, "no": null, "l": ["x", true], "payload": {"c": []}}"#,
            "application/x-www-form-urlencoded",
            "a+b=%C3%BC%26&n=1.5&no=&l=x&l=true&payload=%7B%22c%22%3A%5B%5D%7D",
        );
        let refused = form("format = 'urlencoded'").encode(&Bytes::from_static(b"[]"));
        assert_eq!(refused.unwrap_err().code, Code::BodyNotForm);
    }

    #[test]
    fn parts_have_a_boundary_of_their_own() {
        let sample =
            r#"{"a\"b": "1", "f": {"filename": "p.png", "content_type": "image/png", "bytes": 3}}"#;
        let boundary = boundary(sample.as_bytes());
        let body = [
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n"),
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"p.png\"\r\n"
            ),
            format!("Content-Type: image/png\r\n\r\n...\r\n--{boundary}--\r\n"),
        ];
        let content_type = format!("multipart/form-data; boundary={boundary}");
        check("format = 'multipart'", sample, &content_type, &body.concat());
    }

    #[test]
    fn claims_are_left_to_the_signature() {
        check("format = 'jwt'", r#"{"type":"a"}"#, "application/jwt", r#"{"type":"a"}"#);
    }
}

//! A captured request, as a person or a tool writes it down.

use crate::cli::{Ended, payload};
use crate::model::{Headers, QueryString, Request, SourceName, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// More than any request that the service takes.
const BYTES_MAX: u64 = 128 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Captured {
    #[serde(default = "post")]
    method: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    body: Option<String>,
    body_base64: Option<String>,
}

fn post() -> String {
    "POST".to_owned()
}

/// The request in `path` (`-` is standard input), as it came to `source` at `at`.
pub(super) fn read(path: &Path, source: &SourceName, at: Timestamp) -> Result<Request, Ended> {
    let path = (path != Path::new("-")).then_some(path);
    let text = payload::read(path, BYTES_MAX)?;
    parse(&text, source, at).map_err(|message| {
        say!("error: the request can't be read: {message}");
        say!(
            "hint: it is JSON, as in {{\"method\": \"POST\", \"url\": \"/webhooks/{source}\", \
             \"headers\": {{\"svix-id\": \"...\"}}, \"body\": \"...\"}}"
        );
        Ended::Input
    })
}

fn parse(text: &[u8], source: &SourceName, at: Timestamp) -> Result<Request, String> {
    let captured: Captured = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let body = match (captured.body, captured.body_base64) {
        (Some(_), Some(_)) => return Err("it has both `body` and `body_base64`".to_owned()),
        (Some(body), None) => Bytes::from(body),
        (None, Some(body)) => STANDARD
            .decode(body)
            .map(Bytes::from)
            .map_err(|error| format!("`body_base64` is no base64: {error}"))?,
        (None, None) => Bytes::new(),
    };
    let target = match captured.url.find("://") {
        Some(_) => {
            let url = url::Url::parse(&captured.url).map_err(|error| format!("`url`: {error}"))?;
            let path = captured.url.find("://").map(|at| at + 3).and_then(|host| {
                captured.url[host..]
                    .find(['/', '?'])
                    .map(|path| captured.url[host + path..].to_owned())
            });
            path.unwrap_or_else(|| url.path().to_owned())
        }
        None if captured.url.is_empty() => format!("/webhooks/{source}"),
        None => captured.url,
    };
    Ok(Request {
        source: source.clone(),
        method: captured.method.to_ascii_uppercase(),
        query: QueryString::of_target(&target),
        target,
        headers: headers(captured.headers)?,
        body,
        peer: None,
        received_at: at,
    })
}

/// A field is a text, or a list of texts where it came several times.
fn headers(fields: BTreeMap<String, Value>) -> Result<Headers, String> {
    let mut found = Vec::new();
    for (name, value) in fields {
        let values = match value {
            Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                _ => return Err(format!("the header {name:?} is no text")),
            };
            found.push((name.clone(), text));
        }
    }
    Ok(Headers::new(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> SourceName {
        "clerk".parse().expect("a name")
    }

    #[track_caller]
    fn check(text: &str, target: &str, body: &[u8]) {
        let request = parse(text.as_bytes(), &source(), Timestamp::from_millis(0)).expect("read");
        assert_eq!((request.target.as_str(), request.body.as_ref()), (target, body));
        assert_eq!(request.method, "POST");
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        check("{}", "/webhooks/clerk", b"");
        check(r#"{"method": "post", "url": "/w?a=%2f", "body": "x"}"#, "/w?a=%2f", b"x");
        check(r#"{"url": "https://a.example/w//x?q", "body_base64": "/w=="}"#, "/w//x?q", b"\xff");
        check(r#"{"url": "https://a.example"}"#, "/", b"");
    }

    #[test]
    fn fields_may_come_several_times() {
        let text = br#"{"headers": {"X-A": ["1", "2"], "x-b": 3}}"#;
        let request = parse(text, &source(), Timestamp::from_millis(0)).expect("read");
        let fields: Vec<_> = request.headers.iter().collect();
        assert_eq!(fields, [("x-a", "1"), ("x-a", "2"), ("x-b", "3")]);
    }

    #[test]
    fn what_is_no_request_is_explained() {
        for bad in [
            "",
            "[]",
            r#"{"header": {}}"#,
            r#"{"body": "a", "body_base64": "YQ=="}"#,
            r#"{"body_base64": "*"}"#,
            r#"{"headers": {"a": {}}}"#,
        ] {
            assert!(parse(bad.as_bytes(), &source(), Timestamp::from_millis(0)).is_err(), "{bad}");
        }
    }
}

//! Bytes to JSON, or the reason why not.

use super::{structure, surrogate};
use crate::diagnostic::Code;
use crate::model::Reason;
use serde_json::Value;

/// What `serde_json` reads at most; the stack is safe that far.
pub(super) const DEPTH_MAX: usize = 127;
/// Values in one event; the same number bounds what a mapping may visit.
const VALUES_MAX: usize = 50_000;

/// The JSON of `bytes`, which may begin with a byte order mark.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Reason> {
    let bytes = without_mark(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let detail = format!("the byte at {} is not of UTF-8", error.valid_up_to());
        Reason::new(Code::BodyNotUtf8).detail(detail)
    })?;
    serde_json::from_str(text).or_else(|error| {
        let repaired = surrogate::repaired(text);
        repaired.and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(|| why(text, &error))
    })
}

/// Why `text` can't be read. The parser stops at what is too deep with an error like any other.
fn why(text: &str, error: &serde_json::Error) -> Reason {
    if structure::depth(text) > DEPTH_MAX {
        return Reason::new(Code::BodyTooDeep);
    }
    let detail = match text {
        "" => "the body is empty".to_owned(),
        _ => error.to_string(),
    };
    Reason::new(Code::BodyNotJson).detail(detail)
}

/// Whether `value`, which was read from `bytes_len` bytes, has few enough values to be mapped.
pub(super) fn complexity(value: &Value, bytes_len: usize) -> Result<(), Reason> {
    // A value takes a byte and, but for one, a comma or bracket: short texts need no counting.
    if bytes_len / 2 < VALUES_MAX || count(value) <= VALUES_MAX {
        return Ok(());
    }
    Err(Reason::new(Code::EventTooComplex).detail(format!("the limit is {VALUES_MAX} values")))
}

/// `bytes` without the byte order mark that some senders put before JSON (RFC 8259, 8.1, lets
/// readers ignore it).
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The text of bytes that [`read`] has read.
pub(super) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(without_mark(bytes)).unwrap_or_default()
}

/// Values in all; recursion is bounded by [`DEPTH_MAX`].
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: impl AsRef<[u8]>, expected: Result<(), Code>) {
        let body = body.as_ref();
        let read = read(body).and_then(|value| complexity(&value, body.len()));
        assert_eq!(read.map_err(|reason| reason.code), expected);
    }

    #[test]
    fn what_is_json_is_read() {
        check("{}", Ok(()));
        check("\u{feff} {\"a\":1}\r\n", Ok(()));
        check("\"ü\"", Ok(()));
        check(r#"{"name":"cut \ud83d"}"#, Ok(()));
        check(r#"{"a":1,"a":2}"#, Ok(()));
        assert_eq!(read(br#"{"a":1,"a":2}"#).unwrap()["a"], 2);
    }

    #[test]
    fn what_is_not_says_why() {
        check("", Err(Code::BodyNotJson));
        check("\u{feff}", Err(Code::BodyNotJson));
        check("a=1&b=2", Err(Code::BodyNotJson));
        check("{} {}", Err(Code::BodyNotJson));
        check("{\"a\":1e999}", Err(Code::BodyNotJson));
        check(b"{\"a\":\"\xff\"}", Err(Code::BodyNotUtf8));
        check(b"\xff\xfe{\0}\0", Err(Code::BodyNotUtf8));
    }

    #[test]
    fn depth_has_a_limit_and_its_own_code() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        check(nested(127), Ok(()));
        check(nested(128), Err(Code::BodyTooDeep));
        check(nested(100_000), Err(Code::BodyTooDeep));
        check("[".repeat(100_000), Err(Code::BodyTooDeep));
        check("[".repeat(100), Err(Code::BodyNotJson));
        check(format!("{{\"{}\":", "[".repeat(200)), Err(Code::BodyNotJson));
    }

    #[test]
    fn values_have_a_limit() {
        let wide = |values: usize| format!("[{}0]", "0,".repeat(values - 2));
        check(wide(50_000), Ok(()));
        check(wide(50_001), Err(Code::EventTooComplex));
        check(format!("\"{}\"", "x".repeat(200_000)), Ok(()));
    }
}

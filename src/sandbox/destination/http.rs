//! As much HTTP/1.1 as a client of the destination speaks: requests with a `Content-Length`,
//! answers with one, connections that are kept.

use bytes::{Buf, BytesMut};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

const HEAD_BYTES_MAX: usize = 16 * 1_024;
const BODY_BYTES_MAX: usize = 1_024 * 1_024;
const HEADERS_MAX: usize = 64;

/// A request, read in full.
#[derive(Debug)]
pub(super) struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub authorization: Option<String>,
    pub body: BytesMut,
    /// Whether the client wants the connection kept.
    pub keep_alive: bool,
}

/// Why no request could be read.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The client is gone.
    Closed,
    /// It is no request that this server reads; the status says why.
    Refused(u16),
}

impl From<io::Error> for ReadError {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

/// What the head of a request says.
struct Head {
    request: Request,
    head_bytes: usize,
    body_bytes: usize,
}

/// Reads the next request; `buffer` keeps what came after it.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> Result<Request, ReadError> {
    let head = loop {
        if let Some(head) = parse_head(buffer)? {
            break head;
        }
        if buffer.len() >= HEAD_BYTES_MAX {
            return Err(ReadError::Refused(431));
        }
        read_more(stream, buffer).await?;
    };
    buffer.advance(head.head_bytes);
    while buffer.len() < head.body_bytes {
        read_more(stream, buffer).await?;
    }
    Ok(Request { body: buffer.split_to(head.body_bytes), ..head.request })
}

async fn read_more(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> Result<(), ReadError> {
    match stream.read_buf(buffer).await? {
        0 => Err(ReadError::Closed),
        _ => Ok(()),
    }
}

/// The head, once all of it is in `bytes`.
fn parse_head(bytes: &[u8]) -> Result<Option<Head>, ReadError> {
    let mut fields = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut fields);
    let head_bytes = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(head_bytes)) => head_bytes,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(ReadError::Refused(431)),
        Err(_) => return Err(ReadError::Refused(400)),
    };
    let field = |name: &str| {
        let found = parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| String::from_utf8_lossy(header.value).trim().to_owned())
    };
    if field("transfer-encoding").is_some() {
        return Err(ReadError::Refused(411));
    }
    let body_bytes = match field("content-length").map(|length| length.parse::<usize>()) {
        None => 0,
        Some(Ok(length)) if length <= BODY_BYTES_MAX => length,
        Some(Ok(_)) => return Err(ReadError::Refused(413)),
        Some(Err(_)) => return Err(ReadError::Refused(400)),
    };
    let path = parsed.path.unwrap_or_default();
    let close = field("connection").is_some_and(|it| it.eq_ignore_ascii_case("close"));
    let request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: path.split('?').next().unwrap_or_default().to_owned(),
        authorization: field("authorization"),
        body: BytesMut::new(),
        keep_alive: !close && parsed.version == Some(1),
    };
    Ok(Some(Head { request, head_bytes, body_bytes }))
}

/// An answer's first lines, up to but not including its framing.
pub(super) fn head(status: u16, headers: &[(String, String)]) -> String {
    let mut head = format!("HTTP/1.1 {status} Sandbox\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head
}

/// Whether HTTP lets an answer of this status have a body at all (RFC 9110, 6.4.1).
pub(super) fn has_body(status: u16) -> bool {
    status >= 200 && status != 204 && status != 304
}

#[cfg(test)]
mod tests {
    use super::{ReadError, read};
    use bytes::BytesMut;

    /// Reads every request in `bytes`: method, path and body of each, then why it ended.
    #[track_caller]
    fn check(bytes: &str, expected: &[&str], ended: Option<u16>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut stream, mut buffer) = (bytes.as_bytes(), BytesMut::new());
            for expected in expected {
                let it = read(&mut stream, &mut buffer).await.unwrap();
                let body = String::from_utf8_lossy(&it.body).into_owned();
                assert_eq!(
                    format!("{} {} {body} {}", it.method, it.path, it.keep_alive),
                    *expected
                );
            }
            match read(&mut stream, &mut buffer).await.unwrap_err() {
                ReadError::Closed => assert_eq!(None, ended),
                ReadError::Refused(status) => assert_eq!(Some(status), ended),
            }
        });
    }

    #[test]
    fn requests_follow_each_other_on_one_connection() {
        check(
            "POST /a?b HTTP/1.1\r\ncontent-LENGTH: 2\r\n\r\nhiGET / HTTP/1.1\r\nConnection: \
             Close\r\n\r\n",
            &["POST /a hi true", "GET /  false"],
            None,
        );
    }

    #[test]
    fn what_is_no_request_ends_the_connection() {
        check("", &[], None);
        check("GET / HT", &[], None);
        check("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", &[], None);
        check("\u{1}\u{2}\r\n\r\n", &[], Some(400));
        check("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", &[], Some(400));
        check("GET / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", &[], Some(413));
        check("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", &[], Some(411));
        check(&format!("GET /{} HTTP/1.1\r\n", "a".repeat(16_384)), &[], Some(431));
        let many = "a: b\r\n".repeat(65);
        check(&format!("GET / HTTP/1.1\r\n{many}\r\n"), &[], Some(431));
    }
}

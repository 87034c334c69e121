//! Compressed bodies: inflated once they are verified, and only as far as the limit.

use crate::diagnostic::Code;
use crate::model::{Headers, Reason};
use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// What a body may become. Far more than an event needs, and nothing to fear in memory.
const INFLATED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// A proxy may compress what a sender has compressed; nobody does it more often.
const CODINGS_MAX: usize = 2;
/// No byte of DEFLATE stands for more.
const RATIO_MAX: usize = 1_032;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// The body as it was before it was compressed.
///
/// # Errors
/// The compression is not known, the body is not of it, or becomes too large.
pub(super) fn inflated(headers: &Headers, body: &Bytes) -> Result<Bytes, Reason> {
    // They are named in the order in which they were applied.
    codings(headers)?.into_iter().rev().try_fold(body.clone(), |body, coding| match coding {
        Coding::Gzip => read(MultiGzDecoder::new(&body[..])),
        Coding::Deflate if is_zlib(&body) => read(ZlibDecoder::new(&body[..])),
        // Some senders leave out the frame that RFC 9110 (8.4.1.2) asks for.
        Coding::Deflate => read(DeflateDecoder::new(&body[..])),
    })
}

/// How many bytes [`inflated`] may give, where the body is compressed.
pub(in crate::provider) fn bytes_max(headers: &Headers, body: &Bytes) -> Option<usize> {
    let codings = codings(headers).ok().filter(|codings| !codings.is_empty())?;
    let most = codings.iter().fold(body.len(), |bytes, _| bytes.saturating_mul(RATIO_MAX));
    Some(most.min(INFLATED_BYTES_MAX))
}

fn codings(headers: &Headers) -> Result<Vec<Coding>, Reason> {
    let fields = headers.iter().filter(|(name, _)| *name == "content-encoding");
    let names = fields.flat_map(|(_, value)| value.split(',')).map(str::trim_ascii);
    let coding = |name: &str| match name.to_ascii_lowercase().as_str() {
        "" | "identity" => None,
        "gzip" | "x-gzip" => Some(Ok(Coding::Gzip)),
        "deflate" => Some(Ok(Coding::Deflate)),
        _ => Some(Err(Reason::new(Code::BodyEncodingUnknown))),
    };
    let codings: Vec<_> =
        names.filter_map(coding).take(CODINGS_MAX + 1).collect::<Result<_, _>>()?;
    if codings.len() > CODINGS_MAX {
        let detail = format!("it is compressed more than {CODINGS_MAX} times");
        return Err(Reason::new(Code::BodyEncodingUnknown).detail(detail));
    }
    Ok(codings)
}

/// The frame of RFC 1950: compression method 8, and a check of the first two bytes.
fn is_zlib(body: &[u8]) -> bool {
    match body {
        [first, second, ..] => {
            first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31)
        }
        _ => false,
    }
}

fn read(decoder: impl Read) -> Result<Bytes, Reason> {
    let mut inflated = Vec::new();
    let mut bounded = decoder.take(INFLATED_BYTES_MAX as u64 + 1);
    bounded.read_to_end(&mut inflated).map_err(|_| Reason::new(Code::BodyNotInflated))?;
    if inflated.len() > INFLATED_BYTES_MAX {
        let detail = format!("the limit is {INFLATED_BYTES_MAX} bytes");
        return Err(Reason::new(Code::BodyInflatesTooLarge).detail(detail));
    }
    Ok(inflated.into())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    pub(in crate::provider::split) fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(body: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(body: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn encoded(encoding: &str) -> Headers {
        Headers::new([("Content-Encoding".to_owned(), encoding.to_owned())])
    }

    #[track_caller]
    fn check(encoding: &str, body: &[u8], expected: Result<&[u8], Code>) {
        let headers = encoded(encoding);
        let body = Bytes::copy_from_slice(body);
        let inflated = inflated(&headers, &body);
        assert_eq!(inflated.as_deref().map_err(|reason| reason.code), expected);
        if let (Some(most), Ok(inflated)) = (bytes_max(&headers, &body), &inflated) {
            assert!(inflated.len() <= most);
        }
    }

    #[test]
    fn bodies_are_inflated_as_the_header_says() {
        check("gzip", &gzip(b"{}"), Ok(b"{}"));
        check("X-GZIP", &gzip(b"{}"), Ok(b"{}"));
        check("gzip", &[gzip(b"{"), gzip(b"}")].concat(), Ok(b"{}"));
        check("deflate", &zlib(b"{}"), Ok(b"{}"));
        check("deflate", &raw(b"{}"), Ok(b"{}"));
        check(" identity ,", b"{}", Ok(b"{}"));
        check("deflate, gzip", &gzip(&zlib(b"{}")), Ok(b"{}"));
        check("gzip, identity, gzip", &gzip(&gzip(b"{}")), Ok(b"{}"));
        assert_eq!(inflated(&Headers::default(), &Bytes::from_static(b"x")), Ok("x".into()));
    }

    #[test]
    fn what_cannot_be_inflated_says_why() {
        check("br", b"{}", Err(Code::BodyEncodingUnknown));
        check("gzip, br", &gzip(b"{}"), Err(Code::BodyEncodingUnknown));
        check("gzip, gzip, gzip", b"", Err(Code::BodyEncodingUnknown));
        check("gzip", b"{}", Err(Code::BodyNotInflated));
        check("gzip", b"", Err(Code::BodyNotInflated));
        check("gzip", &[&gzip(b"{}")[..], b"x"].concat(), Err(Code::BodyNotInflated));
        check("deflate", b"\xff\xff", Err(Code::BodyNotInflated));
        let text = "a long enough text".repeat(99);
        for (encoding, whole) in [
            ("gzip", gzip(text.as_bytes())),
            ("deflate", zlib(text.as_bytes())),
            ("deflate", raw(text.as_bytes())),
        ] {
            check(encoding, &whole[..whole.len() / 2], Err(Code::BodyNotInflated));
        }
    }

    #[test]
    fn inflating_has_a_limit() {
        let most = vec![b' '; INFLATED_BYTES_MAX];
        check("gzip", &gzip(&most), Ok(&most));
        let more = gzip(&[&most[..], b" "].concat());
        check("gzip", &more, Err(Code::BodyInflatesTooLarge));
        check("gzip, gzip", &gzip(&more), Err(Code::BodyInflatesTooLarge));
        assert_eq!(bytes_max(&encoded("gzip"), &Bytes::from_static(b"xx")), Some(2 * RATIO_MAX));
        assert_eq!(bytes_max(&encoded("identity"), &Bytes::from_static(b"xx")), None);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_tried(
            body in prop::collection::vec(any::<u8>(), 0..200),
            encoding in "(gzip|deflate|identity|br|,| |x-gzip){0,4}",
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            for mut body in [gzip(&body), zlib(&body), raw(&body), body] {
                if !body.is_empty() {
                    let at = at.index(body.len());
                    body[at] = byte;
                }
                let body = Bytes::from(body);
                for encoding in [encoding.as_str(), "gzip", "deflate"] {
                    let _ = inflated(&encoded(encoding), &body);
                }
            }
        }
    }
}

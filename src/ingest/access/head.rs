//! How large the head of a request may be.
//!
//! The server itself reads at most 128 KiB and 96 header fields, and answers 431 beyond, or 400
//! where an address has more than 64 KiB. Whatever is let in is kept with its events, so that we
//! take less.

use crate::diagnostic::Code;
use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, HeaderValue};

/// Bytes of all names and values of header fields.
const HEADERS_BYTES_MAX: usize = 32 * 1024;
/// Bytes of path and query.
const URL_BYTES_MAX: usize = 8 * 1024;

/// # Errors
/// `url_too_long`, `headers_too_large`.
pub(super) fn check(http: &HttpRequest) -> Result<(), Code> {
    let url = http.uri().path_and_query().map_or(0, |url| url.as_str().len());
    if url > URL_BYTES_MAX {
        return Err(Code::UrlTooLong);
    }
    let bytes = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    if http.headers().iter().map(bytes).sum::<usize>() > HEADERS_BYTES_MAX {
        return Err(Code::HeadersTooLarge);
    }
    Ok(())
}

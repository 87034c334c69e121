//! What counts as an avatar's address.
//!
//! The destination documents no more than "a URL"; this is the strict reading, so that whatever
//! schema stands behind it takes what is sent: absolute, `http` or `https`, with a host, and
//! nothing in it that a lenient parser would silently drop or turn (white space, control characters,
//! backslashes). Inline images (`data:`) are thereby left out, too.

use super::javascript::is_white_space;
use url::Url;

/// Whether `text` can be sent as `customerAvatar`, its length aside.
pub(super) fn is_address(text: &str) -> bool {
    let doubtful = |c: char| c.is_control() || is_white_space(c) || c == '\\';
    has_scheme_and_host(text) && !text.contains(doubtful) && Url::parse(text).is_ok()
}

/// The parser makes up for missing and surplus slashes, as browsers do; here they must be two.
fn has_scheme_and_host(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
            && !rest.starts_with('/')
    })
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(is_address(text), expected, "{text:?}");
    }

    #[test]
    fn an_avatar_is_a_web_address() {
        for good in [
            "https://example.com",
            "HTTP://example.com:8080/a.png?s=64&d=https%3A%2F%2Fb#c",
            "https://img.example.com/eyJ0eXBlIjoiZGVmYXVsdCJ9",
            "https://exämple.com/ü.png",
            "http://[::1]/a",
        ] {
            check(good, true);
        }
        for bad in [
            "",
            "example.com/a.png",
            "//example.com/a.png",
            "/a.png",
            "https:example.com",
            "https:///example.com",
            "https://",
            "https://?a",
            "https://exa mple.com",
            "https://example.com/a b.png",
            "https://example.com/a\n",
            "https:\\\\example.com",
            "https://example.com\\a",
            "https://example.com:99999",
            "https://[::1",
            "ftp://example.com/a.png",
            "javascript://example.com/%0aalert(1)",
            "data:image/png;base64,AAAA",
        ] {
            check(bad, false);
        }
    }
}

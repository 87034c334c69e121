//! Where a body carries a JSON Web Token, and what it claims.

use serde_json::{Map, Value};

/// Where the token is that stands for the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InBody {
    /// The whole body, as `application/jwt`.
    Whole,
    /// A member of the JSON object that the body is.
    Field(String),
}

impl InBody {
    /// The token; `None` where there is none.
    pub(super) fn find(&self, body: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(body).ok()?;
        let token = match self {
            InBody::Whole => text.trim_ascii().to_owned(),
            InBody::Field(name) => {
                let object: Map<String, Value> = serde_json::from_str(text).ok()?;
                object.get(name)?.as_str()?.to_owned()
            }
        };
        Some(token).filter(|token| !token.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::InBody;

    #[test]
    fn the_token_is_the_body_or_a_member() {
        assert_eq!(InBody::Whole.find(b" a.b.c\n").as_deref(), Some("a.b.c"));
        assert_eq!(InBody::Whole.find(b" "), None);
        assert_eq!(InBody::Whole.find(b"\xff"), None);
        let field = InBody::Field("token".to_owned());
        assert_eq!(field.find(br#"{"token":"a.b.c"}"#).as_deref(), Some("a.b.c"));
        for none in [&b"a.b.c"[..], br#"{"token":1}"#, br#"{"other":"a.b.c"}"#, b"[]"] {
            assert_eq!(field.find(none), None);
        }
    }
}

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
    /// `body`, or a query for a member of the body's object, as `$.token`.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let is_name = |name: &&str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        match (text, text.strip_prefix("$.").filter(is_name)) {
            ("body", _) => Ok(InBody::Whole),
            (_, Some(name)) => Ok(InBody::Field(name.to_owned())),
            _ => Err("the token is the \"body\", or a member of it, as \"$.token\"".to_owned()),
        }
    }

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

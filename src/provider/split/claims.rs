//! What a JSON Web Token claims, read without looking at its signature: the request that carries
//! it is verified already.

use super::reading;
use crate::diagnostic::Code;
use crate::model::Reason;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The claims of `token`; `None` where it doesn't have a token's shape: three texts of the
/// alphabet of base64url, with dots between them.
pub(super) fn read(token: &str) -> Option<Result<Value, Reason>> {
    let parts: Vec<_> = token.splitn(4, '.').collect();
    let [_, claims, _] = parts.as_slice() else { return None };
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_part = |part: &&str| !part.is_empty() && part.bytes().all(is_base64url);
    parts.iter().all(is_part).then(|| decoded(claims))
}

fn decoded(claims: &str) -> Result<Value, Reason> {
    let json = URL_SAFE_NO_PAD.decode(claims).map_err(|_| Reason::new(Code::BodyNotJwt))?;
    reading::read(&json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[track_caller]
    fn check(token: &str, expected: Option<Result<Value, Code>>) {
        assert_eq!(read(token).map(|read| read.map_err(|reason| reason.code)), expected);
    }

    #[test]
    fn claims_are_the_middle_part() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"type":"ü?>"}"#);
        check(&format!("e30.{claims}.c2ln"), Some(Ok(json!({"type": "ü?>"}))));
        check("e30.e30.c2ln", Some(Ok(json!({}))));
        check("a.b.c", Some(Err(Code::BodyNotJwt)));
        check("e30.ew.c2ln", Some(Err(Code::BodyNotJson)));
        for no_token in
            ["", "..", "e30.e30", "e30.e30.", "e30.e30.a.b", "e30.e30=.a", "{\"a.b\":\".\"}"]
        {
            check(no_token, None);
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_at(text in "\\PC{0,40}", parts in "([a-zA-Z0-9_-]{0,12}\\.){0,4}[a-zA-Z0-9]{0,4}") {
            let _ = (read(&text), read(&parts));
        }
    }
}

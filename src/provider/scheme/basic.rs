//! HTTP Basic authentication (RFC 7617), with the credentials read as UTF-8.

use super::encoding::Encoding;
use super::field::only;
use super::secret::SecretFault;
use super::token::{Accepted, Carrier, refusal, strip_any_case};
use crate::diagnostic::Code;
use crate::model::{Request, Secret};
use crate::provider::AuthFault;

const SCHEME: &str = "Basic ";

/// The declared scheme.
#[derive(Clone, Debug)]
pub(in crate::provider) struct BasicScheme {
    /// The header that carries the credentials; lower case.
    pub header: String,
}

/// The scheme with its credentials.
pub(in crate::provider) struct BasicCheck {
    carrier: Carrier,
    header: String,
    accepted: Accepted,
}

impl BasicScheme {
    /// With `username` the secrets are passwords, without it they are `user:password`.
    pub(super) fn keyed(
        &self,
        username: Option<&str>,
        secrets: &[Secret],
    ) -> Result<BasicCheck, Vec<AuthFault>> {
        if let Some(username) = username
            && !is_username(username)
        {
            return Err(vec![not_a_username()]);
        }
        let accepted = Accepted::of(secrets, |text| credentials(username, text))?;
        let carrier = Carrier::Header(self.header.clone());
        Ok(BasicCheck { carrier, header: self.header.clone(), accepted })
    }
}

impl BasicCheck {
    pub(super) fn check(&self, request: &Request) -> Result<(), Code> {
        let value = only(request.headers.iter(), &self.header).map_err(refusal)?;
        let written = strip_any_case(value, SCHEME).map(str::trim_ascii_start);
        let credentials = written.and_then(|text| Encoding::Base64.decode(text));
        self.accepted.check(&credentials.ok_or(Code::SignatureMalformed)?)
    }

    pub(super) fn sign(&self) -> (String, String) {
        (self.header.clone(), written(&self.accepted.first))
    }

    /// What the header of an authentic request says, for each secret.
    pub(super) fn credentials(&self) -> impl Iterator<Item = String> {
        self.accepted.all().map(written)
    }

    pub(super) fn carrier(&self) -> &Carrier {
        &self.carrier
    }
}

fn written(credentials: &Secret) -> String {
    format!("{SCHEME}{}", Encoding::Base64.encode(credentials.expose().as_bytes()))
}

fn credentials(username: Option<&str>, text: &str) -> Result<String, SecretFault> {
    if let Some(username) = username {
        return Ok(format!("{username}:{text}"));
    }
    match text.split_once(':') {
        Some((user, password)) if !user.is_empty() && !password.is_empty() => Ok(text.to_owned()),
        _ => Err(SecretFault::new("the secret is no `user:password`")
            .hint("write it so, or give the user name as `username` in `[auth]`")),
    }
}

/// RFC 7617, 2: a colon would end the user name.
fn is_username(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == ':' || c.is_control())
}

fn not_a_username() -> AuthFault {
    let message = "a user name is not empty and has no colon".to_owned();
    AuthFault::Choice { key: "username", message, hint: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tests::{request, secrets};
    use Code::{SignatureMalformed, SignatureMismatch, SignatureMissing};

    #[track_caller]
    fn check(username: Option<&str>, secret: &str, value: &str, expected: Result<(), Code>) {
        let scheme = BasicScheme { header: "authorization".into() };
        let check = scheme.keyed(username, &secrets(&[secret])).unwrap();
        assert_eq!(check.check(&request(&[("authorization", value)], b"")), expected, "{value}");
    }

    #[test]
    fn user_and_password_must_both_match() {
        check(None, "joe:a:b", "Basic am9lOmE6Yg==", Ok(()));
        check(Some("joe"), "a:b", "basic  am9lOmE6Yg==", Ok(()));
        check(Some("jo"), "a:b", "Basic am9lOmE6Yg==", Err(SignatureMismatch));
        check(None, "joe:a:c", "Basic am9lOmE6Yg==", Err(SignatureMismatch));
        check(None, "joe:a:b", "Basic am9lOmE6Yg", Err(SignatureMalformed));
        check(None, "joe:a:b", "Basic", Err(SignatureMalformed));
        check(None, "joe:a:b", "Bearer am9lOmE6Yg==", Err(SignatureMalformed));
        check(None, "joe:a:b", "", Err(SignatureMissing));
    }

    #[test]
    fn half_a_credential_is_no_secret() {
        let scheme = BasicScheme { header: "authorization".into() };
        for bad in ["joe", ":pw", "joe:", ":"] {
            assert!(scheme.keyed(None, &secrets(&[bad])).is_err(), "{bad}");
        }
        for bad in ["", "a:b", "a\nb"] {
            assert!(scheme.keyed(Some(bad), &secrets(&["pw"])).is_err(), "{bad}");
        }
    }
}

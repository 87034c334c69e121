//! A shared token that each request carries. It proves who knows it, and nothing about the body.
//!
//! Tokens are compared by their SHA-256, so that neither their text nor their length shows in time.

use super::field::{Absent, only};
use super::secret::{self, SecretFault};
use crate::diagnostic::Code;
use crate::model::{Request, Secret};
use crate::provider::signing::Signed;
use crate::provider::{AuthChoice, AuthFault};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The declared scheme.
#[derive(Clone, Debug)]
pub(in crate::provider) struct TokenScheme {
    /// Where the token is; `None` = in the header that the source's `[auth]` names.
    pub carrier: Option<Carrier>,
    /// What stands before the token, as in `Bearer `; in any case (RFC 9110, 11.1).
    pub prefix: String,
}

/// The part of a request that carries a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Carrier {
    /// A header; the name is lower case.
    Header(String),
    /// A parameter of the URL.
    Query(String),
}

/// The scheme with its tokens.
pub(in crate::provider) struct TokenCheck {
    carrier: Carrier,
    prefix: String,
    accepted: Accepted,
}

impl TokenScheme {
    pub(super) fn keyed(
        &self,
        auth: &AuthChoice,
        secrets: &[Secret],
    ) -> Result<TokenCheck, Vec<AuthFault>> {
        let carrier = match &self.carrier {
            Some(carrier) => carrier.clone(),
            None => chosen_carrier(auth).map_err(|fault| vec![fault])?,
        };
        let accepted = Accepted::of(secrets, |text| self.token(text))?;
        Ok(TokenCheck { carrier, prefix: self.prefix.clone(), accepted })
    }

    fn token(&self, text: &str) -> Result<String, SecretFault> {
        if !self.prefix.is_empty() && strip_any_case(text, &self.prefix).is_some() {
            let prefix = self.prefix.trim_end();
            let fault = SecretFault::new(format!("the secret begins with `{prefix}`"));
            return Err(fault.hint(format!("leave `{prefix}` out: the sender adds it by itself")));
        }
        Ok(text.to_owned())
    }
}

impl TokenCheck {
    pub(super) fn check(&self, request: &Request) -> Result<(), Code> {
        let value = match &self.carrier {
            Carrier::Header(name) => only(request.headers.iter(), name),
            Carrier::Query(name) => only(request.query.iter(), name),
        };
        let value = value.map_err(refusal)?;
        let token = strip_any_case(value, &self.prefix).ok_or(Code::SignatureMalformed)?;
        self.accepted.check(token.trim_ascii_start().as_bytes())
    }

    /// Puts the first token where requests carry it.
    pub(super) fn sign(&self) -> Signed {
        let token = self.written(&self.accepted.first);
        match &self.carrier {
            Carrier::Header(name) => {
                Signed { headers: vec![(name.clone(), token)], ..Signed::default() }
            }
            Carrier::Query(name) => {
                Signed { query: vec![(name.clone(), token)], ..Signed::default() }
            }
        }
    }

    /// What the carrier of an authentic request says, for each token.
    pub(super) fn credentials(&self) -> impl Iterator<Item = String> {
        self.accepted.all().map(|token| self.written(token))
    }

    fn written(&self, token: &Secret) -> String {
        format!("{}{}", self.prefix, token.expose())
    }

    pub(super) fn carrier(&self) -> &Carrier {
        &self.carrier
    }
}

/// Credentials that are accepted.
pub(super) struct Accepted {
    digests: Vec<[u8; 32]>,
    /// To sign with.
    pub(super) first: Secret,
    others: Vec<Secret>,
}

impl Accepted {
    /// The credentials that `make` makes of the secrets.
    pub(super) fn of(
        secrets: &[Secret],
        make: impl Fn(&str) -> Result<String, SecretFault>,
    ) -> Result<Self, Vec<AuthFault>> {
        let credentials = secret::each(secrets, |text| make(text).map(Secret::new))?;
        let digest = |credential: &Secret| digest(credential.expose().as_bytes());
        let digests = credentials.iter().map(digest).collect();
        let mut others = credentials.into_iter();
        let first = others.next().expect("`each` refuses an empty list");
        Ok(Self { digests, first, others: others.collect() })
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.first).chain(&self.others)
    }

    pub(super) fn check(&self, credential: &[u8]) -> Result<(), Code> {
        let given = digest(credential);
        let fold = |matched: Choice, known: &[u8; 32]| matched | known.ct_eq(&given);
        let matched = self.digests.iter().fold(Choice::from(0), fold);
        if matched.into() { Ok(()) } else { Err(Code::SignatureMismatch) }
    }
}

/// The refusal where there is no one credential.
pub(super) fn refusal(absent: Absent) -> Code {
    match absent {
        Absent::Missing => Code::SignatureMissing,
        Absent::Repeated => Code::SignatureMalformed,
    }
}

/// `text` without `prefix`, whose ASCII letters may be of either case.
pub(super) fn strip_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Where the source says that the token is.
fn chosen_carrier(auth: &AuthChoice) -> Result<Carrier, AuthFault> {
    match (&auth.header, &auth.query) {
        (Some(name), None) if is_header_name(name) => {
            Ok(Carrier::Header(name.to_ascii_lowercase()))
        }
        (None, Some(name)) if !name.is_empty() => Ok(Carrier::Query(name.clone())),
        (Some(_), Some(_)) => {
            let message = "the token is either in a header or in the URL".to_owned();
            Err(AuthFault::choice("query", message, "remove `header` or `query`"))
        }
        (None, Some(_)) => {
            let message = "the parameter has no name".to_owned();
            Err(AuthFault::choice("query", message, "as in `query = \"key\"`"))
        }
        (name, None) => Err(no_header(name.as_deref())),
    }
}

fn no_header(name: Option<&str>) -> AuthFault {
    let message = match name {
        Some(_) => "this is no name of a header".to_owned(),
        None => "the header that carries the credential is not named".to_owned(),
    };
    let hint = "add `header = \"x-...\"` to `[auth]`, with the name that you gave the sender";
    AuthFault::Choice { key: "header", message, hint: Some(hint.to_owned()) }
}

/// RFC 9110, 5.6.2: `token`. Longer names than 100 bytes are slips.
fn is_header_name(name: &str) -> bool {
    let is_tchar = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=100).contains(&name.len()) && name.bytes().all(is_tchar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tests::{auth_by, request, secrets};
    use Code::{SignatureMalformed, SignatureMismatch, SignatureMissing};

    #[track_caller]
    fn check(prefix: &str, fields: &[(&str, &str)], expected: Result<(), Code>) {
        let carrier = Some(Carrier::Header("authorization".into()));
        let scheme = TokenScheme { carrier, prefix: prefix.into() };
        let check = scheme.keyed(&AuthChoice::default(), &secrets(&["old token", "new"])).unwrap();
        assert_eq!(check.check(&request(fields, b"")), expected, "{fields:?}");
    }

    #[test]
    fn any_of_the_tokens_is_accepted() {
        check("", &[("authorization", "new")], Ok(()));
        check("", &[("Authorization", " old token\t")], Ok(()));
        check("", &[("authorization", "new2")], Err(SignatureMismatch));
        check("", &[("authorization", "ne")], Err(SignatureMismatch));
        check("", &[("authorization", "Bearer new")], Err(SignatureMismatch));
        check("", &[("authorization", " ")], Err(SignatureMissing));
        check("", &[], Err(SignatureMissing));
        check("", &[("authorization", "new"), ("authorization", "new")], Err(SignatureMalformed));
    }

    #[test]
    fn the_name_of_the_scheme_is_of_any_case() {
        check("Bearer ", &[("authorization", "bEARER  new")], Ok(()));
        check("Bearer ", &[("authorization", "new")], Err(SignatureMalformed));
        check("Bearer ", &[("authorization", "Bearer")], Err(SignatureMalformed));
        check("Bearer ", &[("authorization", "Basic new")], Err(SignatureMalformed));
        check("Bearer ", &[("authorization", "Béarer new")], Err(SignatureMalformed));
        check("Bearer ", &[("authorization", "Bearer NEW")], Err(SignatureMismatch));
    }

    #[test]
    fn a_parameter_of_the_url_can_carry_the_token() {
        let carrier = Some(Carrier::Query("key".into()));
        let scheme = TokenScheme { carrier, prefix: String::new() };
        let check = scheme.keyed(&AuthChoice::default(), &secrets(&["abc"])).unwrap();
        let asked = |pairs: &[(&str, &str)]| {
            let mut request = request(&[], b"");
            let pairs = pairs.iter().map(|(key, value)| ((*key).into(), (*value).into()));
            request.query = crate::model::QueryString::new(pairs);
            check.check(&request)
        };
        assert_eq!(asked(&[("key", "abc")]), Ok(()));
        assert_eq!(asked(&[("key", "abd")]), Err(SignatureMismatch));
        assert_eq!(asked(&[("key", "abc"), ("key", "x")]), Err(SignatureMalformed));
        assert_eq!(asked(&[("Key", "abc")]), Err(SignatureMissing));
    }

    fn by_header(name: &str) -> AuthChoice {
        AuthChoice { header: Some(name.to_owned()), ..AuthChoice::default() }
    }

    #[test]
    fn the_header_is_chosen_where_the_scheme_leaves_it_open() {
        let scheme = TokenScheme { carrier: None, prefix: String::new() };
        assert!(scheme.keyed(&AuthChoice::default(), &secrets(&["a"])).is_err());
        for bad in ["", "x y", "x:y", "é"] {
            assert!(scheme.keyed(&by_header(bad), &secrets(&["a"])).is_err(), "{bad}");
        }
        let check = scheme.keyed(&by_header("X-Key"), &secrets(&["a"])).unwrap();
        assert_eq!(check.check(&request(&[("x-key", "a")], b"")), Ok(()));
    }

    #[test]
    fn a_secret_that_repeats_the_prefix_is_refused() {
        let auth = auth_by(None);
        let provider = crate::provider::Provider::find("auth0").unwrap();
        assert!(provider.verifier(&auth, &secrets(&["bearer abc"]), &Default::default()).is_err());
    }
}

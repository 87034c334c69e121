//! Requests whose verdict is known: they stand beside the scheme that a mapping file declares, and
//! tell whether it is the sender's.
//!
//! A vector comes to the same on every day: it has a time of its own, and key sets, which change at
//! the provider's pleasure, are not known to it. One whose verdict would hang on what is not there,
//! such as a secret that is not configured, is passed over.

use super::key_sets::KeySets;
use super::scheme::{Keying, Scheme};
use super::{AuthChoice, AuthFault, Methods, Provider, Surroundings};
use crate::diagnostic::Code;
use crate::model::{Request, Secret, Timestamp};
use std::ops::Range;
use std::slice;

/// What the scheme makes of a request.
pub(super) type Verdict = Result<(), Code>;

/// A request with the verdict that it must get.
#[derive(Debug)]
pub(super) struct Vector {
    pub name: Option<String>,
    /// Its own secret, and where that stands; without one, those of the source are taken.
    pub secret: Option<(Secret, Range<usize>)>,
    /// Received at the time of the verdict.
    pub request: Request,
    /// The public address, where the vector has one of its own.
    pub public_url: Option<String>,
    pub expected: Verdict,
    pub expected_span: Range<usize>,
}

/// What is wrong with a vector, and where that stands in the file. Quotes no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorFault {
    pub code: Code,
    pub span: Range<usize>,
    pub message: String,
    pub hint: Option<String>,
}

impl Provider {
    /// Checks the vectors that the provider was declared with, for a source with this `[auth]` and
    /// these secrets.
    pub fn check_vectors(
        &self,
        auth: &AuthChoice,
        secrets: &[Secret],
        surroundings: &Surroundings,
    ) -> Vec<VectorFault> {
        // Only a file that declares one way by itself has vectors.
        let Methods::Only(scheme) = &self.methods else { return Vec::new() };
        let fault = |vector: &Vector| {
            let secrets = vector.secret.as_ref().map_or(secrets, |(one, _)| slice::from_ref(one));
            let public_url = vector.public_url.as_deref().or(surroundings.public_url.as_deref());
            let key_sets = &KeySets::default();
            vector.fault(scheme, Keying { auth, secrets, public_url, key_sets })
        };
        self.vectors.iter().filter_map(fault).collect()
    }
}

impl Vector {
    fn fault(&self, scheme: &Scheme, keying: Keying<'_>) -> Option<VectorFault> {
        let lacks_secret = scheme.needs_secrets() && keying.secrets.is_empty();
        let lacks_address = scheme.needs_public_url() && keying.public_url.is_none();
        if lacks_secret || lacks_address {
            return None;
        }
        let check = match scheme.keyed(keying) {
            Ok(check) => check,
            Err(faults) => return self.secret_fault(faults),
        };
        let found = check.check(&self.request, self.at()).map(|_| ());
        if found == self.expected || found == Err(Code::KeysUnavailable) {
            return None;
        }
        let name = self.name.as_ref().map_or(String::new(), |name| format!(" `{name}`"));
        let (found_word, expected) = (word(found), word(self.expected));
        Some(VectorFault {
            code: Code::VectorFailed,
            span: self.expected_span.clone(),
            message: format!("the vector{name} comes to {found_word}, not to {expected}"),
            hint: found.err().map(|code| format!("{found_word}: {}", code.meaning())),
        })
    }

    fn at(&self) -> Timestamp {
        self.request.received_at
    }

    /// What is wrong with the vector's own secret; all else is told of the source.
    fn secret_fault(&self, faults: Vec<AuthFault>) -> Option<VectorFault> {
        let (_, span) = self.secret.as_ref()?;
        faults.into_iter().find_map(|fault| match fault {
            AuthFault::Secret { message, hint, .. } => {
                Some(VectorFault { code: Code::SecretInvalid, span: span.clone(), message, hint })
            }
            AuthFault::Choice { .. } => None,
        })
    }
}

/// As it is written at `expected`.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Ok(()) => "valid",
        Err(code) => code.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use std::sync::Arc;

    const HMAC: &str = "kind='hmac'\nalgorithm='sha256'\nheader='x-sig'\nencoding='hex'\n";
    const TOKEN: &str = "kind='token'\nquery='key'\n";

    /// Checks what is wrong with one vector of a scheme: the code, the place, a part of what is
    /// said.
    #[track_caller]
    fn check(scheme: &str, vector: &str, secrets: &[&str], expected: Option<(Code, &str, &str)>) {
        let text = format!("[signature]\n{scheme}[[signature.vector]]\n{vector}\n[event]\n");
        let provider = Provider::custom(&Arc::new(SourceText::new("x.toml", &text)), &text);
        let secrets: Vec<_> = secrets.iter().copied().map(Secret::new).collect();
        let (auth, surroundings) = (AuthChoice::default(), Surroundings::default());
        let faults = provider.unwrap().check_vectors(&auth, &secrets, &surroundings);
        match (faults.as_slice(), expected) {
            ([], None) => {}
            ([fault], Some((code, place, said))) => {
                assert_eq!((fault.code, &text[fault.span.clone()]), (code, place), "{fault:?}");
                assert!(fault.message.contains(said), "{fault:?}");
                assert!(!format!("{fault:?}").contains("hunter2"), "{fault:?}");
            }
            _ => panic!("{faults:?}"),
        }
    }

    #[test]
    fn a_vector_comes_to_what_it_expects() {
        let asks = |key: &str, expected: &str| {
            format!("secret='hunter2'\nurl='https://a.example/b?key={key}'\nexpected='{expected}'")
        };
        check(TOKEN, &asks("hunter2", "valid"), &[], None);
        check(TOKEN, &asks("other", "signature_mismatch"), &["hunter2"], None);
        let said = "comes to signature_mismatch, not to valid";
        let differs = Some((Code::VectorFailed, "'valid'", said));
        check(TOKEN, &asks("other", "valid"), &["other"], differs);
        let said = "the vector `a` comes to valid, not to signature_missing";
        let vector = format!("name='a'\n{}", asks("hunter2", "signature_missing"));
        let differs = Some((Code::VectorFailed, "'signature_missing'", said));
        check(TOKEN, &vector, &[], differs);
    }

    #[test]
    fn without_a_secret_of_its_own_it_takes_those_of_the_source_or_none() {
        let vector = "url='/?key=hunter2'\nexpected='valid'";
        check(TOKEN, vector, &[], None);
        check(TOKEN, vector, &["old", "hunter2"], None);
        let differs = Some((Code::VectorFailed, "'valid'", "signature_mismatch"));
        check(TOKEN, vector, &["other"], differs);
    }

    #[test]
    fn its_own_secret_has_the_form_of_the_schemes_secrets() {
        let vector = "secret='hunter2'\nexpected='valid'";
        let scheme = format!("{HMAC}secret_encoding='hex'\n");
        check(&scheme, vector, &[], Some((Code::SecretInvalid, "'hunter2'", "")));
        // What is wrong with those of the source is told of the source.
        check(&scheme, "expected='valid'", &["hunter2"], None);
    }

    #[test]
    fn what_hangs_on_something_that_is_not_there_is_passed_over() {
        let url = format!("{HMAC}signed='{{url}}{{body}}'\n");
        let vector = |url: &str| {
            format!("secret='hunter2'\nurl='{url}'\nheaders={{x-sig='00'}}\nexpected='valid'")
        };
        check(&url, &vector("/a"), &[], None);
        let differs = Some((Code::VectorFailed, "'valid'", "signature_mismatch"));
        check(&url, &vector("https://a.example/a"), &[], differs);
        let set = "kind='jwt'\nheader='x-jwt'\nalgorithms=['RS256']\nkeys='jwks'\n\
                   jwks_url='https://a.example/keys'\n";
        let token = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA";
        let at = "at='2026-01-01T00:00:00Z'\nexpected='valid'";
        check(set, &format!("headers={{x-jwt='{token}'}}\n{at}"), &[], None);
        check(set, at, &[], Some((Code::VectorFailed, "'valid'", "signature_missing")));
    }
}

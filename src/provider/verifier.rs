//! The door: what comes through is authentic.

use super::handshake::{self, Answer, Handshake};
use super::masked::{MaskedRequest, Own, fingerprint, mask_carrier};
use super::scheme::{Carrier, Check, Proven, Scheme};
use super::signing::{CannotSign, Draft, Signed};
use super::verified::Verified;
use crate::diagnostic::Code;
use crate::model::{Request, Secret, Timestamp};
use std::fmt;
use std::sync::Arc;

/// The scheme of a provider with the secrets of one source. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(pub(super) Arc<Parts>);

/// What a verifier is made of.
pub(super) struct Parts {
    pub check: Check,
    pub id_header: Option<String>,
    pub handshakes: Vec<Handshake>,
    /// What the provider shows in its handshake.
    pub verify_token: Option<Secret>,
    pub secrets: Vec<Secret>,
    pub scheme: Scheme,
    pub public_url: Option<String>,
}

/// A request that was not proved, as it came: with its credentials.
#[derive(Debug)]
pub struct Unproved {
    pub code: Code,
    pub request: Request,
}

impl Verifier {
    pub(super) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Proves who sent `request`, from its bytes as they came.
    ///
    /// # Errors
    /// The code of the refusal, and nothing more: the caller must not learn how near it came.
    pub fn verify(&self, request: Request, now: Timestamp) -> Result<Verified, Code> {
        self.prove(request, now).map_err(|unproved| unproved.code)
    }

    /// As [`verify`](Self::verify), and gives back what is refused, for whoever keeps it.
    ///
    /// # Errors
    /// The code of the refusal, with the request.
    pub fn prove(&self, request: Request, now: Timestamp) -> Result<Verified, Box<Unproved>> {
        match self.0.check.check(&request, now) {
            Ok(proven) => Ok(Verified::new(request, proven, Own::of(&self.0.check))),
            Err(code) => Err(Box::new(Unproved { code, request })),
        }
    }

    /// Whether `request` would get in.
    pub(super) fn accepts(&self, request: &Request, now: Timestamp) -> bool {
        self.0.check.check(request, now).is_ok()
    }

    /// The code by which `request` is refused; `Err` where it is not.
    pub(super) fn refusal(&self, request: &Request, now: Timestamp) -> Result<Code, Proven> {
        match self.0.check.check(request, now) {
            Ok(proven) => Err(proven),
            Err(code) => Ok(code),
        }
    }

    pub(super) fn scheme(&self) -> &Scheme {
        &self.0.scheme
    }

    pub(super) fn secrets(&self) -> &[Secret] {
        &self.0.secrets
    }

    pub(super) fn public_url(&self) -> Option<&str> {
        self.0.public_url.as_deref()
    }

    /// Where requests carry a credential, if they do.
    pub(super) fn carrier(&self) -> Option<&Carrier> {
        self.0.check.credential()
    }

    /// What authentic requests carry there.
    pub(super) fn credentials(&self) -> Vec<String> {
        self.0.check.credentials()
    }

    /// A refused request as it may be kept.
    pub fn masked(&self, request: Request) -> MaskedRequest {
        MaskedRequest::new(request, Own::of(&self.0.check))
    }

    /// Whether `request`, which a person wrote down from one that was kept, carries the fingerprint
    /// of its credential; then [`admit`](Self::admit) says whether it is that of the right one.
    pub fn written_down(&self, request: &Request) -> Option<MaskedRequest> {
        MaskedRequest::written_down(request, self.0.check.credential()?)
    }

    /// Proves who sent a request that was refused and kept, as of the time at which it came: the
    /// source may have other secrets now. `stale` lets its age pass, where somebody vouches for it.
    ///
    /// # Errors
    /// The code by which it is still refused.
    pub fn admit(&self, kept: MaskedRequest, stale: bool) -> Result<Verified, Code> {
        match self.0.check.credential() {
            Some(carrier) if kept.hides(carrier) => {
                let shown = kept.fingerprint_at(carrier)?;
                let known = self.0.check.credentials();
                if !known.iter().any(|known| fingerprint(known) == shown) {
                    return Err(Code::SignatureMismatch);
                }
                Ok(Verified::of_masked(kept.into_request(), Proven::default()))
            }
            carrier => {
                let proven = self.check_kept(kept.request(), stale)?;
                let request = kept.into_request();
                // The scheme may carry its credential elsewhere than when the request came.
                let request = match carrier {
                    Some(carrier) => mask_carrier(request, carrier),
                    None => request,
                };
                Ok(Verified::of_masked(request, proven))
            }
        }
    }

    fn check_kept(&self, request: &Request, stale: bool) -> Result<Proven, Code> {
        match self.0.check.check(request, request.received_at) {
            Err(Code::TimestampTooOld | Code::TimestampTooNew) if stale => {
                self.check_at_any_time(request)
            }
            checked => checked,
        }
    }

    /// Looks by halving for a time at which the request is fresh, so that no scheme needs a way
    /// around its own check of the age.
    fn check_at_any_time(&self, request: &Request) -> Result<Proven, Code> {
        let (mut early, mut late) = (0, TIME_END.millis());
        loop {
            let between = early + (late - early) / 2;
            let refused = match self.0.check.check(request, Timestamp::from_millis(between)) {
                Ok(proven) => return Ok(proven),
                Err(refused) => refused,
            };
            match refused {
                Code::TimestampTooOld if between < late => late = between,
                Code::TimestampTooNew if between > early => early = between,
                _ => return Err(refused),
            }
        }
    }

    /// The answer to `request`, if it is the provider's handshake and not an event. One that must
    /// be signed is verified first.
    ///
    /// # Errors
    /// The code of the refusal.
    pub fn handshake(&self, request: &Request, now: Timestamp) -> Option<Result<Answer, Code>> {
        let handshake = self.0.handshakes.iter().find(|one| one.is_meant(request))?;
        let door = handshake::Door {
            is_authentic: &|| self.0.check.check(request, now).map(|_| ()),
            verify_token: self.0.verify_token.as_ref(),
            secret: self.0.secrets.first(),
        };
        Some(handshake.answer(request, &door))
    }

    /// Whether `request` is a handshake that the operator's token decides on.
    pub(super) fn asks_for_token(&self, request: &Request) -> bool {
        self.0.handshakes.iter().any(|one| one.needs_token() && one.is_meant(request))
    }

    /// The URL of the key set that has to be fetched before `request` can be verified.
    pub fn key_set_wanted(&self, request: &Request) -> Option<&str> {
        self.0.check.key_set_wanted(request)
    }

    /// The URL of the key set that requests are verified with, where they are.
    pub fn key_set_url(&self) -> Option<&str> {
        self.0.check.key_set_url()
    }

    /// Makes what was signed a forgery: the signature or credential is another one.
    pub fn spoil(&self, signed: &mut Signed) {
        let own = Own::of(&self.0.check);
        let (headers, query) = (&mut signed.headers, &mut signed.query);
        let place = match (own.signature, own.credential) {
            (Some(name), _) => headers.iter_mut().find(|(known, _)| known == name),
            (None, Some(Carrier::Header(name))) => {
                headers.iter_mut().find(|(known, _)| known == name)
            }
            (None, Some(Carrier::Query(name))) => query.iter_mut().find(|(known, _)| known == name),
            (None, None) => None,
        };
        match place {
            Some((_, value)) => *value = spoilt(value),
            // The body is the token.
            None => {
                let body = spoilt(&String::from_utf8_lossy(&signed.body));
                signed.body = body.into_bytes();
            }
        }
    }

    /// What the provider would add to `draft` now, signed with the first secret. The id of the
    /// event goes where the provider puts it into a header.
    ///
    /// # Errors
    /// Only the provider can sign.
    pub fn sign(&self, draft: Draft<'_>) -> Result<Signed, CannotSign> {
        // A header can't carry blanks at its ends, and what is signed must be what arrives.
        let event_id = match draft.event_id.trim_ascii() {
            "" => "sample",
            id => id,
        };
        let draft = Draft { event_id, ..draft };
        let mut signed = self.0.check.sign(draft)?;
        if let Some(name) = &self.0.id_header
            && signed.headers.iter().all(|(header, _)| header != name)
        {
            signed.headers.push((name.clone(), event_id.to_owned()));
        }
        Ok(signed)
    }
}

/// The text with a letter near its end another one: not the last, which of base64 may be without
/// meaning.
fn spoilt(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let behind = letters.iter().enumerate().rev().filter(|(_, c)| c.is_ascii_alphanumeric());
    if let Some((at, _)) = behind.take(4).last() {
        letters[at] = if letters[at] == '0' { '1' } else { '0' };
    }
    letters.into_iter().collect()
}

/// No request is from later: the year 2286 in seconds.
const TIME_END: Timestamp = Timestamp::from_millis(10_000_000_000_000);

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Headers, Secret};
    use crate::provider::tests::{NOW, auth_by, draft, request, secrets};
    use crate::provider::{AuthChoice, Provider, Surroundings};
    use std::time::Duration;

    fn verifier(provider: &str, auth: &AuthChoice, texts: &[&str]) -> Verifier {
        let secrets: Vec<Secret> = secrets(texts);
        Provider::find(provider)
            .unwrap()
            .verifier(auth, &secrets, &Surroundings::default())
            .unwrap()
    }

    const RIGHT: &str = "whsec_cmlnaHQtc2VjcmV0LW9mLXRlc3Rz";
    const WRONG: &str = "whsec_d3Jvbmctc2VjcmV0LW9mLXRlc3Rz";

    fn clerk(secret: &str) -> Verifier {
        verifier("clerk", &AuthChoice::default(), &[secret])
    }

    /// Kept by a verifier that refused it.
    fn kept(by: &Verifier, headers: &[(&str, &str)]) -> MaskedRequest {
        by.masked(by.prove(request(headers, b"{}"), NOW).unwrap_err().request)
    }

    fn signed_at(at: Timestamp) -> MaskedRequest {
        let mut request = request(&[], b"{}");
        let draft = Draft { now: at, ..draft("evt_1", b"{}") };
        request.headers = Headers::new(clerk(RIGHT).sign(draft).unwrap().headers);
        clerk(WRONG).masked(request)
    }

    #[test]
    fn a_signature_is_admitted_once_the_secret_is_right() {
        let kept = signed_at(NOW);
        assert_eq!(clerk(WRONG).admit(kept.clone(), false).unwrap_err(), Code::SignatureMismatch);
        let verified = clerk(RIGHT).admit(kept.clone(), false).unwrap();
        assert_eq!(verified.body(), &kept.request().body);
        let no_body = kept.without_body();
        assert_eq!(clerk(RIGHT).admit(no_body, false).unwrap_err(), Code::SignatureMismatch);
    }

    #[test]
    fn age_passes_only_where_somebody_vouches_for_it() {
        let day = Duration::from_secs(86_400);
        for (at, code) in [
            (NOW.minus(day), Code::TimestampTooOld),
            (NOW.plus(day), Code::TimestampTooNew),
            (Timestamp::from_millis(0), Code::TimestampTooOld),
        ] {
            let kept = signed_at(at);
            assert_eq!(clerk(RIGHT).admit(kept.clone(), false).unwrap_err(), code);
            assert!(clerk(RIGHT).admit(kept.clone(), true).is_ok(), "{at}");
            let still = clerk(WRONG).admit(kept, true).unwrap_err();
            assert_eq!(still, Code::SignatureMismatch);
        }
    }

    #[test]
    fn a_credential_is_known_by_its_fingerprint() {
        let bearer = |token: &str| verifier("auth0", &auth_by(None), &["old", token]);
        let kept = kept(&bearer("wrong"), &[("authorization", "bearer right")]);
        assert!(kept.request().headers.get("authorization").unwrap().starts_with("sha256:"));
        assert_eq!(bearer("other").admit(kept.clone(), true).unwrap_err(), Code::SignatureMismatch);
        let again = bearer("right").written_down(kept.request()).unwrap();
        assert!(bearer("right").admit(again, false).is_ok());
        let sent = request(&[("authorization", "Bearer right")], b"{}");
        assert!(bearer("right").written_down(&sent).is_none());
        assert!(bearer("right").admit(kept, false).is_ok());
        let basic = |secret: &str| verifier("auth0", &auth_by(Some("basic")), &[secret]);
        // `joe:right` in base64.
        let joe = self::kept(&basic("joe:wrong"), &[("authorization", "Basic am9lOnJpZ2h0")]);
        assert!(basic("joe:right").admit(joe.clone(), false).is_ok());
        assert!(basic("joe:else").admit(joe, false).is_err());
    }

    #[test]
    fn a_fingerprint_that_was_sent_is_no_credential() {
        let header = AuthChoice { header: Some("x-key".into()), ..auth_by(Some("header")) };
        let by_header = verifier("auth0", &header, &["right"]);
        let shown = fingerprint("right");
        let sent = kept(&clerk(RIGHT), &[("x-key", &shown)]);
        assert_eq!(by_header.admit(sent, false).unwrap_err(), Code::SignatureMismatch);
        let sent = kept(&by_header, &[("x-key", &shown)]);
        assert_eq!(by_header.admit(sent, false).unwrap_err(), Code::SignatureMismatch);
        // What was no credential then and is one now is taken out all the same.
        let sent = kept(&clerk(RIGHT), &[("x-key", "right")]);
        let verified = by_header.admit(sent, false).unwrap();
        assert_eq!(verified.headers().get("x-key"), Some(shown.as_str()));
    }
}

//! Providers: who sent a request, and which events it carries.
//!
//! A provider is data. Its file in `catalogue/` says how requests prove their sender
//! (`[signature]`, or `[auth.<method>]` where there are several ways), where the events with their
//! ids and types are, and what is known of them (`[event]`), and what to answer (`[response]`).
//! Adding a provider is adding a file; code is added only for a new *kind* of proof, as a module
//! below `scheme`.
//!
//! Kept here: only a [`Verifier`] makes a [`Verified`]; the bytes that are verified are the
//! bytes that came; whatever is authentic becomes events, also where it can't be read, because the
//! provider will not send it again.
//!
//! Absent: HTTP, clocks, files, and any opinion on what an event means.

mod catalogue;
mod content;
mod declaration;
mod doctor;
mod handshake;
mod key_sets;
mod masked;
mod scheme;
mod signing;
mod split;
mod token_text;
mod vector;
#[cfg(test)]
mod vectors;
mod verified;
mod verifier;

use crate::diagnostic::{Diagnostic, SourceText};
use crate::model::{CUSTOM, Document, Headers, ProviderEvent, Reason, Secret, Selector};
use bytes::Bytes;
use handshake::Handshake;
use scheme::{Keying, Scheme};
use serde_json::Value;
use split::EventForm;
use std::sync::Arc;
use vector::Vector;

pub use content::Content;
pub use doctor::causes;
pub use handshake::Answer;
pub use key_sets::{KeySet, KeySets};
pub use masked::MaskedRequest;
pub use signing::{CannotSign, Draft, PrivateKey, Signed};
pub use split::Encoded;
pub use vector::VectorFault;
pub use verified::Verified;
pub use verifier::{Unproved, Verifier};

/// How a source chooses among the ways to authenticate that a provider offers.
#[derive(Clone, Debug, Default)]
pub struct AuthChoice {
    /// The way, as in `bearer`; absent = the provider's default.
    pub method: Option<String>,
    /// The header that carries the credential, where the provider lets one choose.
    pub header: Option<String>,
    /// The parameter of the URL that carries the credential, likewise.
    pub query: Option<String>,
    /// The user name of Basic authentication; absent = the secret is `user:password`.
    pub username: Option<String>,
    /// Where the provider publishes the keys by which it signs.
    pub jwks_url: Option<String>,
    /// What tokens must claim as `iss`.
    pub issuer: Option<String>,
    /// What tokens must claim as `aud`, or among others.
    pub audience: Option<String>,
    /// What the provider shows in its handshake.
    pub verify_token: Option<Secret>,
}

/// What a source verifies with, beyond what its file says.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The address under which providers see the service, without a slash at its end.
    pub public_url: Option<String>,
    /// The key sets that are known now and later.
    pub key_sets: KeySets,
}

/// A kind of sender, as its catalogue file declares it.
#[derive(Debug)]
pub struct Provider {
    name: String,
    title: String,
    secret_hint: Option<String>,
    methods: Methods,
    events: EventForm,
    handshakes: Vec<Handshake>,
    response_status: u16,
    /// Of a provider that a mapping file declares.
    vectors: Vec<Vector>,
}

/// The ways to authenticate; a provider with only one has no names for it.
#[derive(Debug)]
enum Methods {
    Only(Scheme),
    Several { default: String, named: Vec<(String, Scheme)> },
}

impl Methods {
    fn schemes(&self) -> impl Iterator<Item = &Scheme> {
        let (only, named) = match self {
            Methods::Only(scheme) => (Some(scheme), &[][..]),
            Methods::Several { named, .. } => (None, named.as_slice()),
        };
        only.into_iter().chain(named.iter().map(|(_, scheme)| scheme))
    }
}

/// What is wrong with a source's `[auth]` table or secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthFault {
    /// `key` of `[auth]` has a value that the provider doesn't know.
    Choice { key: &'static str, message: String, hint: Option<String> },
    /// The secret at `index` does not have the provider's form. Never quotes it.
    Secret { index: usize, message: String, hint: Option<String> },
}

impl AuthFault {
    fn choice(key: &'static str, message: String, hint: &str) -> Self {
        Self::Choice { key, message, hint: Some(hint.to_owned()) }
    }
}

impl Provider {
    /// The provider of this name in the built-in catalogue.
    pub fn find(name: &str) -> Option<Arc<Provider>> {
        catalogue::entries().iter().find(|provider| provider.name == name).cloned()
    }

    /// Every provider of the built-in catalogue, in alphabetical order.
    pub fn all() -> impl Iterator<Item = &'static Provider> {
        catalogue::entries().iter().map(|provider| &**provider)
    }

    /// The names of all built-in providers, in alphabetical order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        catalogue::entries().iter().map(|provider| provider.name.as_str())
    }

    /// The provider that the mapping file `text` declares by its own tables; `raw` is what `text`
    /// was made of.
    ///
    /// # Errors
    /// Everything that is wrong with the tables. Nothing where one of them is absent, which is told
    /// by whoever reads the whole file.
    pub fn custom(text: &Arc<SourceText>, raw: &str) -> Result<Arc<Provider>, Vec<Diagnostic>> {
        declaration::read_custom(text, raw).map(Arc::new)
    }

    /// Whether a mapping file declares it, so that it is a provider of one source.
    pub fn is_custom(&self) -> bool {
        self.name == CUSTOM
    }

    /// The name by which mapping files refer to it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name by which people know it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where a person finds the secret, as a phrase; it quotes none.
    pub fn secret_hint(&self) -> Option<&str> {
        self.secret_hint.as_deref()
    }

    /// The HTTP status that tells the provider that its events are safe; always 2xx.
    pub fn response_status(&self) -> u16 {
        self.response_status
    }

    /// The event types that the provider documents; none where it documents none.
    pub fn event_types(&self) -> &[String] {
        &self.events.types
    }

    /// The values of an event whose members are the user's own, as metadata and hidden fields are:
    /// no sample can show all of them.
    pub fn open_values(&self) -> &[Selector] {
        &self.events.open
    }

    /// The names of the ways to authenticate that `[auth]` can choose from, the default first;
    /// none where there is only one.
    pub fn auth_methods(&self) -> impl Iterator<Item = &str> {
        let (default, named) = match &self.methods {
            Methods::Only(_) => (None, &[][..]),
            Methods::Several { default, named } => (Some(default.as_str()), named.as_slice()),
        };
        let others = named.iter().map(|(name, _)| name.as_str());
        default.into_iter().chain(others.filter(move |name| Some(*name) != default))
    }

    /// Whether a source must name secrets, authenticating as `auth` chooses.
    pub fn needs_secrets(&self, auth: &AuthChoice) -> bool {
        self.chosen(auth).map_or(true, Scheme::needs_secrets)
    }

    /// Whether the public address of the service must be known to verify requests.
    pub fn needs_public_url(&self, auth: &AuthChoice) -> bool {
        self.chosen(auth).is_ok_and(Scheme::needs_public_url)
    }

    /// The scheme that `auth` chooses, with the secrets of a source. Several secrets are for the
    /// time of a rotation: each is accepted, the first one signs.
    ///
    /// # Errors
    /// Everything that is wrong with the choice or the secrets.
    pub fn verifier(
        &self,
        auth: &AuthChoice,
        secrets: &[Secret],
        surroundings: &Surroundings,
    ) -> Result<Verifier, Vec<AuthFault>> {
        let scheme = self.chosen(auth).map_err(|fault| vec![fault])?.settled(auth);
        if auth.verify_token.is_some() && !self.handshakes.iter().any(Handshake::needs_token) {
            let message = format!("{} shows no token when it is set up", self.title);
            return Err(vec![AuthFault::choice("verify_token", message, "remove `verify_token`")]);
        }
        let Surroundings { public_url, key_sets } = surroundings;
        let public_url = public_url.as_deref();
        let keying = Keying { auth, secrets, public_url, key_sets };
        let check = scheme.keyed(keying).map_err(|faults| self.hinted(faults))?;
        Ok(Verifier::new(verifier::Parts {
            check,
            id_header: self.events.id_headers().first().map(|&name| name.to_owned()),
            handshakes: self.handshakes.clone(),
            verify_token: auth.verify_token.clone(),
            secrets: secrets.to_vec(),
            scheme,
            public_url: public_url.map(str::to_owned),
        }))
    }

    /// The headers that say what type an event is of; their names are lower case.
    pub fn type_headers(&self) -> Vec<&str> {
        self.events.type_headers()
    }

    /// Cuts a body into events. Never fails: what can't be read becomes one event that says so,
    /// and so does a batch of more than `events_max` events. `[]` where a batch belongs is no event.
    pub fn split(&self, content: Content<'_>, events_max: usize) -> Vec<ProviderEvent> {
        self.events.split(content, events_max)
    }

    /// What the bytes of one event say, as [`split`](Self::split) read them: for events that come
    /// back from the store with the headers of their request.
    ///
    /// # Errors
    /// Why they can't be read; the codes are those of [`ProviderEvent::json`].
    pub fn read(&self, headers: &Headers, bytes: &Bytes) -> Result<Document, Reason> {
        self.events.read(headers, bytes)
    }

    /// The body as which `sample` would be sent, and its content type; [`split`](Self::split) reads
    /// from it what it reads from the sample.
    ///
    /// # Errors
    /// Why the sample can't be sent so, as no list can in a form.
    pub fn encode(&self, sample: &Bytes) -> Result<Encoded, Reason> {
        self.events.encode(sample)
    }

    /// The sample with other ids of its events, where the body carries them: `number` makes them,
    /// so that no two are alike. As it was, where nothing in it is an id.
    pub fn renumbered(&self, sample: &Bytes, number: u64) -> Bytes {
        self.events.renumbered(sample, number)
    }

    /// The sample whose only event is `event`.
    pub fn sample(&self, event: Value) -> Value {
        self.events.sample(event)
    }

    fn chosen(&self, auth: &AuthChoice) -> Result<&Scheme, AuthFault> {
        let (default, named) = match (&self.methods, &auth.method) {
            (Methods::Only(scheme), None) => return Ok(scheme),
            (Methods::Only(_), Some(_)) => return Err(self.has_one_way()),
            (Methods::Several { default, named }, _) => (default, named),
        };
        let wanted = auth.method.as_ref().unwrap_or(default);
        let found = named.iter().find(|(name, _)| name == wanted);
        found.map(|(_, scheme)| scheme).ok_or_else(|| self.method_unknown(wanted))
    }

    fn has_one_way(&self) -> AuthFault {
        let message =
            format!("{} authenticates in one way only; there is none to choose", self.title);
        let hint = Some("remove `method`".to_owned());
        AuthFault::Choice { key: "method", message, hint }
    }

    fn method_unknown(&self, wanted: &str) -> AuthFault {
        let known: Vec<&str> = self.auth_methods().collect();
        let message = format!("{} does not authenticate by `{wanted}`", self.title);
        let near = crate::diagnostic::did_you_mean(wanted, known.iter().copied());
        let hint = near.or_else(|| Some(format!("it can be one of: {}", known.join(", "))));
        AuthFault::Choice { key: "method", message, hint }
    }

    /// Where a scheme knows no better hint, it is where to find the secret.
    fn hinted(&self, mut faults: Vec<AuthFault>) -> Vec<AuthFault> {
        for fault in &mut faults {
            if let AuthFault::Secret { hint: hint @ None, .. } = fault {
                hint.clone_from(&self.secret_hint);
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests;

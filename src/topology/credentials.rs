//! What a mapping file says of verification, with the secrets and settings that it names: a
//! verifier, or what is missing for one.

use super::Secrets;
use crate::diagnostic::{Code, Diagnostic, Place, SourceText};
use crate::mapping::{Auth, MappingFile, SecretReference, Setting, Spanned};
use crate::model::Secret;
use crate::provider::{AuthChoice, AuthFault, Provider, VectorFault, Verifier};
use std::ops::Range;
use std::sync::Arc;

/// The setting that providers who sign the URL need.
const PUBLIC_URL: &str = "LEADHOOK_PUBLIC_URL";

/// How the requests of a source are verified.
pub(super) struct Credentials {
    /// The inner error names what is not set. `None` where something is at fault.
    pub verifier: Option<Result<Verifier, Vec<String>>>,
    /// Every value that was looked up, in the order of the file; `None` where one is not set.
    pub found: Vec<Option<Secret>>,
    pub diagnostics: Vec<Diagnostic>,
    /// The vectors that don't hold. Told apart, because only a file as it is now is held to them.
    pub vectors: Vec<Diagnostic>,
}

/// Looks up what `file` names, and makes a verifier of it. `strict` makes what is not set an error.
pub(super) fn gather(
    provider: &Provider,
    file: &MappingFile,
    text: &Arc<SourceText>,
    secrets: &dyn Secrets,
    strict: bool,
) -> Credentials {
    let mut gathering = Gathering {
        provider,
        file,
        text,
        secrets,
        strict,
        found: Vec::new(),
        missing: Vec::new(),
        diagnostics: Vec::new(),
    };
    let choice = gathering.choice(&file.auth);
    let named = gathering.named();
    let verifier = gathering.verifier(&choice, &named);
    let vectors = gathering.vectors(&choice, &named);
    let Gathering { found, diagnostics, .. } = gathering;
    Credentials { verifier, found, diagnostics, vectors }
}

struct Gathering<'a> {
    provider: &'a Provider,
    file: &'a MappingFile,
    text: &'a Arc<SourceText>,
    secrets: &'a dyn Secrets,
    strict: bool,
    found: Vec<Option<Secret>>,
    /// What is not set, and where the file names it.
    missing: Vec<(String, Range<usize>)>,
    diagnostics: Vec<Diagnostic>,
}

/// What came of the names in `secrets`.
#[derive(Default)]
struct NamedSecrets {
    set: Vec<Secret>,
    /// Where the file names each that is set.
    spans: Vec<Range<usize>>,
    /// What is not set, and where the file names it.
    unset: Vec<(String, Range<usize>)>,
}

impl Gathering<'_> {
    fn verifier(
        &mut self,
        choice: &AuthChoice,
        named: &NamedSecrets,
    ) -> Option<Result<Verifier, Vec<String>>> {
        if self.provider.needs_secrets(choice) {
            if self.file.secrets.is_none() {
                self.no_secrets_named();
                return None;
            }
            // One of several is enough: the others may be set while a secret is rotated.
            if named.set.is_empty() {
                if named.unset.is_empty() {
                    // None of them could be read, which was told.
                    return None;
                }
                self.missing.extend(named.unset.iter().cloned());
            }
        }
        let surroundings = self.secrets.surroundings();
        if self.provider.needs_public_url(choice) && surroundings.public_url.is_none() {
            self.missing.push((PUBLIC_URL.to_owned(), self.file.provider.span.clone()));
        }
        if !self.missing.is_empty() {
            return Some(Err(self.not_configured()));
        }
        match self.provider.verifier(choice, &named.set, &surroundings) {
            Ok(verifier) => Some(Ok(verifier)),
            Err(faults) => {
                for fault in faults {
                    self.auth_fault(fault, &named.spans);
                }
                None
            }
        }
    }

    fn vectors(&self, choice: &AuthChoice, named: &NamedSecrets) -> Vec<Diagnostic> {
        let surroundings = self.secrets.surroundings();
        let faults = self.provider.check_vectors(choice, &named.set, &surroundings);
        let told = |VectorFault { code, span, message, hint }| {
            Diagnostic::error(code, self.place(span), message).hint(hint)
        };
        faults.into_iter().map(told).collect()
    }

    /// Looks up `secrets`.
    fn named(&mut self) -> NamedSecrets {
        let mut named = NamedSecrets::default();
        for reference in self.file.secrets.iter().flatten() {
            let found = self.secret(&reference.value);
            self.found.push(found.as_ref().ok().cloned());
            match found {
                Ok(secret) => {
                    named.set.push(secret);
                    named.spans.push(reference.span.clone());
                }
                Err(name) => named.unset.push((name, reference.span.clone())),
            }
        }
        named
    }

    fn choice(&mut self, auth: &Auth) -> AuthChoice {
        let text = |spanned: &Option<Spanned<String>>| {
            spanned.as_ref().map(|spanned| spanned.value.clone())
        };
        AuthChoice {
            method: text(&auth.method),
            header: text(&auth.header),
            query: text(&auth.query),
            username: text(&auth.username),
            jwks_url: self.setting(auth.jwks_url.as_ref()),
            issuer: self.setting(auth.issuer.as_ref()),
            audience: self.setting(auth.audience.as_ref()),
            verify_token: auth.verify_token.as_ref().and_then(|reference| {
                let found = self.secret(&reference.value);
                self.noted(found, &reference.span)
            }),
        }
    }

    fn setting(&mut self, setting: Option<&Spanned<Setting>>) -> Option<String> {
        let Spanned { value, span } = setting?;
        match value {
            Setting::Text(text) => Some(text.clone()),
            Setting::Environment(name) => {
                let found = self.variable(name);
                self.noted(found, span).map(|value| value.expose().to_owned())
            }
        }
    }

    fn noted(&mut self, found: Result<Secret, String>, span: &Range<usize>) -> Option<Secret> {
        self.found.push(found.as_ref().ok().cloned());
        found.map_err(|name| self.missing.push((name, span.clone()))).ok()
    }

    fn secret(&self, reference: &SecretReference) -> Result<Secret, String> {
        match reference {
            SecretReference::Environment(name) => self.variable(name),
            SecretReference::File(path) => match self.secrets.file(path) {
                Ok(text) if !text.trim().is_empty() => Ok(Secret::new(text.trim())),
                Ok(_) => Err(format!("{path} (empty)")),
                Err(error) => Err(format!("{path} ({error})")),
            },
        }
    }

    fn variable(&self, name: &str) -> Result<Secret, String> {
        self.secrets.variable(name).ok_or_else(|| match self.secrets.unreadable(name) {
            Some(error) => format!("{name} ({error})"),
            None => name.to_owned(),
        })
    }

    fn no_secrets_named(&mut self) {
        let message = "the file names no `secrets`: nobody could tell whose requests are authentic";
        let hint = "add `secrets = [\"env:NAME\"]` at the top of the file";
        let fault = Diagnostic::error(Code::KeyMissing, self.place(0..0), message);
        self.diagnostics.push(fault.hint(hint.to_owned()));
    }

    fn not_configured(&mut self) -> Vec<String> {
        let missing = std::mem::take(&mut self.missing);
        for (name, span) in &missing {
            let place = self.place(span.clone());
            let message = format!("{name} is not set: this source answers 503 until it is");
            let diagnostic = if self.strict {
                Diagnostic::error(Code::SecretMissing, place, message)
            } else {
                Diagnostic::warning(Code::SecretMissing, place, message)
            };
            let hint = match name.as_str() {
                PUBLIC_URL => Some(
                    "this provider signs the URL that it calls: set the address under which it \
                     reaches the service, as in https://hooks.example.com"
                        .to_owned(),
                ),
                _ => self.provider.secret_hint().map(str::to_owned),
            };
            self.diagnostics.push(diagnostic.hint(hint));
        }
        missing.into_iter().map(|(name, _)| name).collect()
    }

    fn auth_fault(&mut self, fault: AuthFault, secrets: &[Range<usize>]) {
        let provider = self.file.provider.span.clone();
        let (code, span, message, hint) = match fault {
            AuthFault::Choice { key, message, hint } => {
                let span = span_of(&self.file.auth, key).unwrap_or(provider);
                (Code::ValueInvalid, span, message, hint)
            }
            AuthFault::Secret { index, message, hint } => {
                let span = secrets.get(index).cloned().unwrap_or(provider);
                (Code::SecretInvalid, span, message, hint)
            }
        };
        let fault = Diagnostic::error(code, self.place(span), message).hint(hint);
        self.diagnostics.push(fault);
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place::Text { text: Arc::clone(self.text), span }
    }
}

/// Where `[auth]` has `key`.
fn span_of(auth: &Auth, key: &str) -> Option<Range<usize>> {
    fn span<T>(spanned: Option<&Spanned<T>>) -> Option<Range<usize>> {
        spanned.map(|spanned| spanned.span.clone())
    }
    match key {
        "method" => span(auth.method.as_ref()),
        "header" => span(auth.header.as_ref()),
        "query" => span(auth.query.as_ref()),
        "username" => span(auth.username.as_ref()),
        "jwks_url" => span(auth.jwks_url.as_ref()),
        "issuer" => span(auth.issuer.as_ref()),
        "audience" => span(auth.audience.as_ref()),
        "verify_token" => span(auth.verify_token.as_ref()),
        _ => None,
    }
}

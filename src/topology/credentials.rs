//! What a mapping file says of verification, with the secrets and settings that it names: a
//! verifier, or what is missing for one.

use super::Secrets;
use crate::diagnostic::{Code, Diagnostic, Place, SourceText};
use crate::mapping::{Auth, MappingFile, SecretReference, Setting, Spanned};
use crate::model::Secret;
use crate::provider::{AuthChoice, AuthFault, Provider, Verifier};
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
    let verifier = gathering.verifier();
    let Gathering { found, diagnostics, .. } = gathering;
    Credentials { verifier, found, diagnostics }
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

impl Gathering<'_> {
    fn verifier(&mut self) -> Option<Result<Verifier, Vec<String>>> {
        let auth = &self.file.auth;
        let choice = self.choice(auth);
        let mut secrets = Vec::new();
        let mut spans = Vec::new();
        let mut unset = Vec::new();
        for reference in self.file.secrets.iter().flatten() {
            let found = self.secret(&reference.value);
            self.found.push(found.as_ref().ok().cloned());
            match found {
                Ok(secret) => {
                    secrets.push(secret);
                    spans.push(reference.span.clone());
                }
                Err(name) => unset.push((name, reference.span.clone())),
            }
        }
        if self.provider.needs_secrets(&choice) {
            if self.file.secrets.is_none() {
                self.no_secrets_named();
                return None;
            }
            // One of several is enough: the others may be set while a secret is rotated.
            if secrets.is_empty() {
                if unset.is_empty() {
                    // None of them could be read, which was told.
                    return None;
                }
                self.missing.extend(unset);
            }
        }
        let surroundings = self.secrets.surroundings();
        if self.provider.needs_public_url(&choice) && surroundings.public_url.is_none() {
            self.missing.push((PUBLIC_URL.to_owned(), self.file.provider.span.clone()));
        }
        if !self.missing.is_empty() {
            return Some(Err(self.not_configured()));
        }
        match self.provider.verifier(&choice, &secrets, &surroundings) {
            Ok(verifier) => Some(Ok(verifier)),
            Err(faults) => {
                for fault in faults {
                    self.auth_fault(fault, &spans);
                }
                None
            }
        }
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
            let hint = self.hint_on(name, span).map(str::to_owned);
            self.diagnostics.push(diagnostic.hint(hint));
        }
        missing.into_iter().map(|(name, _)| name).collect()
    }

    /// Where a person finds what is not set.
    fn hint_on(&self, name: &str, span: &Range<usize>) -> Option<&str> {
        let is_at = |key: &str| span_of(&self.file.auth, key).as_ref() == Some(span);
        if name == PUBLIC_URL {
            return Some(
                "this provider signs the URL that it calls: set the address under which it \
                 reaches the service, as in https://hooks.example.com",
            );
        }
        if is_at("verify_token") {
            return Some(
                "a text of your choice; enter the same at the provider, which shows it once when \
                 you add this address",
            );
        }
        if is_at("issuer") || is_at("audience") { None } else { self.provider.secret_hint() }
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

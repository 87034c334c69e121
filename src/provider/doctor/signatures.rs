//! Signatures that were refused: over what, with which key and in which form were they made?

use super::budget::Budget;
use super::{Patient, ages, bodies, cause, headers, secrets, urls};
use crate::model::{Cause, Request, Secret, SourceName};
use crate::provider::scheme::{Encoding, Hash, Part, Proof, SignatureScheme, Template};
use crate::provider::{Verifier, scheme::Scheme};
use std::borrow::Cow;

/// One thing to try.
struct Trial<'a> {
    scheme: Cow<'a, SignatureScheme>,
    request: Cow<'a, Request>,
    url: Option<Cow<'a, str>>,
    keys: Cow<'a, [Vec<u8>]>,
}

impl Trial<'_> {
    /// Whether the signature is right, whatever its age is.
    fn holds(&self, budget: &mut Budget) -> bool {
        self.keys.iter().any(|key| {
            budget.take(self.request.body.len())
                && self.scheme.is_signed_with(&self.request, self.url.as_deref(), key)
        })
    }
}

struct Examination<'a, 'p> {
    patient: &'a Patient<'p>,
    scheme: &'a SignatureScheme,
    keys: Vec<Vec<u8>>,
    url: Option<String>,
    budget: &'a mut Budget,
}

/// Looks for one kind of cause.
type Attempt<'a, 'p> = fn(&mut Examination<'a, 'p>) -> Option<Cause>;

/// See [`super::causes`].
pub(super) fn causes(
    patient: &Patient<'_>,
    scheme: &SignatureScheme,
    budget: &mut Budget,
) -> Vec<Cause> {
    let keys = keys(scheme, patient.own.secrets());
    let url = patient.own.public_url().map(|base| format!("{base}{}", patient.request.target));
    let mut examination = Examination { patient, scheme, keys, url, budget };
    // The order is that of what happens most, among what costs little.
    let tries: [Attempt<'_, '_>; 9] = [
        Examination::age,
        Examination::header,
        Examination::form,
        Examination::secret_of_another_source,
        Examination::secret_form,
        Examination::url,
        Examination::text,
        Examination::body,
        Examination::secret_form_and_body,
    ];
    let found = tries.iter().find_map(|attempt| attempt(&mut examination));
    found.or_else(|| Some(examination.what_is_seen())).into_iter().collect()
}

/// The keys that the secrets stand for.
fn keys(scheme: &SignatureScheme, secrets: &[Secret]) -> Vec<Vec<u8>> {
    secrets.iter().filter_map(|secret| scheme.key_bytes(secret.expose())).collect()
}

impl Examination<'_, '_> {
    fn trial(&self) -> Trial<'_> {
        Trial {
            scheme: Cow::Borrowed(self.scheme),
            request: Cow::Borrowed(self.patient.request),
            url: self.url.as_deref().map(Cow::Borrowed),
            keys: Cow::Borrowed(&self.keys),
        }
    }

    fn tries(&mut self, change: impl FnOnce(&mut Trial<'_>)) -> bool {
        let mut budget = std::mem::take(self.budget);
        let mut trial = self.trial();
        change(&mut trial);
        let holds = trial.holds(&mut budget);
        *self.budget = budget;
        holds
    }

    fn age(&mut self) -> Option<Cause> {
        let freshness = self.scheme.freshness.as_ref()?;
        let number = self.scheme.signed_at(self.patient.request)?;
        if freshness.is_recent(number, self.patient.now) {
            return None;
        }
        let holds = self.tries(|_| {});
        Some(ages::cause_of(number, freshness.unit, self.patient.now, Some(holds)))
    }

    /// The signature, or what it covers, is in another header than expected.
    fn header(&mut self) -> Option<Cause> {
        let request = self.patient.request;
        let expected = self.scheme.header.clone();
        for name in headers::signature_like(request, &expected) {
            let renamed = headers::renamed(request, name, &expected);
            if self.tries(|trial| trial.request = Cow::Owned(renamed)) {
                let message =
                    format!("the signature is in the header `{name}`, not in `{expected}`");
                return Some(cause("header_under_another_name", message).with_hint(
                    "the sender is of another kind, or something between changed the name",
                ));
            }
        }
        let families: Vec<_> = headers::of_other_families(request).collect();
        families.into_iter().find_map(|(from, renamed)| {
            let holds = self.tries(|trial| trial.request = Cow::Owned(renamed));
            holds.then(|| {
                let message = format!("its headers are called `{from}...`, and it is right but for that");
                cause("header_under_another_name", message).with_hint(
                    "choose the provider that uses these names, as `standard-webhooks` for `webhook-...`",
                )
            })
        })
    }

    /// Encoding, prefix and algorithm of the signature.
    fn form(&mut self) -> Option<Cause> {
        let (other, written) = match self.scheme.encoding {
            Encoding::Hex => (Encoding::Base64, "base64, and hexadecimal is expected"),
            Encoding::Base64 => (Encoding::Hex, "hexadecimal, and base64 is expected"),
        };
        if self.tries(|trial| trial.scheme.to_mut().encoding = other) {
            let message = format!("the signature is right, but written in {written}");
            return Some(
                cause("signature_encoding", message)
                    .with_hint("the sender is of another kind, or changed how it signs"),
            );
        }
        if !self.scheme.prefix.is_empty()
            && self.tries(|trial| trial.scheme.to_mut().prefix = String::new())
        {
            let message = format!("`{}` is missing before the signature", self.scheme.prefix);
            return Some(
                cause("signature_prefix", message)
                    .with_hint("the sender is of another kind, or something between took it off"),
            );
        }
        let (Proof::Hmac(own) | Proof::Hash(own)) = self.scheme.proof else { return None };
        let hashes = [(Hash::Sha1, "SHA-1"), (Hash::Sha256, "SHA-256"), (Hash::Sha512, "SHA-512")];
        hashes.into_iter().filter(|(hash, _)| *hash != own).find_map(|(hash, title)| {
            let proof = match self.scheme.proof {
                Proof::Hash(_) => Proof::Hash(hash),
                _ => Proof::Hmac(hash),
            };
            let holds = self.tries(|trial| trial.scheme.to_mut().proof = proof);
            holds.then(|| {
                cause("signature_algorithm", format!("it was signed with {title}"))
                    .with_hint("the sender is of another kind, or changed how it signs")
            })
        })
    }

    fn secret_of_another_source(&mut self) -> Option<Cause> {
        let others: Vec<_> =
            self.patient.others.iter().map(|other| (other, self.other_keys(&other.1))).collect();
        others.into_iter().find_map(|((name, _), keys)| {
            self.tries(|trial| trial.keys = Cow::Owned(keys)).then(|| mixed_up(name))
        })
    }

    /// The keys of another source, as it takes its secrets and as this one would.
    fn other_keys(&self, other: &Verifier) -> Vec<Vec<u8>> {
        let mut found = keys(self.scheme, other.secrets());
        if let Scheme::Signature(scheme) = other.scheme() {
            found.extend(keys(scheme, other.secrets()));
        }
        found
    }

    fn secret_form(&mut self) -> Option<Cause> {
        let request = self.patient.request.clone();
        self.with_forms(&request).map(|taken| secret_taken(&taken))
    }

    /// How the secret must have been taken for the signature of `request` to be right.
    fn with_forms(&mut self, request: &Request) -> Option<String> {
        let secrets = self.patient.own.secrets();
        let forms = secrets.iter().flat_map(|secret| secrets::forms(secret.expose()));
        for form in forms.collect::<Vec<_>>() {
            let request = request.clone();
            let holds = self.tries(|trial| {
                trial.keys = Cow::Owned(vec![form.key]);
                trial.request = Cow::Owned(request);
            });
            if holds {
                return Some(form.taken);
            }
        }
        None
    }

    fn url(&mut self) -> Option<Cause> {
        if !self.scheme.covers_url() {
            return None;
        }
        let configured = self.patient.own.public_url();
        let candidates = urls::candidates(self.patient.request, configured);
        let url = candidates.into_iter().find(|url| {
            let url = url.clone();
            self.tries(|trial| trial.url = Some(Cow::Owned(url)))
        })?;
        let message =
            format!("the sender signed the URL {url}, and here it is {}", self.url.as_deref()?);
        Some(cause("url_differs", message).with_hint(
            "set LEADHOOK_PUBLIC_URL to the address that is entered at the sender, without /webhooks/...",
        ))
    }

    /// Another text than the declared one was signed.
    fn text(&mut self) -> Option<Cause> {
        let timestamp = self.scheme.freshness.as_ref().map(|freshness| freshness.at.clone());
        let mut texts = vec![("the body alone", vec![Part::Body])];
        if let Some(at) = timestamp {
            for (said, mark) in [
                ("time and body, with a dot between", "."),
                ("time and body, with a colon between", ":"),
                ("time and body, with nothing between", ""),
            ] {
                let mark = Part::Literal(mark.to_owned());
                texts.push((said, vec![at.clone(), mark, Part::Body]));
            }
        }
        texts.into_iter().find_map(|(said, parts)| {
            let signed = Template::of(parts);
            if signed == self.scheme.signed || matches!(self.scheme.proof, Proof::Hash(_)) {
                return None;
            }
            self.tries(|trial| trial.scheme.to_mut().signed = signed).then(|| {
                cause("signed_text", format!("what was signed is {said}"))
                    .with_hint("the sender is of another kind, or changed how it signs")
            })
        })
    }

    fn body(&mut self) -> Option<Cause> {
        bodies::variants(&self.patient.request.body).into_iter().find_map(|variant| {
            let body = variant.body;
            let holds = self.tries(|trial| trial.request.to_mut().body = body);
            holds.then(|| body_altered(variant.altered))
        })
    }

    fn secret_form_and_body(&mut self) -> Option<Cause> {
        bodies::variants(&self.patient.request.body).into_iter().find_map(|variant| {
            let request = Request { body: variant.body, ..self.patient.request.clone() };
            let taken = self.with_forms(&request)?;
            let body = body_altered(variant.altered);
            let message = format!("{}, and {}", secret_taken(&taken).message, body.message);
            Some(Cause { message, ..body })
        })
    }

    /// Nothing that was tried makes it right.
    fn what_is_seen(&self) -> Cause {
        let request = self.patient.request;
        let expected = &self.scheme.header;
        if request.headers.get(expected).is_none_or(|value| value.trim().is_empty()) {
            let like = headers::signature_like(request, expected);
            if !like.is_empty() {
                let message = format!("it has no header `{expected}`, but {}", quoted(&like));
                return cause("another_sender", message).with_hint(
                    "another kind of sender calls this address: choose its provider in the mapping file",
                );
            }
            let message = format!("it is not signed: it has no header `{expected}`");
            return cause("not_signed", message)
                .with_hint("enter a secret at the sender; or it was somebody else who called");
        }
        if let Err(name) = self.scheme.covered(request) {
            let message = format!("it lacks {name}, which the signature covers");
            return cause("header_missing", message)
                .with_hint("something between took it out; let proxies pass all headers on");
        }
        if self.scheme.signatures_of(request) == 0 {
            let message = format!("no signature of the expected form is in `{expected}`");
            return cause("another_sender", message).with_hint(
                "another kind of sender calls this address, or it changed how it signs",
            );
        }
        let message = "its signature is not of any secret that is set here, in any form, nor of a \
                       body that this one could have been";
        cause("secret_wrong", message).with_hint(
            "copy the secret of this very address from the sender again; many show another one for \
             each address and for tests",
        )
    }
}

fn mixed_up(name: &SourceName) -> Cause {
    let message = format!("it was signed with the secret of the source `{name}`");
    Cause { source: Some(name.clone()), ..cause("secret_of_another_source", message) }
        .with_hint("the two secrets, or the two addresses, are mixed up")
}

fn secret_taken(taken: &str) -> Cause {
    cause("secret_form", format!("the sender took the secret {taken}")).with_hint(
        "copy the secret exactly as the sender shows it, and choose the sender's provider",
    )
}

fn body_altered(altered: &str) -> Cause {
    cause("body_altered", format!("the body was altered on its way: {altered}")).with_hint(
        "let what is between (a proxy, a gateway, a function) pass the body on byte for byte",
    )
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

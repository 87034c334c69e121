//! A shipped mapping file, made one's own: with the address of the source, and variables that no
//! other source uses.

use super::SCHEMA;
use crate::diagnostic::SourceText;
use crate::mapping::{SecretReference, parse};
use crate::provider::Provider;
use crate::topology::{Shipped, dub, samples_folder};
use std::sync::Arc;

/// The beginning of a source.
pub(super) struct Begun {
    pub provider: Arc<Provider>,
    pub source: String,
    /// The text of its mapping file.
    pub text: String,
    /// The variable that wants the secret of the provider; `None` where there is no secret.
    pub secret: Option<String>,
    /// Other variables that the file reads.
    pub others: Vec<String>,
}

impl Begun {
    /// `None` if no mapping file is shipped for the provider.
    pub fn new(provider: Arc<Provider>, source: String) -> Option<Self> {
        let shipped = Shipped::text_of(&format!("{}.toml", provider.name()))?;
        let text = Arc::new(SourceText::new("shipped", shipped));
        let (file, _) = parse(&text, shipped, &[dub()]);
        let secret = file?.secrets.into_iter().flatten().find_map(|secret| match secret.value {
            SecretReference::Environment(name) => Some(name),
            SecretReference::File(_) => None,
        });
        let own = |shipped: &str| match &secret {
            _ if source == provider.name() => shipped.to_owned(),
            Some(secret) if secret == shipped => secret_of(&source, shipped),
            _ => {
                let rest = shipped.strip_prefix(&prefix(provider.name())).unwrap_or(shipped);
                prefix(&source) + rest
            }
        };
        let address = |source: &str| format!("/webhooks/{source} ");
        let samples = |source| format!("samples/{}/", samples_folder(&provider, source));
        let text = shipped.replace(&address(provider.name()), &address(&source));
        let mut text = text.replace(&samples(provider.name()), &samples(&source));
        let mut others = Vec::new();
        for variable in variables(shipped) {
            text = text.replace(variable, &own(variable));
            if secret.as_deref() != Some(variable) {
                others.push(own(variable));
            }
        }
        let secret = secret.as_deref().map(own);
        let text = format!("#:schema ./{SCHEMA}\n{text}");
        Some(Self { provider, source, text, secret, others })
    }

    /// The paths and texts of the samples that come with the file.
    pub fn samples(&self) -> impl Iterator<Item = (String, &'static str)> + use<> {
        let folder = |source| format!("samples/{}/", samples_folder(&self.provider, source));
        let (shipped, own) = (folder(self.provider.name()), folder(&self.source));
        Shipped::files().filter_map(move |(path, text)| {
            path.strip_prefix(&shipped).map(|name| (format!("{own}{name}"), text))
        })
    }
}

/// The variables that a mapping file reads, each once.
fn variables(text: &str) -> Vec<&str> {
    let references = text.split("\"env:").skip(1);
    let mut names: Vec<&str> = references.filter_map(|rest| rest.split('"').next()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// As in `CLERK_EU_WEBHOOK_SECRET`, for the source `clerk-eu`.
fn secret_of(source: &str, shipped: &str) -> String {
    let kind = if shipped.ends_with("_TOKEN") { "TOKEN" } else { "SECRET" };
    format!("{}WEBHOOK_{kind}", prefix(source))
}

/// What the variables of a source begin with.
fn prefix(source: &str) -> String {
    let name = source.to_ascii_uppercase().replace('-', "_");
    // A variable doesn't begin with a digit.
    let start = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    format!("{start}{name}_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_has_an_address_and_variables_of_its_own() {
        let known = Provider::names().filter_map(Provider::find).chain(Shipped::custom());
        for provider in known {
            let name = provider.name();
            let first = Begun::new(provider.clone(), name.to_owned()).expect("one is shipped");
            assert!(first.text.starts_with("#:schema ./leadhook.schema.json\n"));
            assert!(first.text.contains(&format!("POST /webhooks/{name} ")), "{name}");
            let other = Begun::new(provider.clone(), "my-app".to_owned()).expect("one is shipped");
            assert!(other.text.contains("POST /webhooks/my-app "), "{name}");
            let folder = if provider.is_custom() { "my-app" } else { name };
            let folder = format!("samples/{folder}/");
            assert!(other.text.contains(&folder), "{name}");
            assert!(other.samples().all(|(path, _)| path.starts_with(&folder)), "{name}");
            let names = |begun: &Begun| [begun.secret.as_slice(), &begun.others].concat();
            assert_eq!(names(&first).len(), names(&other).len());
            for (shipped, own) in names(&first).iter().zip(names(&other)) {
                assert!(first.text.contains(&format!("\"env:{shipped}\"")), "{shipped}");
                assert!(!other.text.contains(shipped), "{shipped}");
                assert!(other.text.contains(&format!("\"env:{own}\"")), "{own}");
            }
        }
    }

    #[test]
    fn variables_are_named_after_the_source() {
        assert_eq!(secret_of("clerk-eu", "CLERK_WEBHOOK_SECRET"), "CLERK_EU_WEBHOOK_SECRET");
        assert_eq!(secret_of("a_b", "AUTH0_WEBHOOK_TOKEN"), "A_B_WEBHOOK_TOKEN");
        assert_eq!(secret_of("9lives", "X_WEBHOOK_SECRET"), "_9LIVES_WEBHOOK_SECRET");
        let text = r#"secrets = ["env:A", "env:B"] jwks_url = "env:C" # "env:A""#;
        assert_eq!(variables(text), ["A", "B", "C"]);
    }
}

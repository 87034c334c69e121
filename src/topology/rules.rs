//! One mapping file for itself: its rules, and the provider whose events they are for.

use super::dub;
use crate::diagnostic::{Code, Diagnostic, Place, SourceText, did_you_mean};
use crate::mapping::{self, Mapping, Spanned};
use crate::provider::Provider;
use std::sync::Arc;

/// What translates the events of a source, without what receives them: no secret is needed.
#[derive(Clone, Debug)]
pub struct Rules {
    pub provider: Arc<Provider>,
    pub mapping: Arc<Mapping>,
}

/// Reads a mapping file called `name`. `None` where some fault is an error; every fault is reported
/// at once. Its cases and secrets are not looked at.
pub fn rules(name: &str, text: &str) -> (Option<Rules>, Vec<Diagnostic>) {
    let source_text = Arc::new(SourceText::new(name, text));
    let (file, mut diagnostics) = mapping::parse(&source_text, text, &[dub()]);
    let found = file.map(|file| (provider(&file.provider, &source_text), file.mapping));
    let rules = match found {
        None => None,
        Some((Ok(provider), mapping)) => Some(Rules { provider, mapping }),
        Some((Err(fault), _)) => {
            diagnostics.push(fault);
            None
        }
    };
    (rules, diagnostics)
}

/// The provider that a mapping file names.
pub(super) fn provider(
    name: &Spanned<String>,
    text: &Arc<SourceText>,
) -> Result<Arc<Provider>, Diagnostic> {
    Provider::find(&name.value).ok_or_else(|| {
        let hint = did_you_mean(&name.value, Provider::names())
            .unwrap_or_else(|| "`leadhook init` lists them all".to_owned());
        let place = Place::Text { text: Arc::clone(text), span: name.span.clone() };
        let message = format!("there is no provider `{}`", name.value);
        Diagnostic::error(Code::ProviderUnknown, place, message).hint(hint)
    })
}

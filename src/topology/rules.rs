//! One mapping file for itself: its rules, and the provider whose events they are for.

use super::dub;
use crate::diagnostic::{Code, Diagnostic, Place, SourceText, did_you_mean};
use crate::mapping::{self, Mapping, MappingFile};
use crate::model::CUSTOM;
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
    let (file, mut diagnostics) = mapping::parse_leniently(&source_text, text, &[dub()]);
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    let Some(file) = file else { return (None, diagnostics) };
    match provider(&file, &source_text, text) {
        Ok(provider) => {
            let rules = Rules { provider, mapping: file.mapping };
            ((!failed).then_some(rules), diagnostics)
        }
        Err(faults) => {
            diagnostics.extend(faults);
            diagnostics.sort_by_key(Diagnostic::offset);
            (None, diagnostics)
        }
    }
}

/// The provider of a mapping file: the one of the catalogue that it names, or its own. `raw` is
/// what `text` was made of.
///
/// # Errors
/// Everything that is wrong with it, but for what was told of the file as a whole.
pub fn provider(
    file: &MappingFile,
    text: &Arc<SourceText>,
    raw: &str,
) -> Result<Arc<Provider>, Vec<Diagnostic>> {
    let name = &file.provider;
    if name.value == CUSTOM {
        return Provider::custom(text, raw);
    }
    Provider::find(&name.value).ok_or_else(|| {
        let hint = did_you_mean(&name.value, Provider::names().chain([CUSTOM]))
            .unwrap_or_else(|| "`leadhook init` lists them all".to_owned());
        let place = Place::Text { text: Arc::clone(text), span: name.span.clone() };
        let message = format!("there is no provider `{}`", name.value);
        vec![Diagnostic::error(Code::ProviderUnknown, place, message).hint(hint)]
    })
}

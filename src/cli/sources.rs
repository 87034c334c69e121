//! The source that a command is about, with what verifies its requests.

use super::{Ended, report};
use crate::model::SourceName;
use crate::provider::Verifier;
use crate::topology::{LoadedFile, Source};
use std::sync::Arc;

/// The source `name` among the mapping files, or why nothing can be verified or signed for it.
pub(super) fn verifying(
    files: &[LoadedFile],
    name: &SourceName,
) -> Result<(Arc<Source>, Verifier), Ended> {
    let Some(file) = files.iter().find(|file| file.name.as_ref() == Some(name)) else {
        let known: Vec<_> = files.iter().filter_map(|file| file.name.as_ref()).collect();
        let known: Vec<_> = known.iter().map(|name| name.as_str()).collect();
        say!("error: there is no mapping file of a source `{name}`");
        say!("hint: there are: {}", known.join(", "));
        return Err(Ended::Input);
    };
    match file.source.as_ref().map(|source| (source, source.verifier.as_ref())) {
        Some((source, Ok(verifier))) => Ok((Arc::clone(source), verifier.clone())),
        Some((_, Err(missing))) => {
            report(&file.diagnostics);
            say!("error: {} is not set: without it nothing can be verified", missing.join(", "));
            Err(Ended::Input)
        }
        None => {
            report(&file.diagnostics);
            Err(Ended::Input)
        }
    }
}

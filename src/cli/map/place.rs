//! Which source and which mapping file are meant.

use crate::cli::{Ended, readable};
use crate::diagnostic::Diagnostic;
use crate::model::SourceName;
use std::path::PathBuf;

/// How people name a source: by its name, or by its mapping file.
#[derive(Clone, Debug)]
pub(super) enum Named {
    Source(SourceName),
    File(PathBuf),
}

impl std::str::FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('/') || text.ends_with(".toml") {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let name = text.parse().map(Self::Source);
        name.map_err(|error| format!("a source, or the path of a mapping file, is needed: {error}"))
    }
}

impl Named {
    /// The source itself. A file's name is that of its source.
    pub(super) fn source(&self) -> Result<SourceName, Ended> {
        match self {
            Self::Source(name) => Ok(name.clone()),
            Self::File(path) => {
                let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
                stem.parse().map_err(|error| {
                    say!("error: {}: the file's name is no source: {error}", path.display());
                    Ended::Input
                })
            }
        }
    }

    /// Where its mapping file is, or why it can't be told.
    pub(super) fn path(&self, config: Option<PathBuf>) -> Result<PathBuf, Vec<Diagnostic>> {
        match self {
            Self::File(path) => Ok(path.clone()),
            Self::Source(source) => readable::of_source(source, config),
        }
    }
}

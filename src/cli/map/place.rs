//! Which mapping file is meant, and reading it.

use crate::cli::{Ended, files, report, settings};
use crate::diagnostic::{Diagnostic, SourceText};
use crate::model::SourceName;
use crate::topology::{Rules, rules};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How people name a source: by its name, or by its mapping file.
#[derive(Clone, Debug)]
pub(super) enum Named {
    Source(SourceName),
    File(PathBuf),
}

/// A mapping file that can translate.
pub(super) struct Readable {
    pub(super) path: PathBuf,
    pub(super) text: Arc<SourceText>,
    pub(super) rules: Rules,
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
            Self::Source(source) => {
                let settings = settings(config);
                let folder = settings.mappings().ok_or(settings.diagnostics)?;
                files::of_source(&folder, source).map_err(|fault| vec![fault])
            }
        }
    }
}

/// Reads a mapping file; tells its faults and warnings.
pub(super) fn read(path: &Path) -> Result<Readable, Ended> {
    let text = files::read(path).map_err(|fault| {
        report(&[fault]);
        Ended::Input
    })?;
    let name = path.display().to_string();
    let (rules, diagnostics) = rules(&name, &text);
    report(&diagnostics);
    let rules = rules.ok_or(Ended::Input)?;
    Ok(Readable { path: path.to_owned(), text: Arc::new(SourceText::new(name, &text)), rules })
}

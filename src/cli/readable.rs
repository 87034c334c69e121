//! The mapping file that a command is about: where it is, and its rules.

use super::{Ended, files, report, settings};
use crate::diagnostic::{Diagnostic, SourceText};
use crate::model::SourceName;
use crate::topology::{Rules, rules};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A mapping file that can translate.
pub(super) struct Readable {
    pub(super) path: PathBuf,
    pub(super) text: Arc<SourceText>,
    pub(super) rules: Rules,
}

impl Readable {
    /// Reads a mapping file; its faults and warnings go to `diagnostics`.
    pub(super) fn read(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let text = files::read(path).map_err(|fault| diagnostics.push(fault)).ok()?;
        let name = path.display().to_string();
        let (rules, found) = rules(&name, &text);
        diagnostics.extend(found);
        let text = Arc::new(SourceText::new(name, &text));
        Some(Self { path: path.to_owned(), text, rules: rules? })
    }

    /// Reads one; tells its faults and warnings.
    pub(super) fn told(path: &Path) -> Result<Self, Ended> {
        let mut diagnostics = Vec::new();
        let read = Self::read(path, &mut diagnostics);
        report(&diagnostics);
        read.ok_or(Ended::Input)
    }
}

/// Where the mapping file of a source is, in the folder of the settings; or why it can't be told.
pub(super) fn of_source(
    source: &SourceName,
    config: Option<PathBuf>,
) -> Result<PathBuf, Vec<Diagnostic>> {
    let settings = settings(config);
    let folder = settings.mappings().ok_or(settings.diagnostics)?;
    files::of_source(&folder, source).map_err(|fault| vec![fault])
}

/// For those who have nothing else to tell.
pub(super) fn refused(faults: Vec<Diagnostic>) -> Ended {
    report(&faults);
    Ended::Input
}

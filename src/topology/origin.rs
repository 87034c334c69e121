//! Where mapping files come from, each time that they are read.

use super::{Folder, LoadedFile, Secrets, load_files, load_text};
use crate::diagnostic::Diagnostic;
use crate::model::SourceName;
use std::sync::Arc;

/// A folder of mapping files and what their secrets are read from. Cheap to clone.
#[derive(Clone)]
pub struct Origin {
    pub folder: Arc<dyn Folder + Send + Sync>,
    pub secrets: Arc<dyn Secrets + Send + Sync>,
    /// Whether a missing secret is an error.
    pub strict: bool,
}

impl Origin {
    /// Reads and checks every file as it is now.
    ///
    /// # Errors
    /// Why the folder can't be read.
    pub fn files(&self) -> Result<Vec<LoadedFile>, Diagnostic> {
        load_files(&*self.folder, &*self.secrets, self.strict)
    }

    /// Reads an earlier text of a file, with its secrets as they are now.
    pub fn earlier(&self, name: &SourceName, text: &str) -> LoadedFile {
        load_text(name, text, &*self.secrets, self.strict)
    }
}

//! The mapping files and samples that come with the program.

use crate::diagnostic::Diagnostic;
use crate::topology::Folder;

/// The shipped files, as a folder.
pub(super) struct Shipped;

macro_rules! files {
    ($($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../../mappings/", $path))),)*]
    };
}

/// Every file of `mappings/`, by its path below it.
const FILES: &[(&str, &str)] = files![];

impl Folder for Shipped {
    fn mapping_files(&self) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
        let files = FILES.iter().filter(|(path, _)| path.ends_with(".toml"));
        Ok(files.map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    fn sample(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = FILES.iter().find(|(known, _)| *known == path);
        found
            .map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| "no such sample is shipped".to_owned())
    }
}

//! The mapping files and samples that come with the program.

use super::{FileText, Folder};
use crate::diagnostic::Diagnostic;

/// The shipped files, as a folder.
pub struct Shipped;

/// Every file of `mappings/`: its path below it, and its text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

impl Shipped {
    /// Every shipped file, as its path below `mappings/` and its text, sorted by path.
    pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
        FILES.iter().copied()
    }

    /// The text of a shipped file, by its path below `mappings/`.
    pub fn text_of(path: &str) -> Option<&'static str> {
        Self::files().find(|(known, _)| *known == path).map(|(_, text)| text)
    }
}

impl Folder for Shipped {
    fn mapping_files(&self) -> Result<Vec<FileText>, Diagnostic> {
        let files = FILES.iter().filter(|(path, _)| path.ends_with(".toml"));
        let file = |(path, text): &(&str, &str)| FileText {
            name: (*path).to_owned(),
            text: Ok((*text).to_owned()),
        };
        Ok(files.map(file).collect())
    }

    fn sample(&self, path: &str) -> Result<Vec<u8>, String> {
        Self::text_of(path)
            .map(|text| text.as_bytes().to_vec())
            .ok_or_else(|| "no such sample is shipped".to_owned())
    }

    fn samples(&self, folder: &str) -> Vec<String> {
        let folder = format!("samples/{folder}/");
        let paths = FILES.iter().map(|(path, _)| *path);
        paths.filter(|path| path.starts_with(&folder)).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn files_are_found_by_paths_with_plain_slashes() {
        assert!(FILES.iter().any(|(path, _)| *path == "samples/clerk/user.created.json"));
        assert!(FILES.is_sorted());
    }
}

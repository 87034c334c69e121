//! The mapping files and samples that come with the program.

use super::{FileText, Folder, rules};
use crate::diagnostic::Diagnostic;
use crate::model::CUSTOM;
use crate::provider::Provider;
use std::sync::Arc;

/// The shipped files, as a folder.
pub struct Shipped;

/// Every file of `mappings/`: its path below it, and its text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

impl Shipped {
    /// Every shipped file, as its path below `mappings/` and its text, sorted by path.
    pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
        FILES.iter().copied()
    }

    /// The sender that the shipped example of a custom file declares.
    pub fn custom() -> Option<Arc<Provider>> {
        let name = format!("{CUSTOM}.toml");
        let (rules, _) = rules(&name, Self::text_of(&name)?);
        Some(rules?.provider)
    }

    /// The paths of the samples that are shipped of a provider. What comes with the example of a
    /// custom one is nobody else's.
    pub fn samples_of(provider: &Provider) -> Vec<String> {
        if provider.is_custom() { Vec::new() } else { Self.samples(provider.name()) }
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

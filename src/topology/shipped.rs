//! The mapping files and samples that come with the program.

use super::{FileText, Folder};
use crate::diagnostic::Diagnostic;

/// The shipped files, as a folder.
pub struct Shipped;

macro_rules! files {
    ($($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../../mappings/", $path))),)*]
    };
}

/// Every file of `mappings/`, by its path below it.
const FILES: &[(&str, &str)] = files![
    "auth0-action.toml",
    "auth0-logs.toml",
    "auth0.toml",
    "clerk.toml",
    "samples/README.md",
    "samples/auth0-action/user.created.enterprise.json",
    "samples/auth0-action/user.created.google.json",
    "samples/auth0-action/user.created.id-only.json",
    "samples/auth0-action/user.created.json",
    "samples/auth0-action/user.created.no-click-id.json",
    "samples/auth0-action/user.created.sms.json",
    "samples/auth0-action/user.created.unicode.json",
    "samples/auth0-logs/fs.json",
    "samples/auth0-logs/s.json",
    "samples/auth0-logs/ss.json",
    "samples/auth0-logs/ss.lines.jsonl",
    "samples/auth0-logs/ss.object.json",
    "samples/auth0-logs/ss.sms.json",
    "samples/auth0-logs/ss.with-click-id.json",
    "samples/auth0/organization.member.added.json",
    "samples/auth0/user.created.app-metadata.json",
    "samples/auth0/user.created.enterprise.json",
    "samples/auth0/user.created.google.json",
    "samples/auth0/user.created.json",
    "samples/auth0/user.created.long-name.json",
    "samples/auth0/user.created.no-click-id.json",
    "samples/auth0/user.created.nulls.json",
    "samples/auth0/user.created.passwordless-email.json",
    "samples/auth0/user.created.sms.json",
    "samples/auth0/user.created.test.json",
    "samples/auth0/user.created.unicode.json",
    "samples/auth0/user.updated.json",
    "samples/clerk/organizationInvitation.accepted.json",
    "samples/clerk/user.created.banned.json",
    "samples/clerk/user.created.blank.json",
    "samples/clerk/user.created.first-name-only.json",
    "samples/clerk/user.created.google.json",
    "samples/clerk/user.created.invited.json",
    "samples/clerk/user.created.json",
    "samples/clerk/user.created.long-name.json",
    "samples/clerk/user.created.no-click-id.json",
    "samples/clerk/user.created.nulls.json",
    "samples/clerk/user.created.phone-only.json",
    "samples/clerk/user.created.public-metadata.json",
    "samples/clerk/user.created.saml.json",
    "samples/clerk/user.created.unicode.json",
    "samples/clerk/user.created.unverified.json",
    "samples/clerk/user.created.web3.json",
    "samples/clerk/user.updated.json",
    "samples/standard-webhooks/user.created.json",
    "samples/standard-webhooks/user.created.no-click-id.json",
    "samples/standard-webhooks/user.created.nulls.json",
    "samples/standard-webhooks/user.created.number-id.json",
    "samples/standard-webhooks/user.created.unicode.json",
    "samples/standard-webhooks/user.updated.json",
    "samples/typeform/form_response.all-types.json",
    "samples/typeform/form_response.json",
    "samples/typeform/form_response.long-name.json",
    "samples/typeform/form_response.multi-language.json",
    "samples/typeform/form_response.no-answers.json",
    "samples/typeform/form_response.no-hidden.json",
    "samples/typeform/form_response.no-refs.json",
    "samples/typeform/form_response.placeholder.json",
    "samples/typeform/form_response_partial.json",
    "standard-webhooks.toml",
    "typeform.toml",
];

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

    fn samples(&self, provider: &str) -> Vec<String> {
        let folder = format!("samples/{provider}/");
        let paths = FILES.iter().map(|(path, _)| *path);
        paths.filter(|path| path.starts_with(&folder)).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::FILES;
    use std::path::Path;

    #[test]
    fn every_file_of_the_folder_is_shipped() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
        let mut folders = vec![root.clone()];
        let mut found = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("the folder can be read") {
                let path = entry.expect("the folder can be read").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let below = path.strip_prefix(&root).expect("it is below").display().to_string();
                assert!(FILES.iter().any(|(known, _)| *known == below), "{below}");
                found += 1;
            }
        }
        assert_eq!(found, FILES.len());
    }
}

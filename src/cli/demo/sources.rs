//! What the demo shows of what comes with the program: some sources, with secrets for them.

use crate::config::Environment;
use crate::diagnostic::Diagnostic;
use crate::topology::{FileText, Folder, Secrets, Shipped};

/// The mapping files of the providers that the demo sends samples of.
const FILES: [&str; 6] = [
    "auth0-action.toml",
    "auth0-logs.toml",
    "auth0.toml",
    "clerk.toml",
    "standard-webhooks.toml",
    "typeform.toml",
];

/// The secrets of the demo, for this machine only.
const SECRETS: &[(&str, &str)] = &[
    ("CLERK_WEBHOOK_SECRET", "whsec_ZGVtby1vbmx5LW5vdC1hLXNlY3JldA=="),
    ("AUTH0_WEBHOOK_TOKEN", "demo-auth0-token"),
    ("AUTH0_WEBHOOK_SECRET", "whsec_ZGVtby1vbmx5LW5vdC1hLXNlY3JldA=="),
    ("TYPEFORM_WEBHOOK_SECRET", "demo-typeform-secret"),
    ("STANDARD_WEBHOOKS_SECRET", "whsec_ZGVtby1vbmx5LW5vdC1hLXNlY3JldA=="),
];

/// The demo's mapping files, of those that come with the program.
pub(super) struct DemoFiles;

impl Folder for DemoFiles {
    fn mapping_files(&self) -> Result<Vec<FileText>, Diagnostic> {
        let mut files = Shipped.mapping_files()?;
        files.retain(|file| FILES.contains(&file.name.as_str()));
        Ok(files)
    }

    fn sample(&self, path: &str) -> Result<Vec<u8>, String> {
        Shipped.sample(path)
    }

    fn samples(&self, provider: &str) -> Vec<String> {
        Shipped.samples(provider)
    }
}

pub(super) struct DemoSecrets;

impl Environment for DemoSecrets {
    fn get(&self, name: &str) -> Option<String> {
        SECRETS.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    fn names(&self) -> Vec<String> {
        SECRETS.iter().map(|(key, _)| (*key).to_owned()).collect()
    }
}

impl Secrets for DemoSecrets {
    fn file(&self, _path: &str) -> Result<String, String> {
        Err("the demo reads no files".to_owned())
    }
}

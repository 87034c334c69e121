//! The checked whole: sources, their providers and mappings, and the destination's name.
//!
//! It is immutable and built at once from a folder of mapping files; what is wrong with any of
//! them is reported together. `check` and `serve` build it in the same way, so that what one
//! refuses the other refuses in the same words. Where files change while the service runs, another
//! topology comes into the place of the one [`InForce`].
//!
//! Absent here: requests and events; and the disk and the environment, which come in as a [`Folder`]
//! and as [`Secrets`].

mod cases;
mod credentials;
mod in_force;
mod load;
mod nearest;
mod origin;
mod reach;
mod rules;
mod samples;
mod shipped;

use crate::config::Environment;
use crate::mapping::{Mapping, SourceLimits};
use crate::model::{DestinationName, Secret, SourceName};
use crate::provider::{Provider, Surroundings, Verifier};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use cases::{apply_sample, sent_with};
pub use in_force::InForce;
pub use load::{
    FileText, Folder, Loaded, LoadedFile, Tested, TestedCase, load, load_files, load_text,
};
pub use origin::Origin;
pub use rules::{Rules, provider, rules};
pub use samples::samples_folder;
pub use shipped::Shipped;

/// Every source of the service.
#[derive(Debug, Default)]
pub struct Topology {
    pub sources: BTreeMap<SourceName, Arc<Source>>,
    /// Every source that there is or ever was, also where nothing of it is in force.
    pub known: BTreeSet<SourceName>,
}

/// One configured inbound URL.
#[derive(Debug)]
pub struct Source {
    pub name: SourceName,
    pub provider: Arc<Provider>,
    pub mapping: Arc<Mapping>,
    /// Who may call it, and how often.
    pub limits: SourceLimits,
    /// The text of the mapping file, kept with what it did.
    pub mapping_text: String,
    /// How requests are verified, or the secrets that are not set.
    pub verifier: Result<Verifier, Vec<String>>,
    /// In the order of the file; `None` where one is not set.
    secrets: Vec<Option<Secret>>,
}

impl Source {
    /// Whether `other` comes of the same text and the same secrets, so that it does the same.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.mapping_text == other.mapping_text
            && self.exposed_secrets().eq(other.exposed_secrets())
    }

    fn exposed_secrets(&self) -> impl Iterator<Item = Option<&str>> {
        self.secrets.iter().map(|secret| secret.as_ref().map(Secret::expose))
    }
}

impl Topology {
    /// These sources and no others.
    pub fn of(sources: impl IntoIterator<Item = Arc<Source>>) -> Self {
        let named = |source: Arc<Source>| (source.name.clone(), source);
        let sources: BTreeMap<_, _> = sources.into_iter().map(named).collect();
        Self { known: sources.keys().cloned().collect(), sources }
    }

    /// Sources that can take requests.
    pub fn configured(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.sources.values().filter(|source| source.verifier.is_ok())
    }
}

/// The name of the only destination at present.
pub fn dub() -> DestinationName {
    "dub".parse().expect("the name is a literal and a slug")
}

/// Where secrets come from: the environment as an argument, and files.
pub trait Secrets: Environment {
    /// # Errors
    /// A sentence that doesn't quote the file.
    fn file(&self, path: &str) -> Result<String, String>;

    /// What sources verify with, beyond secrets.
    fn surroundings(&self) -> Surroundings {
        Surroundings::default()
    }

    /// The secret in a variable; an empty one is not set.
    fn variable(&self, name: &str) -> Option<Secret> {
        let text = self.get(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| Secret::new(text))
    }
}

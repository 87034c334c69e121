//! The checked whole: sources, their providers and mappings, and the destination's name.
//!
//! It is immutable and built at once from a folder of mapping files; what is wrong with any of
//! them is reported together. `check` and `serve` build it in the same way, so that what one
//! refuses the other refuses in the same words.
//!
//! Absent here: requests and events; and the disk and the environment, which come in as a [`Folder`]
//! and as [`Secrets`].

mod cases;
mod load;
mod rules;

use crate::config::Environment;
use crate::mapping::Mapping;
use crate::model::{DestinationName, Secret, SourceName};
use crate::provider::{Provider, Verifier};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use load::{Folder, Loaded, Tested, load};
pub use rules::{Rules, rules};

/// Every source of the service.
#[derive(Debug, Default)]
pub struct Topology {
    pub sources: BTreeMap<SourceName, Arc<Source>>,
}

/// One configured inbound URL.
#[derive(Debug)]
pub struct Source {
    pub name: SourceName,
    pub provider: Arc<Provider>,
    pub mapping: Arc<Mapping>,
    /// The text of the mapping file, kept with what it did.
    pub mapping_text: String,
    /// How requests are verified, or the secrets that are not set.
    pub verifier: Result<Verifier, Vec<String>>,
}

impl Topology {
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

    /// The secret in a variable; an empty one is not set.
    fn variable(&self, name: &str) -> Option<Secret> {
        let text = self.get(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| Secret::new(text))
    }
}

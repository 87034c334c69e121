//! Which sample is meant, and the header fields that it is sent with.

use crate::cli::Ended;
use crate::cli::files::Disk;
use crate::cli::print::printable;
use crate::diagnostic::did_you_mean;
use crate::topology::{Folder, Shipped, Source, samples_folder, sent_with};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::path::Path;

/// More than any sample has.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

pub(super) struct Sample {
    pub(super) body: Bytes,
    /// What a case of the mapping file sends it with.
    headers: Vec<(String, String)>,
}

impl Sample {
    /// The sample that `wanted` names: a file, or one in the folder of the mapping files, or one
    /// that is shipped; of these the ending can be left out.
    pub(super) fn find(wanted: &str, source: &Source, disk: &Disk) -> Result<Self, Ended> {
        let own = samples_folder(&source.provider, source.name.as_str());
        let known = disk.samples(own).into_iter().chain(Shipped::samples_of(&source.provider));
        let known: BTreeSet<String> = known.collect();
        let named = known.iter().find(|path| is_named(path, wanted));
        if let Some(path) = named {
            let body = disk.sample(path).or_else(|_| Shipped.sample(path)).map_err(|error| {
                say!("error: {path}: {error}");
                Ended::Machine
            })?;
            let headers = sent_with(&source.mapping_text, path);
            return Ok(Self { body: body.into(), headers });
        }
        if Path::new(wanted).is_file() {
            let body = crate::cli::payload::read(Some(Path::new(wanted)), BYTES_MAX)?;
            return Ok(Self { body, headers: Vec::new() });
        }
        say!(
            "error: there is no file `{}`, and no such sample of {}",
            printable(wanted),
            source.provider.title()
        );
        let names: Vec<&str> = known.iter().map(|path| stem(path)).collect();
        match did_you_mean(wanted, names.iter().copied()) {
            Some(hint) => say!("hint: {hint}"),
            None => say!("hint: there are: {}", names.join(", ")),
        }
        Err(Ended::Input)
    }

    /// Its header fields, but for those that are given.
    pub(super) fn headers_with(&self, given: &[(String, String)]) -> Vec<(String, String)> {
        let own = self.headers.iter().filter(|(name, _)| given.iter().all(|(it, _)| it != name));
        given.iter().chain(own).cloned().collect()
    }
}

/// The path without folder.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name without its ending.
fn stem(path: &str) -> &str {
    name(path).rsplit_once('.').map_or(name(path), |(stem, _)| stem)
}

fn is_named(path: &str, wanted: &str) -> bool {
    path == wanted || name(path) == wanted || stem(path) == wanted
}

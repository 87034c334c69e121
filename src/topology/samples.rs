//! The events of a provider that samples show: those that are shipped, those in the folder, and
//! those that cases name.
//!
//! Samples are a help: one that can't be read shows nothing, and the case that names it says so.

use super::{Folder, Shipped};
use crate::mapping::Case;
use crate::model::{Document, Headers};
use crate::provider::{Content, Provider};
use bytes::Bytes;
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

/// More events than the samples of a provider have.
const EVENTS_MAX: usize = 2_000;

/// Events of one provider.
pub(super) struct Samples {
    events: Vec<Sample>,
}

struct Sample {
    event_type: Option<String>,
    json: Document,
}

/// The folder below `samples/` that the samples of a source are in. Sources of one provider share
/// it, but custom ones, which have nothing in common.
pub fn samples_folder<'n>(provider: &'n Provider, source: &'n str) -> &'n str {
    if provider.is_custom() { source } else { provider.name() }
}

impl Samples {
    /// `own` is the source's [folder of samples](samples_folder).
    pub(super) fn gather(
        provider: &Provider,
        folder: &dyn Folder,
        own: &str,
        cases: &[Case],
    ) -> Self {
        let (none, mut known, mut events) = (Headers::default(), HashSet::new(), Vec::new());
        // A case says with which headers its sample comes: the type may be among them.
        let of_cases = cases.iter().map(|case| (case.event.value.clone(), &case.headers));
        let listed = folder.samples(own).into_iter().map(|path| (path, &none));
        let in_folder = of_cases
            .chain(listed)
            .filter_map(|(path, headers)| Some((folder.sample(&path).ok()?, headers)));
        let shipped = Shipped::samples_of(provider);
        let shipped = shipped.iter().filter_map(|path| Some((Shipped.sample(path).ok()?, &none)));
        for (body, headers) in in_folder.chain(shipped) {
            let body = Bytes::from(body);
            // Without headers, a sample that came with some says nothing more.
            let is_new = known.insert(body.clone()) || headers != &none;
            if is_new && events.len() < EVENTS_MAX {
                events.extend(read(provider, Content::new(headers, &body)));
            }
        }
        Self { events }
    }

    /// The event types that occur.
    pub(super) fn types(&self) -> BTreeSet<&str> {
        self.events.iter().filter_map(|sample| sample.event_type.as_deref()).collect()
    }

    /// The events of these types; all of them, where no type is given.
    pub(super) fn of_types(&self, types: &[&str]) -> Vec<&Value> {
        let wanted = |sample: &&Sample| {
            let event_type = sample.event_type.as_deref();
            types.is_empty() || event_type.is_some_and(|it| types.contains(&it))
        };
        self.events.iter().filter(wanted).map(|sample| sample.json.root()).collect()
    }
}

fn read(provider: &Provider, sample: Content<'_>) -> impl Iterator<Item = Sample> {
    let events = provider.split(sample, EVENTS_MAX);
    events
        .into_iter()
        .filter_map(|event| Some(Sample { event_type: event.event_type, json: event.json.ok()? }))
}

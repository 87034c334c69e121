//! The topology in force: a reload replaces it while requests go on.

use super::Topology;
use arc_swap::ArcSwap;
use std::sync::Arc;

/// Points at the topology that new requests get.
#[derive(Debug)]
pub struct InForce(ArcSwap<Topology>);

impl InForce {
    pub fn new(topology: Topology) -> Self {
        Self(ArcSwap::from_pointee(topology))
    }

    /// The topology of this moment. Whoever works on a request takes it once and stays with it, so
    /// that no request sees two versions.
    pub fn topology(&self) -> Arc<Topology> {
        self.0.load_full()
    }

    /// Puts another one in its place, for whoever asks from now on.
    pub fn replace(&self, topology: Topology) {
        self.0.store(Arc::new(topology));
    }
}

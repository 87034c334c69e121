//! Sample webhooks, signed as their providers would sign them.

use crate::model::{SourceName, Timestamp};
use crate::topology::Topology;

/// One webhook to send.
pub struct Sample {
    pub title: &'static str,
    pub source: SourceName,
    verifier: crate::provider::Verifier,
    body: &'static [u8],
    event_id: &'static str,
    content_type: &'static str,
    tampered: bool,
}

/// A webhook ready to be sent.
pub struct SignedRequest {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Sample {
    /// The request as the provider would send it at `now`.
    pub fn request(&self, now: Timestamp) -> SignedRequest {
        let mut headers = self.verifier.sign(self.event_id, self.body, now);
        headers.push(("content-type".to_owned(), self.content_type.to_owned()));
        let mut body = self.body.to_vec();
        if self.tampered
            && let Some(at) = body.iter().rposition(u8::is_ascii_alphanumeric)
        {
            body[at] ^= 1;
        }
        SignedRequest { headers, body }
    }
}

/// What a sample is, apart from its source.
struct Plan {
    title: &'static str,
    source: &'static str,
    body: &'static [u8],
    event_id: &'static str,
    tampered: bool,
}

macro_rules! sample {
    ($path:literal) => {
        include_bytes!(concat!("../../mappings/samples/", $path))
    };
}

const PLANS: &[Plan] = &[];

/// The samples of every source of the topology that can verify.
pub fn samples(topology: &Topology) -> Vec<Sample> {
    let sample = |plan: &Plan| {
        let source = topology.sources.get(&plan.source.parse().ok()?)?;
        Some(Sample {
            title: plan.title,
            source: source.name.clone(),
            verifier: source.verifier.as_ref().ok()?.clone(),
            body: plan.body,
            event_id: plan.event_id,
            content_type: "application/json",
            tampered: plan.tampered,
        })
    };
    PLANS.iter().filter_map(sample).collect()
}

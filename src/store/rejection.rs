//! Refused requests, as they are kept beside the events: nothing of them is mapped or delivered
//! before an operator admits them.

use crate::diagnostic::Code;
use crate::model::{Cause, EventId, RejectionId, SourceName, Timestamp};
use crate::provider::MaskedRequest;

/// What the rejections of one source may take. The oldest go first.
pub const REJECTIONS_BYTES_MAX: u64 = 20_000_000;

/// A refused request.
#[derive(Clone, Debug)]
pub struct Rejection {
    pub request: MaskedRequest,
    /// Whether the body of the request is the one that came. Otherwise it is empty: the request was
    /// refused before its body was read to the end, or it alone is larger than
    /// [`REJECTIONS_BYTES_MAX`].
    pub body_kept: bool,
    pub code: Code,
    /// What probably went wrong, the likeliest first.
    pub causes: Vec<Cause>,
}

/// A refused request that is kept.
#[derive(Clone, Debug)]
pub struct StoredRejection {
    pub id: RejectionId,
    pub rejection: Rejection,
    /// What it counts for in the ring of its source.
    pub bytes: u64,
    pub admitted: Option<Admission>,
}

/// What a rejection became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    pub at: Timestamp,
    /// In the order of the request.
    pub events: Vec<EventId>,
}

/// Which rejections to list.
#[derive(Clone, Debug, Default)]
pub struct RejectionQuery {
    pub source: Option<SourceName>,
    /// Only older ones than this, which may be gone.
    pub after: Option<RejectionId>,
    pub limit: usize,
}

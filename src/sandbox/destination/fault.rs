//! Failures on demand: what goes wrong with one request for a lead.

/// What goes wrong with one request. Those that say "nothing is recorded" come before every rule of
/// the destination, the check of the key included, as a broken proxy in front of it would. The
/// others go the usual way and then spoil its answer, whatever that is.
///
/// Every answer has the usual headers, so also a 429 or 503 on demand says `Retry-After`: the end of
/// the sliding minute. [`StatusWithHeaders`](Self::StatusWithHeaders) says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status with an error of the API; nothing is recorded.
    Status(u16),
    /// Likewise, with these headers; they replace usual ones of the same name.
    StatusWithHeaders(u16, Vec<(String, String)>),
    /// The trap: the pair is marked as seen, then this status is answered and nothing recorded.
    /// A pair that was marked before is answered as usual, with `link: null`.
    StatusAfterMark(u16),
    /// The lead is recorded; no answer comes and the connection stays open.
    RecordThenHang,
    /// Nothing is recorded; no answer comes and the connection stays open.
    Hang,
    /// The lead is recorded and the connection reset.
    RecordThenReset,
    /// Nothing is recorded; the connection is reset.
    Reset,
    /// The lead is recorded; the connection closes amid the answer's body.
    HalfAnswer,
    /// 200 with a page of HTML, as a captive proxy gives it; nothing is recorded.
    NotJson200,
    /// This status with a `Location` on this server; nothing is recorded.
    Redirect(u16),
    /// 200 with a body that never ends; nothing is recorded.
    EndlessBody,
    /// Answered as usual, but only after
    /// [`Destination::release`](super::Destination::release).
    Held,
}

/// How an answer goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Whole,
    Half,
    Endless,
    Never,
    Reset,
    Held,
}

impl Manner {
    /// Whether the client gets to see the status.
    pub(super) fn is_answer(self) -> bool {
        !matches!(self, Self::Never | Self::Reset)
    }
}

impl Fault {
    pub(super) fn manner(&self) -> Manner {
        match self {
            Self::RecordThenHang | Self::Hang => Manner::Never,
            Self::RecordThenReset | Self::Reset => Manner::Reset,
            Self::HalfAnswer => Manner::Half,
            Self::EndlessBody => Manner::Endless,
            Self::Held => Manner::Held,
            Self::Status(_)
            | Self::StatusWithHeaders(..)
            | Self::StatusAfterMark(_)
            | Self::NotJson200
            | Self::Redirect(_) => Manner::Whole,
        }
    }
}

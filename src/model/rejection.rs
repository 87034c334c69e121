//! What is said of a request that was refused.

use super::SourceName;
use std::borrow::Cow;

/// A probable cause of a refusal, found when it happened. For the operator alone: a caller learns
/// the code of the refusal and nothing more. Quotes no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Stable and for programs; borrowed where it was just found, owned where it was read back.
    pub code: Cow<'static, str>,
    /// One sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Another source of ours that has to do with it.
    pub source: Option<SourceName>,
}

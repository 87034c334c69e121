//! JSON Lines: a document a line.

use super::{batch, reading};
use crate::model::Reason;

/// The lines of a body that is no JSON document, blank ones left out; `None` if it isn't of that
/// form. A broken document of many lines must not become as many broken events, so one line at
/// least must look like a whole object.
pub(super) fn cut(body: &[u8], events_max: usize) -> Option<Result<Vec<&[u8]>, Reason>> {
    let lines = reading::without_mark(body).split(|byte| *byte == b'\n');
    let lines = lines.map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    // One more than are allowed is enough to know.
    let lines: Vec<_> = lines.take(events_max.saturating_add(1).max(2)).collect();
    let is_object = |line: &&[u8]| line.starts_with(b"{") && line.ends_with(b"}");
    if lines.len() < 2 || !lines.iter().any(is_object) {
        return None;
    }
    Some(if lines.len() > events_max { Err(batch::too_large(events_max)) } else { Ok(lines) })
}

//! How far long work is, for a person who waits: nothing is said where stderr is no terminal.

use std::io::{IsTerminal, Write};

/// Often enough to see it move, too rarely to slow anything down.
const SAID_EVERY: u64 = 500;

/// A count on a line of its own, which goes away at the end.
pub(super) struct Progress {
    is_shown: bool,
    count: u64,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self::beside(false)
    }

    /// Says nothing where data goes to a terminal meanwhile, as it would run into it.
    pub(super) fn beside(data_on_terminal: bool) -> Self {
        Self { is_shown: !data_on_terminal && std::io::stderr().is_terminal(), count: 0 }
    }

    /// One more event is done.
    pub(super) fn advance(&mut self) {
        self.count += 1;
        if self.is_shown && self.count.is_multiple_of(SAID_EVERY) {
            let _ = write!(std::io::stderr(), "\r{} events", self.count);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown && self.count >= SAID_EVERY {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

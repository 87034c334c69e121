//! How much may be looked at and copied on behalf of one event.

/// A regular expression reads a text at a fraction of the speed at which it is copied.
const MATCHED_BYTES_PER_NODE: usize = 16;
const COPIED_BYTES_PER_NODE: usize = 64;

/// What is left of an amount of work, counted in nodes of JSON that are visited. Long texts count
/// as several. It is counted and not timed, so that the same event always gives the same result.
#[derive(Debug)]
pub struct Budget {
    nodes_left: usize,
    exhausted: bool,
}

impl Budget {
    pub fn new(nodes: usize) -> Self {
        Self { nodes_left: nodes, exhausted: false }
    }

    /// For what is bounded otherwise.
    pub fn unlimited() -> Self {
        Self::new(usize::MAX)
    }

    /// Whether something was asked for that there was not enough left for. What was found since
    /// is not to be relied on.
    pub fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    pub fn nodes_left(&self) -> usize {
        self.nodes_left
    }

    /// Takes `nodes` from what is left; `false` where that is not enough, and from then on.
    pub fn visit(&mut self, nodes: usize) -> bool {
        match self.nodes_left.checked_sub(nodes) {
            Some(left) => self.nodes_left = left,
            None => (self.nodes_left, self.exhausted) = (0, true),
        }
        !self.exhausted
    }

    /// For a text that is read from one end to the other, or copied.
    pub fn copy(&mut self, bytes: usize) -> bool {
        self.visit(bytes / COPIED_BYTES_PER_NODE)
    }

    /// For a text that a regular expression is tried on.
    pub(super) fn search(&mut self, bytes: usize) -> bool {
        self.visit(bytes / MATCHED_BYTES_PER_NODE)
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn what_is_used_up_stays_used_up() {
        let mut budget = Budget::new(10);
        assert!(budget.visit(4) && budget.copy(63) && budget.search(64) && budget.copy(64));
        assert_eq!((budget.nodes_left(), budget.is_exhausted()), (1, false));
        assert!(!budget.visit(2) && !budget.visit(0));
        assert_eq!((budget.nodes_left(), budget.is_exhausted()), (0, true));
    }
}

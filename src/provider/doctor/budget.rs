//! How much the doctor may hash for one request.

/// Hashing so much takes some 30 ms.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// What a trial costs beyond the body.
const TRIAL_BYTES: usize = 4 * 1024;

/// What is left.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(BYTES_MAX)
    }
}

impl Budget {
    /// Whether one more trial with `bytes` fits.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let cost = bytes.saturating_add(TRIAL_BYTES);
        let fits = self.0 >= cost;
        self.0 = self.0.saturating_sub(cost);
        fits
    }
}

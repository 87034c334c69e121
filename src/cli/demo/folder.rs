//! A folder that is gone when the demo ends.

use anyhow::Context;
use std::path::PathBuf;

pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("leadhook-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("{} can't be made", folder.display()))?;
        Ok(Self(folder))
    }

    pub(super) fn database(&self) -> PathBuf {
        self.0.join("leadhook.db")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left in the temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

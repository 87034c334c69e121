//! Says when mapping files may have changed: the file system's own events, a poll for what these
//! miss (shared folders, links to files elsewhere, secrets in files), and SIGHUP.
//!
//! The folder is watched, not its files: editors and Kubernetes replace files instead of writing to
//! them. And it may itself be replaced, which ends the events of the one that was watched: then the
//! new one is watched in its place.

use crate::reload::WakeUp;
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::Signal;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};

/// How often a folder is looked for that is not there, or can't be watched.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Watches a folder of mapping files for as long as somebody wants the wake-ups.
pub(super) struct Watch {
    folder: PathBuf,
    poll_every: Duration,
    wake_ups: mpsc::Sender<WakeUp>,
    /// Rings at every event of the file system.
    changed: Arc<Notify>,
    watched: Option<Watched>,
    /// Whether it was said that the folder can't be watched.
    complained: bool,
}

/// A folder that is watched.
struct Watched {
    /// Device and number of the folder: another one may come into its place.
    identity: (u64, u64),
    /// Whether it was moved away or removed: its number may have been given to another one since.
    lost: Arc<AtomicBool>,
    /// Its events end when it is dropped.
    _watcher: RecommendedWatcher,
}

impl Watch {
    pub(super) fn new(
        folder: PathBuf,
        poll_every: Duration,
        wake_ups: mpsc::Sender<WakeUp>,
    ) -> Self {
        let changed = Arc::new(Notify::new());
        // Events name the folder from the root.
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        Self { folder, poll_every, wake_ups, changed, watched: None, complained: false }
    }

    /// Sends wake-ups until nobody takes them any more.
    pub(super) async fn run(mut self, mut hang_ups: Signal) {
        let mut poll_at = Instant::now() + self.poll_every;
        self.watch_anew();
        // What changed before that raised no event.
        let mut wake_up = Some(WakeUp::Changed);
        loop {
            if let Some(wake_up) = wake_up
                && self.wake_ups.send(wake_up).await.is_err()
            {
                return;
            }
            let look_at = match self.watched {
                Some(_) => poll_at,
                None => poll_at.min(Instant::now() + LOOK_EVERY),
            };
            wake_up = tokio::select! {
                _ = hang_ups.recv() => Some(WakeUp::Asked),
                () = self.changed.notified() => Some(WakeUp::Changed),
                () = sleep_until(look_at) => None,
            };
            if self.watch_anew() {
                wake_up = wake_up.or(Some(WakeUp::Changed));
            }
            if Instant::now() >= poll_at {
                poll_at = Instant::now() + self.poll_every;
                wake_up = wake_up.or(Some(WakeUp::Poll));
            }
        }
    }

    /// Begins to watch the folder that is there now, unless it is watched already. Whether that has
    /// changed anything: the one that was watched is gone, or another one is there.
    fn watch_anew(&mut self) -> bool {
        let identity = identity(&self.folder);
        let is_it = |it: &Watched| Some(it.identity) == identity && !it.lost.load(Ordering::SeqCst);
        if self.watched.as_ref().is_some_and(is_it) {
            return false;
        }
        let was_watched = self.watched.take().is_some();
        let Some(identity) = identity else { return was_watched };
        let lost = Arc::new(AtomicBool::new(false));
        match watcher(&self.folder, Arc::clone(&self.changed), Arc::clone(&lost)) {
            Ok(watcher) => {
                tracing::debug!(folder = %self.folder.display(), "watching the mapping files");
                self.watched = Some(Watched { identity, lost, _watcher: watcher });
                self.complained = false;
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut self.complained, true) {
                    let poll_s = self.poll_every.as_secs_f64();
                    let what = "mapping files can't be watched: they are read at every poll only";
                    tracing::warn!(%error, poll_s, "{what}");
                }
                was_watched
            }
        }
    }
}

fn identity(folder: &Path) -> Option<(u64, u64)> {
    let metadata = std::fs::metadata(folder).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

fn watcher(
    folder: &Path,
    changed: Arc<Notify>,
    lost: Arc<AtomicBool>,
) -> notify::Result<RecommendedWatcher> {
    let watched = folder.to_owned();
    let ring = move |event: notify::Result<Event>| {
        if event.as_ref().is_ok_and(|event| is_end_of(&watched, event)) {
            lost.store(true, Ordering::SeqCst);
        }
        // An error may hide a change.
        if event.as_ref().map_or(true, |event| may_change(&event.kind)) {
            changed.notify_one();
        }
    };
    let mut watcher = notify::recommended_watcher(ring)?;
    // Samples lie in folders below.
    watcher.watch(folder, RecursiveMode::Recursive)?;
    Ok(watcher)
}

/// Whether the folder itself was moved away or removed.
fn is_end_of(folder: &Path, event: &Event) -> bool {
    let ends = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
    ends && event.paths.iter().any(|path| path == folder)
}

/// Reading the files is an event as well, and must not make them be read again.
fn may_change(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(access) => *access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, DataChange, RemoveKind, RenameMode};

    #[test]
    fn reading_is_no_change_and_everything_else_may_be_one() {
        for kind in [
            AccessKind::Open(AccessMode::Any),
            AccessKind::Read,
            AccessKind::Close(AccessMode::Read),
        ] {
            assert!(!may_change(&EventKind::Access(kind)), "{kind:?}");
        }
        for kind in [
            EventKind::Access(AccessKind::Close(AccessMode::Write)),
            EventKind::Create(CreateKind::File),
            EventKind::Modify(ModifyKind::Data(DataChange::Any)),
            EventKind::Modify(ModifyKind::Name(RenameMode::To)),
            EventKind::Remove(RemoveKind::File),
            EventKind::Other,
        ] {
            assert!(may_change(&kind), "{kind:?}");
        }
    }

    #[test]
    fn a_folder_ends_by_its_own_removal_and_not_by_that_of_a_file() {
        let folder = Path::new("mappings");
        let event = |kind, path: &str| Event::new(kind).add_path(PathBuf::from(path));
        let removed = EventKind::Remove(RemoveKind::Folder);
        let moved = EventKind::Modify(ModifyKind::Name(RenameMode::From));
        assert!(is_end_of(folder, &event(removed, "mappings")));
        assert!(is_end_of(folder, &event(moved, "mappings")));
        assert!(!is_end_of(folder, &event(moved, "mappings/clerk.toml")));
        assert!(!is_end_of(folder, &event(EventKind::Create(CreateKind::Folder), "mappings")));
    }
}

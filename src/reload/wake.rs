//! When to read the mapping files again.

use crate::clock::Clock;
use std::time::Duration;
use tokio::sync::mpsc;

/// A save is several changes of the file system: what is read before the last of them may be half
/// of it.
pub(super) const QUIET: Duration = Duration::from_millis(200);
/// Where changes never end, the files are read all the same.
const LATEST: Duration = Duration::from_secs(2);

/// A reason to read the mapping files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WakeUp {
    /// Something has changed in their folder.
    Changed,
    /// They have not been read for a while.
    Poll,
    /// A person asks for it.
    Asked,
}

/// Waits until the files are to be read: at once when somebody asks, otherwise when nothing has
/// changed for [`QUIET`], at the latest after [`LATEST`]. `None` where no wake-up can come any more.
pub(super) async fn next(
    wake_ups: &mut mpsc::Receiver<WakeUp>,
    clock: &dyn Clock,
) -> Option<WakeUp> {
    let first = wake_ups.recv().await?;
    if first == WakeUp::Asked {
        return Some(first);
    }
    let latest = clock.now().plus(LATEST);
    while clock.now() < latest {
        let quiet = clock.now().plus(QUIET).min(latest);
        let another = tokio::select! {
            biased;
            another = wake_ups.recv() => another,
            () = clock.sleep_until(quiet) => None,
        };
        match another {
            Some(WakeUp::Asked) => return another,
            Some(WakeUp::Changed | WakeUp::Poll) => {}
            None => break,
        }
    }
    Some(first)
}

#[cfg(test)]
mod tests {
    use super::WakeUp::{Asked, Changed, Poll};
    use super::*;
    use crate::clock::Manual;
    use crate::model::Timestamp;
    use futures_util::FutureExt;
    use std::pin::pin;

    /// Sends `sent`, each after so many milliseconds, and lets time pass; what comes of it, and
    /// after how many.
    #[track_caller]
    fn check(sent: &[(u64, WakeUp)], expected: (WakeUp, i64)) {
        let clock = Manual::at(Timestamp::from_millis(0));
        let (sender, mut receiver) = mpsc::channel(1);
        let mut waiting = pin!(next(&mut receiver, &clock));
        let step = Duration::from_millis(1);
        let mut sent = sent.iter();
        let mut due = sent.next().map(|(after_ms, wake_up)| (*after_ms, *wake_up));
        for _ in 0..10_000 {
            if let Some((0, wake_up)) = due {
                sender.try_send(wake_up).expect("the last one was taken");
                due = sent.next().map(|(after_ms, wake_up)| (*after_ms, *wake_up));
            }
            if let Some(wake_up) = waiting.as_mut().now_or_never() {
                return assert_eq!((wake_up, clock.now().millis()), (Some(expected.0), expected.1));
            }
            clock.advance(step);
            due = due.map(|(after_ms, wake_up)| (after_ms - 1, wake_up));
        }
        panic!("it never wakes up");
    }

    #[test]
    fn changes_are_waited_out_and_whoever_asks_is_not_kept_waiting() {
        check(&[(0, Changed)], (Changed, 200));
        check(&[(0, Changed), (150, Changed), (150, Changed)], (Changed, 500));
        check(&[(0, Changed), (100, Poll)], (Changed, 300));
        check(&[(0, Changed), (100, Asked)], (Asked, 100));
        check(&[(5, Asked)], (Asked, 5));
        // A poll may come while a file is being written.
        check(&[(0, Poll), (150, Changed)], (Poll, 350));
    }

    #[test]
    fn changes_without_an_end_are_read_all_the_same() {
        check(&[(100, Changed); 64], (Changed, 2_100));
    }

    #[test]
    fn without_anybody_to_wake_it_it_ends() {
        let clock = Manual::at(Timestamp::from_millis(0));
        let (sender, mut receiver) = mpsc::channel(1);
        sender.try_send(Changed).expect("there is room");
        drop(sender);
        assert_eq!(next(&mut receiver, &clock).now_or_never(), Some(Some(Changed)));
        assert_eq!(next(&mut receiver, &clock).now_or_never(), Some(None));
    }
}

//! The wake-up between those who store deliveries and those who attempt them.
//!
//! When the delivery side is idle it offers slots; ingest takes one before it stores a lead, stores
//! the lead as leased and sends it through the slot. Losing what is sent loses nothing: its lease
//! expires, and the delivery is due again.

use super::Claimed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};

/// The side of ingest: cheap to clone, shared by all connections.
#[derive(Clone, Debug)]
pub struct HandOver(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    slots: Mutex<Slots>,
    sender: mpsc::UnboundedSender<Claimed>,
    due: Notify,
}

#[derive(Debug, Default)]
struct Slots {
    /// May still be taken.
    free: usize,
    /// Are taken, and neither used nor dropped yet.
    taken: usize,
}

/// The right to hand over one delivery. Dropping it unused gives it back.
#[derive(Debug)]
pub struct Slot {
    shared: Arc<Shared>,
    used: bool,
}

impl HandOver {
    /// The hand-over and the end from which the delivery side receives.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Claimed>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let shared = Shared { slots: Mutex::default(), sender, due: Notify::new() };
        (Self(Arc::new(shared)), receiver)
    }

    /// A slot, if the delivery side has offered one.
    pub fn take(&self) -> Option<Slot> {
        let mut slots = self.0.slots();
        slots.free = slots.free.checked_sub(1)?;
        slots.taken += 1;
        Some(Slot { shared: Arc::clone(&self.0), used: false })
    }

    /// Tells the delivery side that something is due in the store.
    pub fn wake(&self) {
        self.0.due.notify_one();
    }

    /// Delivery side: how many deliveries may be under way beside those that it knows of. Slots
    /// taken before count against it.
    pub fn offer(&self, slots: usize) {
        let mut now = self.0.slots();
        now.free = slots.saturating_sub(now.taken);
    }

    /// Delivery side: slots taken, and neither used nor dropped yet.
    pub fn taken(&self) -> usize {
        self.0.slots().taken
    }

    /// Delivery side: waits for [`HandOver::wake`], also for one that came before.
    pub async fn woken(&self) {
        self.0.due.notified().await;
    }
}

impl Shared {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Hands a delivery over. If nobody receives any more, its lease expires in the store.
    pub fn send(mut self, claimed: Claimed) {
        self.used = true;
        let _ = self.shared.sender.send(claimed);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut slots = self.shared.slots();
        slots.taken -= 1;
        if !self.used {
            // It may have been the last, for which something due has been waiting.
            if slots.free == 0 {
                self.shared.due.notify_one();
            }
            slots.free += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HandOver;

    #[test]
    fn slots_are_taken_given_back_and_never_more_than_offered() {
        let (hand_over, _receiver) = HandOver::new();
        assert!(hand_over.take().is_none());
        hand_over.offer(2);
        let (first, second) = (hand_over.take(), hand_over.take());
        assert!(first.is_some() && second.is_some() && hand_over.take().is_none());
        drop(first);
        assert_eq!(hand_over.taken(), 1);
        hand_over.offer(2);
        assert!(hand_over.take().is_some_and(|slot| hand_over.take().is_none() && !slot.used));
    }
}

//! Who watches, and up to which revision each has applied the changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::RegistryError;

/// The watchers connected to this replica. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Watchers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    max: usize,
    seats: Mutex<Seats>,
    moved: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Seats {
    next: u64,
    /// `None` until the watcher has said where it stands.
    applied: HashMap<u64, Option<u64>>,
}

/// One watcher's place; given up when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    id: u64,
    watchers: Watchers,
}

impl Watchers {
    pub(super) fn new(max: usize) -> Self {
        Self(Arc::new(Inner { max, seats: Mutex::default(), moved: watch::Sender::default() }))
    }

    /// A place for one more.
    pub(super) fn seat(&self) -> Result<Seat, RegistryError> {
        let mut seats = self.seats();
        if seats.applied.len() >= self.0.max {
            return Err(RegistryError::LimitReached { limit: "watchers of this replica" });
        }
        let id = seats.next;
        seats.next += 1;
        seats.applied.insert(id, None);
        Ok(Seat { id, watchers: self.clone() })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.seats().applied.len()
    }

    /// Ends when no watcher is left that stands before `revision`.
    pub(super) async fn all_at(&self, revision: u64) {
        let mut moved = self.0.moved.subscribe();
        while self.seats().applied.values().flatten().any(|applied| *applied < revision) {
            if moved.changed().await.is_err() {
                return;
            }
        }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.0.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// The watcher has applied everything up to `revision`.
    pub(super) fn applied(&self, revision: u64) {
        self.watchers.seats().applied.insert(self.id, Some(revision));
        self.watchers.0.moved.send_replace(());
    }

    /// Up to where it has applied everything.
    pub(super) fn stands_at(&self) -> u64 {
        self.watchers.seats().applied.get(&self.id).copied().flatten().unwrap_or_default()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.watchers.seats().applied.remove(&self.id);
        self.watchers.0.moved.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_write_is_settled_when_every_watcher_applied_it_or_left() {
        let watchers = Watchers::new(3);
        let (first, second) = (watchers.seat().expect("a seat"), watchers.seat().expect("a seat"));
        let silent = watchers.seat().expect("a seat");
        first.applied(4);
        second.applied(4);
        let settled = || watchers.all_at(5).now_or_never().is_some();
        assert!(!settled());
        first.applied(5);
        assert!(!settled());
        drop(second);
        assert!(settled(), "one has applied it, one has left, one never said where it stands");
        drop(silent);
    }

    #[test]
    fn there_are_no_more_seats_than_the_bound() {
        let watchers = Watchers::new(1);
        let only = watchers.seat().expect("a seat");
        assert!(matches!(watchers.seat(), Err(RegistryError::LimitReached { .. })));
        drop(only);
        assert!(watchers.seat().is_ok());
    }
}

//! The connections to a sibling that stand, who may call over which, and whether more are likely soon.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::coop::consume_budget;
use tokio::time::timeout;

use super::circuit::Circuit;
use super::open::{Line, Open, Place};

/// The connections that stand. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    standing: watch::Sender<Standing>,
    turns: AtomicUsize,
    queue: Arc<Queue>,
    /// Calls that may wait at the same time.
    most_waiting: usize,
}

#[derive(Debug, Default)]
struct Standing {
    open: Vec<Arc<Open>>,
    /// Attempts under way that did not just fail: a call waits for them, and for nothing else.
    hopes: usize,
}

/// Those who wait for a place.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// A place of the kind that the call wants which waits: on a shared stream, or not.
    freed: Freed,
    waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct Freed {
    shared: Notify,
    own: Notify,
}

impl Queue {
    /// A place is free, on a stream that calls share or not.
    pub(super) fn next(&self, is_shared: bool) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.freed.shared.notify_one();
            if !is_shared {
                self.freed.own.notify_one();
            }
        }
    }

    /// There are so many more places of every kind.
    pub(super) fn grew(&self, places: usize) {
        for _ in 0..places.min(self.waiting.load(Ordering::SeqCst)) {
            self.next(false);
        }
    }

    fn freed(&self, may_share: bool) -> &Notify {
        if may_share { &self.freed.shared } else { &self.freed.own }
    }
}

/// Why a call does not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// No connection stands, or whoever is at the other end of those that do only fails.
    Nobody,
    /// All that stand have as many calls under way as the other end takes, and enough wait already.
    Full,
}

/// What kind of place a call wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Elsewhere, if there is another.
    pub(super) avoided: Option<SocketAddr>,
    /// On a stream that calls share, where there is one.
    pub(super) may_share: bool,
}

impl Pool {
    /// Empty; at most `most_waiting` calls wait for what it does not have.
    pub(super) fn new(most_waiting: usize) -> Self {
        let standing = watch::Sender::new(Standing::default());
        Self(Arc::new(Inner { standing, turns: AtomicUsize::new(0), queue: Arc::default(), most_waiting }))
    }

    /// Says that a connection may stand soon, until the value is dropped.
    pub(super) fn hope(&self) -> Hope {
        self.0.standing.send_modify(|standing| standing.hopes += 1);
        Hope(self.clone())
    }

    /// Takes in a connection, until the value is dropped.
    pub(super) fn publish(&self, address: SocketAddr, line: Line, circuit: Arc<Circuit>) -> Published {
        let open = Arc::new(Open::new(address, line, circuit, Arc::clone(&self.0.queue)));
        self.0.standing.send_modify(|standing| standing.open.push(Arc::clone(&open)));
        Published { pool: self.clone(), open }
    }

    /// Those who wait for a place.
    pub(super) fn queue(&self) -> Arc<Queue> {
        Arc::clone(&self.0.queue)
    }

    /// A place on a connection: of two whose turn it is, the less busy; not at `avoided` if there is another. Waits for
    /// one while a connection may stand soon or those that do are full, not longer than `patience`, and only so many do.
    pub(super) async fn place(&self, patience: Duration, wanted: Wanted) -> Result<Place, NoPlace> {
        let outcome = self.at_once(wanted);
        if let Some(outcome) = outcome {
            // Whoever asks again and again leaves others their turn.
            consume_budget().await;
            return outcome;
        }
        let Some(_waiting) = Waiting::begin(&self.0) else { return Err(NoPlace::Full) };
        match timeout(patience, self.wait(wanted)).await {
            Ok(outcome) => outcome,
            Err(_) => self.turn(&self.0.standing.borrow(), wanted),
        }
    }

    /// What there is without waiting; `None` where waiting may help.
    fn at_once(&self, wanted: Wanted) -> Option<Result<Place, NoPlace>> {
        let standing = self.0.standing.borrow();
        match self.turn(&standing, wanted) {
            Err(NoPlace::Nobody) if standing.hopes > 0 => None,
            Err(NoPlace::Full) => None,
            outcome => Some(outcome),
        }
    }

    async fn wait(&self, wanted: Wanted) -> Result<Place, NoPlace> {
        let mut standing = self.0.standing.subscribe();
        loop {
            let mut freed = pin!(self.0.queue.freed(wanted.may_share).notified());
            // In line before it looks: of two places that are freed after the look, each wakes somebody.
            freed.as_mut().enable();
            standing.mark_unchanged();
            if let Some(outcome) = self.at_once(wanted) {
                return outcome;
            }
            tokio::select! {
                () = freed.as_mut() => {}
                changed = standing.changed() => changed.map_err(|_| NoPlace::Nobody)?,
            }
        }
    }

    fn turn(&self, standing: &Standing, wanted: Wanted) -> Result<Place, NoPlace> {
        let Wanted { avoided, may_share } = wanted;
        let usable = || standing.open.iter().filter(|open| open.is_usable());
        let many = standing.open.len();
        let first = self.0.turns.fetch_add(1, Ordering::Relaxed).checked_rem(many).unwrap_or(0);
        let in_turn = standing.open.iter().cycle().skip(first).take(many);
        let has_place = |open: &&Arc<Open>| open.is_usable() && open.has_place(may_share);
        let two = in_turn.clone().filter(has_place).filter(|open| Some(open.address()) != avoided).take(2);
        let chosen = two.min_by_key(|open| open.under_way()).or_else(|| in_turn.clone().find(has_place));
        let refused = || if usable().next().is_some() { NoPlace::Full } else { NoPlace::Nobody };
        chosen.and_then(|open| open.place(may_share)).ok_or_else(refused)
    }
}

/// One who waits, counted until it is dropped.
struct Waiting<'p>(&'p Queue);

impl<'p> Waiting<'p> {
    fn begin(pool: &'p Inner) -> Option<Self> {
        let waiting = Self(&pool.queue);
        let before = pool.queue.waiting.fetch_add(1, Ordering::SeqCst);
        (before < pool.most_waiting).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Keeps calls waiting.
#[derive(Debug)]
pub(super) struct Hope(Pool);

impl Drop for Hope {
    fn drop(&mut self) {
        self.0.0.standing.send_modify(|standing| standing.hopes = standing.hopes.saturating_sub(1));
    }
}

/// Keeps a connection in the pool. Requests under way on it may end after.
#[derive(Debug)]
pub(super) struct Published {
    pool: Pool,
    open: Arc<Open>,
}

impl Drop for Published {
    fn drop(&mut self) {
        self.pool.0.standing.send_modify(|standing| standing.open.retain(|open| !Arc::ptr_eq(open, &self.open)));
    }
}

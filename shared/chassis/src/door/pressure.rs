//! Takes in fewer requests once those that could go on wait too long for a core.
//!
//! A queue that grows helps nobody: all wait, and the first in line may have given up. So the time that a ready task waits
//! for its turn is measured a hundred times a second. While it is longer than it should be, those addresses are refused
//! that ask for more than their share of what is done; those who ask for less are refused only when that does not help.
//!
//! Refusing costs a good part of what answering does. So for each four requests that are let in, one refusal is told, and
//! whoever is refused waits for that: a caller that would ask again at once asks less
//! (docs/decisions/0016-refuse-early-by-how-long-a-core-is-waited-for.md).

mod demand;

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use self::demand::{Askers, Demand};
use super::addresses::holder;

/// What a door knows of how long its requests wait for a core.
#[derive(Debug)]
pub(super) struct Pressure {
    target: Duration,
    /// A [`Gate`].
    gate: AtomicU8,
    askers: Askers,
    refused: AtomicU64,
    /// Instants are nanoseconds since then.
    began: Instant,
    /// Nanoseconds between two answers that refuse.
    pace: AtomicU64,
    /// The instant at which the next of them may go.
    next_refusal: AtomicU64,
    hashes: RandomState,
    steering: Mutex<Steering>,
}

/// Who is let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gate {
    /// Everybody, and nobody is counted.
    #[default]
    Open,
    /// Everybody.
    Counting,
    /// Who asks for no more than his share.
    Fair,
    /// Nobody.
    Shut,
}

#[derive(Debug, Default)]
struct Steering {
    gate: Gate,
    /// The wait as it was last seen, smoothed; seconds.
    wait: f64,
    /// How long it has been over the target.
    over: Duration,
    /// How long nobody had to be refused.
    calm: Duration,
    demand: Demand,
}

impl Pressure {
    /// None yet. `target` is how long a ready task may wait.
    pub(super) fn new(target: Duration) -> Self {
        Self {
            target,
            gate: AtomicU8::new(Gate::Open as u8),
            askers: Askers::default(),
            refused: AtomicU64::new(0),
            began: Instant::now(),
            pace: AtomicU64::new(nanos(SLOWEST_PACE)),
            next_refusal: AtomicU64::new(0),
            hashes: RandomState::new(),
            steering: Mutex::default(),
        }
    }

    /// Whether one more request is let in: of `address`, or of many, who are not to pay for one another.
    pub(super) fn lets_in(&self, address: Option<IpAddr>) -> bool {
        let gate = self.gate.load(Ordering::Relaxed);
        if gate == Gate::Open as u8 {
            return true;
        }
        let asks = |address| self.askers.count(self.hashes.hash_one(holder(address)));
        let asks_for_much = address.is_some_and(asks);
        let lets_in = gate == Gate::Counting as u8 || gate == Gate::Fair as u8 && !asks_for_much;
        if lets_in {
            self.askers.let_in();
        } else {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        lets_in
    }

    /// How long to wait until one more may be told that it is refused.
    pub(super) fn hold(&self) -> Duration {
        let (now, pace) = (nanos(self.began.elapsed()), self.pace.load(Ordering::Relaxed));
        let latest = now + nanos(LONGEST_HOLD);
        let next = |turn: u64| Some(turn.max(now).saturating_add(pace).min(latest));
        let turn = self.next_refusal.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or(latest);
        Duration::from_nanos(turn.clamp(now, latest) - now)
    }

    /// Looks again `elapsed` after the last time, when a ready task has waited `wait`.
    pub(super) fn see(&self, wait: Duration, elapsed: Duration) {
        let mut steering = self.steering.lock().unwrap_or_else(PoisonError::into_inner);
        steering.see(wait, elapsed, self.target, self.refused.swap(0, Ordering::Relaxed) > 0);
        let (before, next) = (steering.gate, steering.next(self.target));
        if before == Gate::Open {
            steering.demand = Demand::default();
        } else {
            let done = steering.demand.see(&self.askers);
            let pace = LOOK.mul_f64(1.0 / (done * REFUSALS).max(1.0)).min(SLOWEST_PACE);
            self.pace.store(nanos(pace), Ordering::Relaxed);
        }
        if next != before {
            tell(before, next, wait, self.target);
        }
        steering.gate = next;
        self.gate.store(next as u8, Ordering::Relaxed);
    }

    /// Looks again and again while anybody holds `pressure`.
    pub(super) async fn watch(pressure: Weak<Self>) {
        let mut last = Instant::now();
        while pressure.strong_count() > 0 {
            let due = last + LOOK;
            sleep_until(due).await;
            // To the end of the line: whoever is ready now goes first.
            yield_now().await;
            let now = Instant::now();
            let Some(pressure) = Weak::upgrade(&pressure) else { return };
            pressure.see(now.saturating_duration_since(due), now.saturating_duration_since(last));
            last = now;
        }
    }

    /// Starts to look.
    pub(super) fn start(target: Duration) -> Arc<Self> {
        let pressure = Arc::new(Self::new(target));
        tokio::spawn(Self::watch(Arc::downgrade(&pressure)));
        pressure
    }
}

impl Steering {
    fn see(&mut self, wait: Duration, elapsed: Duration, target: Duration, has_refused: bool) {
        self.wait += (wait.as_secs_f64() - self.wait) * SMOOTH;
        let is_over = self.wait > target.as_secs_f64();
        self.over = if is_over { self.over + elapsed } else { Duration::ZERO };
        self.calm = if is_over || has_refused { Duration::ZERO } else { self.calm + elapsed };
    }

    fn next(&self, target: Duration) -> Gate {
        let (is_over, refuses) = (!self.over.is_zero(), matches!(self.gate, Gate::Fair | Gate::Shut));
        match self.gate {
            Gate::Open if !is_over => Gate::Open,
            Gate::Open => Gate::Counting,
            _ if self.calm > CALM => Gate::Open,
            _ if self.over >= PATIENCE && self.wait > target.as_secs_f64() * FAR => Gate::Shut,
            _ if is_over && (refuses || self.over >= PATIENCE) => Gate::Fair,
            _ => Gate::Counting,
        }
    }
}

fn tell(before: Gate, next: Gate, wait: Duration, target: Duration) {
    match (before, next) {
        (Gate::Open, _) => tracing::warn!(?wait, ?target, "requests wait long for a core: a door may refuse some"),
        (_, Gate::Open) => tracing::info!("a door takes in every request again"),
        _ => {}
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Between two looks.
const LOOK: Duration = Duration::from_millis(10);
/// A wait that passes by itself is none that refusals would shorten.
const PATIENCE: Duration = Duration::from_millis(50);
/// After so long without a need to refuse, nobody is counted any more.
const CALM: Duration = Duration::from_millis(500);
/// Of what is seen, so much counts at once: a single look is noise.
const SMOOTH: f64 = 0.5;
/// So many times the target is too long for anybody.
const FAR: f64 = 2.0;
/// Refusals for each request that is let in.
const REFUSALS: f64 = 0.25;
/// A hundred refusals a second are told at any time.
const SLOWEST_PACE: Duration = Duration::from_millis(10);
/// As long as `Retry-After` says: nobody is kept for longer.
const LONGEST_HOLD: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;

//! Says in the log, seldom enough, that a key is not relieved: while there is time to see why, and when there is none left.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mintage_clock::Clock;

use super::{Directory, Keys};
use crate::domain::ports::Held;
use crate::domain::{Ring, RingName};

/// When something was said last of each ring.
#[derive(Debug, Default)]
pub(super) struct Said(Mutex<HashMap<RingName, Duration>>);

impl Said {
    /// Whether it is time to say it again.
    fn again(&self, ring: &RingName, clock: &Clock) -> bool {
        let now = clock.monotonic();
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Bounded by the rings there are; those that are fine again are forgotten.
        said.retain(|_, at| now.saturating_sub(*at) < EACH);
        let due = !said.contains_key(ring);
        said.entry(ring.clone()).or_insert(now);
        due
    }

    /// Says something of a ring that is so again and again.
    pub(super) fn tell_once(&self, ring: &RingName, clock: &Clock, say: impl FnOnce()) {
        if self.again(ring, clock) {
            say();
        }
    }

    /// Says whom an activation waits for.
    pub(super) fn tell(&self, ring: &RingName, held: &Held, clock: &Clock) {
        self.tell_once(ring, clock, || {
            let Held { watchers, holding, waiting_for } = held;
            tracing::warn!(%ring, watchers, holding, ?waiting_for, "an announced key waits for watchers of the key set");
        });
    }
}

impl Keys {
    /// Says which active keys sign on past their turn, or not any more.
    pub(super) fn alarm(&self, directory: &Directory) {
        for ring in directory.views().map(super::RingView::ring) {
            self.alarm_of(ring);
        }
    }

    fn alarm_of(&self, ring: &Ring) {
        let (name, clock) = (ring.name(), self.clock());
        let now = clock.now();
        if ring.overdue(now, self.policy()) >= ALARMING && self.overdue.again(name, clock) {
            let seconds_left = ring.signs_for(now).unwrap_or_default().as_secs();
            if seconds_left == 0 {
                tracing::error!(ring = %name, "the active key has expired: nothing is signed until another is activated");
            } else {
                tracing::error!(ring = %name, seconds_left, "the active key is not relieved and will stop signing");
            }
        }
    }
}

/// The part of the time allowed after which somebody has to hear of it.
const ALARMING: f64 = 0.25;

const EACH: Duration = Duration::from_mins(1);

//! A ring as operators want to see it: what happens next, and who holds which key.

use mintage_clock::Timestamp;
use mintage_jose::Kid;

use super::Keys;
use crate::domain::ports::Held;
use crate::domain::{PortError, Ring, RotationPolicy};

/// A ring and what is known of it beside its keys.
#[derive(Clone, Debug)]
pub struct RingStatus {
    /// The ring.
    pub ring: Ring,
    /// How its keys follow each other, in effect.
    pub policy: RotationPolicy,
    /// When its next key's turn is; `None`: its keys do not follow by themselves.
    pub turn_at: Option<Timestamp>,
    /// When its next key signs, if no watcher holds it back.
    pub activation_at: Option<Timestamp>,
    /// How many watchers of the key set are connected.
    pub watchers: u32,
    /// How many of them hold each key.
    pub holders: Vec<(Kid, u32)>,
    /// Some that do not hold an announced key.
    pub waiting_for: Vec<String>,
    /// What its next key waits for, if it could sign but for its watchers.
    pub waits: Option<Wait>,
}

/// A key that could sign waits for watchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How many have not acknowledged it.
    pub behind: u32,
    /// When it signs all the same.
    pub until: Option<Timestamp>,
}

impl Keys {
    /// What is known of a ring.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn status(&self, ring: Ring) -> Result<RingStatus, PortError> {
        let policy = self.policy();
        let (mut watchers, mut holders, mut waiting_for, mut waits) = (0, Vec::new(), Vec::new(), None);
        // Newest first: whom it waits for is said of the last key that somebody does not hold. Who holds the one that signs
        // holds those before it.
        let served: Vec<_> = ring.served().filter(|_| ring.name().is_public()).collect();
        let mut holding = 0;
        for key in served.into_iter().rev() {
            if key.state.is_pending() || key.state.is_active() {
                let held = self.held(&ring, key.announced_in).await?;
                (watchers, holding) = (held.watchers, held.holding);
                if ring.next().is_some_and(|next| next.kid == key.kid) {
                    waits = self.wait_of(&ring, &held);
                }
                if key.state.is_pending() && waiting_for.is_empty() {
                    waiting_for = held.waiting_for;
                }
            }
            holders.push((key.kid.clone(), holding));
        }
        Ok(RingStatus {
            policy: ring.terms(policy).rotation,
            turn_at: ring.turn_at(policy),
            activation_at: ring.activation_at(policy),
            ring,
            watchers,
            holders,
            waiting_for,
            waits,
        })
    }

    fn wait_of(&self, ring: &Ring, held: &Held) -> Option<Wait> {
        let due = ring.activation_at(self.policy()).filter(|at| *at <= self.clock().now() && !held.by_all())?;
        let behind = held.watchers.saturating_sub(held.holding);
        Some(Wait { behind, until: self.operations.waits_until(ring, due) })
    }

    /// As it was last kept: looking keeps nothing, and is possible while the database takes no writes.
    async fn held(&self, ring: &Ring, version: Option<u64>) -> Result<Held, PortError> {
        self.operations.evidence.last_known(ring.name().tenant(), version.unwrap_or(u64::MAX)).await
    }
}

//! A ring of keys: exactly one signs, at most one is announced to sign next, the others retire.

use std::sync::Arc;

use mintage_clock::Timestamp;
use mintage_jose::Kid;

use super::{KeyState, Policy, RingName, TransitionError};

/// What may be known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name, never given to another key.
    pub kid: Kid,
    /// The public JWK as JSON; `None` with HS256.
    pub jwk: Option<Arc<str>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is in `state`.
    pub since: Timestamp,
    /// Where it stands in its life.
    pub state: KeyState,
}

impl Key {
    fn new(fresh: FreshKey, state: KeyState, now: Timestamp) -> Self {
        Self { kid: fresh.kid, jwk: fresh.jwk, created_at: now, since: now, state }
    }

    fn moved(&mut self, state: KeyState, now: Timestamp) {
        // A scheduled key is still in the state it was in.
        if std::mem::discriminant(&self.state) != std::mem::discriminant(&state) {
            self.since = now;
        }
        self.state = state;
    }
}

/// A key that no ring holds yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreshKey {
    /// Its name.
    pub kid: Kid,
    /// The public JWK as JSON; `None` with HS256.
    pub jwk: Option<Arc<str>>,
}

/// The keys of a ring that are served, and those that the last change ended. A ring whose keys have all ended is ended
/// itself; any other has exactly one active key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    name: RingName,
    version: u64,
    keys: Vec<Key>,
}

impl Ring {
    /// A new ring: one key signs at once, and the next is announced with it.
    ///
    /// `version` is the version of the ended ring of that name, 0 when there was none.
    #[must_use]
    pub fn born(name: RingName, version: u64, active: FreshKey, next: FreshKey, now: Timestamp) -> Self {
        let keys =
            vec![Key::new(active, KeyState::Active, now), Key::new(next, KeyState::announced_with_ring(now), now)];
        Self { name, version, keys }
    }

    /// A ring as it was kept.
    ///
    /// # Errors
    /// When keys are served without exactly one that signs, or with two that are announced.
    pub fn restore(name: RingName, version: u64, keys: Vec<Key>) -> Result<Self, RingError> {
        let ring = Self { name, version, keys };
        let count = |wanted: fn(&KeyState) -> bool| ring.served().filter(|key| wanted(&key.state)).count();
        let active = count(|state| *state == KeyState::Active);
        let pending = count(|state| matches!(state, KeyState::Pending { .. }));
        let expected = usize::from(!ring.is_ended());
        if active == expected && pending <= expected { Ok(ring) } else { Err(RingError::Broken { active, pending }) }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &RingName {
        &self.name
    }

    /// The version that was read; whoever keeps a change compares it.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Every key it holds, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The keys that stand in the key set.
    pub fn served(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|key| key.state.is_served())
    }

    /// Whether no key of it is served.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.served().next().is_none()
    }

    /// The key that signs; `None` when the ring has ended.
    #[must_use]
    pub fn active(&self) -> Option<&Key> {
        self.keys.iter().find(|key| key.state == KeyState::Active)
    }

    /// The key that is announced to sign next.
    #[must_use]
    pub fn next(&self) -> Option<&Key> {
        self.keys.iter().find(|key| matches!(key.state, KeyState::Pending { .. }))
    }

    /// When a step is due by itself; `None`: never.
    #[must_use]
    pub fn due_at(&self, policy: &Policy) -> Option<Timestamp> {
        let lacks_next = self.next().is_none() && self.room(policy).is_ok();
        let unannounced = self.active().filter(|_| lacks_next).map(|active| active.since);
        self.keys.iter().filter_map(|key| key.state.next_step_at()).chain(unannounced).min()
    }

    /// Whether the announced key is asked to sign and may.
    #[must_use]
    pub fn activation_is_due(&self, now: Timestamp) -> bool {
        let asked = self.next().and_then(|next| next.state.next_step_at());
        asked.is_some_and(|activate_at| activate_at <= now)
    }

    /// Asks the announced key to sign as soon as every verifier can know it.
    ///
    /// # Errors
    /// When none is announced, or the ring has no room for its successor.
    pub fn schedule(mut self, now: Timestamp, policy: &Policy) -> Result<Self, RingError> {
        self.room(policy)?;
        let next = self.pending_mut()?;
        let state = next.state.schedule(now)?;
        next.moved(state, now);
        Ok(self)
    }

    /// Lets the announced key sign, and retires the one that signed.
    ///
    /// # Errors
    /// When none is announced, or not yet long enough.
    pub fn activate_next(mut self, now: Timestamp, policy: &Policy) -> Result<Self, RingError> {
        let next = self.pending_mut()?;
        let activated = next.state.activate(now)?;
        next.moved(activated, now);
        let kid = next.kid.clone();
        let retiring = self.keys.iter_mut().filter(|key| key.state == KeyState::Active && key.kid != kid);
        for key in retiring {
            let retired = key.state.retire(now, policy)?;
            key.moved(retired, now);
        }
        Ok(self)
    }

    /// Announces a new key.
    ///
    /// # Errors
    /// When the ring has ended or is full, one is announced already, or the ring knows the name.
    pub fn announce(mut self, fresh: FreshKey, now: Timestamp, policy: &Policy) -> Result<Self, RingError> {
        if self.is_ended() {
            return Err(RingError::Ended);
        }
        if self.next().is_some() {
            return Err(RingError::AlreadyAnnounced);
        }
        if self.keys.iter().any(|key| key.kid == fresh.kid) {
            return Err(RingError::KidReused);
        }
        self.room(policy)?;
        self.keys.push(Key::new(fresh, KeyState::announced(now, policy), now));
        Ok(self)
    }

    /// Takes out every key whose last token has expired.
    #[must_use]
    pub fn remove_expired(mut self, now: Timestamp) -> Self {
        for key in &mut self.keys {
            if let Ok(removed) = key.state.remove(now) {
                key.moved(removed, now);
            }
        }
        self
    }

    /// Ends a key at once. When it is the one that signs, the announced one takes over; announce another then.
    ///
    /// # Errors
    /// When the key is not in the ring or has ended, or it signs and no successor can take over yet.
    pub fn revoke(self, kid: &Kid, now: Timestamp, policy: &Policy) -> Result<Self, RingError> {
        let signs = self.active().is_some_and(|active| active.kid == *kid);
        let mut ring = if signs { self.activate_next(now, policy)? } else { self };
        let key = ring.keys.iter_mut().find(|key| key.kid == *kid).ok_or(RingError::KeyUnknown)?;
        let revoked = key.state.revoke()?;
        key.moved(revoked, now);
        Ok(ring)
    }

    /// Ends the ring with every key in it.
    #[must_use]
    pub fn end(mut self, now: Timestamp) -> Self {
        for key in &mut self.keys {
            if let Ok(removed) = key.state.discard() {
                key.moved(removed, now);
            }
        }
        self
    }

    fn pending_mut(&mut self) -> Result<&mut Key, RingError> {
        let mut keys = self.keys.iter_mut();
        keys.find(|key| matches!(key.state, KeyState::Pending { .. })).ok_or(RingError::NothingAnnounced)
    }

    fn room(&self, policy: &Policy) -> Result<(), RingError> {
        let limit = policy.max_served_keys();
        if self.served().count() < limit { Ok(()) } else { Err(RingError::Full { limit }) }
    }
}

/// Why a ring cannot change so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// What was kept is not a ring.
    #[error("the ring has {active} active and {pending} pending keys")]
    Broken {
        /// How many sign.
        active: usize,
        /// How many are announced.
        pending: usize,
    },
    /// The ring has no key left.
    #[error("the ring has ended")]
    Ended,
    /// Two keys cannot be next.
    #[error("a key is announced already")]
    AlreadyAnnounced,
    /// No key can be activated.
    #[error("no key is announced")]
    NothingAnnounced,
    /// The name was given before.
    #[error("the kid names another key")]
    KidReused,
    /// The key is not in the ring.
    #[error("the key is not in the ring")]
    KeyUnknown,
    /// Verifiers would have to hold too many keys.
    #[error("the ring serves {limit} keys, its limit; wait until one is removed")]
    Full {
        /// The limit.
        limit: usize,
    },
    /// A key cannot take the step.
    #[error(transparent)]
    Transition(#[from] TransitionError),
}

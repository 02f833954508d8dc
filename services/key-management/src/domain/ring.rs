//! A ring of keys: exactly one signs, the next are announced in their order, the others retire. `steps` is how it changes.

mod steps;

use std::sync::Arc;
use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_jose::Kid;
use mintage_oauth::TokenLifetime;
pub use steps::Ready;

use super::rotation::LONGEST;
use super::{KeyState, Policy, RingName, RotationPolicy, Terms, TransitionError};

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
    /// The longest life of a token that it has signed or may sign.
    pub longest_token: TokenLifetime,
    /// The version from which on the key set of its tenant holds it; `None` until the change that announces it is kept.
    pub announced_in: Option<u64>,
    /// Whether the times of `state` count from an instant at which the change that brought it had been seen to be kept. A
    /// change may become visible long after it was made: until somebody has seen it, no step follows from its times.
    pub settled: bool,
}

impl Key {
    fn new(fresh: FreshKey, state: KeyState, longest_token: TokenLifetime, now: Timestamp) -> Self {
        let FreshKey { kid, jwk } = fresh;
        Self { kid, jwk, created_at: now, since: now, state, longest_token, announced_in: None, settled: true }
    }

    fn moved(&mut self, state: KeyState, now: Timestamp) {
        // A key that is asked to sign, or kept longer, is still in the state it was in.
        if std::mem::discriminant(&self.state) != std::mem::discriminant(&state) {
            self.since = now;
            self.settled = !state.is_served();
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
    own_policy: Option<RotationPolicy>,
    held_since: Option<Timestamp>,
    keys: Vec<Key>,
}

/// What of a ring is not in its keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The version that was read; whoever keeps a change compares it.
    pub version: u64,
    /// How its keys follow each other; `None`: as the installation says.
    pub own_policy: Option<RotationPolicy>,
    /// Since when no key follows by itself; `None`: keys do.
    pub held_since: Option<Timestamp>,
}

impl Ring {
    /// A new ring: one key signs at once, and the next is announced with it. Nobody who is to verify for a new tenant or API
    /// has a key set yet. Whoever holds that of a tenant that had other rings before meets a key that is not in it, for as
    /// long as it is kept or until it asks again, as verifiers do that meet a key they do not know.
    ///
    /// `version` is the version of the ended ring of that name, 0 when there was none.
    #[must_use]
    pub fn born(name: RingName, version: u64, birth: Birth, policy: &Policy) -> Self {
        let Birth { active, next, longest_token, now } = birth;
        let next = Key::new(next, KeyState::announced_with_ring(now), longest_token, now);
        let mut ring = Self { name, version, own_policy: None, held_since: None, keys: vec![next] };
        let signing = KeyState::signing(now, &ring.terms(policy));
        ring.keys.insert(0, Key::new(active, signing, longest_token, now));
        ring
    }

    /// A ring as it was kept, its keys oldest first.
    ///
    /// # Errors
    /// When keys are served without exactly one that signs.
    pub fn restore(name: RingName, standing: Standing, keys: Vec<Key>) -> Result<Self, RingError> {
        let Standing { version, own_policy, held_since } = standing;
        let ring = Self { name, version, own_policy, held_since, keys };
        let active = ring.served().filter(|key| key.state.is_active()).count();
        if active == usize::from(!ring.is_ended()) { Ok(ring) } else { Err(RingError::Broken { active }) }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &RingName {
        &self.name
    }

    /// What of it is not in its keys.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        Standing { version: self.version, own_policy: self.own_policy, held_since: self.held_since }
    }

    /// The lengths of its keys' lives.
    #[must_use]
    pub fn terms(&self, policy: &Policy) -> Terms {
        let mut terms = policy.terms(self.own_policy.as_ref(), self.longest_token());
        if !self.follows() {
            terms.rotation.period = LONGEST;
        }
        terms
    }

    /// Every key it holds, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// A key it holds.
    #[must_use]
    pub fn key(&self, kid: &Kid) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == *kid)
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

    /// Whether the times of all its keys count.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.keys.iter().all(|key| key.settled)
    }

    /// The key that signs; `None` when the ring has ended.
    #[must_use]
    pub fn active(&self) -> Option<&Key> {
        self.keys.iter().find(|key| key.state.is_active())
    }

    /// The keys that are announced, in the order in which they shall sign.
    pub fn pending(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|key| key.state.is_pending())
    }

    /// The key that is announced to sign next.
    #[must_use]
    pub fn next(&self) -> Option<&Key> {
        self.pending().next()
    }

    /// When its next key shall sign, by the policy; while it is held, only just before the end of the one that signs: a hold
    /// is to keep a key, not to leave a tenant without any. `None`: it has ended, or its keys do not follow by themselves.
    #[must_use]
    pub fn turn_at(&self, policy: &Policy) -> Option<Timestamp> {
        let active = self.active().filter(|_| self.follows())?;
        let KeyState::Active { expires_at } = active.state else { return None };
        if self.held_since.is_some() {
            return self.last_turn_at(policy);
        }
        let rotation = self.terms(policy).rotation;
        // Its end was set by the lengths of then; whatever they are by now, another has time to take over before it.
        Some(rotation.turn_at(&active.kid, active.since).min(expires_at - self.grace(active, expires_at, policy)))
    }

    /// Whether it is held, and nobody asked for its next key.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        let asked = self.next().and_then(|next| next.state.next_step_at());
        self.held_since.is_some() && asked.is_none()
    }

    /// When another key takes over at the latest, so that every replica has read of it before the one that signs ends: no
    /// hold lasts longer, nor does the wait for watchers.
    #[must_use]
    pub fn last_turn_at(&self, policy: &Policy) -> Option<Timestamp> {
        match self.active()?.state {
            KeyState::Active { expires_at } => Some(expires_at - policy.bounds().takeover()),
            _ => None,
        }
    }

    /// How long before its end the active key is to be relieved. A key that began under shorter lengths than are in effect
    /// does not have to go at once: it is given a third of its own time.
    fn grace(&self, active: &Key, expires_at: Timestamp, policy: &Policy) -> Duration {
        let (terms, third) = (self.terms(policy), expires_at.since(active.since) / 3);
        let RotationPolicy { announce_window, overdue, .. } = terms.rotation;
        overdue.min(third.max(terms.bounds.shortest_overdue(announce_window)))
    }

    /// Whether its keys follow each other by themselves. Whoever verifies by a shared secret has to be brought the next one by
    /// hand: those do only if somebody set how.
    #[must_use]
    pub const fn follows(&self) -> bool {
        self.name.is_public() || self.own_policy.is_some()
    }

    /// When its next key signs, if no watcher holds it back: when it is its turn or somebody asked for it, and every
    /// verifier can know it. `None`: it does not by itself.
    #[must_use]
    pub fn activation_at(&self, policy: &Policy) -> Option<Timestamp> {
        let next = self.next().filter(|next| next.settled)?;
        let KeyState::Pending { ready_at, activate_at } = next.state else { return None };
        let wanted_at = activate_at.into_iter().chain(self.turn_at(policy)).min()?;
        Some(wanted_at.max(ready_at))
    }

    /// How many more keys are to be announced now.
    #[must_use]
    pub fn lacks(&self, policy: &Policy) -> usize {
        if self.is_ended() {
            return 0;
        }
        let (limit, served, pending) = (policy.bounds().max_served_keys, self.served().count(), self.pending().count());
        if pending == 0 && served < limit * 2 {
            // One is needed to follow, however many have to be kept for their tokens.
            return 1;
        }
        self.terms(policy).rotation.keys_ahead().saturating_sub(pending).min(limit.saturating_sub(served))
    }

    /// When a step is due by itself; `None`: never.
    #[must_use]
    pub fn due_at(&self, policy: &Policy) -> Option<Timestamp> {
        let steps = self.keys.iter().filter_map(|key| match key.state {
            _ if !key.settled => Some(key.since),
            KeyState::Retiring { remove_at } => Some(remove_at),
            _ => None,
        });
        let unannounced = self.active().filter(|_| self.lacks(policy) > 0).map(|active| active.since);
        steps.chain(unannounced).chain(self.activation_at(policy)).min()
    }

    /// Whether it has room for another key.
    ///
    /// # Errors
    /// When it has none.
    pub fn check_room(&self, policy: &Policy) -> Result<(), RingError> {
        let limit = policy.bounds().max_served_keys;
        if self.served().count() < limit { Ok(()) } else { Err(RingError::Full { limit }) }
    }

    /// The longest life of a token of a key that signs or will.
    #[must_use]
    pub fn longest_token(&self) -> Option<TokenLifetime> {
        self.pending().chain(self.active()).map(|key| key.longest_token).max()
    }

    /// For how long past `now` its active key may sign; zero: it may not any more. `None`: there is none.
    #[must_use]
    pub fn signs_for(&self, now: Timestamp) -> Option<Duration> {
        match self.active()?.state {
            KeyState::Active { expires_at } => Some(expires_at.since(now)),
            _ => None,
        }
    }

    /// How much of the time has gone by for which its active key may sign past its period: from 0, it is relieved in time,
    /// to 1, it signs no more.
    #[must_use]
    pub fn overdue(&self, now: Timestamp, policy: &Policy) -> f64 {
        let Some(active) = self.active() else { return 0.0 };
        let KeyState::Active { expires_at } = active.state else { return 0.0 };
        let (left, allowed) = (expires_at.since(now), self.grace(active, expires_at, policy));
        (1.0 - left.as_secs_f64() / allowed.as_secs_f64()).max(0.0)
    }
}

/// What a ring begins with.
#[derive(Clone, Debug)]
pub struct Birth {
    /// The key that signs at once.
    pub active: FreshKey,
    /// The key that is announced with it.
    pub next: FreshKey,
    /// How long tokens live that they sign.
    pub longest_token: TokenLifetime,
    /// When.
    pub now: Timestamp,
}

/// Why a ring cannot change so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// What was kept is not a ring.
    #[error("the ring has {active} active keys")]
    Broken {
        /// How many sign.
        active: usize,
    },
    /// The ring has no key left.
    #[error("the ring has ended")]
    Ended,
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
    #[error(
        "the ring serves {limit} keys, its limit; wait until one is removed, or revoke one that retires, \
         which ends its tokens"
    )]
    Full {
        /// The limit.
        limit: usize,
    },
    /// A key cannot take the step.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The lengths do not hold together.
    #[error(transparent)]
    Policy(#[from] super::PolicyError),
}

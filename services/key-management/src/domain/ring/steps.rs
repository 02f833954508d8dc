//! How a ring changes: every step leaves exactly one active key, or the ring has ended.

use mintage_clock::Timestamp;
use mintage_jose::Kid;
use mintage_oauth::TokenLifetime;

use super::{FreshKey, Key, Ring, RingError};
use crate::domain::{KeyState, Policy, RotationPolicy, TransitionError};

impl Ring {
    /// Wants the announced key to sign as soon as every verifier can know it.
    ///
    /// # Errors
    /// When none is announced.
    pub fn schedule(mut self, now: Timestamp) -> Result<Self, RingError> {
        let next = self.keys.iter_mut().find(|key| key.state.is_pending()).ok_or(RingError::NothingAnnounced)?;
        next.moved(next.state.schedule(now)?, now);
        Ok(self)
    }

    /// Lets an announced key sign, and retires the one that signed.
    ///
    /// # Errors
    /// When the key is not announced, or not yet long enough and that is not accepted.
    pub fn activate(mut self, kid: &Kid, when: Ready, now: Timestamp, policy: &Policy) -> Result<Self, RingError> {
        let terms = self.terms(policy);
        let key = self.keys.iter_mut().find(|key| key.kid == *kid).ok_or(RingError::KeyUnknown)?;
        let activated = match when {
            Ready::Needed if key.state.is_pending() && !key.settled => {
                return Err(TransitionError::NotYet(terms.ready_at(now)).into());
            }
            Ready::Needed => key.state.activate(now, &terms)?,
            Ready::Waived => key.state.activate_early(now, &terms)?,
        };
        for signed in self.keys.iter_mut().filter(|key| key.state.is_active()) {
            signed.moved(signed.state.retire(now, signed.longest_token, &terms)?, now);
        }
        self.keys.iter_mut().filter(|key| key.kid == *kid).for_each(|key| key.moved(activated, now));
        Ok(self)
    }

    /// Announces a new key whose tokens may live for up to `longest_token`.
    ///
    /// # Errors
    /// When the ring has ended, knows the name, or is full and has one announced already.
    pub fn announce(
        mut self,
        fresh: FreshKey,
        longest_token: TokenLifetime,
        now: Timestamp,
        policy: &Policy,
    ) -> Result<Self, RingError> {
        if self.is_ended() {
            return Err(RingError::Ended);
        }
        if self.key(&fresh.kid).is_some() {
            return Err(RingError::KidReused);
        }
        if self.next().is_some() {
            self.check_room(policy)?;
        }
        let state = KeyState::announced(now, &self.terms(policy));
        self.keys.push(Key { settled: false, ..Key::new(fresh, state, longest_token, now) });
        Ok(self)
    }

    /// Lets the times of changes count from `now`, at which they are known to be kept; for who has read this ring, never for
    /// who is about to keep it. They only ever become later by it, whenever it is kept itself.
    #[must_use]
    pub fn settle(mut self, now: Timestamp, policy: &Policy) -> Self {
        let terms = self.terms(policy);
        for key in self.keys.iter_mut().filter(|key| !key.settled) {
            key.since = key.since.max(now);
            key.state = key.state.settle(key.since, key.longest_token, &terms);
            key.settled = true;
        }
        self
    }

    /// Takes out every key whose last token has expired.
    #[must_use]
    pub fn remove_expired(mut self, now: Timestamp) -> Self {
        for key in self.keys.iter_mut().filter(|key| key.settled) {
            if let Ok(removed) = key.state.remove(now) {
                key.moved(removed, now);
            }
        }
        self
    }

    /// Lets every key sign tokens that live for up to `longest_token`, and keeps those that retire for as long as if they had.
    #[must_use]
    pub fn extend(mut self, longest_token: TokenLifetime, policy: &Policy) -> Self {
        let terms = self.terms(policy);
        for key in self.keys.iter_mut().filter(|key| key.state.is_served() && key.longest_token < longest_token) {
            key.longest_token = longest_token;
            key.state = key.state.extend(key.since, longest_token, &terms);
        }
        self
    }

    /// Ends a key at once. When it is the one that signs, the announced one takes over in the same moment, known to every
    /// verifier or not: what the other signs from now on is worth nothing.
    ///
    /// # Errors
    /// When the key is not in the ring or has ended, or it signs and none is announced.
    pub fn revoke(self, kid: &Kid, now: Timestamp, policy: &Policy) -> Result<Self, RingError> {
        let signs = self.active().is_some_and(|active| active.kid == *kid);
        let mut ring = if signs {
            let next = self.next().ok_or(RingError::NothingAnnounced)?.kid.clone();
            self.activate(&next, Ready::Waived, now, policy)?
        } else {
            self
        };
        let key = ring.keys.iter_mut().find(|key| key.kid == *kid).ok_or(RingError::KeyUnknown)?;
        key.moved(key.state.revoke()?, now);
        Ok(ring)
    }

    /// Lets no key follow by itself, or lets them again. Holding twice is holding once.
    #[must_use]
    pub fn hold(mut self, held: bool, now: Timestamp) -> Self {
        self.held_since = held.then(|| self.held_since.unwrap_or(now));
        // Nor does one that somebody asked for before.
        self.keys.iter_mut().filter(|_| held).for_each(|key| key.state = key.state.unschedule());
        self
    }

    /// Sets how its keys follow each other; `None`: as the installation says. Keys that retire stay for no shorter than they
    /// were to, and tokens of their keys may live for `longest_token`. The active one ends as if it had begun under this policy, but no sooner than `overdue` from now: there is
    /// always time to relieve it.
    ///
    /// # Errors
    /// When a verifier could miss a key or a token outlive its own.
    pub fn follow(
        mut self,
        own: Option<RotationPolicy>,
        longest_token: Option<TokenLifetime>,
        now: Timestamp,
        policy: &Policy,
    ) -> Result<Self, RingError> {
        if let Some(own) = own {
            own.check(policy.bounds(), self.longest_token().max(longest_token))?;
        }
        if self.own_policy == own {
            return Ok(self);
        }
        self.own_policy = own;
        let terms = self.terms(policy);
        for active in self.keys.iter_mut().filter(|key| key.state.is_active()) {
            let expires_at = terms.expires_at(active.since).max(now + terms.rotation.overdue);
            active.state = KeyState::Active { expires_at };
        }
        Ok(self)
    }

    /// Ends the ring with every key in it.
    #[must_use]
    pub fn end(mut self, now: Timestamp) -> Self {
        for key in &mut self.keys {
            if let Ok(removed) = key.state.discard() {
                key.moved(removed, now);
            }
        }
        self.held_since = None;
        self.own_policy = None;
        self
    }
}

/// Whether a key has to be announced for long enough before it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// It has.
    Needed,
    /// It has not: whoever asks accepts that verifiers may refuse its tokens for a while.
    Waived,
}

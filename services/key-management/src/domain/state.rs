//! The life cycle of one key: pending → active → retiring → removed; or revoked, at once.

use mintage_clock::Timestamp;
use mintage_oauth::TokenLifetime;

use super::Terms;

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Announced: in the key set, does not sign.
    Pending {
        /// When every verifier can know it.
        ready_at: Timestamp,
        /// When it shall sign because somebody asked for it; `None`: when its turn comes by itself.
        activate_at: Option<Timestamp>,
    },
    /// Signs.
    Active {
        /// From then on it signs no more, whether or not it was relieved.
        expires_at: Timestamp,
    },
    /// Signs no more; in the key set until its last token has expired.
    Retiring {
        /// When it leaves the key set.
        remove_at: Timestamp,
    },
    /// Out of the key set; its private half is destroyed.
    Removed,
    /// Out of the key set at once, for cause; its private half is destroyed.
    Revoked,
}

impl KeyState {
    /// A key announced at `now` to verifiers that know the ring already.
    #[must_use]
    pub fn announced(now: Timestamp, terms: &Terms) -> Self {
        Self::Pending { ready_at: terms.ready_at(now), activate_at: None }
    }

    /// A key announced together with its ring: who knows the ring at all knows this key.
    #[must_use]
    pub const fn announced_with_ring(now: Timestamp) -> Self {
        Self::Pending { ready_at: now, activate_at: None }
    }

    /// A key that signs from `now` on.
    #[must_use]
    pub fn signing(now: Timestamp, terms: &Terms) -> Self {
        Self::Active { expires_at: terms.expires_at(now) }
    }

    /// Wants a pending key to sign as soon as every verifier can know it. Asking again changes nothing.
    ///
    /// # Errors
    /// When it is not pending.
    pub fn schedule(self, now: Timestamp) -> Result<Self, TransitionError> {
        match self {
            Self::Pending { activate_at: Some(_), .. } => Ok(self),
            Self::Pending { ready_at, activate_at: None } => {
                Ok(Self::Pending { ready_at, activate_at: Some(ready_at.max(now)) })
            }
            _ => Err(TransitionError::NotPending),
        }
    }

    /// Wants a pending key to sign in its turn only.
    #[must_use]
    pub const fn unschedule(self) -> Self {
        match self {
            Self::Pending { ready_at, .. } => Self::Pending { ready_at, activate_at: None },
            other => other,
        }
    }

    /// Lets a pending key sign.
    ///
    /// # Errors
    /// When it is not pending, or some verifier may not know it yet.
    pub fn activate(self, now: Timestamp, terms: &Terms) -> Result<Self, TransitionError> {
        match self {
            Self::Pending { ready_at, .. } if now < ready_at => Err(TransitionError::NotYet(ready_at)),
            _ => self.activate_early(now, terms),
        }
    }

    /// Lets a pending key sign that some verifier may not know: the tokens it signs are refused there until the verifier
    /// fetches the key set.
    ///
    /// # Errors
    /// When it is not pending.
    pub fn activate_early(self, now: Timestamp, terms: &Terms) -> Result<Self, TransitionError> {
        match self {
            Self::Pending { .. } => Ok(Self::signing(now, terms)),
            _ => Err(TransitionError::NotPending),
        }
    }

    /// Takes the pen from an active key whose tokens live for up to `longest_token`.
    ///
    /// # Errors
    /// When it is not active.
    pub fn retire(self, now: Timestamp, longest_token: TokenLifetime, terms: &Terms) -> Result<Self, TransitionError> {
        match self {
            Self::Active { .. } => Ok(Self::Retiring { remove_at: terms.remove_at(now, longest_token) }),
            _ => Err(TransitionError::NotActive),
        }
    }

    /// Keeps a key that retired at `since` for tokens that live for up to `longest_token`; never shorter than before.
    #[must_use]
    pub fn extend(self, since: Timestamp, longest_token: TokenLifetime, terms: &Terms) -> Self {
        match self {
            Self::Retiring { remove_at } => {
                Self::Retiring { remove_at: remove_at.max(terms.remove_at(since, longest_token)) }
            }
            other => other,
        }
    }

    /// Counts its times from `since`, at which the change that brought it was known to be kept; none becomes earlier.
    #[must_use]
    pub fn settle(self, since: Timestamp, longest_token: TokenLifetime, terms: &Terms) -> Self {
        match self {
            Self::Pending { ready_at, activate_at } => {
                Self::Pending { ready_at: ready_at.max(terms.ready_at(since)), activate_at }
            }
            Self::Active { expires_at } => Self::Active { expires_at: expires_at.max(terms.expires_at(since)) },
            retiring => retiring.extend(since, longest_token, terms),
        }
    }

    /// Takes a retiring key out of the key set.
    ///
    /// # Errors
    /// When it is not retiring, or a token it signed may still be alive.
    pub fn remove(self, now: Timestamp) -> Result<Self, TransitionError> {
        match self {
            Self::Retiring { remove_at } if remove_at <= now => Ok(Self::Removed),
            Self::Retiring { remove_at } => Err(TransitionError::NotYet(remove_at)),
            _ => Err(TransitionError::NotRetiring),
        }
    }

    /// Ends a key with its whole ring.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn discard(self) -> Result<Self, TransitionError> {
        if self.is_served() { Ok(Self::Removed) } else { Err(TransitionError::Ended) }
    }

    /// Ends a key at once, for cause.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn revoke(self) -> Result<Self, TransitionError> {
        if self.is_served() { Ok(Self::Revoked) } else { Err(TransitionError::Ended) }
    }

    /// When the next step comes that its own state tells of; `None`: it tells of none.
    #[must_use]
    pub fn next_step_at(self) -> Option<Timestamp> {
        match self {
            Self::Pending { activate_at, .. } => activate_at,
            Self::Retiring { remove_at } => Some(remove_at),
            Self::Active { .. } | Self::Removed | Self::Revoked => None,
        }
    }

    /// Whether it stands in the key set, and keeps its private half.
    #[must_use]
    pub const fn is_served(self) -> bool {
        matches!(self, Self::Pending { .. } | Self::Active { .. } | Self::Retiring { .. })
    }

    /// Whether it is announced and does not sign yet.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Pending { .. })
    }

    /// Whether it signs, or would were its time not over.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active { .. })
    }
}

/// Why a key cannot take a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// Only a pending key can be activated.
    #[error("the key is not pending")]
    NotPending,
    /// Only the active key can retire.
    #[error("the key is not active")]
    NotActive,
    /// Only a retiring key can be removed.
    #[error("the key is not retiring")]
    NotRetiring,
    /// The key was removed or revoked before.
    #[error("the key has ended")]
    Ended,
    /// The step is not due.
    #[error("the step is not due before {0:?}")]
    NotYet(Timestamp),
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::settings::Settings;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

    fn terms() -> Terms {
        Settings::default().policy().unwrap().terms(None, None)
    }

    fn day() -> TokenLifetime {
        TokenLifetime::default()
    }

    #[test]
    fn a_key_is_activated_only_once_it_was_announced_long_enough() {
        let announced = KeyState::announced(NOW, &terms());
        let ready = terms().ready_at(NOW);
        assert_eq!(announced.activate(ready - Duration::from_millis(1), &terms()), Err(TransitionError::NotYet(ready)));
        assert_eq!(announced.activate(ready, &terms()), Ok(KeyState::signing(ready, &terms())));
        assert_eq!(announced.activate_early(NOW, &terms()), Ok(KeyState::signing(NOW, &terms())));
    }

    #[test]
    fn a_key_is_removed_only_once_its_last_token_has_expired() {
        let retiring = KeyState::signing(NOW, &terms()).retire(NOW, day(), &terms()).unwrap();
        let due = terms().remove_at(NOW, day());
        assert!(due > NOW + day().as_duration());
        assert_eq!(retiring.remove(due - Duration::from_millis(1)), Err(TransitionError::NotYet(due)));
        assert_eq!(retiring.remove(due), Ok(KeyState::Removed));
    }

    #[test]
    fn a_key_that_retires_is_kept_longer_for_longer_tokens_and_never_shorter() {
        let retiring = KeyState::signing(NOW, &terms()).retire(NOW, day(), &terms()).unwrap();
        let later = KeyState::Retiring { remove_at: terms().remove_at(NOW, TokenLifetime::MAX) };
        assert_eq!(retiring.extend(NOW, TokenLifetime::MAX, &terms()), later);
        assert_eq!(later.extend(NOW, day(), &terms()), later);
        let active = KeyState::signing(NOW, &terms());
        assert_eq!(active.extend(NOW, TokenLifetime::MAX, &terms()), active);
    }

    #[test]
    fn asking_twice_is_asking_once() {
        let asked = KeyState::announced(NOW, &terms()).schedule(NOW).unwrap();
        assert_eq!(asked.schedule(NOW + Duration::from_secs(5)), Ok(asked));
    }

    #[test]
    fn what_has_ended_takes_no_step() {
        for ended in [KeyState::Removed, KeyState::Revoked] {
            let far = NOW + Duration::from_secs(1 << 40);
            assert_eq!(ended.activate(far, &terms()), Err(TransitionError::NotPending));
            assert_eq!(ended.activate_early(far, &terms()), Err(TransitionError::NotPending));
            assert_eq!(ended.schedule(far), Err(TransitionError::NotPending));
            assert_eq!(ended.retire(far, day(), &terms()), Err(TransitionError::NotActive));
            assert_eq!(ended.extend(far, day(), &terms()), ended);
            assert_eq!(ended.remove(far), Err(TransitionError::NotRetiring));
            assert_eq!(ended.discard(), Err(TransitionError::Ended));
            assert_eq!(ended.revoke(), Err(TransitionError::Ended));
        }
    }
}

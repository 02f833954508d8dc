//! The life cycle of one key: pending → active → retiring → removed; or revoked, at once.

use mintage_clock::Timestamp;

use super::Policy;

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Announced: in the key set, does not sign.
    Pending {
        /// When every verifier can know it.
        ready_at: Timestamp,
        /// When it shall be activated; `None` until somebody asks for it.
        activate_at: Option<Timestamp>,
    },
    /// Signs.
    Active,
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
    pub fn announced(now: Timestamp, policy: &Policy) -> Self {
        Self::Pending { ready_at: policy.ready_at(now), activate_at: None }
    }

    /// A key announced together with its ring: who knows the ring at all knows this key.
    #[must_use]
    pub const fn announced_with_ring(now: Timestamp) -> Self {
        Self::Pending { ready_at: now, activate_at: None }
    }

    /// Asks a pending key to sign as soon as every verifier can know it. Asking again changes nothing.
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

    /// Lets a pending key sign.
    ///
    /// # Errors
    /// When it is not pending, or some verifier may not know it yet.
    pub fn activate(self, now: Timestamp) -> Result<Self, TransitionError> {
        match self {
            Self::Pending { ready_at, .. } if ready_at <= now => Ok(Self::Active),
            Self::Pending { ready_at, .. } => Err(TransitionError::NotYet(ready_at)),
            _ => Err(TransitionError::NotPending),
        }
    }

    /// Takes the pen from an active key.
    ///
    /// # Errors
    /// When it is not active.
    pub fn retire(self, now: Timestamp, policy: &Policy) -> Result<Self, TransitionError> {
        match self {
            Self::Active => Ok(Self::Retiring { remove_at: policy.remove_at(now) }),
            _ => Err(TransitionError::NotActive),
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

    /// Whether it stands in the key set, and keeps its private half.
    #[must_use]
    pub const fn is_served(self) -> bool {
        matches!(self, Self::Pending { .. } | Self::Active | Self::Retiring { .. })
    }

    /// When the next step comes by itself; `None`: none does.
    #[must_use]
    pub const fn next_step_at(self) -> Option<Timestamp> {
        match self {
            Self::Pending { activate_at, .. } => activate_at,
            Self::Retiring { remove_at } => Some(remove_at),
            Self::Active | Self::Removed | Self::Revoked => None,
        }
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

    fn policy() -> Policy {
        Settings::default().policy().unwrap()
    }

    #[test]
    fn a_key_is_activated_only_once_it_was_announced_long_enough() {
        let announced = KeyState::announced(NOW, &policy());
        let ready = policy().ready_at(NOW);
        assert_eq!(announced.activate(ready - Duration::from_millis(1)), Err(TransitionError::NotYet(ready)));
        assert_eq!(announced.activate(ready), Ok(KeyState::Active));
    }

    #[test]
    fn a_key_is_removed_only_once_its_last_token_has_expired() {
        let retiring = KeyState::Active.retire(NOW, &policy()).unwrap();
        let due = policy().remove_at(NOW);
        assert_eq!(retiring.remove(due - Duration::from_millis(1)), Err(TransitionError::NotYet(due)));
        assert_eq!(retiring.remove(due), Ok(KeyState::Removed));
    }

    #[test]
    fn asking_twice_does_not_put_the_activation_off() {
        let asked = KeyState::announced(NOW, &policy()).schedule(NOW).unwrap();
        assert_eq!(asked.schedule(NOW + Duration::from_secs(5)), Ok(asked));
        assert_eq!(asked.next_step_at(), Some(policy().ready_at(NOW)));
    }

    #[test]
    fn what_has_ended_takes_no_step() {
        for ended in [KeyState::Removed, KeyState::Revoked] {
            let far = NOW + Duration::from_secs(1 << 40);
            assert_eq!(ended.activate(far), Err(TransitionError::NotPending));
            assert_eq!(ended.schedule(far), Err(TransitionError::NotPending));
            assert_eq!(ended.retire(far, &policy()), Err(TransitionError::NotActive));
            assert_eq!(ended.remove(far), Err(TransitionError::NotRetiring));
            assert_eq!(ended.discard(), Err(TransitionError::Ended));
            assert_eq!(ended.revoke(), Err(TransitionError::Ended));
            assert_eq!(ended.next_step_at(), None);
        }
    }
}

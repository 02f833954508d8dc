//! What is kept of a client secret: enough to check it, never the secret.

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{ClientSecret, Pepper, SecretHash, TenantId};

use crate::domain::{Label, RegistryError, SecretId};

/// A secret as stored.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub(crate) id: SecretId,
    pub(crate) label: Label,
    /// The last 4 characters, to tell one from another.
    pub(crate) hint: String,
    pub(crate) hash: SecretHash,
    pub(crate) created_at: Timestamp,
    /// From then on it is worth nothing; `None`: it does not expire.
    pub(crate) not_after: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// What is said of a secret that is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewSecret {
    pub(crate) label: Label,
    pub(crate) not_after: Option<Timestamp>,
}

/// The latest use of one secret.
#[derive(Clone, Debug)]
pub(crate) struct SecretUse {
    pub(crate) tenant: TenantId,
    pub(crate) secret: SecretId,
    pub(crate) used_at: Timestamp,
}

impl Secret {
    /// Makes a secret: what is kept, and what the client gets to see this once.
    pub(crate) fn generate(
        new: NewSecret,
        pepper: &Pepper,
        now: Timestamp,
        randomness: &Randomness,
    ) -> Result<(Self, ClientSecret), RegistryError> {
        let NewSecret { label, not_after } = new;
        if not_after.is_some_and(|end| end <= now) {
            return Err(RegistryError::invalid("not_after", "it is past"));
        }
        let clear = ClientSecret::generate(randomness);
        let kept = Self {
            id: SecretId::generate(randomness),
            label,
            hint: clear.hint().to_owned(),
            hash: pepper.hash(&clear),
            created_at: now,
            not_after,
            last_used_at: None,
        };
        Ok((kept, clear))
    }

    /// Whether it may still prove a client.
    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        self.not_after.is_none_or(|end| now < end)
    }
}

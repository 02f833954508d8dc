//! The key under which client secrets are hashed.

use std::fmt;

use mintage_jose::mac::{HmacKey, hmac_sha256};
use zeroize::Zeroizing;

use crate::{ClientSecret, SecretHash};

/// A key kept outside the database, so that the database alone does not let anyone try secrets. Never shown by `Debug`.
///
/// A fast hash is enough: the secrets it is for carry 256 random bits.
pub struct Pepper(HmacKey);

impl Pepper {
    /// The most bytes of a presented secret that are looked at.
    pub const MAX_PRESENTED: usize = 1024;

    /// From its 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        // A key of its own for this purpose, so that the same bytes elsewhere never make the same hash.
        let derived = Zeroizing::new(hmac_sha256(&HmacKey::new(bytes), PURPOSE));
        Self(HmacKey::new(&*derived))
    }

    /// The hash to store of a fresh secret.
    #[must_use]
    pub fn hash(&self, secret: &ClientSecret) -> SecretHash {
        self.hash_presented(secret.expose())
    }

    /// The hash to compare of whatever a client presented: what is no secret at all costs the same.
    ///
    /// A text of more than [`Self::MAX_PRESENTED`] bytes is hashed as the empty one: neither is a secret, and no prefix of
    /// it counts.
    #[must_use]
    pub fn hash_presented(&self, presented: &str) -> SecretHash {
        let hashed = if presented.len() > Self::MAX_PRESENTED { "" } else { presented };
        SecretHash::hmac_sha256(hmac_sha256(&self.0, hashed.as_bytes()))
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper([redacted])")
    }
}

const PURPOSE: &[u8] = b"mintage client secret v1";

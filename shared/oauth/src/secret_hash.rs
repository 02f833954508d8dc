//! A client secret as it is stored.

use std::fmt;

use mintage_jose::mac::constant_time_eq;

/// The keyed hash of a client secret, with the number of the construction that made it.
#[derive(Clone)]
pub struct SecretHash {
    scheme: u32,
    digest: [u8; 32],
}

impl SecretHash {
    /// HMAC-SHA-256 under the first pepper.
    pub const HMAC_SHA256: u32 = 1;

    pub(crate) const fn hmac_sha256(digest: [u8; 32]) -> Self {
        Self { scheme: Self::HMAC_SHA256, digest }
    }

    /// From the two fields it is stored in.
    ///
    /// # Errors
    ///
    /// The scheme is unknown, or the digest is not 32 bytes long.
    pub fn from_stored(scheme: u32, digest: &[u8]) -> Result<Self, SecretHashError> {
        if scheme != Self::HMAC_SHA256 {
            return Err(SecretHashError::Scheme(scheme));
        }
        digest.try_into().map(Self::hmac_sha256).map_err(|_| SecretHashError::Length)
    }

    /// Which construction and which pepper made it.
    #[must_use]
    pub const fn scheme(&self) -> u32 {
        self.scheme
    }

    /// The digest, for storage.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Whether both are of the same secret. The time it takes says nothing about where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.scheme == other.scheme && constant_time_eq(&self.digest, &other.digest)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretHash(scheme {})", self.scheme)
    }
}

/// Why stored fields are no secret hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretHashError {
    /// Made by a construction this version does not know.
    #[error("the secret hash has the unknown scheme {0}")]
    Scheme(u32),
    /// Not as long as SHA-256 makes it.
    #[error("the secret hash is not 32 bytes long")]
    Length,
}

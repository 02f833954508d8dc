//! Making a key and sealing its private half; the seal holds for this tenant, ring and kid alone.

use std::fmt;
use std::sync::Arc;

use mintage_clock::{Randomness, Timestamp};
use mintage_jose::seal::{MasterKey, MasterKeys, SealError, Sealed};
use mintage_jose::{KeyError, Kid, PrivateKey, RsaSize};

use super::{ApiId, FreshKey, Kept, RingName};

/// A new key as it is kept.
#[derive(Clone)]
pub struct Minted {
    /// What may be known of it.
    pub key: FreshKey,
    /// Its private half.
    pub kept: Kept,
}

impl fmt::Debug for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minted").field("kid", &self.key.kid).finish_non_exhaustive()
    }
}

/// Makes a key for a ring, with a certificate that it signs for itself as of `now`; RSA of `rsa`, which takes tens of
/// milliseconds and, long ones, a second and more: never call it where requests run.
///
/// # Errors
/// When the key cannot be made or sealed.
pub fn mint(
    ring: &RingName,
    rsa: RsaSize,
    master: &MasterKey,
    now: Timestamp,
    randomness: &Randomness,
) -> Result<Minted, MintError> {
    let private = PrivateKey::generate_sized(ring.algorithm(), rsa, randomness)?;
    let kid = private.kid().clone();
    let jwk = private.certified_jwk(now, randomness)?.map(|jwk| Arc::from(jwk.to_string()));
    let sealed = master.seal(&private.to_bytes(), &bound_to(ring, &kid), randomness)?;
    Ok(Minted { key: FreshKey { kid, jwk }, kept: Kept::Sealed(sealed) })
}

/// Opens the private half of a key of a ring.
///
/// # Errors
/// When a master key sealed it that is not known, it was sealed for another key, or is damaged.
pub fn unseal(ring: &RingName, kid: &Kid, sealed: &Sealed, masters: &MasterKeys) -> Result<PrivateKey, MintError> {
    let bytes = masters.open(sealed, &bound_to(ring, kid))?;
    Ok(PrivateKey::from_bytes(ring.algorithm(), kid.clone(), &bytes)?)
}

/// The private half of a key of a ring, sealed anew under the master key that seals now.
///
/// # Errors
/// As [`unseal`].
pub fn seal_anew(
    ring: &RingName,
    kid: &Kid,
    sealed: &Sealed,
    masters: &MasterKeys,
    randomness: &Randomness,
) -> Result<Sealed, SealError> {
    let context = bound_to(ring, kid);
    let opened = masters.open(sealed, &context)?;
    masters.sealing().seal(&opened, &context, randomness)
}

/// Why a key could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The key itself.
    #[error("the key cannot be made or read")]
    Key(#[from] KeyError),
    /// The seal on it.
    #[error("the private half cannot be sealed or opened")]
    Seal(#[from] SealError),
}

/// The data a seal is bound to: no part may hold a NUL, so no two keys share it.
fn bound_to(ring: &RingName, kid: &Kid) -> Vec<u8> {
    let api = ring.api().map_or("", ApiId::as_str);
    ["mintage signing key v1", ring.tenant().as_str(), ring.algorithm().as_str(), api, kid.as_str()]
        .join("\0")
        .into_bytes()
}

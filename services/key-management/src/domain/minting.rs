//! Making a key and sealing its private half; the seal holds for this tenant, ring and kid alone.

use std::fmt;
use std::sync::Arc;

use mintage_clock::Randomness;
use mintage_jose::seal::{MasterKey, SealError, Sealed};
use mintage_jose::{KeyError, Kid, PrivateKey};

use super::{ApiId, FreshKey, RingName};

/// A new key as it is kept.
#[derive(Clone)]
pub struct Minted {
    /// What may be known of it.
    pub key: FreshKey,
    /// Its private half, sealed under the master key.
    pub sealed: Sealed,
}

impl fmt::Debug for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minted").field("kid", &self.key.kid).finish_non_exhaustive()
    }
}

/// Makes a key for a ring. RSA takes tens of milliseconds and at times a second: never call it where requests run.
///
/// # Errors
/// When the key cannot be made or sealed.
pub fn mint(ring: &RingName, master: &MasterKey, randomness: &Randomness) -> Result<Minted, MintError> {
    let private = PrivateKey::generate(ring.algorithm(), randomness)?;
    let kid = private.kid().clone();
    let jwk = private.public_jwk().map(|jwk| Arc::from(jwk.to_string()));
    let sealed = master.seal(&private.to_bytes(), &bound_to(ring, &kid), randomness)?;
    Ok(Minted { key: FreshKey { kid, jwk }, sealed })
}

/// Opens the private half of a key of a ring.
///
/// # Errors
/// When it was sealed under another master key, for another key, or is damaged.
pub fn unseal(ring: &RingName, kid: &Kid, sealed: &Sealed, master: &MasterKey) -> Result<PrivateKey, MintError> {
    let bytes = master.open(sealed, &bound_to(ring, kid))?;
    Ok(PrivateKey::from_bytes(ring.algorithm(), kid.clone(), &bytes)?)
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

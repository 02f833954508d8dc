//! Secrets of HS256 APIs as operators are shown them.

use mintage_jose::Kid;
use zeroize::Zeroizing;

use super::Keys;
use super::directory::internal;
use crate::domain::minting::unseal;
use crate::domain::ports::Rings;
use crate::domain::{Cause, Key, PortError, RingName};

impl Keys {
    /// The served secrets of an HS256 ring, oldest first; `None` when there is no such ring. That they are shown is on record
    /// before the caller has them.
    ///
    /// # Errors
    /// When they cannot be read or opened, or it cannot be recorded.
    pub async fn show_secrets(&self, name: &RingName, cause: &Cause) -> Result<Option<Vec<Secret>>, PortError> {
        let Some(ring) = self.store.find(name).await?.filter(|ring| !ring.is_ended()) else { return Ok(None) };
        let mut secrets = Vec::new();
        for key in ring.served() {
            // Gone between the two readings: its last token has expired.
            let Some(sealed) = self.store.sealed(&key.kid).await? else { continue };
            let private = unseal(name, &key.kid, &sealed, self.custody.masters()).map_err(internal)?;
            secrets.extend(private.shared_secret().map(|secret| (key.clone(), secret)));
        }
        let kids: Vec<Kid> = secrets.iter().map(|(key, _): &Secret| key.kid.clone()).collect();
        let shown = kids.len();
        if !self.store.record_shown(name, kids, cause, self.clock().now()).await? {
            return Ok(None);
        }
        tracing::info!(ring = %name, by = %cause.by, shown, "the secrets of an API are shown");
        Ok(Some(secrets))
    }
}

/// What may be known of a secret, and the secret.
pub type Secret = (Key, Zeroizing<Vec<u8>>);

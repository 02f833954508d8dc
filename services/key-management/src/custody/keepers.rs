//! The two keepers side by side: each key says which of them has it.

use std::sync::Arc;
use std::time::Duration;

use mintage_clock::{Randomness, Timestamp};
use mintage_jose::seal::MasterKeys;
use mintage_jose::{Kid, RsaSize, Signer};
use mintage_pkcs11::{Token, TokenError};
use serde::{Deserialize, Serialize};

use super::in_token::{self, InTokenError};
use super::silence::Silence;
use super::{Calls, OpenKey, Silent};
use crate::domain::minting::{self, MintError, Minted};
use crate::domain::{Kept, ObjectName, PortError, RingName};

/// Who keeps the private halves of new keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keeper {
    /// The database, sealed under the master key.
    #[default]
    Sealed,
    /// A PKCS#11 token.
    Pkcs11,
}

/// Makes keys with the keeper that was chosen for new ones, and opens those of either.
#[derive(Clone, Debug)]
pub struct Custody {
    masters: Arc<MasterKeys>,
    token: Option<Arc<Token>>,
    keeper: Keeper,
    calls: Calls,
    silence: Silence,
}

impl Custody {
    /// Under `keeper`, new keys are made; those of the other go on.
    #[must_use]
    pub fn new(masters: Arc<MasterKeys>, token: Option<Arc<Token>>, keeper: Keeper) -> Self {
        Self { masters, token, keeper, calls: Calls::new(OPENED_AT_ONCE), silence: Silence::default() }
    }

    /// The master keys.
    #[must_use]
    pub const fn masters(&self) -> &Arc<MasterKeys> {
        &self.masters
    }

    /// The token, if there is one.
    #[must_use]
    pub const fn token(&self) -> Option<&Arc<Token>> {
        self.token.as_ref()
    }

    /// What is known of the token's silence.
    pub(crate) const fn silence(&self) -> &Silence {
        &self.silence
    }

    /// The token in which a new key of a ring is made; `None`: it is sealed. A secret that its API must be told cannot be
    /// inside one.
    pub(crate) fn token_for(&self, ring: &RingName) -> Option<&Arc<Token>> {
        match self.keeper {
            Keeper::Pkcs11 if ring.is_public() => self.token.as_ref(),
            Keeper::Pkcs11 | Keeper::Sealed => None,
        }
    }

    /// What finds the key pair `name` of a ring in a token, in hexadecimal digits.
    pub(crate) fn object_id(ring: &RingName, name: &ObjectName) -> String {
        in_token::object_id(ring, name).to_string()
    }

    /// Makes a key for a ring: inside the token under the name it was noted by, or sealed. It takes tens of milliseconds and
    /// at times seconds: never call it where requests run.
    ///
    /// # Errors
    /// When the key cannot be made or kept.
    pub(crate) fn make(
        &self,
        ring: &RingName,
        noted: Option<&ObjectName>,
        (rsa, now): (RsaSize, Timestamp),
        randomness: &Randomness,
    ) -> Result<Minted, CustodyError> {
        match (noted, &self.token) {
            (Some(name), Some(token)) => Ok(in_token::make(ring, name, token, (rsa, now), randomness)?),
            _ => Ok(minting::mint(ring, rsa, self.masters.sealing(), now, randomness)?),
        }
    }

    /// Destroys what was made inside the token under a name that was noted, if anything was; false when that failed: whoever
    /// sweeps the token does it later.
    pub(crate) fn discard(&self, ring: &RingName, name: &ObjectName) -> bool {
        let Some(token) = &self.token else { return false };
        let destroyed = token.destroy(&in_token::object_id(ring, name));
        if let Err(error) = &destroyed {
            tracing::warn!(%ring, %name, %error, "what may have been made of a key stays in the token for now");
        }
        destroyed.is_ok()
    }

    /// Opens a key of a ring.
    ///
    /// # Errors
    /// When a master key sealed it that is not known, it was sealed for another key or is damaged; when the token that has it
    /// is away or unknown.
    pub async fn open(&self, ring: &RingName, kid: &Kid, kept: Kept) -> Result<OpenKey, PortError> {
        match kept {
            Kept::Sealed(sealed) => {
                let private = minting::unseal(ring, kid, &sealed, &self.masters).map_err(CustodyError::from)?;
                Ok(OpenKey::InMemory(Signer::new(&private).map_err(MintError::from).map_err(CustodyError::from)?))
            }
            Kept::InToken(name) => {
                let token = Arc::clone(self.token.as_ref().ok_or(CustodyError::NoToken)?);
                let (ring, kid) = (ring.clone(), kid.clone());
                let silent = |silent: Silent| PortError::Unavailable(silent.into());
                let asked = self.silence.ask().map_err(silent)?;
                let opening = self.calls.call(OPENED_WITHIN, move || in_token::open(&ring, &kid, &name, &token));
                let opened = asked.wait(opening).await.and_then(|opened| opened).map_err(silent)?;
                Ok(OpenKey::InToken(opened.map_err(CustodyError::from)?))
            }
        }
    }
}

/// Why a key could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// A sealed one.
    #[error(transparent)]
    Sealed(#[from] MintError),
    /// One inside a token.
    #[error(transparent)]
    InToken(#[from] TokenError),
    /// The certificate of one inside a token.
    #[error("the certificate of a key inside a token cannot be made")]
    Certificate(#[source] mintage_jose::CertificateError),
    /// One inside a token, and no token was told.
    #[error("the key is inside a token, and none is told")]
    NoToken,
}

impl From<InTokenError> for CustodyError {
    fn from(error: InTokenError) -> Self {
        match error {
            InTokenError::Token(error) => Self::InToken(error),
            InTokenError::Certificate(error) => Self::Certificate(error),
        }
    }
}

impl From<CustodyError> for PortError {
    fn from(error: CustodyError) -> Self {
        match error {
            CustodyError::InToken(TokenError::Unsupported { .. }) => Self::Unsupported(Box::new(error)),
            CustodyError::InToken(ref why) if why.may_pass() => Self::Unavailable(Box::new(error)),
            // It was given up: another key signs once the ring is rotated.
            CustodyError::NoToken => Self::Unavailable(Box::new(error)),
            _ => Self::Internal(Box::new(error)),
        }
    }
}

/// Keys inside a token are opened once each; those who wait for that wait together.
const OPENED_AT_ONCE: usize = 4;
/// Longer than anybody waits for it: one that hangs keeps its place anyway.
const OPENED_WITHIN: Duration = Duration::from_secs(10);

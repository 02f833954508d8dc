//! A secret that proves who a client is.

use std::fmt;
use std::str::{self, FromStr};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_clock::Randomness;
use zeroize::Zeroizing;

use crate::checksum::{self, checksum};

/// `mcs_`, 256 random bits in base64url, and a checksum. Wiped when dropped, never shown by `Debug`.
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    /// A fresh secret.
    #[must_use]
    pub fn generate(randomness: &Randomness) -> Self {
        let entropy = Zeroizing::new(randomness.bytes::<ENTROPY_BYTES>());
        // Of the final size from the start: a growing string would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(*entropy, &mut text);
        let check = checksum(text.as_bytes());
        text.extend(check.map(char::from));
        Self(text)
    }

    /// The secret in clear: for the one answer that tells it to its owner, and for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last 4 characters, to tell one secret from another. They are of the checksum.
    #[must_use]
    pub fn hint(&self) -> &str {
        self.0.get(LENGTH - HINT_LENGTH..).unwrap_or_default()
    }
}

impl FromStr for ClientSecret {
    type Err = ClientSecretError;

    fn from_str(text: &str) -> Result<Self, ClientSecretError> {
        let rest = text.strip_prefix(PREFIX).ok_or(ClientSecretError::Prefix)?;
        if text.len() != LENGTH {
            return Err(ClientSecretError::Length);
        }
        let (entropy, _) = rest.split_at_checked(ENTROPY_LENGTH).ok_or(ClientSecretError::Character)?;
        let mut bytes = Zeroizing::new([0; ENTROPY_BYTES]);
        URL_SAFE_NO_PAD.decode_slice(entropy, &mut *bytes).map_err(|_| ClientSecretError::Character)?;
        let (checked, check) = text.as_bytes().split_at(LENGTH - checksum::LENGTH);
        if check != checksum(checked) {
            return Err(ClientSecretError::Checksum);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl TryFrom<&str> for ClientSecret {
    type Error = ClientSecretError;

    fn try_from(text: &str) -> Result<Self, ClientSecretError> {
        text.parse()
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientSecret(…{})", self.hint())
    }
}

/// Why a text is no client secret of this suite. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientSecretError {
    /// Another beginning than `mcs_`.
    #[error("the client secret does not start with {PREFIX}")]
    Prefix,
    /// Too short or too long.
    #[error("the client secret is not {LENGTH} characters long")]
    Length,
    /// Not base64url.
    #[error("the client secret is not base64url")]
    Character,
    /// Mistyped or made up.
    #[error("the checksum of the client secret is wrong")]
    Checksum,
}

const PREFIX: &str = "mcs_";
const ENTROPY_BYTES: usize = 32;
const ENTROPY_LENGTH: usize = 43;
const HINT_LENGTH: usize = 4;
const LENGTH: usize = PREFIX.len() + ENTROPY_LENGTH + checksum::LENGTH;

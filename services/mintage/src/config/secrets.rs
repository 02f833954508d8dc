//! `[secrets]`: keys that every replica holds alike, each 32 bytes in base64 or in a file.

use serde::{Deserialize, Serialize};

use super::error::required;
use super::{ConfigError, SecretKey, SecretKeys, SecretText};

/// What the token service keeps to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSecrets {
    /// The key that client secrets are hashed under, the same as the client registry's.
    pub pepper: Option<SecretKey>,
}

/// What the client registry keeps to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRegistrySecrets {
    /// The key that client secrets are hashed under, the same as the token service's. Whoever changes it makes every
    /// stored secret worthless.
    pub pepper: Option<SecretKey>,
    /// Authenticates page tokens. A change ends the lists that are just being read.
    pub page_token_key: Option<SecretKey>,
}

/// What the consent service keeps to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentSecrets {
    /// The key that sessions, codes and refresh tokens are hashed under; its own, no other service's. Whoever changes it ends
    /// all of them.
    pub pepper: Option<SecretKey>,
    /// Authenticates page tokens. A change ends the lists that are just being read.
    pub page_token_key: Option<SecretKey>,
}

/// What key management keeps to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyManagementSecrets {
    /// Seals private keys at rest. Without it they are lost.
    pub master_key: Option<SecretKey>,
    /// Open what they sealed, and seal nothing: the master key to come, or those before, while one follows another. At most
    /// 8; in a file one a line.
    pub other_master_keys: SecretKeys,
    /// What the token of `key_management.pkcs11` is entered with: the PIN of its user. A wrong one is tried once a start.
    pub pkcs11_pin: Option<SecretText>,
}

impl KeyManagementSecrets {
    /// Checks that what must be told is, with a token or without.
    ///
    /// # Errors
    /// When it is not, or there is too much of it.
    pub(super) fn check(&self, has_token: bool) -> Result<(), ConfigError> {
        required("secrets.master_key", self.master_key.as_ref())?;
        match (&self.pkcs11_pin, has_token) {
            (None, true) => return Err(ConfigError::Missing("secrets.pkcs11_pin".to_owned())),
            (Some(_), false) => {
                let what = "secrets.pkcs11_pin: key_management.pkcs11.module must be set where the PIN is";
                return Err(ConfigError::Bounds(what.to_owned()));
            }
            _ => {}
        }
        match self.other_master_keys.keys().len() {
            0..=MOST_OTHERS => Ok(()),
            _ => Err(ConfigError::Bounds(format!("secrets.other_master_keys: at most {MOST_OTHERS}"))),
        }
    }
}

const MOST_OTHERS: usize = 8;

//! `[secrets]`: keys that every replica holds alike, each 32 bytes in base64 or in a file.

use serde::{Deserialize, Serialize};

use super::SecretKey;

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

/// What key management keeps to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyManagementSecrets {
    /// Seals private keys at rest. Without it they are lost.
    pub master_key: Option<SecretKey>,
}

//! How many private keys one master key seals.

use std::fmt;

use mintage_api::keys;
use serde::Serialize;

use crate::output::{Block, View};

/// The private keys under one master key.
#[derive(Debug, Serialize)]
pub(crate) struct SealedKeys {
    /// The master key's id.
    pub(crate) master_key_id: String,
    keys: u64,
}

impl From<keys::SealedKeys> for SealedKeys {
    fn from(sealed: keys::SealedKeys) -> Self {
        let keys::SealedKeys { master_key_id, keys } = sealed;
        Self { master_key_id, keys }
    }
}

impl fmt::Display for SealedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.keys, self.master_key_id)
    }
}

impl View for SealedKeys {
    const ONE: &'static str = "sealed";
    const MANY: &'static str = "sealed";
    const HEAD: &'static [&'static str] = &["MASTER KEY", "PRIVATE KEYS"];

    fn row(&self) -> Vec<String> {
        vec![self.master_key_id.clone(), self.keys.to_string()]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Facts(vec![("master_key_id", self.master_key_id.clone()), ("keys", self.keys.to_string())])]
    }
}

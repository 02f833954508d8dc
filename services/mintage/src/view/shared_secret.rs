//! A secret that signs an HS256 API's tokens.

use mintage_api::keys;
use serde::Serialize;

use super::words::KeyState;
use crate::output::{Block, View};

/// A shared secret in words. Has no `Debug`: it is the secret itself.
#[derive(Serialize)]
pub(crate) struct SharedSecret {
    kid: String,
    state: String,
    k: String,
}

impl From<keys::SharedSecret> for SharedSecret {
    fn from(secret: keys::SharedSecret) -> Self {
        let keys::SharedSecret { kid, state, k } = secret;
        Self { kid, state: KeyState::name_of(state), k }
    }
}

impl View for SharedSecret {
    const ONE: &'static str = "secret";
    const MANY: &'static str = "secrets";
    const HEAD: &'static [&'static str] = &["KID", "STATE", "SECRET (BASE64URL)"];

    fn row(&self) -> Vec<String> {
        vec![self.kid.clone(), self.state.clone(), self.k.clone()]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Grid(Self::HEAD, vec![self.row()])]
    }
}

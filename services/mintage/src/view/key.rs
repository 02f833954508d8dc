//! A signing key.

use mintage_api::keys;
use serde::Serialize;
use serde_json::Value;

use super::time::{Time, short};
use super::words::{Algorithm, KeyState};
use crate::output::{Block, View};

/// What may be known of a signing key, in words.
#[derive(Debug, Serialize)]
pub(crate) struct Key {
    tenant_id: String,
    kid: String,
    algorithm: String,
    resource_server_id: String,
    state: String,
    created_at: Option<Time>,
    since: Option<Time>,
    next_step_at: Option<Time>,
    /// The public JWK itself; null with HS256.
    jwk: Value,
}

impl From<keys::SigningKey> for Key {
    fn from(key: keys::SigningKey) -> Self {
        let keys::SigningKey {
            tenant_id,
            kid,
            algorithm,
            resource_server_id,
            state,
            created_at,
            since,
            next_step_at,
            jwk,
        } = key;
        Self {
            tenant_id,
            kid,
            algorithm: Algorithm::name_of(algorithm),
            resource_server_id,
            state: KeyState::name_of(state),
            created_at: created_at.map(Time::from),
            since: since.map(Time::from),
            next_step_at: next_step_at.map(Time::from),
            jwk: serde_json::from_str(&jwk).unwrap_or(Value::Null),
        }
    }
}

impl View for Key {
    const ONE: &'static str = "key";
    const MANY: &'static str = "keys";
    const HEAD: &'static [&'static str] = &["KID", "ALGORITHM", "STATE", "SINCE", "NEXT STEP", "API"];

    fn row(&self) -> Vec<String> {
        vec![
            self.kid.clone(),
            self.algorithm.clone(),
            self.state.clone(),
            short(self.since),
            short(self.next_step_at),
            self.resource_server_id.clone(),
        ]
    }

    fn blocks(&self) -> Vec<Block> {
        let mut facts = vec![
            ("tenant_id", self.tenant_id.clone()),
            ("kid", self.kid.clone()),
            ("algorithm", self.algorithm.clone()),
            ("state", self.state.clone()),
            ("since", short(self.since)),
            ("next_step_at", short(self.next_step_at)),
            ("created_at", short(self.created_at)),
        ];
        if !self.resource_server_id.is_empty() {
            facts.push(("resource_server_id", self.resource_server_id.clone()));
        }
        if !self.jwk.is_null() {
            facts.push(("jwk", self.jwk.to_string()));
        }
        vec![Block::Facts(facts)]
    }
}

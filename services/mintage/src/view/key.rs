//! A signing key.

use mintage_api::keys;
use serde::Serialize;
use serde_json::Value;

use super::time::{Length, Time, short};
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
    /// Pending: when every verifier can know it.
    ready_at: Option<Time>,
    /// Active: when it stops signing, relieved or not.
    signs_until: Option<Time>,
    /// The longest life of its tokens.
    longest_token: Option<Length>,
    /// Where its private half is.
    custody: String,
    /// HS256: there is no record that it was shown to anybody.
    no_record_of_showing: bool,
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
            ready_at,
            signs_until,
            longest_token,
            holders: _,
            custody,
            no_record_of_showing,
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
            ready_at: ready_at.map(Time::from),
            signs_until: signs_until.map(Time::from),
            longest_token: longest_token.map(Length::from),
            custody,
            no_record_of_showing,
            jwk: serde_json::from_str(&jwk).unwrap_or(Value::Null),
        }
    }
}

impl Key {
    /// Kid, algorithm, state, since when, the next step, where its private half is, and the API.
    pub(crate) fn cells(&self) -> [String; 7] {
        [
            self.kid.clone(),
            self.algorithm.clone(),
            self.state.clone(),
            short(self.since),
            short(self.next_step_at),
            self.custody.clone(),
            self.resource_server_id.clone(),
        ]
    }

    /// What its name is.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Whether it is a secret that is about to sign, and there is no record that anybody was shown it.
    pub(crate) fn is_unknown_next(&self) -> bool {
        self.no_record_of_showing && self.state == KeyState::name_of(keys::KeyState::Pending.into())
    }

    /// Whether it signs no more.
    pub(crate) fn is_retiring(&self) -> bool {
        self.state == KeyState::name_of(keys::KeyState::Retiring.into())
    }

    /// When it stops signing, for people.
    pub(crate) fn signs_until(&self) -> String {
        short(self.signs_until)
    }
}

impl View for Key {
    const ONE: &'static str = "key";
    const MANY: &'static str = "keys";
    const HEAD: &'static [&'static str] = &["KID", "ALGORITHM", "STATE", "SINCE", "NEXT STEP", "CUSTODY", "API"];

    fn row(&self) -> Vec<String> {
        self.cells().into()
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
            ("custody", self.custody.clone()),
        ];
        let more = [("ready_at", self.ready_at), ("signs_until", self.signs_until)];
        facts.extend(more.into_iter().filter_map(|(name, at)| Some((name, short(Some(at?))))));
        if !self.resource_server_id.is_empty() {
            facts.push(("resource_server_id", self.resource_server_id.clone()));
        }
        if !self.jwk.is_null() {
            facts.push(("jwk", self.jwk.to_string()));
        }
        vec![Block::Facts(facts)]
    }
}

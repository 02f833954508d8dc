//! An API: a resource server.

use std::time::Duration;

use mintage_api::registry;
use serde::Serialize;

use super::claim::{self, ClaimMapping};
use super::time::{Time, length, short};
use super::words::{Algorithm, TokenProfile};
use crate::output::{Block, View};

/// An API in words.
#[derive(Debug, Serialize)]
pub(crate) struct Api {
    tenant_id: String,
    id: String,
    identifier: String,
    name: String,
    scopes: Vec<ScopeDefinition>,
    signing_algorithm: String,
    token_profile: String,
    token_lifetime: Option<Lifetime>,
    claim_mappings: Vec<ClaimMapping>,
    is_system: bool,
    created_at: Option<Time>,
    updated_at: Option<Time>,
}

#[derive(Debug, Serialize)]
struct ScopeDefinition {
    value: String,
    description: String,
}

/// Seconds with an `s` behind, as protobuf has them in JSON and `--lifetime` takes them.
#[derive(Clone, Copy, Debug)]
struct Lifetime(u64);

impl From<registry::ResourceServer> for Api {
    fn from(api: registry::ResourceServer) -> Self {
        let registry::ResourceServer {
            tenant_id,
            id,
            identifier,
            name,
            scopes,
            signing_algorithm,
            token_profile,
            token_lifetime,
            claim_mappings,
            is_system,
            created_at,
            updated_at,
        } = api;
        Self {
            tenant_id,
            id,
            identifier,
            name,
            scopes: claim::all(scopes),
            signing_algorithm: Algorithm::name_of(signing_algorithm),
            token_profile: TokenProfile::name_of(token_profile),
            token_lifetime: token_lifetime.map(|lifetime| Lifetime(lifetime.seconds.unsigned_abs())),
            claim_mappings: claim::all(claim_mappings),
            is_system,
            created_at: created_at.map(Time::from),
            updated_at: updated_at.map(Time::from),
        }
    }
}

impl From<registry::ScopeDefinition> for ScopeDefinition {
    fn from(scope: registry::ScopeDefinition) -> Self {
        let registry::ScopeDefinition { value, description } = scope;
        Self { value, description }
    }
}

impl Serialize for Lifetime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}s", self.0))
    }
}

impl View for Api {
    const ONE: &'static str = "resource_server";
    const MANY: &'static str = "resource_servers";
    const HEAD: &'static [&'static str] = &["ID", "IDENTIFIER", "NAME", "ALGORITHM", "PROFILE", "LIFETIME", "SCOPES"];

    fn row(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.identifier.clone(),
            self.name.clone(),
            self.signing_algorithm.clone(),
            self.token_profile.clone(),
            self.lifetime(),
            self.scopes.len().to_string(),
        ]
    }

    fn blocks(&self) -> Vec<Block> {
        let mut facts = vec![
            ("tenant_id", self.tenant_id.clone()),
            ("id", self.id.clone()),
            ("identifier", self.identifier.clone()),
            ("name", self.name.clone()),
            ("signing_algorithm", self.signing_algorithm.clone()),
            ("token_profile", self.token_profile.clone()),
            ("token_lifetime", self.lifetime()),
            ("claim_mappings", claim::lines(&self.claim_mappings)),
            ("created_at", short(self.created_at)),
            ("updated_at", short(self.updated_at)),
        ];
        if self.is_system {
            facts.push(("is_system", "yes: it cannot be changed".to_owned()));
        }
        if self.scopes.is_empty() {
            return vec![Block::Facts(facts)];
        }
        let scopes = self.scopes.iter().map(|scope| vec![scope.value.clone(), scope.description.clone()]);
        vec![Block::Facts(facts), Block::Grid(&["SCOPE", "DESCRIPTION"], scopes.collect())]
    }
}

impl Api {
    fn lifetime(&self) -> String {
        self.token_lifetime.map(|Lifetime(seconds)| length(Duration::from_secs(seconds))).unwrap_or_default()
    }
}

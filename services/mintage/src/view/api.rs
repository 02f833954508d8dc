//! An API: a resource server.

use mintage_api::registry;
use serde::Serialize;

use super::claim::{self, ClaimMapping};
use super::time::{Length, Time, short};
use super::words::{Algorithm, ThirdParties, TokenProfile, yes_or_no};
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
    token_lifetime: Option<Length>,
    claim_mappings: Vec<ClaimMapping>,
    consent: Option<ConsentPolicy>,
    is_system: bool,
    created_at: Option<Time>,
    updated_at: Option<Time>,
}

#[derive(Debug, Serialize)]
struct ScopeDefinition {
    value: String,
    description: String,
    optional: bool,
}

#[derive(Debug, Serialize)]
struct ConsentPolicy {
    third_parties: String,
    skip_for_verifiable_first_parties: bool,
    allow_offline_access: bool,
}

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
            consent,
        } = api;
        Self {
            tenant_id,
            id,
            identifier,
            name,
            scopes: claim::all(scopes),
            signing_algorithm: Algorithm::name_of(signing_algorithm),
            token_profile: TokenProfile::name_of(token_profile),
            token_lifetime: token_lifetime.map(Length::from),
            claim_mappings: claim::all(claim_mappings),
            consent: consent.map(ConsentPolicy::from),
            is_system,
            created_at: created_at.map(Time::from),
            updated_at: updated_at.map(Time::from),
        }
    }
}

impl From<registry::ScopeDefinition> for ScopeDefinition {
    fn from(scope: registry::ScopeDefinition) -> Self {
        let registry::ScopeDefinition { value, description, optional } = scope;
        Self { value, description, optional }
    }
}

impl From<registry::ConsentPolicy> for ConsentPolicy {
    fn from(policy: registry::ConsentPolicy) -> Self {
        let registry::ConsentPolicy { third_parties, skip_for_verifiable_first_parties, allow_offline_access } = policy;
        let third_parties = ThirdParties::name_of(third_parties);
        Self { third_parties, skip_for_verifiable_first_parties, allow_offline_access }
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
            self.token_lifetime.map(Length::in_words).unwrap_or_default(),
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
            ("token_lifetime", self.token_lifetime.map(Length::in_words).unwrap_or_default()),
            ("claim_mappings", claim::lines(&self.claim_mappings)),
            ("created_at", short(self.created_at)),
            ("updated_at", short(self.updated_at)),
        ];
        if let Some(consent) = &self.consent {
            facts.push(("third_parties", consent.third_parties.clone()));
            let skips = consent.skip_for_verifiable_first_parties;
            facts.push(("skip_for_verifiable_first_parties", yes_or_no(skips)));
            facts.push(("allow_offline_access", yes_or_no(consent.allow_offline_access)));
        }
        if self.is_system {
            facts.push(("is_system", "yes: it cannot be changed".to_owned()));
        }
        if self.scopes.is_empty() {
            return vec![Block::Facts(facts)];
        }
        let scope =
            |scope: &ScopeDefinition| vec![scope.value.clone(), yes_or_no(scope.optional), scope.description.clone()];
        let scopes = self.scopes.iter().map(scope).collect();
        vec![Block::Facts(facts), Block::Grid(&["SCOPE", "OPTIONAL", "DESCRIPTION"], scopes)]
    }
}

//! What a client is.

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{ClaimMapping, ClientId, GrantType, Metadata, Party, TenantId};

use super::Secret;
use crate::domain::claims::check_claim_mappings;
use crate::domain::{DisplayName, RegistryError, token_size};

/// A client with its secrets.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) tenant: TenantId,
    pub(crate) id: ClientId,
    pub(crate) name: DisplayName,
    /// Fixed for life.
    pub(crate) party: Party,
    pub(crate) enabled: bool,
    pub(crate) metadata: Metadata,
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) claim_mappings: Vec<ClaimMapping>,
    /// At most two that are alive, oldest first.
    pub(crate) secrets: Vec<Secret>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What is said of a client that is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewClient {
    pub(crate) tenant: TenantId,
    pub(crate) name: DisplayName,
    pub(crate) party: Party,
    pub(crate) metadata: Metadata,
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) claim_mappings: Vec<ClaimMapping>,
}

impl Client {
    /// A client as it is to be stored, enabled, with its first secret.
    pub(crate) fn new(
        new: NewClient,
        secret: Secret,
        now: Timestamp,
        randomness: &Randomness,
    ) -> Result<Self, RegistryError> {
        let NewClient { tenant, name, party, metadata, grant_types, claim_mappings } = new;
        check_claims(&name, &metadata, &claim_mappings)?;
        Ok(Self {
            tenant,
            id: ClientId::generate(party, randomness),
            name,
            party,
            enabled: true,
            metadata,
            grant_types,
            claim_mappings,
            secrets: vec![secret],
            created_at: now,
            updated_at: now,
        })
    }
}

/// One value for each claim, and as much as a token can carry.
pub(super) fn check_claims(
    name: &DisplayName,
    metadata: &Metadata,
    mappings: &[ClaimMapping],
) -> Result<(), RegistryError> {
    check_claim_mappings(mappings)?;
    token_size::check_client(&name.to_string(), metadata, mappings)
}

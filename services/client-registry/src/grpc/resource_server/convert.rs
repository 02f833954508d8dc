//! APIs between the wire and the domain.

use std::time::Duration;

use mintage_api::registry;
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::wire::{read_algorithm, wire_algorithm, wire_time};
use mintage_oauth::{Algorithm, TenantId, TokenLifetime, TokenProfile};

use crate::domain::RegistryError;
use crate::domain::resource_server::{
    ConsentPolicy, NewResourceServer, ResourceServer, ResourceServerChanges, ScopeDefinition, Terms,
};
use crate::grpc::convert::{claim_mappings, masked, not_changeable, required, wire_claim_mappings};

pub(super) fn new_resource_server(
    tenant: TenantId,
    request: registry::CreateResourceServerRequest,
) -> Result<NewResourceServer, RegistryError> {
    let name = if request.name.is_empty() { name_from(&request.identifier) } else { request.name };
    Ok(NewResourceServer {
        tenant,
        identifier: required("identifier", &request.identifier)?,
        terms: Terms {
            name: required("name", &name)?,
            scopes: read_scopes(&request.scopes)?,
            algorithm: algorithm(request.signing_algorithm)?,
            profile: profile(request.token_profile)?,
            lifetime: lifetime(request.token_lifetime)?,
            claim_mappings: claim_mappings(&request.claim_mappings)?,
            consent: consent(request.consent)?,
        },
    })
}

pub(super) fn changes(request: &registry::UpdateResourceServerRequest) -> Result<ResourceServerChanges, RegistryError> {
    let api = request.resource_server.as_ref().ok_or(RegistryError::Missing { parameter: "resource_server" })?;
    let mut changes = ResourceServerChanges::default();
    for path in masked(request.update_mask.clone())? {
        match path.as_str() {
            "name" => changes.name = Some(required("name", &api.name)?),
            "scopes" => changes.scopes = Some(read_scopes(&api.scopes)?),
            "signing_algorithm" => changes.algorithm = Some(algorithm(api.signing_algorithm)?),
            "token_profile" => changes.profile = Some(profile(api.token_profile)?),
            "token_lifetime" => changes.lifetime = Some(lifetime(api.token_lifetime)?),
            "claim_mappings" => changes.claim_mappings = Some(claim_mappings(&api.claim_mappings)?),
            "consent" => changes.consent = Some(consent(api.consent)?),
            _ => return Err(not_changeable()),
        }
    }
    Ok(changes)
}

pub(in crate::grpc) fn wire_resource_server(api: &ResourceServer) -> registry::ResourceServer {
    let Terms { name, scopes, algorithm, profile, lifetime, claim_mappings, consent } = &api.terms;
    let profile = match profile {
        TokenProfile::AccessToken => registry::TokenProfile::AccessToken,
        TokenProfile::Rfc9068 => registry::TokenProfile::Rfc9068,
    };
    registry::ResourceServer {
        tenant_id: api.tenant.to_string(),
        id: api.id.to_string(),
        identifier: api.identifier.to_string(),
        name: name.to_string(),
        scopes: scopes.iter().map(wire_scope).collect(),
        signing_algorithm: wire_algorithm(*algorithm).into(),
        token_profile: profile.into(),
        token_lifetime: Some(prost_types::Duration { seconds: lifetime.as_seconds().into(), nanos: 0 }),
        claim_mappings: wire_claim_mappings(claim_mappings),
        is_system: api.is_system,
        created_at: Some(wire_time(api.created_at)),
        updated_at: Some(wire_time(api.updated_at)),
        consent: Some(wire_consent(*consent)),
    }
}

fn wire_scope(scope: &ScopeDefinition) -> registry::ScopeDefinition {
    let ScopeDefinition { value, description, optional } = scope;
    registry::ScopeDefinition { value: value.to_string(), description: description.to_string(), optional: *optional }
}

fn read_scopes(scopes: &[registry::ScopeDefinition]) -> Result<Vec<ScopeDefinition>, RegistryError> {
    let read = |scope: &registry::ScopeDefinition| {
        let registry::ScopeDefinition { value, description, optional } = scope;
        let description = description.parse().map_err(|rule| RegistryError::invalid("scopes.description", rule))?;
        Ok(ScopeDefinition { value: required("scopes.value", value)?, description, optional: *optional })
    };
    scopes.iter().map(read).collect()
}

fn consent(wire: Option<registry::ConsentPolicy>) -> Result<ConsentPolicy, RegistryError> {
    let registry::ConsentPolicy { third_parties, skip_for_verifiable_first_parties, allow_offline_access } =
        wire.unwrap_or_default();
    let allow_third_parties = match registry::ThirdParties::try_from(third_parties) {
        Ok(registry::ThirdParties::Unspecified | registry::ThirdParties::Refused) => false,
        Ok(registry::ThirdParties::Allowed) => true,
        Err(_) => return Err(RegistryError::invalid("consent.third_parties", "it is unknown")),
    };
    Ok(ConsentPolicy { allow_third_parties, skip_for_verifiable_first_parties, allow_offline_access })
}

fn wire_consent(consent: ConsentPolicy) -> registry::ConsentPolicy {
    let ConsentPolicy { allow_third_parties, skip_for_verifiable_first_parties, allow_offline_access } = consent;
    let third_parties =
        if allow_third_parties { registry::ThirdParties::Allowed } else { registry::ThirdParties::Refused };
    registry::ConsentPolicy {
        third_parties: third_parties.into(),
        skip_for_verifiable_first_parties,
        allow_offline_access,
    }
}

fn algorithm(wire: i32) -> Result<Algorithm, RegistryError> {
    let unknown = |_| RegistryError::invalid("signing_algorithm", "it is unknown");
    Ok(read_algorithm(SigningAlgorithm::try_from(wire).map_err(unknown)?).unwrap_or(Algorithm::Rs256))
}

fn profile(wire: i32) -> Result<TokenProfile, RegistryError> {
    match registry::TokenProfile::try_from(wire) {
        Ok(registry::TokenProfile::Unspecified | registry::TokenProfile::AccessToken) => Ok(TokenProfile::AccessToken),
        Ok(registry::TokenProfile::Rfc9068) => Ok(TokenProfile::Rfc9068),
        Err(_) => Err(RegistryError::invalid("token_profile", "it is unknown")),
    }
}

fn lifetime(wire: Option<prost_types::Duration>) -> Result<TokenLifetime, RegistryError> {
    let Some(wire) = wire else { return Ok(TokenLifetime::default()) };
    // What is negative is as wrong as zero, and the library's conversion cannot take every negative length.
    let wire = if wire.seconds < 0 || wire.nanos < 0 { prost_types::Duration::default() } else { wire };
    let length = Duration::try_from(wire).map_err(|rule| RegistryError::invalid("token_lifetime", rule))?;
    TokenLifetime::try_from(length).map_err(|rule| RegistryError::invalid("token_lifetime", rule))
}

/// As much of the identifier as a name may hold.
fn name_from(identifier: &str) -> String {
    identifier.chars().take(128).collect()
}

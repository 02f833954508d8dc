//! Rows to models and back. A row that cannot be read is a fault, never skipped.

use std::error::Error;
use std::str::FromStr;

use mintage_clock::Timestamp;
use mintage_oauth::{ScopeSet, SecretHash, TokenLifetime};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::entities::{client, client_grant, client_secret, resource_server, tenant};
use super::user_access::StoredUserAccess;
use crate::domain::client::{Client, Secret};
use crate::domain::client_grant::ClientGrant;
use crate::domain::resource_server::{ConsentPolicy, ResourceServer, ScopeDefinition, Terms};
use crate::domain::tenant::{Branding, Tenant};
use crate::domain::{RegistryError, looks_like};

/// A scope definition within the JSON of its API.
#[derive(Serialize, Deserialize)]
struct StoredScope {
    value: String,
    description: String,
    #[serde(default)]
    optional: bool,
}

pub(super) fn tenant_of(row: tenant::Model, origins: &[String]) -> Result<Tenant, RegistryError> {
    let tenant::Model {
        id,
        display_name,
        error_profile,
        default_audience,
        dynamic_registration,
        colour,
        logo_uri,
        created_at,
        updated_at,
    } = row;
    let branding = Branding {
        colour: colour.as_deref().map(read).transpose()?,
        logo_uri: logo_uri.as_deref().map(read).transpose()?,
    };
    Ok(Tenant {
        id: read(&id)?,
        display_name: read(&display_name)?,
        origins: origins.iter().map(|origin| read(origin)).collect::<Result<_, _>>()?,
        error_profile: read(&error_profile)?,
        default_audience: default_audience.as_deref().map(read).transpose()?,
        dynamic_registration: read(&dynamic_registration)?,
        branding,
        created_at: Timestamp::from_unix_millis(created_at),
        updated_at: Timestamp::from_unix_millis(updated_at),
    })
}

pub(super) fn row_of_tenant(tenant: &Tenant) -> tenant::Model {
    let Tenant {
        id,
        display_name,
        origins: _,
        error_profile,
        default_audience,
        dynamic_registration,
        branding,
        created_at,
        updated_at,
    } = tenant;
    tenant::Model {
        id: id.to_string(),
        display_name: display_name.to_string(),
        error_profile: error_profile.to_string(),
        default_audience: default_audience.as_ref().map(ToString::to_string),
        dynamic_registration: dynamic_registration.to_string(),
        colour: branding.colour.as_ref().map(ToString::to_string),
        logo_uri: branding.logo_uri.as_ref().map(ToString::to_string),
        created_at: created_at.unix_millis(),
        updated_at: updated_at.unix_millis(),
    }
}

pub(super) fn client_of(
    row: &client::Model,
    secrets: Vec<Secret>,
    registered_itself: bool,
) -> Result<Client, RegistryError> {
    Ok(Client {
        tenant: read(&row.tenant_id)?,
        id: read(&row.client_id)?,
        name: read(&row.name)?,
        party: read(&row.party)?,
        enabled: row.enabled,
        metadata: from_json(&row.metadata)?,
        grant_types: from_json(&row.grant_types)?,
        claim_mappings: from_json(&row.claim_mappings)?,
        secrets,
        client_type: read(&row.client_type)?,
        user_access: from_json::<StoredUserAccess>(&row.user_access)?.try_into()?,
        registered_itself,
        created_at: Timestamp::from_unix_millis(row.created_at),
        updated_at: Timestamp::from_unix_millis(row.updated_at),
    })
}

pub(super) fn row_of_client(client: &Client) -> Result<client::Model, RegistryError> {
    Ok(client::Model {
        tenant_id: client.tenant.to_string(),
        client_id: client.id.to_string(),
        name: client.name.to_string(),
        party: client.party.to_string(),
        enabled: client.enabled,
        metadata: to_json(&client.metadata)?,
        grant_types: to_json(&client.grant_types)?,
        claim_mappings: to_json(&client.claim_mappings)?,
        client_type: client.client_type.to_string(),
        user_access: to_json(&StoredUserAccess::from(&client.user_access))?,
        looks: Some(looks_like(&client.name.to_string())),
        created_at: client.created_at.unix_millis(),
        updated_at: client.updated_at.unix_millis(),
    })
}

pub(super) fn secret_of(row: client_secret::Model) -> Result<Secret, RegistryError> {
    let scheme = u32::try_from(row.scheme).map_err(unreadable)?;
    Ok(Secret {
        id: read(&row.id)?,
        label: read(&row.label)?,
        hint: row.hint,
        hash: SecretHash::from_stored(scheme, &row.hash).map_err(unreadable)?,
        created_at: Timestamp::from_unix_millis(row.created_at),
        not_after: row.not_after.map(Timestamp::from_unix_millis),
        last_used_at: row.last_used_at.map(Timestamp::from_unix_millis),
    })
}

pub(super) fn row_of_secret(client: &Client, secret: &Secret) -> Result<client_secret::Model, RegistryError> {
    let Secret { id, label, hint, hash, created_at, not_after, last_used_at } = secret;
    Ok(client_secret::Model {
        id: id.to_string(),
        tenant_id: client.tenant.to_string(),
        client_id: client.id.to_string(),
        label: label.to_string(),
        hint: hint.clone(),
        scheme: i32::try_from(hash.scheme()).map_err(unreadable)?,
        hash: hash.as_bytes().to_vec(),
        created_at: created_at.unix_millis(),
        not_after: not_after.map(Timestamp::unix_millis),
        last_used_at: last_used_at.map(Timestamp::unix_millis),
    })
}

pub(super) fn resource_server_of(row: &resource_server::Model) -> Result<ResourceServer, RegistryError> {
    let scopes: Vec<StoredScope> = from_json(&row.scopes)?;
    let lifetime = u64::try_from(row.lifetime_seconds).map_err(unreadable)?;
    Ok(ResourceServer {
        tenant: read(&row.tenant_id)?,
        id: read(&row.id)?,
        identifier: read(&row.identifier)?,
        terms: Terms {
            name: read(&row.name)?,
            scopes: scopes.iter().map(scope_of).collect::<Result<_, _>>()?,
            algorithm: read(&row.algorithm)?,
            profile: read(&row.profile)?,
            lifetime: TokenLifetime::from_seconds(lifetime).map_err(unreadable)?,
            claim_mappings: from_json(&row.claim_mappings)?,
            consent: ConsentPolicy {
                allow_third_parties: row.allow_third_parties,
                skip_for_verifiable_first_parties: row.skip_consent,
                allow_offline_access: row.allow_offline_access,
            },
        },
        is_system: row.is_system,
        created_at: Timestamp::from_unix_millis(row.created_at),
        updated_at: Timestamp::from_unix_millis(row.updated_at),
    })
}

fn scope_of(stored: &StoredScope) -> Result<ScopeDefinition, RegistryError> {
    let StoredScope { value, description, optional } = stored;
    Ok(ScopeDefinition { value: read(value)?, description: read(description)?, optional: *optional })
}

pub(super) fn row_of_resource_server(api: &ResourceServer) -> Result<resource_server::Model, RegistryError> {
    let stored = |scope: &ScopeDefinition| {
        let (value, description) = (scope.value.to_string(), scope.description.to_string());
        StoredScope { value, description, optional: scope.optional }
    };
    let Terms { name, scopes, algorithm, profile, lifetime, claim_mappings, consent } = &api.terms;
    Ok(resource_server::Model {
        tenant_id: api.tenant.to_string(),
        id: api.id.to_string(),
        identifier: api.identifier.to_string(),
        name: name.to_string(),
        scopes: to_json(&scopes.iter().map(stored).collect::<Vec<_>>())?,
        algorithm: algorithm.to_string(),
        profile: profile.to_string(),
        lifetime_seconds: i32::try_from(lifetime.as_seconds()).map_err(unreadable)?,
        claim_mappings: to_json(claim_mappings)?,
        is_system: api.is_system,
        allow_third_parties: consent.allow_third_parties,
        skip_consent: consent.skip_for_verifiable_first_parties,
        allow_offline_access: consent.allow_offline_access,
        created_at: api.created_at.unix_millis(),
        updated_at: api.updated_at.unix_millis(),
    })
}

pub(super) fn client_grant_of(row: &client_grant::Model) -> Result<ClientGrant, RegistryError> {
    Ok(ClientGrant {
        tenant: read(&row.tenant_id)?,
        id: read(&row.id)?,
        client: read(&row.client_id)?,
        resource_server: read(&row.resource_server_id)?,
        audience: read(&row.audience)?,
        scopes: scopes_from_json(&row.scopes)?,
        created_at: Timestamp::from_unix_millis(row.created_at),
        updated_at: Timestamp::from_unix_millis(row.updated_at),
    })
}

pub(super) fn row_of_client_grant(grant: &ClientGrant) -> Result<client_grant::Model, RegistryError> {
    Ok(client_grant::Model {
        tenant_id: grant.tenant.to_string(),
        id: grant.id.to_string(),
        client_id: grant.client.to_string(),
        resource_server_id: grant.resource_server.to_string(),
        audience: grant.audience.to_string(),
        scopes: to_json(&grant.scopes.iter().collect::<Vec<_>>())?,
        created_at: grant.created_at.unix_millis(),
        updated_at: grant.updated_at.unix_millis(),
    })
}

fn scopes_from_json(json: &str) -> Result<ScopeSet, RegistryError> {
    Ok(from_json::<Vec<mintage_oauth::Scope>>(json)?.into_iter().collect())
}

/// What was valid when it was written.
pub(super) fn read<T: FromStr<Err: Error + Send + Sync + 'static>>(text: &str) -> Result<T, RegistryError> {
    text.parse().map_err(unreadable)
}

fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, RegistryError> {
    serde_json::from_str(json).map_err(unreadable)
}

fn to_json<T: Serialize>(value: &T) -> Result<String, RegistryError> {
    serde_json::to_string(value).map_err(unreadable)
}

pub(super) fn unreadable(cause: impl Error + Send + Sync + 'static) -> RegistryError {
    RegistryError::Failed(Box::new(cause))
}

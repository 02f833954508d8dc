//! Clients between the wire and the domain.

use std::collections::HashMap;

use mintage_api::registry;
use mintage_oauth::{GrantType, Metadata, Party, TenantId};

use crate::domain::RegistryError;
use crate::domain::client::{Client, ClientChanges, NewClient, Secret};
use crate::grpc::convert::{claim_mappings, each, masked, not_changeable, required, wire_claim_mappings, wire_time};

pub(super) fn new_client(
    tenant: TenantId,
    request: &registry::CreateClientRequest,
) -> Result<NewClient, RegistryError> {
    let registry::CreateClientRequest { tenant_id: _, name, party, metadata, grant_types, .. } = request;
    Ok(NewClient {
        tenant,
        name: required("name", name)?,
        party: read_party(*party)?,
        metadata: read_metadata(metadata)?,
        grant_types: read_grant_types(grant_types)?,
        claim_mappings: claim_mappings(&request.claim_mappings)?,
    })
}

pub(super) fn changes(request: &registry::UpdateClientRequest) -> Result<ClientChanges, RegistryError> {
    let client = request.client.as_ref().ok_or(RegistryError::Missing { parameter: "client" })?;
    let mut changes = ClientChanges::default();
    for path in masked(request.update_mask.clone())? {
        match path.as_str() {
            "name" => changes.name = Some(required("name", &client.name)?),
            "enabled" => changes.enabled = Some(client.enabled),
            "metadata" => changes.metadata = Some(read_metadata(&client.metadata)?),
            "grant_types" => changes.grant_types = Some(read_grant_types(&client.grant_types)?),
            "claim_mappings" => changes.claim_mappings = Some(claim_mappings(&client.claim_mappings)?),
            _ => return Err(not_changeable()),
        }
    }
    Ok(changes)
}

pub(super) fn wire_client(client: Client) -> registry::Client {
    registry::Client {
        tenant_id: client.tenant.to_string(),
        client_id: client.id.to_string(),
        name: client.name.to_string(),
        party: wire_party(client.party).into(),
        enabled: client.enabled,
        metadata: wire_metadata(&client.metadata),
        grant_types: wire_grant_types(&client.grant_types),
        claim_mappings: wire_claim_mappings(&client.claim_mappings),
        secrets: client.secrets.into_iter().map(wire_secret).collect(),
        created_at: Some(wire_time(client.created_at)),
        updated_at: Some(wire_time(client.updated_at)),
    }
}

pub(super) fn wire_secret(secret: Secret) -> registry::ClientSecret {
    let Secret { id, label, hint, hash: _, created_at, not_after, last_used_at } = secret;
    registry::ClientSecret {
        id: id.to_string(),
        label: label.to_string(),
        hint,
        created_at: Some(wire_time(created_at)),
        not_after: not_after.map(wire_time),
        last_used_at: last_used_at.map(wire_time),
    }
}

pub(in crate::grpc) const fn wire_party(party: Party) -> registry::Party {
    match party {
        Party::First => registry::Party::First,
        Party::Third => registry::Party::Third,
    }
}

pub(in crate::grpc) fn wire_metadata(metadata: &Metadata) -> HashMap<String, String> {
    metadata.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

pub(in crate::grpc) fn wire_grant_types(grant_types: &[GrantType]) -> Vec<String> {
    grant_types.iter().map(ToString::to_string).collect()
}

fn read_party(wire: i32) -> Result<Party, RegistryError> {
    match registry::Party::try_from(wire) {
        Ok(registry::Party::Unspecified | registry::Party::First) => Ok(Party::First),
        Ok(registry::Party::Third) => Ok(Party::Third),
        Err(_) => Err(RegistryError::invalid("party", "it is unknown")),
    }
}

fn read_metadata(pairs: &HashMap<String, String>) -> Result<Metadata, RegistryError> {
    let metadata = Metadata::from_pairs(pairs.iter().map(|(key, value)| (key, value.as_str())));
    metadata.map_err(|rule| RegistryError::invalid("metadata", rule))
}

/// In the order given, each once.
fn read_grant_types(names: &[String]) -> Result<Vec<GrantType>, RegistryError> {
    if names.is_empty() {
        return Ok(vec![GrantType::ClientCredentials]);
    }
    let mut grant_types = Vec::new();
    for grant_type in each("grant_types", names)? {
        if grant_types.contains(&grant_type) {
            return Err(RegistryError::invalid("grant_types", format_args!("{grant_type} stands twice")));
        }
        grant_types.push(grant_type);
    }
    Ok(grant_types)
}

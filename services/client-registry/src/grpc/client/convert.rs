//! Clients between the wire and the domain.

use std::collections::HashMap;

use mintage_api::registry;
use mintage_chassis::wire::wire_time;
use mintage_oauth::{ClientType, GrantType, Metadata, Party, TenantId};

use super::user_access::{every_field, one_field, read_user_access, wire_user_access};
use crate::domain::RegistryError;
use crate::domain::client::{Client, ClientChanges, NewClient, Secret};
use crate::grpc::convert::{claim_mappings, each, masked, not_changeable, required, wire_claim_mappings};

pub(super) fn new_client(
    tenant: TenantId,
    request: &registry::CreateClientRequest,
) -> Result<NewClient, RegistryError> {
    let registry::CreateClientRequest { tenant_id: _, name, party, metadata, grant_types, client_type, .. } = request;
    Ok(NewClient {
        tenant,
        name: required("name", name)?,
        party: read_party(*party)?,
        client_type: read_client_type(*client_type)?,
        metadata: read_metadata(metadata)?,
        grant_types: read_grant_types(grant_types)?,
        claim_mappings: claim_mappings(&request.claim_mappings)?,
        user_access: read_user_access(request.user_access.as_ref())?,
        registered_itself: false,
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
            "user_access" => changes.user_access.extend(every_field(client.user_access.as_ref())?),
            path => {
                let field = path.strip_prefix("user_access.").ok_or_else(not_changeable)?;
                changes.user_access.push(one_field(field, client.user_access.as_ref())?);
            }
        }
    }
    Ok(changes)
}

pub(in crate::grpc) fn wire_client(client: Client) -> registry::Client {
    registry::Client {
        tenant_id: client.tenant.to_string(),
        client_id: client.id.to_string(),
        name: client.name.to_string(),
        party: wire_party(client.party).into(),
        enabled: client.enabled,
        metadata: wire_metadata(&client.metadata),
        grant_types: wire_grant_types(&client.grant_types),
        claim_mappings: wire_claim_mappings(&client.claim_mappings),
        client_type: wire_client_type(client.client_type).into(),
        user_access: Some(wire_user_access(&client.user_access)),
        registered_itself: client.registered_itself,
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

pub(in crate::grpc) const fn wire_client_type(client_type: ClientType) -> registry::ClientType {
    match client_type {
        ClientType::Confidential => registry::ClientType::Confidential,
        ClientType::Public => registry::ClientType::Public,
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

pub(in crate::grpc) fn read_client_type(wire: i32) -> Result<ClientType, RegistryError> {
    match registry::ClientType::try_from(wire) {
        Ok(registry::ClientType::Unspecified | registry::ClientType::Confidential) => Ok(ClientType::Confidential),
        Ok(registry::ClientType::Public) => Ok(ClientType::Public),
        Err(_) => Err(RegistryError::invalid("client_type", "it is unknown")),
    }
}

fn read_metadata(pairs: &HashMap<String, String>) -> Result<Metadata, RegistryError> {
    let metadata = Metadata::from_pairs(pairs.iter().map(|(key, value)| (key, value.as_str())));
    metadata.map_err(|rule| RegistryError::invalid("metadata", rule))
}

/// In the order given, each once; the dangerous ones are flags of their own.
fn read_grant_types(names: &[String]) -> Result<Vec<GrantType>, RegistryError> {
    if names.is_empty() {
        return Ok(vec![GrantType::ClientCredentials]);
    }
    let mut grant_types = Vec::new();
    for grant_type in each("grant_types", names)? {
        if !GrantType::REGISTRABLE.contains(&grant_type) {
            let rule = format_args!("{grant_type} has a switch of its own, dangerously_allow_{grant_type}");
            return Err(RegistryError::invalid("grant_types", rule));
        }
        if grant_types.contains(&grant_type) {
            return Err(RegistryError::invalid("grant_types", format_args!("{grant_type} stands twice")));
        }
        grant_types.push(grant_type);
    }
    Ok(grant_types)
}

//! Compact records for the caches of sibling services.

use std::collections::HashMap;

use mintage_api::registry;
use mintage_chassis::wire::wire_time;

use crate::domain::client::{Client, Secret};
use crate::domain::client_grant::ClientGrant;
use crate::grpc::client::{
    wire_client, wire_client_type, wire_grant_types, wire_metadata, wire_party, wire_user_access,
};
use crate::grpc::client_grant::wire_scopes;
use crate::grpc::convert::wire_claim_mappings;

pub(super) fn client_record(client: &Client) -> registry::ClientRecord {
    registry::ClientRecord {
        client_id: client.id.to_string(),
        name: client.name.to_string(),
        party: wire_party(client.party).into(),
        enabled: client.enabled,
        metadata: wire_metadata(&client.metadata),
        grant_types: wire_grant_types(&client.grant_types),
        claim_mappings: wire_claim_mappings(&client.claim_mappings),
        secrets: client.secrets.iter().map(secret_record).collect(),
        client_type: wire_client_type(client.client_type).into(),
        user_access: Some(wire_user_access(&client.user_access)),
    }
}

/// As users are shown it: neither what authenticates it, nor what is its operator's business.
pub(super) fn application(client: Client) -> registry::Client {
    registry::Client {
        secrets: Vec::new(),
        metadata: HashMap::new(),
        claim_mappings: Vec::new(),
        ..wire_client(client)
    }
}

fn secret_record(secret: &Secret) -> registry::SecretRecord {
    registry::SecretRecord {
        id: secret.id.to_string(),
        scheme: secret.hash.scheme(),
        hash: secret.hash.as_bytes().to_vec(),
        not_after: secret.not_after.map(wire_time),
    }
}

pub(super) fn client_grant_record(grant: &ClientGrant) -> registry::ClientGrantRecord {
    registry::ClientGrantRecord { id: grant.id.to_string(), scopes: wire_scopes(&grant.scopes) }
}

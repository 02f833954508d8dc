//! Compact records for the caches of sibling services.

use mintage_api::registry;

use crate::domain::client::{Client, Secret};
use crate::domain::client_grant::ClientGrant;
use crate::grpc::client::{wire_grant_types, wire_metadata, wire_party};
use crate::grpc::client_grant::wire_scopes;
use crate::grpc::convert::{wire_claim_mappings, wire_time};

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

//! Client grants between the wire and the domain.

use mintage_api::registry;
use mintage_chassis::wire::wire_time;
use mintage_oauth::ScopeSet;

use crate::domain::client_grant::ClientGrant;

pub(super) fn wire_client_grant(grant: ClientGrant) -> registry::ClientGrant {
    let ClientGrant { tenant, id, client, resource_server: _, audience, scopes, created_at, updated_at } = grant;
    registry::ClientGrant {
        tenant_id: tenant.to_string(),
        id: id.to_string(),
        client_id: client.to_string(),
        audience: audience.to_string(),
        scopes: wire_scopes(&scopes),
        created_at: Some(wire_time(created_at)),
        updated_at: Some(wire_time(updated_at)),
    }
}

pub(in crate::grpc) fn wire_scopes(scopes: &ScopeSet) -> Vec<String> {
    scopes.iter().map(ToString::to_string).collect()
}

//! User grants, for the wire.

use mintage_api::consent as wire;
use mintage_chassis::wire::wire_time;

use crate::domain::ConsentError;
use crate::domain::grant::{Between, UserGrant};
use crate::grpc::convert::optional;
use crate::store::GrantFilter;

/// What the user left out stays between the user and this service.
pub(in crate::grpc) fn wire_grant(grant: UserGrant) -> wire::UserGrant {
    let UserGrant { id, between, scopes, declined: _, consented: _, created_at, updated_at, last_used_at } = grant;
    let Between { tenant, user, client, audience, api: _ } = between;
    wire::UserGrant {
        tenant_id: tenant.to_string(),
        id: id.to_string(),
        user_id: user.to_string(),
        client_id: client.to_string(),
        audience: audience.map(|audience| audience.to_string()).unwrap_or_default(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        created_at: Some(wire_time(created_at)),
        updated_at: Some(wire_time(updated_at)),
        last_used_at: last_used_at.map(wire_time),
        ..wire::UserGrant::default()
    }
}

/// Which grants a request means.
pub(super) fn filter(user: &str, client: &str, audience: &str) -> Result<GrantFilter, ConsentError> {
    Ok(GrantFilter {
        user: optional("user_id", user)?,
        client: optional("client_id", client)?,
        audience: optional("audience", audience)?,
    })
}

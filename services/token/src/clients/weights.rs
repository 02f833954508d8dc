//! How many bytes cached records take, roughly, so that caches are bounded by bytes.

use mintage_oauth::{Audience, ClaimMapping, ClientId, ScopeSet, TenantId};

use crate::domain::records::{Client, ClientGrant, ResourceServer, Tenant};

pub(super) fn tenant(id: &TenantId, tenant: Option<&Tenant>) -> usize {
    id.as_str().len() + tenant.map_or(0, |tenant| RECORD + tenant.name_bytes())
}

pub(super) fn client((tenant, id): &(TenantId, ClientId), client: Option<&Client>) -> usize {
    let body = client.map_or(0, |client| {
        let metadata: usize = client.metadata.iter().map(|(key, value)| key.len() + value.len() + PART).sum();
        let secrets = client.secrets.len() * 2 * PART;
        RECORD + client.name.len() + metadata + mappings(&client.claim_mappings) + secrets
    });
    tenant.as_str().len() + id.as_str().len() + body
}

pub(super) fn resource_server((tenant, audience): &(TenantId, Audience), api: Option<&ResourceServer>) -> usize {
    let body = api.map_or(0, |api| RECORD + scopes(&api.scopes) + mappings(&api.claim_mappings));
    tenant.as_str().len() + 2 * audience.as_str().len() + body
}

/// With what is prepared for its tokens: the scopes twice, the audience, and static claims of usual size. They may take
/// five times that, which is known only once there are all three records.
pub(super) fn client_grant(
    (tenant, client, audience): &(TenantId, ClientId, Audience),
    grant: Option<&ClientGrant>,
) -> usize {
    let body = grant.map_or(0, |grant| RECORD + PREPARED + 3 * scopes(grant.scopes()) + audience.as_str().len());
    tenant.as_str().len() + client.as_str().len() + audience.as_str().len() + body
}

fn scopes(scopes: &ScopeSet) -> usize {
    scopes.iter().map(|scope| scope.as_str().len() + PART).sum()
}

fn mappings(mappings: &[ClaimMapping]) -> usize {
    mappings.iter().map(|mapping| mapping.source.as_str().len() + mapping.claim.as_str().len() + PART).sum()
}

/// The fixed part of a record.
const RECORD: usize = 384;
/// The fixed part of what is prepared.
const PREPARED: usize = 768;
/// The fixed part of a part.
const PART: usize = 48;

#[cfg(test)]
mod tests {
    use mintage_oauth::Origin;

    use super::*;

    #[test]
    fn a_tenant_weighs_more_by_each_name_it_has() {
        let id: TenantId = "acme".parse().unwrap();
        let issuer = |number| format!("https://{number}.example").parse::<Origin>().unwrap().issuer();
        let weight = |names| {
            let issuers: Vec<_> = (0..names).map(issuer).collect();
            tenant(&id, Some(&Tenant::new(id.clone(), &issuers, None)))
        };
        assert_eq!(tenant(&id, None), 4);
        assert!(weight(9) - weight(1) >= 8 * 2 * "https://0.example/".len());
    }
}

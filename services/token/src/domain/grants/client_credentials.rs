//! The client credentials grant (RFC 6749 section 4.4): a client asks for itself.

use std::sync::Arc;

use mintage_oauth::{Audience, GrantType, Party};

use crate::domain::records::{Client, ResourceServer, Tenant};
use crate::domain::shortcuts::Shortcut;
use crate::domain::{Arrival, Entitlement, IssueError, IssuedToken, MintParts, TokenRequest};

/// Who → for which API → with which scopes → a signed token.
pub(in crate::domain) async fn client_credentials(
    mint: &MintParts,
    request: &TokenRequest,
    arrival: Arrival,
) -> Result<IssuedToken, IssueError> {
    let epoch = mint.directory.epoch();
    let (tenant, entitlement) = match epoch.and_then(|epoch| mint.shortcuts.find(request, epoch)) {
        Some(Shortcut { tenant, entitlement, .. }) => {
            let client = Some(Arc::clone(entitlement.client()));
            mint.gate.admit(arrival, &tenant.id, client, &request.credential.secret).await?;
            (tenant, entitlement)
        }
        // Boxed, it does not weigh on every request that need not go that way.
        None => Box::pin(the_long_way(mint, request, arrival, epoch)).await?,
    };
    let issuer = tenant.issuer(request.issuer.as_deref())?;
    let granted = entitlement.narrow(request.scopes.as_ref())?;
    let payload = entitlement.payload(issuer, &granted, mint.clock.now(), &mint.randomness)?;
    let access_token = mint.signer.sign(entitlement.ring(), entitlement.typ(), payload).await?;
    Ok(IssuedToken {
        client_id: entitlement.client().id.clone(),
        algorithm: entitlement.ring().algorithm,
        access_token,
        expires_in: entitlement.lifetime_seconds(),
        scopes: granted.scopes.clone(),
    })
}

/// From record to record, and remembers where they led.
async fn the_long_way(
    mint: &MintParts,
    request: &TokenRequest,
    arrival: Arrival,
    epoch: Option<u64>,
) -> Result<(Arc<Tenant>, Arc<Entitlement>), IssueError> {
    let TokenRequest { tenant, credential, .. } = request;
    let tenant = mint.directory.tenant(tenant).await?;
    let client = match &tenant {
        Some(tenant) => mint.gate.look_up(&tenant.id, &credential.client_id).await?,
        None => None,
    };
    mint.gate.hear_again(arrival)?;
    let client = mint.gate.admit(arrival, &request.tenant, client, &credential.secret).await?;
    // Nobody passes the gate of a tenant that does not exist; whoever fails there does not learn that it does not.
    let tenant = tenant.ok_or(IssueError::ClientAuthenticationFailed)?;
    if !client.grant_types.contains(&GrantType::ClientCredentials) {
        return Err(IssueError::GrantTypeNotAllowed { grant_type: GrantType::ClientCredentials });
    }
    let audience = request.audience.as_ref().or(tenant.default_audience.as_ref());
    let audience = audience.ok_or(IssueError::AudienceMissing)?;
    let api = api_of(mint, &tenant, &client, audience).await?;
    let entitlement = entitlement_of(mint, &tenant, &client, &api).await?;
    if let Some(epoch) = epoch {
        mint.shortcuts.keep(request, epoch, &tenant, &entitlement);
    }
    Ok((tenant, entitlement))
}

async fn api_of(
    mint: &MintParts,
    tenant: &Tenant,
    client: &Client,
    audience: &Audience,
) -> Result<Arc<ResourceServer>, IssueError> {
    let api = mint.directory.resource_server(&tenant.id, audience).await?;
    let api = api.ok_or_else(|| IssueError::AudienceUnknown { audience: audience.clone() })?;
    if client.party == Party::Third && api.refuses_third_parties() {
        return Err(IssueError::ThirdPartyRefused { client_id: client.id.clone(), audience: audience.clone() });
    }
    Ok(api)
}

async fn entitlement_of(
    mint: &MintParts,
    tenant: &Tenant,
    client: &Arc<Client>,
    api: &Arc<ResourceServer>,
) -> Result<Arc<Entitlement>, IssueError> {
    let grant = mint.directory.client_grant(&tenant.id, &client.id, &api.audience).await?;
    let grant = grant.ok_or_else(|| IssueError::ClientGrantMissing {
        client_id: client.id.clone(),
        audience: api.audience.clone(),
    })?;
    Ok(grant.entitlement(client, api))
}

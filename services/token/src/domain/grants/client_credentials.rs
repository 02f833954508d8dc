//! The client credentials grant (RFC 6749 section 4.4): a client asks for itself.

use std::sync::Arc;

use mintage_oauth::{Audience, GrantType, Party};

use super::authenticated;
use crate::domain::ports::Unsigned;
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
            mint.gate.admit(arrival, &tenant.id, client, request.credential.secret()).await?;
            (tenant, entitlement)
        }
        // Boxed, it does not weigh on every request that need not go that way.
        None => Box::pin(the_long_way(mint, request, arrival, epoch)).await?,
    };
    let issuer = tenant.issuer(request.issuer.as_deref())?;
    let granted = entitlement.narrow(request.scopes.as_ref())?;
    let payload = entitlement.payload(issuer, &granted, mint.clock.now(), &mint.randomness)?;
    let unsigned = Unsigned { typ: entitlement.typ(), payload, lifetime: entitlement.lifetime() };
    let access_token = mint.signer.sign(entitlement.ring(), unsigned).await?;
    Ok(IssuedToken {
        client_id: entitlement.client().id.clone(),
        algorithm: entitlement.ring().algorithm,
        access_token,
        expires_in: entitlement.lifetime().as_seconds(),
        scopes: granted.scopes.clone(),
        refresh_token: None,
        id_token: None,
    })
}

/// From record to record, and remembers where they led.
async fn the_long_way(
    mint: &MintParts,
    request: &TokenRequest,
    arrival: Arrival,
    epoch: Option<u64>,
) -> Result<(Arc<Tenant>, Arc<Entitlement>), IssueError> {
    let (tenant, client) = authenticated(mint, &request.tenant, &request.credential, arrival).await?;
    client.expect_may_use(GrantType::ClientCredentials)?;
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

//! The tokens of a user: what was granted, as far as it still holds when they are struck.

use std::fmt::Write;
use std::sync::Arc;

use mintage_clock::Timestamp;
use mintage_jose::Algorithm;
use mintage_oauth::{ID_TOKEN_LIFETIME, Party, ScopeSet, TenantId, TokenLifetime, TokenProfile, openid};

use super::claims::{client_members, json_string, jti_member, scope_member, static_claims};
use super::id_token::{IdToken, payload as id_token_payload};
use super::ports::{KeyRing, Unsigned};
use super::records::{Client, IssuerName, ResourceServer};
use super::{Authorization, FrontChannelTokens, IssueError, IssuedToken, MAX_PAYLOAD_BYTES, MintParts};

/// What tokens are struck of.
#[derive(Debug)]
pub(super) struct UserOrder<'a> {
    /// Whose keys sign.
    pub(super) tenant: &'a TenantId,
    /// Who issues them.
    pub(super) issuer: &'a IssuerName,
    /// Who gets them.
    pub(super) client: &'a Client,
    /// How the client came to them, where that is told (`gty`).
    pub(super) gty: Option<&'static str>,
    /// What the user granted.
    pub(super) authorization: Authorization,
}

/// An access token, and an ID token where the scopes have it.
pub(super) async fn strike(mint: &MintParts, order: UserOrder<'_>) -> Result<IssuedToken, IssueError> {
    let holding = Holding::of(mint, &order).await?;
    let mut issued = holding.access_token(mint, &order).await?;
    issued.id_token = holding.id_token(mint, &order, Some(&issued.access_token), None).await?;
    issued.refresh_token = order.authorization.refresh_token;
    Ok(issued)
}

/// What goes through the browser beside a code: never a refresh token.
pub(super) async fn strike_beside(
    mint: &MintParts,
    order: UserOrder<'_>,
    token: bool,
    id_token: bool,
    code: Option<&str>,
) -> Result<FrontChannelTokens, IssueError> {
    let holding = Holding::of(mint, &order).await?;
    let access = if token { Some(holding.access_token(mint, &order).await?) } else { None };
    let beside = access.as_ref().map(|access| access.access_token.as_str());
    let id_token = if id_token { holding.id_token(mint, &order, beside, code).await? } else { None };
    Ok(FrontChannelTokens { access, id_token })
}

/// What still holds of a grant.
#[derive(Debug)]
struct Holding {
    /// `None`: the tokens are for the userinfo endpoint alone.
    api: Option<Arc<ResourceServer>>,
    /// Of those granted.
    scopes: ScopeSet,
    now: Timestamp,
}

impl Holding {
    /// Asks the API again, whatever it allowed when the user consented: the very API, for one that came back under its name
    /// is another. What became of it is not told: whoever holds the grant has to ask the user anew.
    async fn of(mint: &MintParts, order: &UserOrder<'_>) -> Result<Self, IssueError> {
        let UserOrder { tenant, client, authorization, .. } = order;
        let api = match &authorization.audience {
            Some(audience) => {
                let api = mint.directory.resource_server(tenant, audience).await?;
                let granted = api.filter(|api| authorization.resource_server.as_ref() == Some(&api.id));
                let open = granted.filter(|api| api.is_open_to_users_of(client.party));
                Some(open.ok_or(IssueError::GrantInvalid)?)
            }
            // Without an API there is only who the user is, which third parties are never told.
            None if client.party == Party::Third => return Err(IssueError::GrantInvalid),
            None => None,
        };
        let scopes = scopes_that_hold(&authorization.scopes, client.party, api.as_deref());
        Ok(Self { api, scopes, now: mint.clock.now() })
    }

    fn lifetime(&self) -> TokenLifetime {
        self.api.as_ref().map_or(ID_TOKEN_LIFETIME, |api| api.lifetime)
    }

    fn profile(&self) -> TokenProfile {
        self.api.as_ref().map_or(TokenProfile::AccessToken, |api| api.profile)
    }

    async fn access_token(&self, mint: &MintParts, order: &UserOrder<'_>) -> Result<IssuedToken, IssueError> {
        let ring = self.api.as_ref().map_or_else(|| ring_of_client(order), |api| api.ring());
        let payload = self.access_payload(mint, order)?;
        let lifetime = self.lifetime();
        let access_token = mint.signer.sign(&ring, Unsigned { typ: self.profile().typ(), payload, lifetime }).await?;
        Ok(IssuedToken {
            client_id: order.client.id.clone(),
            algorithm: ring.algorithm,
            access_token,
            expires_in: lifetime.as_seconds(),
            scopes: self.scopes.clone(),
            refresh_token: None,
            id_token: None,
        })
    }

    /// The claims in the order in which a machine's stand.
    fn access_payload(&self, mint: &MintParts, order: &UserOrder<'_>) -> Result<Vec<u8>, IssueError> {
        let UserOrder { issuer, client, gty, authorization, .. } = order;
        let (iat, exp) = span(self.now, self.lifetime());
        let mut json = String::new();
        // Writing to a string does not fail.
        let _ = write!(
            json,
            "{{\"iss\":{},\"sub\":{},\"aud\":{},\"iat\":{iat},\"exp\":{exp}{}{}{}{}}}",
            issuer.json(),
            json_string(authorization.user_id.as_str()),
            self.audience(issuer),
            scope_member(&self.scopes),
            jti_member(self.profile(), &mint.randomness),
            client_members(self.profile(), client, *gty),
            static_claims(client, self.api.as_deref()),
        );
        within_bounds(json.into_bytes())
    }

    /// The API, and the userinfo endpoint where the token opens it. One that is signed with a secret that the API knows too
    /// never does, as with Auth0: the API could make itself tokens that tell of any user. The client has the ID token.
    fn audience(&self, issuer: &IssuerName) -> String {
        let userinfo = json_string(&issuer.userinfo());
        match &self.api {
            None => userinfo,
            Some(api) if self.scopes.contains(openid::OPENID) && api.algorithm != Algorithm::Hs256 => {
                format!("[{},{userinfo}]", json_string(api.audience.as_str()))
            }
            Some(api) => json_string(api.audience.as_str()),
        }
    }

    async fn id_token(
        &self,
        mint: &MintParts,
        order: &UserOrder<'_>,
        access_token: Option<&str>,
        code: Option<&str>,
    ) -> Result<Option<String>, IssueError> {
        if !self.scopes.contains(openid::OPENID) {
            return Ok(None);
        }
        let UserOrder { issuer, client, authorization, .. } = order;
        let (issued_at, expires_at) = span(self.now, ID_TOKEN_LIFETIME);
        let ring = ring_of_client(order);
        let token = IdToken {
            issuer: issuer.as_str(),
            client_id: client.id.as_str(),
            authorization,
            scopes: &self.scopes,
            algorithm: ring.algorithm,
            issued_at,
            expires_at,
            access_token,
            code,
        };
        let payload = within_bounds(id_token_payload(&token)?)?;
        let unsigned = Unsigned { typ: "JWT", payload, lifetime: ID_TOKEN_LIFETIME };
        Ok(Some(mint.signer.sign(&ring, unsigned).await?))
    }
}

/// Those that the API still defines, and those of OpenID Connect, which third parties never have.
fn scopes_that_hold(granted: &ScopeSet, party: Party, api: Option<&ResourceServer>) -> ScopeSet {
    let holds = |scope: &str| match scope {
        openid::OFFLINE_ACCESS => true,
        who if openid::is_openid_scope(who) => party == Party::First,
        own => api.is_some_and(|api| api.scopes.contains(own)),
    };
    granted.iter().filter(|scope| holds(scope.as_str())).cloned().collect()
}

/// What signs ID tokens, and access tokens that are for no API.
fn ring_of_client(order: &UserOrder<'_>) -> KeyRing {
    let algorithm = order.client.user_access.id_token_algorithm;
    KeyRing { tenant: order.tenant.clone(), algorithm, resource_server: None }
}

fn span(now: Timestamp, lifetime: TokenLifetime) -> (i64, i64) {
    let issued_at = now.unix_seconds();
    (issued_at, issued_at.saturating_add(i64::from(lifetime.as_seconds())))
}

fn within_bounds(payload: Vec<u8>) -> Result<Vec<u8>, IssueError> {
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(IssueError::TokenTooLarge { limit: MAX_PAYLOAD_BYTES });
    }
    Ok(payload)
}

//! A user's own pages, and the end of a session.

use async_trait::async_trait;
use mintage_api::consent::end_session_response::Next;
use mintage_api::consent::session_service_client::SessionServiceClient;
use mintage_api::consent::{
    ConfirmLogout, EndSessionRequest, EndSessionResponse, GetSessionRequest, GetSessionResponse, GetUserInfoRequest,
    GetUserInfoResponse, ListOwnGrantsRequest, RevokeOwnGrantRequest,
};
use mintage_chassis::Transport;

use super::RemoteConsent;
use super::convert::{grant_of, person_of, told, told_nothing};
use crate::clients::moment;
use crate::domain::{BrowserTokens, Logout, LogoutRequest, OwnGrant, Refusal, Session, Sessions, Tenant, UserInfo};

type Client = SessionServiceClient<Transport>;

#[async_trait]
impl Sessions for RemoteConsent {
    async fn session(&self, tenant: &Tenant, browser: &BrowserTokens) -> Result<Option<Session>, Refusal> {
        let message = GetSessionRequest { tenant_id: tenant.id.to_string(), browser: told(browser) };
        let call = async |mut client: Client, request| client.get_session(request).await;
        let GetSessionResponse { person, csrf_token } = self.calls.make(&self.sessions, message, None, call).await?;
        Ok(person.map(|person| Session { person: person_of(person), csrf_token }))
    }

    async fn grants(&self, tenant: &Tenant, browser: &BrowserTokens) -> Result<Vec<OwnGrant>, Refusal> {
        let message = ListOwnGrantsRequest { tenant_id: tenant.id.to_string(), browser: told(browser) };
        let call = async |mut client: Client, request| client.list_own_grants(request).await;
        let listed = self.calls.make(&self.sessions, message, None, call).await?;
        Ok(listed.grants.into_iter().filter_map(grant_of).collect())
    }

    async fn revoke(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        csrf_token: String,
        id: String,
    ) -> Result<bool, Refusal> {
        let message =
            RevokeOwnGrantRequest { tenant_id: tenant.id.to_string(), browser: told(browser), csrf_token, id };
        let call = async |mut client: Client, request| client.revoke_own_grant(request).await;
        match self.calls.make(&self.sessions, message, None, call).await {
            Ok(_) => Ok(true),
            Err(Refusal::ObjectUnknown) => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    async fn end(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        request: LogoutRequest,
        csrf_token: Option<String>,
    ) -> Result<Logout, Refusal> {
        let LogoutRequest { id_token_hint, client_id, post_logout_redirect_uri, state } = request;
        let has_state = !state.is_empty();
        let message = EndSessionRequest {
            tenant_id: tenant.id.to_string(),
            issuer: tenant.issuer.to_string(),
            browser: told(browser),
            id_token_hint,
            client_id,
            post_logout_redirect_uri,
            state,
            csrf_token: csrf_token.unwrap_or_default(),
        };
        let call = async |mut client: Client, request| client.end_session(request).await;
        logout_of(self.calls.make(&self.sessions, message, None, call).await?, has_state)
    }

    async fn user_info(&self, tenant: &Tenant, access_token: String) -> Result<UserInfo, Refusal> {
        let (tenant_id, issuer) = (tenant.id.to_string(), tenant.issuer.to_string());
        let message = GetUserInfoRequest { tenant_id, issuer, access_token };
        let call = async |mut client: Client, request| client.get_user_info(request).await;
        let GetUserInfoResponse { user_id, claims } = self.calls.make(&self.sessions, message, None, call).await?;
        let claims = claims.unwrap_or_default();
        Ok(UserInfo {
            user_id,
            name: claims.name,
            email: claims.email,
            email_verified: claims.email_verified,
            updated_at: moment(claims.updated_at),
        })
    }
}

fn logout_of(response: EndSessionResponse, has_state: bool) -> Result<Logout, Refusal> {
    match response.next {
        Some(Next::Confirm(ConfirmLogout { csrf_token })) => Ok(Logout::Confirm { csrf_token }),
        Some(Next::RedirectUri(uri)) => {
            let registered = if has_state { without_state(&uri) } else { Some(&*uri) };
            Ok(Logout::Leave(registered.and_then(|uri| uri.parse().ok()).ok_or_else(told_nothing)?))
        }
        Some(Next::LoggedOut(_)) => Ok(Logout::Done),
        None => Err(told_nothing()),
    }
}

/// The address before the `state` at its end, which is written again from what the request said.
fn without_state(uri: &str) -> Option<&str> {
    let (registered, _) = uri.rsplit_once("state=")?;
    registered.strip_suffix(['?', '&'])
}

//! From an authorization request to its answer.

use std::net::IpAddr;

use async_trait::async_trait;
use mintage_api::consent::authorization_service_client::AuthorizationServiceClient;
use mintage_api::consent::{
    self, BeginAuthorizationRequest, BeginSignInRequest, DecideRequest, GetInteractionRequest, SignInRequest,
    SwitchUserRequest,
};
use mintage_chassis::Transport;

use super::RemoteConsent;
use super::convert::{interaction_of, step_of, told};
use crate::domain::{
    AuthorizationRequest, Authorizations, BrowserTokens, Decision, Interaction, InteractionKey, Refusal, SignIn, Step,
    Tenant,
};

type Client = AuthorizationServiceClient<Transport>;

#[async_trait]
impl Authorizations for RemoteConsent {
    async fn begin(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        request: AuthorizationRequest,
        source: Option<IpAddr>,
    ) -> Result<Step, Refusal> {
        let message = message_of(request, tenant, told(browser));
        let call = async |mut client: Client, request| client.begin_authorization(request).await;
        step_of(self.calls.make(&self.authorizations, message, source, call).await?.step)
    }

    async fn begin_sign_in(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        ui_locales: String,
        source: Option<IpAddr>,
    ) -> Result<Step, Refusal> {
        let message = BeginSignInRequest {
            tenant_id: tenant.id.to_string(),
            issuer: tenant.issuer.to_string(),
            browser: told(browser),
            ui_locales,
        };
        let call = async |mut client: Client, request| client.begin_sign_in(request).await;
        step_of(self.calls.make(&self.authorizations, message, source, call).await?.step)
    }

    async fn interaction(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        handle: String,
    ) -> Result<Interaction, Refusal> {
        let message = GetInteractionRequest { tenant_id: tenant.id.to_string(), handle, browser: told(browser) };
        let call = async |mut client: Client, request| client.get_interaction(request).await;
        interaction_of(self.calls.make(&self.authorizations, message, None, call).await?)
    }

    async fn sign_in(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        key: InteractionKey,
        user: SignIn,
        source: Option<IpAddr>,
    ) -> Result<Step, Refusal> {
        let InteractionKey { handle, csrf_token } = key;
        let SignIn { email, password } = user;
        let (tenant_id, browser) = (tenant.id.to_string(), told(browser));
        let message = SignInRequest { tenant_id, handle, browser, csrf_token, email, password };
        let call = async |mut client: Client, request| client.sign_in(request).await;
        step_of(self.calls.make(&self.authorizations, message, source, call).await?.step)
    }

    async fn switch_user(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        key: InteractionKey,
    ) -> Result<Step, Refusal> {
        let InteractionKey { handle, csrf_token } = key;
        let message =
            SwitchUserRequest { tenant_id: tenant.id.to_string(), handle, browser: told(browser), csrf_token };
        let call = async |mut client: Client, request| client.switch_user(request).await;
        step_of(self.calls.make(&self.authorizations, message, None, call).await?.step)
    }

    async fn decide(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        key: InteractionKey,
        decision: Decision,
    ) -> Result<Step, Refusal> {
        let InteractionKey { handle, csrf_token } = key;
        let (approve, scopes, shown) = match decision {
            Decision::Approve { scopes, shown } => (true, scopes, shown),
            Decision::Refuse => (false, Vec::new(), String::new()),
        };
        let (tenant_id, browser) = (tenant.id.to_string(), told(browser));
        let message = DecideRequest { tenant_id, handle, browser, csrf_token, approve, scopes, shown };
        let call = async |mut client: Client, request| client.decide(request).await;
        step_of(self.calls.make(&self.authorizations, message, None, call).await?.step)
    }
}

fn message_of(
    request: AuthorizationRequest,
    tenant: &Tenant,
    browser: Option<consent::BrowserTokens>,
) -> BeginAuthorizationRequest {
    let AuthorizationRequest {
        client_id,
        redirect_uri,
        response_type,
        response_mode,
        scope,
        state,
        nonce,
        audience,
        code_challenge,
        code_challenge_method,
        prompt,
        max_age,
        login_hint,
        ui_locales,
        id_token_hint,
        repeated: repeated_parameters,
        refused: refused_parameters,
    } = request;
    BeginAuthorizationRequest {
        tenant_id: tenant.id.to_string(),
        issuer: tenant.issuer.to_string(),
        browser,
        client_id,
        redirect_uri,
        response_type,
        response_mode,
        scope,
        state,
        nonce,
        audience,
        code_challenge,
        code_challenge_method,
        prompt,
        max_age,
        login_hint,
        ui_locales,
        repeated_parameters,
        refused_parameters,
        id_token_hint,
    }
}

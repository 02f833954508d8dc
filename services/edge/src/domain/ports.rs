//! What the edge needs of its sibling services.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use mintage_oauth::{Origin, TenantId};

use super::{
    AuthorizationRequest, BrowserTokens, ClientMetadata, Decision, FrontChannel, Interaction, IssuedToken, KeySet,
    Logout, LogoutRequest, NewlyRegistered, OwnGrant, Refusal, Registered, RegistrationKey, RegistrationRequest,
    RevocationRequest, Session, SignIn, Step, Tenant, TokenRequest, UserInfo,
};

/// Knows which tenant is served on which origin.
#[async_trait]
pub trait TenantDirectory: Send + Sync {
    /// The tenant served on `origin`; `None` when none is.
    ///
    /// # Errors
    /// When it cannot be known now.
    async fn on_origin(&self, origin: &Origin) -> Result<Option<Arc<Tenant>>, Refusal>;
}

/// Issues access tokens.
#[async_trait]
pub trait TokenIssuer: Send + Sync {
    /// Issues the token asked for. `source` is the address the request came from.
    ///
    /// # Errors
    /// When the request is refused, or cannot be answered now.
    async fn issue(
        &self,
        request: TokenRequest<'_>,
        tenant: &Tenant,
        source: Option<IpAddr>,
    ) -> Result<IssuedToken, Refusal>;
}

/// Ends refresh tokens.
#[async_trait]
pub trait TokenEnder: Send + Sync {
    /// Ends the token, if it is one of the client's; whether it was is not told. `source` is the address the request came
    /// from.
    ///
    /// # Errors
    /// When the client is refused, or cannot be answered now.
    async fn end(&self, request: RevocationRequest<'_>, tenant: &Tenant, source: Option<IpAddr>)
    -> Result<(), Refusal>;
}

/// Knows the key sets of tenants.
#[async_trait]
pub trait KeySets: Send + Sync {
    /// The key set of a tenant.
    ///
    /// # Errors
    /// When it cannot be known now.
    async fn of_tenant(&self, tenant: &TenantId) -> Result<Arc<KeySet>, Refusal>;
}

/// Names an interaction, by what a page sends back.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct InteractionKey {
    /// Which one.
    pub handle: String,
    /// What its page was given.
    pub csrf_token: String,
}

/// Leads browsers from an authorization request to its answer; every rule of it. `source` is where a request came from.
#[async_trait]
pub trait Authorizations: Send + Sync {
    /// Takes an authorization request.
    ///
    /// # Errors
    /// When it cannot be answered now.
    async fn begin(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        request: AuthorizationRequest,
        source: Option<IpAddr>,
    ) -> Result<Step, Refusal>;

    /// Begins a sign-in that no client asked for.
    ///
    /// # Errors
    /// When it cannot be answered now.
    async fn begin_sign_in(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        ui_locales: String,
        source: Option<IpAddr>,
    ) -> Result<Step, Refusal>;

    /// What the page of an interaction shows.
    ///
    /// # Errors
    /// When it has ended or belongs to another browser, or cannot be known now.
    async fn interaction(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        handle: String,
    ) -> Result<Interaction, Refusal>;

    /// The user says who it is.
    ///
    /// # Errors
    /// When it is not believed, asked too often, or the interaction has ended.
    async fn sign_in(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        key: InteractionKey,
        user: SignIn,
        source: Option<IpAddr>,
    ) -> Result<Step, Refusal>;

    /// The user wants to be another one.
    ///
    /// # Errors
    /// When the interaction has ended.
    async fn switch_user(&self, tenant: &Tenant, browser: &BrowserTokens, key: InteractionKey)
    -> Result<Step, Refusal>;

    /// The user says yes or no.
    ///
    /// # Errors
    /// When the interaction has ended.
    async fn decide(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        key: InteractionKey,
        decision: Decision,
    ) -> Result<Step, Refusal>;
}

/// Issues what goes through the browser beside a code.
#[async_trait]
pub trait FrontChannelIssuer: Send + Sync {
    /// Redeems a ticket, once.
    ///
    /// # Errors
    /// When it is worth nothing, or cannot be redeemed now.
    async fn redeem(&self, tenant: &Tenant, ticket: String) -> Result<FrontChannel, Refusal>;
}

/// Knows who is signed in, and what a user does by it.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Who is signed in; `None`: nobody.
    ///
    /// # Errors
    /// When it cannot be known now.
    async fn session(&self, tenant: &Tenant, browser: &BrowserTokens) -> Result<Option<Session>, Refusal>;

    /// The applications that the user gave access.
    ///
    /// # Errors
    /// When nobody is signed in, or it cannot be known now.
    async fn grants(&self, tenant: &Tenant, browser: &BrowserTokens) -> Result<Vec<OwnGrant>, Refusal>;

    /// Takes access away from an application; whether the user had given it any, under that id.
    ///
    /// # Errors
    /// When nobody is signed in, the token of the page is not theirs, or it cannot be done now.
    async fn revoke(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        csrf_token: String,
        id: String,
    ) -> Result<bool, Refusal>;

    /// Ends the session, where who wants it may. `csrf_token` is what a page of ours was given to say so.
    ///
    /// # Errors
    /// When it cannot be done now.
    async fn end(
        &self,
        tenant: &Tenant,
        browser: &BrowserTokens,
        request: LogoutRequest,
        csrf_token: Option<String>,
    ) -> Result<Logout, Refusal>;

    /// What an access token tells of its user.
    ///
    /// # Errors
    /// When it is none, or tells nothing.
    async fn user_info(&self, tenant: &Tenant, access_token: String) -> Result<UserInfo, Refusal>;
}

/// Keeps clients that register themselves.
#[async_trait]
pub trait Registrations: Send + Sync {
    /// Registers a client.
    ///
    /// # Errors
    /// When the tenant does not let whoever asks, or what it says of itself breaks a rule.
    async fn register(&self, tenant: &Tenant, request: RegistrationRequest) -> Result<NewlyRegistered, Refusal>;

    /// What is registered.
    ///
    /// # Errors
    /// When the key does not fit.
    async fn registration(&self, tenant: &Tenant, key: RegistrationKey) -> Result<Registered, Refusal>;

    /// Replaces what is registered.
    ///
    /// # Errors
    /// When the key does not fit, or what the client says of itself breaks a rule.
    async fn replace(
        &self,
        tenant: &Tenant,
        key: RegistrationKey,
        metadata: ClientMetadata,
    ) -> Result<Registered, Refusal>;

    /// Ends a registration.
    ///
    /// # Errors
    /// When the key does not fit.
    async fn delete(&self, tenant: &Tenant, key: RegistrationKey) -> Result<(), Refusal>;
}

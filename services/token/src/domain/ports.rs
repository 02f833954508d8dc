//! What the rules need from outside, as narrow traits.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_clock::Timestamp;
use mintage_jose::Algorithm;
use mintage_oauth::{Audience, ClientId, ScopeSet, TenantId, TokenLifetime};

use super::IssueError;
use super::authorization::{Authorization, FrontChannel};
use super::records::{Client, ClientGrant, ResourceServer, Tenant};
use super::request::{PresentedCode, PresentedPassword, Ticket};

/// A sibling did not give an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// It cannot answer now, or its answer cannot be proven fresh.
    #[error("a sibling service does not answer")]
    Unavailable,
    /// It is asked for more than it can do, or this service is.
    #[error("a sibling service has too much to do")]
    Overloaded,
    /// It answered what makes no sense; the log says more.
    #[error("a sibling service answered what cannot be used")]
    Broken,
}

/// Reads the registry. The same [`Arc`] twice means that nothing changed between.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Names a span of time in which no record was found to have changed: what records led to under one epoch holds
    /// while the epoch is the same. `None` while that cannot be told.
    fn epoch(&self) -> Option<u64>;

    /// The tenant, if there is one.
    async fn tenant(&self, id: &TenantId) -> Result<Option<Arc<Tenant>>, PortError>;

    /// The client, if there is one; disabled ones too.
    async fn client(&self, tenant: &TenantId, id: &ClientId) -> Result<Option<Arc<Client>>, PortError>;

    /// The API, if there is one.
    async fn resource_server(
        &self,
        tenant: &TenantId,
        audience: &Audience,
    ) -> Result<Option<Arc<ResourceServer>>, PortError>;

    /// The client's grant for the API, if there is one.
    async fn client_grant(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        audience: &Audience,
    ) -> Result<Option<Arc<ClientGrant>>, PortError>;
}

/// Who presents something to redeem, and proved to be so if it can.
#[derive(Debug, Clone, Copy)]
pub struct Presenter<'a> {
    /// Whose client.
    pub tenant: &'a TenantId,
    /// Which one.
    pub client_id: &'a ClientId,
}

/// What a user granted, to be told or taken.
#[derive(Debug, Clone, Copy)]
pub struct RedemptionOrder<'a> {
    /// Who presents it.
    pub by: Presenter<'a>,
    /// What is presented.
    pub presented: Redeemable<'a>,
    /// Under which issuer: a code is good under the one that gave it.
    pub issuer: &'a str,
    /// The API that the token is wanted for; `None`: the one that was granted.
    pub audience: Option<&'a Audience>,
}

/// What tokens of a user are asked for by.
#[derive(Clone, Copy)]
pub enum Redeemable<'a> {
    /// A code.
    Code(&'a PresentedCode),
    /// A refresh token.
    RefreshToken {
        /// The token: any text at all.
        token: &'a str,
        /// Those of the scopes granted that this one token is to have (RFC 6749 section 6); `None`: all of them.
        scopes: Option<&'a ScopeSet>,
    },
}

/// The kind, and nothing that is presented.
impl fmt::Debug for Redeemable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code(_) => "Code(…)",
            Self::RefreshToken { .. } => "RefreshToken(…)",
        })
    }
}

/// What something would give.
#[derive(Debug)]
pub struct Looked {
    /// What tokens may say.
    pub authorization: Authorization,
    /// When that was so, by the clock of whoever was asked; `None`: it did not say.
    pub at: Option<Timestamp>,
}

/// What is asked for with a password.
#[derive(Debug, Clone, Copy)]
pub struct PasswordOrder<'a> {
    /// Whose, and the proof.
    pub presented: &'a PresentedPassword,
    /// The API, if any.
    pub audience: Option<&'a Audience>,
    /// What the client wants to do; `None`: nothing in particular.
    pub scopes: Option<&'a ScopeSet>,
    /// Where the request came from, if known.
    pub source: Option<IpAddr>,
}

/// Turns what a client holds into what a token may say. Most calls do something that cannot be done again, so none of them is
/// ever repeated.
#[async_trait]
pub trait Redemption: Send + Sync {
    /// Tells what a code or a refresh token would give, without the next refresh token; it is good as before.
    async fn look(&self, order: RedemptionOrder<'_>) -> Result<Looked, IssueError>;

    /// Takes a code or a refresh token that was looked at. Whether it was in time is judged by when it was.
    async fn take(&self, order: RedemptionOrder<'_>, looked_at: Option<Timestamp>)
    -> Result<Authorization, IssueError>;

    /// Takes a user's own password.
    async fn password(&self, by: Presenter<'_>, order: PasswordOrder<'_>) -> Result<Authorization, IssueError>;

    /// Takes the ticket of a front-channel answer.
    async fn front_channel_ticket(&self, tenant: &TenantId, ticket: &Ticket) -> Result<FrontChannel, IssueError>;

    /// Ends a refresh token with its family; one that is unknown or another client's is passed over.
    async fn end(&self, by: Presenter<'_>, token: &str) -> Result<(), IssueError>;
}

/// Names the keys that sign.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyRing {
    /// Whose keys.
    pub tenant: TenantId,
    /// For which algorithm.
    pub algorithm: Algorithm,
    /// With HS256: the id of the API whose secret signs.
    pub resource_server: Option<Arc<str>>,
}

/// Signs tokens; private keys stay behind it.
#[async_trait]
pub trait TokenSigner: Send + Sync {
    /// Makes a compact JWS (RFC 7515 section 7.1) with the active key of `ring`.
    async fn sign(&self, ring: &KeyRing, token: Unsigned) -> Result<String, PortError>;
}

/// A token before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// The header parameter `typ`.
    pub typ: &'static str,
    /// The claims, exactly as they shall stand.
    pub payload: Vec<u8>,
    /// How long it lives: its key is kept for so long.
    pub lifetime: TokenLifetime,
}

/// Takes note of which secrets are in use; never makes a request wait.
pub trait UseLog: Send + Sync {
    /// The secret opened the gate.
    fn note(&self, tenant: &TenantId, secret_id: &Arc<str>, at: Timestamp);

    /// The gate stayed shut, before whoever knocked hears of it. `client` is who it was said to be, if there is one.
    fn note_failure(&self, client: Option<&ClientId>, why: Disbelief);
}

/// Why a client is not believed. Operators may know; callers never do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disbelief {
    /// There is no such client.
    UnknownClient,
    /// It is disabled.
    DisabledClient,
    /// The secret is none of its own, or there is none where there should be one, or one where there should be none.
    WrongSecret,
    /// The secret is its own, and has ended.
    DeadSecret,
}

/// Keeps answers back until their moment.
#[async_trait]
pub trait Metronome: Send + Sync {
    /// Waits until the monotonic clock reads at least `reading`.
    async fn wait_until(&self, reading: Duration);
}

//! What the rules need from outside, as narrow traits.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_clock::Timestamp;
use mintage_jose::Algorithm;
use mintage_oauth::{Audience, ClientId, TenantId};

use super::records::{Client, ClientGrant, ResourceServer, Tenant};

/// A sibling did not give an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// It cannot answer now, or its answer cannot be proven fresh.
    #[error("a sibling service does not answer")]
    Unavailable,
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
    /// Makes a compact JWS (RFC 7515 section 7.1) of `payload` with the header parameter `typ`.
    async fn sign(&self, ring: &KeyRing, typ: &'static str, payload: Vec<u8>) -> Result<String, PortError>;
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
    /// The secret is none of its own.
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

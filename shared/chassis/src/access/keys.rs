//! How the guard finds the key that an operator token is checked with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::keys::ResolveKeyRequest;
use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_jose::{Jwk, Kid, VerifyingKey};
use mintage_oauth::TenantId;
use moka::Expiry;
use moka::future::Cache;
use tokio::time::Instant;
use tonic::Status;

use crate::Transport;
use crate::deadline::{apart, within};
use crate::status::unavailable;

/// A key and the tenant whose ring it is in.
#[derive(Clone, Debug)]
pub struct ResolvedKey {
    /// Whose tokens it signs.
    pub tenant: TenantId,
    /// The public half.
    pub key: Arc<VerifyingKey>,
}

/// Finds keys by `kid`.
#[async_trait]
pub trait KeyResolver: Send + Sync {
    /// The key, if it may verify now.
    async fn resolve(&self, kid: &Kid) -> Result<Option<ResolvedKey>, Status>;
}

/// Asks the key-management service and remembers for a moment, absent keys too: random `kid`s cannot drive more than they
/// cost. A replica of it hears of a revocation within half a second, and this forgets what it asked for within less than
/// another half: a revoked key is refused everywhere within a second.
pub struct RemoteKeys {
    client: KeyRingServiceClient<Transport>,
    known: Cache<Kid, Known>,
}

#[derive(Clone)]
struct Known {
    key: Option<ResolvedKey>,
    /// When it was asked for: the answer may have taken long.
    at: Instant,
}

/// Counts from the question on.
struct SinceAsked;

impl Expiry<Kid, Known> for SinceAsked {
    fn expire_after_create(&self, _: &Kid, known: &Known, _: std::time::Instant) -> Option<Duration> {
        Some(KNOWN_FOR.saturating_sub(known.at.elapsed()))
    }
}

impl RemoteKeys {
    /// Asks over `transport`.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        let known = Cache::builder().max_capacity(KEYS_KNOWN).expire_after(SinceAsked).build();
        Self { client: KeyRingServiceClient::new(transport), known }
    }

    async fn ask(&self, kid: &Kid) -> Result<Known, Status> {
        let at = Instant::now();
        Ok(Known { key: self.look_up(kid).await?, at })
    }

    async fn look_up(&self, kid: &Kid) -> Result<Option<ResolvedKey>, Status> {
        let mut client = self.client.clone();
        let asking = client.resolve_key(ResolveKeyRequest { kid: kid.to_string() });
        let late = |_| Status::deadline_exceeded("no answer in time");
        let answer = within(PATIENCE, asking).await.map_err(late)??.into_inner();
        let Some(public) = answer.key else { return Ok(None) };
        let tenant = answer.tenant_id.parse().map_err(unreadable)?;
        let jwk: Jwk = public.jwk.parse().map_err(unreadable)?;
        let key = VerifyingKey::new(&jwk).map_err(unreadable)?;
        Ok(Some(ResolvedKey { tenant, key: Arc::new(key) }))
    }
}

#[async_trait]
impl KeyResolver for RemoteKeys {
    async fn resolve(&self, kid: &Kid) -> Result<Option<ResolvedKey>, Status> {
        let known = self.known.try_get_with_by_ref(kid, apart(self.ask(kid))).await.map_err(|status| {
            tracing::warn!(%status, "key-management did not resolve a key");
            unavailable("the token cannot be checked now; try again")
        })?;
        Ok(known.key)
    }
}

fn unreadable(cause: impl fmt::Display) -> Status {
    Status::internal(format!("key-management answered what cannot be read: {cause}"))
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RemoteKeys(…)")
    }
}

const KEYS_KNOWN: u64 = 10_000;
const KNOWN_FOR: Duration = Duration::from_millis(400);
/// How long key-management may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

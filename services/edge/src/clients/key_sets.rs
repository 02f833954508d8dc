//! Key sets, from key-management.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::keys::key_set_service_client::KeySetServiceClient;
use mintage_api::keys::{GetKeySetRequest, GetKeySetResponse};
use mintage_api::registry::Change;
use mintage_api::registry::change::Subject;
use mintage_chassis::Transport;
use mintage_chassis::deadline::{apart, within};
use mintage_chassis::feed::Sink;
use mintage_chassis::key_sets::{Floor, replica_lag};
use mintage_clock::{Clock, Timestamp};
use mintage_jose::{Jwk, JwkSet};
use mintage_oauth::TenantId;
use moka::future::Cache;

use super::latest::Latest;
use super::refusals::refusal_of;
use crate::domain::{KeySet, Refusal};

/// Asks key-management at most once for a tenant and a moment: whoever asks in the same moment shares the answer.
pub(crate) struct CachedKeySets {
    client: KeySetServiceClient<Transport>,
    known: Cache<(TenantId, Generation, Moment), Arc<KeySet>>,
    /// For as long as one may be newer than what a replica tells.
    latest: Cache<TenantId, Arc<Latest>>,
    generation: AtomicU64,
    moment: Duration,
    clock: Clock,
    patience: Duration,
}

/// The number of a stretch of time. An answer is used in the stretch in which it was asked for and never after, so no
/// answer is older than the stretch is long.
type Moment = i64;

/// How many changes came by that can have made a key ring. A new ring signs at once, so an answer from before it is not
/// used after it, not even one that was still on its way.
pub(super) type Generation = u64;

impl CachedKeySets {
    /// Asks behind `transport`, waits for at most `patience`, keeps at most `max_sets` for a `moment` each.
    pub(crate) fn new(transport: Transport, max_sets: u64, moment: Duration, clock: Clock, patience: Duration) -> Self {
        let known = Cache::builder().max_capacity(max_sets).time_to_live(moment.max(SHORTEST_MOMENT) * 2).build();
        let latest = Cache::builder().max_capacity(max_sets).time_to_idle(Floor::LONGEST).build();
        let (client, generation) = (KeySetServiceClient::new(transport), AtomicU64::new(0));
        Self { client, known, latest, generation, moment, clock, patience }
    }

    /// The stretch of time since the last change that can have made a key ring.
    pub(super) fn generation(&self) -> Generation {
        self.generation.load(Ordering::Acquire)
    }

    /// The key set as of an answer that was asked for in `generation`, which is the present one.
    pub(super) async fn of_generation(
        &self,
        tenant: &TenantId,
        generation: Generation,
    ) -> Result<Arc<KeySet>, Refusal> {
        let key = (tenant.clone(), generation, moment_of(self.clock.now(), self.moment));
        let found = self.known.try_get_with(key, apart(self.load(tenant))).await;
        found.map_err(|refusal: Arc<Refusal>| Refusal::clone(&refusal))
    }

    /// The latest key set of a tenant, which no older one follows.
    pub(super) async fn latest(&self, tenant: &TenantId) -> Arc<Latest> {
        self.latest.get_with_by_ref(tenant, async { Arc::default() }).await
    }

    async fn load(&self, tenant: &TenantId) -> Result<Arc<KeySet>, Refusal> {
        let request = GetKeySetRequest { tenant_id: tenant.to_string() };
        let mut client = self.client.clone();
        match within(self.patience, client.get_key_set(request)).await {
            Ok(Ok(response)) => read(&response.into_inner()).map(Arc::new),
            Ok(Err(status)) => Err(refusal_of(&status)),
            Err(_) => Err(Refusal::unavailable()),
        }
    }
}

/// An API's ring is made before the API is written, so the key set is asked for anew when the write comes by.
#[async_trait]
impl Sink for CachedKeySets {
    async fn apply(&self, change: &Change) {
        if let Some(Subject::Tenant(_) | Subject::ResourceServer(_)) = change.subject {
            self.reset().await;
        }
    }

    async fn reset(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}

fn moment_of(now: Timestamp, length: Duration) -> Moment {
    let millis = i64::try_from(length.max(SHORTEST_MOMENT).as_millis()).unwrap_or(i64::MAX);
    now.unix_millis().div_euclid(millis)
}

/// Each key is read before it is shown: a set with a private or a broken key is not served.
pub(super) fn read(response: &GetKeySetResponse) -> Result<KeySet, Refusal> {
    let keys = response.keys.iter().map(|key| key.jwk.parse()).collect::<Result<Vec<Jwk>, _>>();
    let document = keys
        .map_err(|error| error.to_string())
        .and_then(|keys| serde_json::to_string(&JwkSet { keys }).map_err(|error| error.to_string()));
    let document = document.map_err(|error| {
        tracing::error!(error, "the key set cannot be served");
        Refusal::Internal
    })?;
    Ok(KeySet {
        version: response.version,
        entity_tag: entity_tag(response.version, &document).into(),
        document: document.into(),
        max_age: Duration::from_secs(response.max_age_seconds.into()),
        replica_lag: replica_lag(response),
    })
}

/// Of the version and the document, since a tenant made anew counts its versions anew. It protects nothing, so the
/// hash need not be cryptographic.
fn entity_tag(version: u64, document: &str) -> String {
    let mut hasher = DefaultHasher::new();
    document.hash(&mut hasher);
    format!("\"{version}-{:016x}\"", hasher.finish())
}

const SHORTEST_MOMENT: Duration = Duration::from_millis(1);

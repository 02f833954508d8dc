//! The registry's change feed: what it tells of may be gone.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::registry::change::Subject;
use mintage_api::registry::{Change, ClientChange, ResourceServerChange, TenantChange};
use mintage_chassis::feed::{FeedSettings, Freshness, Sink, follow};
use mintage_chassis::{Tasks, Transport};
use mintage_clock::{Clock, Randomness};

use crate::domain::departure::Named;
use crate::purge::Noticed;

/// Follows the feed until `tasks` drain. Each stream begins with everything, since nothing is remembered of the one before the
/// process.
pub(crate) fn notice(registry: Transport, noticed: Noticed, clock: Clock, randomness: Randomness, tasks: &Tasks) {
    let freshness = Freshness::new(SILENCE, clock);
    follow(registry, vec![Arc::new(Notices(noticed))], freshness, randomness, tasks);
}

/// Nobody who writes in the registry waits until something is forgotten here: noticed is enough.
struct Notices(Noticed);

#[async_trait]
impl Sink for Notices {
    async fn apply(&self, change: &Change) {
        match named(change) {
            Some(named) => self.0.note(named),
            // What this version does not know may be anything.
            None if change.subject.is_none() => self.0.note_all(),
            None => {}
        }
    }

    async fn reset(&self) {
        self.0.note_all();
    }
}

/// What a change is about; `None`: nothing that is kept here.
fn named(change: &Change) -> Option<Named> {
    let tenant = change.tenant_id.parse().ok()?;
    match change.subject.as_ref()? {
        Subject::Tenant(TenantChange {}) => Some(Named::Tenant(tenant)),
        Subject::Client(ClientChange { client_id }) => Some(Named::Client(tenant, client_id.parse().ok()?)),
        Subject::ResourceServer(ResourceServerChange { identifier }) => {
            Some(Named::Api(tenant, identifier.parse().ok()?))
        }
        Subject::ClientGrant(_) => None,
    }
}

/// Nothing is kept in memory that could be out of date; only a stream that broke unnoticed is given up.
const SILENCE: FeedSettings =
    FeedSettings { heartbeat_timeout: Duration::from_secs(60), max_staleness: Duration::from_secs(60) };

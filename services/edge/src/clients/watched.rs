//! Key sets that key-management pushes: those of the tenants that were asked for lately.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::keys::GetKeySetResponse;
use mintage_chassis::key_sets::{Holder, Watch, name_of_this_process};
use mintage_chassis::telemetry::names::KEY_SETS_WATCHED;
use mintage_chassis::{Tasks, Transport};
use mintage_clock::Randomness;
use mintage_oauth::TenantId;
use tokio::time::Instant;

use super::CachedKeySets;
use super::key_sets::{Generation, read};
use super::latest::Latest;
use crate::domain::{KeySet, KeySets, Refusal};

/// Serves what is heard of, and asks for the rest.
pub(crate) struct WatchedKeySets {
    asked: Arc<CachedKeySets>,
    watches: Arc<Watches>,
    watching: Watching,
    name: String,
}

/// What watching takes.
pub(crate) struct Watching {
    /// To key-management.
    pub(crate) keys: Transport,
    /// How many tenants' key sets are watched at most.
    pub(crate) most: usize,
    /// Chance.
    pub(crate) randomness: Randomness,
    /// Where streams are kept.
    pub(crate) tasks: Tasks,
}

type Watches = Mutex<HashMap<TenantId, Arc<Watched>>>;

impl WatchedKeySets {
    /// Asks `asked`, and watches what it answered.
    pub(crate) fn new(asked: Arc<CachedKeySets>, watching: Watching) -> Self {
        let name = name_of_this_process(&watching.randomness);
        let watches = Arc::<Watches>::default();
        show(&watches);
        Self { asked, watches, watching, name }
    }

    fn of(&self, tenant: &TenantId) -> Option<Arc<Watched>> {
        locked(&self.watches).get(tenant).cloned()
    }

    /// The watch of a tenant's key set, if there is one or may be one more.
    fn watch(&self, tenant: &TenantId, latest: Arc<Latest>) -> Option<Arc<Watched>> {
        let mut watches = locked(&self.watches);
        if let Some(watched) = watches.get(tenant) {
            return Some(Arc::clone(watched));
        }
        if watches.len() >= self.watching.most {
            return None;
        }
        let watched = Arc::new(Watched::above(latest));
        watches.insert(tenant.clone(), Arc::clone(&watched));
        drop(watches);
        self.begin(tenant.clone(), &watched);
        Some(watched)
    }

    fn begin(&self, tenant: TenantId, watched: &Arc<Watched>) {
        let Watching { keys, randomness, tasks, most: _ } = &self.watching;
        let holder = Arc::clone(watched) as Arc<dyn Holder>;
        let watch = Watch::new(tenant.clone(), self.name.clone(), holder, keys.clone(), randomness.clone());
        let watch = watch.above(watched.latest.floor());
        let (watched, watches) = (Arc::clone(watched), Arc::clone(&self.watches));
        tasks.spawn("key set watch", async move {
            tokio::select! {
                () = watch.run() => {}
                () = watched.idle() => {}
            }
            // Whoever holds it still finds that it is not heard of any more.
            watched.lost();
            locked(&watches).remove(&tenant);
        });
    }
}

#[async_trait]
impl KeySets for WatchedKeySets {
    async fn of_tenant(&self, tenant: &TenantId) -> Result<Arc<KeySet>, Refusal> {
        let generation = self.asked.generation();
        if let Some(live) = self.of(tenant).and_then(|watched| watched.live(generation)) {
            return Ok(live);
        }
        let asked = self.asked.of_generation(tenant, generation).await?;
        // Whoever watches is above what was answered, whether it is heard of or not.
        let latest = match self.of(tenant) {
            Some(watched) => Arc::clone(&watched.latest),
            None => self.asked.latest(tenant).await,
        };
        if let Some(watched) = self.watch(tenant, Arc::clone(&latest)) {
            watched.asked(generation);
        }
        Ok(latest.or_newer(asked))
    }
}

/// A key set, as it was heard of last.
struct Watched {
    heard: Mutex<Heard>,
    latest: Arc<Latest>,
}

struct Heard {
    /// What is in use; `None` while nothing is heard.
    key_set: Option<Arc<KeySet>>,
    /// The last change that can have made a ring after which something was answered: a replica of key-management may push
    /// what it read before.
    known: Option<Generation>,
    used: Instant,
}

impl Watched {
    fn above(latest: Arc<Latest>) -> Self {
        Self { heard: Mutex::new(Heard { key_set: None, known: None, used: Instant::now() }), latest }
    }

    /// The key set, if it is heard of, was compared with an answer since the last change, and is the latest.
    fn live(&self, generation: Generation) -> Option<Arc<KeySet>> {
        let mut heard = locked(&self.heard);
        heard.used = Instant::now();
        let is_compared = heard.known == Some(generation);
        heard.key_set.as_ref().filter(|set| is_compared && !self.latest.is_above(set)).cloned()
    }

    /// Notes that something was answered.
    fn asked(&self, generation: Generation) {
        locked(&self.heard).known = Some(generation);
    }

    /// Ends once nobody has asked for it for a while.
    async fn idle(&self) {
        loop {
            let ends = locked(&self.heard).used + IDLE;
            if ends <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(ends).await;
        }
    }

    fn is_live(&self) -> bool {
        locked(&self.heard).key_set.is_some()
    }
}

#[async_trait]
impl Holder for Watched {
    async fn hold(&self, key_set: GetKeySetResponse) -> bool {
        let Ok(key_set) = read(&key_set) else { return false };
        let key_set = Arc::new(key_set);
        // An answer may have come meanwhile that is newer.
        let newest = self.latest.or_newer(Arc::clone(&key_set));
        locked(&self.heard).key_set = Some(newest);
        true
    }

    fn lost(&self) {
        locked(&self.heard).key_set = None;
    }
}

fn show(watches: &Arc<Watches>) {
    let watches: Weak<Watches> = Arc::downgrade(watches);
    KEY_SETS_WATCHED.observe(move |see| {
        let Some(watches) = watches.upgrade() else { return };
        let watches = locked(&watches);
        let live = watches.values().filter(|watched| watched.is_live()).count();
        see(["live"], live as f64);
        see(["lost"], (watches.len() - live) as f64);
    });
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A tenant that nobody asked for as long is not watched any more.
const IDLE: Duration = Duration::from_mins(10);

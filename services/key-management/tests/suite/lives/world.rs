//! Several replicas that race, crash and see different times; verifiers and watchers that hold what they once heard.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use mintage_clock::{ManualClock, Timestamp};
use mintage_jose::seal::Sealed;
use mintage_jose::{Algorithm, Kid};
use mintage_key_management::domain::minting::Minted;
use mintage_key_management::domain::ports::{Evidence, Held, Lifetimes, Mint, Rings, Saved};
use mintage_key_management::domain::{
    Bounds, Cause, Change, Deed, DeedKind, FreshKey, Kept as KeptPrivate, KeyState, Means, Policy, PortError, Ring,
    RingName, RotationPolicy, WatcherPolicy,
};
use mintage_oauth::{TenantId, TokenLifetime};

/// How far clocks stand apart at most, and so on: the installation's bounds.
pub(super) const BOUNDS: Bounds = Bounds {
    max_age: Duration::from_secs(15),
    verifier_cooldown: Duration::ZERO,
    skew: Duration::from_secs(20),
    replica_lag: Duration::from_secs(10),
    max_served_keys: 8,
    shortest_period: Duration::from_secs(1),
};

pub(super) const ROTATION: RotationPolicy = RotationPolicy {
    period: Duration::from_secs(400),
    jitter: Duration::from_secs(50),
    announce_window: Duration::from_secs(65),
    retire_window: Duration::ZERO,
    overdue: Duration::from_secs(200),
};

pub(super) const WATCHER_DEADLINE: Duration = Duration::from_secs(100);

pub(super) fn policy() -> Policy {
    let watchers = WatcherPolicy { deadline: WATCHER_DEADLINE, hold: false };
    Policy::new(BOUNDS, ROTATION, watchers).expect("windows that fit")
}

pub(super) fn name() -> RingName {
    RingName::new(TenantId::default_tenant(), Algorithm::Es256, None).expect("a name")
}

/// The database, and all that ever was true of it.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) ring: Option<Ring>,
    revision: u64,
    /// The key set from each true instant on.
    pub(super) sets: Vec<(Timestamp, HashSet<Kid>)>,
    pub(super) given: HashSet<Kid>,
    pub(super) revoked: HashSet<Kid>,
    /// Keys that were let sign though somebody may not have known them.
    pub(super) early: HashSet<Kid>,
    /// By watcher: the version it acknowledged.
    pub(super) watchers: BTreeMap<u8, u64>,
    pub(super) longest: Option<TokenLifetime>,
    made: u32,
    /// A change that is kept and not visible yet.
    stalled: Option<Change>,
}

/// What befalls the next change.
pub(super) enum Fate {
    /// It is not kept, and the one who asked does not know.
    Lost,
    /// It is kept, and the one who asked does not hear of it.
    Unheard,
    /// Somebody else comes between.
    Overtaken(Ambush),
    /// It is kept, but nobody sees it for long; the one who asked hears nothing, and whoever changes something meanwhile
    /// waits in vain. A database does so whose standby, which has to confirm each change, is gone.
    Stalled,
}

/// How long one waits for a change to be kept.
const LONGEST_SAVE: Duration = Duration::from_secs(5);

type Ambush = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>;

/// The database as replicas see it.
#[derive(Clone)]
pub(super) struct Database {
    pub(super) kept: Arc<Mutex<Kept>>,
    pub(super) fate: Arc<Mutex<Option<Fate>>>,
    /// True time.
    pub(super) time: ManualClock,
    /// What replicas take for it.
    pub(super) clocks: Arc<Mutex<Vec<ManualClock>>>,
}

impl Database {
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.kept.lock().expect("no panic before"))
    }

    /// Time passes, for everybody.
    pub(super) fn pass(&self, length: Duration) {
        self.time.advance(length);
        self.clocks.lock().expect("no panic before").iter().for_each(|clock| clock.advance(length));
    }

    /// Keeps a change, as late as one may be.
    fn keep(&self, change: &Change) -> Saved {
        self.pass(LONGEST_SAVE);
        let now = self.time.now();
        self.with(|kept| {
            let version = kept.ring.as_ref().map_or(0, |ring| ring.standing().version);
            if change.ring.standing().version != version {
                return Saved::Overtaken;
            }
            kept.check_watchers(change);
            kept.become_visible(change, now);
            Saved::Kept
        })
    }

    /// Keeps a change that nobody sees yet.
    fn stall(&self, change: &Change) {
        self.pass(LONGEST_SAVE);
        self.with(|kept| {
            let version = kept.ring.as_ref().map_or(0, |ring| ring.standing().version);
            if change.ring.standing().version == version {
                kept.check_watchers(change);
                kept.stalled = Some(change.clone());
            }
        });
    }

    /// What was kept becomes visible.
    pub(super) fn surface(&self) {
        let now = self.time.now();
        self.with(|kept| {
            if let Some(change) = kept.stalled.take() {
                kept.become_visible(&change, now);
            }
        });
    }
}

impl Kept {
    fn become_visible(&mut self, change: &Change, now: Timestamp) {
        self.revision += 1;
        for minted in &change.minted {
            assert!(self.given.insert(minted.key.kid.clone()), "a kid is given twice");
        }
        for Deed { kid, kind, detail: _ } in &change.deeds {
            match (kid, kind) {
                (Some(kid), DeedKind::Revoked) => drop(self.revoked.insert(kid.clone())),
                (Some(kid), DeedKind::ActivatedEarly) => drop(self.early.insert(kid.clone())),
                _ => {}
            }
        }
        self.store(&change.ring, now);
    }

    fn check_watchers(&self, change: &Change) {
        let activated = change.deeds.iter().find(|deed| deed.kind == DeedKind::Activated);
        let Some(Deed { kid: Some(kid), .. }) = activated.filter(|_| change.cause == Cause::due()) else { return };
        let announced_in = change.ring.key(kid).and_then(|key| key.announced_in).expect("it was kept");
        let behind = self.watchers.values().find(|version| **version < announced_in);
        assert_eq!(behind, None, "a key signs that a watcher does not hold, and nothing is on record");
    }

    /// What the store does: the ended keys are kept apart.
    fn store(&mut self, ring: &Ring, now: Timestamp) {
        let revision = self.revision;
        let mut keys: Vec<_> = ring.served().cloned().collect();
        keys.iter_mut().for_each(|key| key.announced_in = key.announced_in.or(Some(revision)));
        let mut standing = ring.standing();
        standing.version += 1;
        let ring = Ring::restore(ring.name().clone(), standing, keys).expect("every ring that comes about can be kept");
        self.sets.push((now, ring.served().map(|key| key.kid.clone()).collect()));
        self.ring = Some(ring);
    }

    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }
}

fn lost() -> PortError {
    PortError::Unavailable(Box::new(std::io::Error::other("no answer")))
}

impl Rings for Database {
    async fn find(&self, _: &RingName) -> Result<Option<Ring>, PortError> {
        Ok(self.with(|kept| kept.ring.clone()))
    }

    async fn names(&self, _: &TenantId) -> Result<Vec<RingName>, PortError> {
        Ok(vec![name()])
    }

    async fn save(&self, change: &Change) -> Result<Saved, PortError> {
        if self.with(|kept| kept.stalled.is_some()) {
            self.pass(LONGEST_SAVE);
            return Err(lost());
        }
        let fate = self.fate.lock().expect("no panic before").take();
        match fate {
            Some(Fate::Stalled) => {
                self.stall(change);
                Err(lost())
            }
            None => Ok(self.keep(change)),
            Some(Fate::Lost) => Err(lost()),
            Some(Fate::Unheard) => {
                self.keep(change);
                Err(lost())
            }
            Some(Fate::Overtaken(ambush)) => {
                ambush().await;
                Ok(self.keep(change))
            }
        }
    }
}

impl Mint for Database {
    async fn mint(&self, _: &RingName) -> Result<Minted, PortError> {
        let number = self.with(|kept| {
            kept.made += 1;
            kept.made
        });
        let key = FreshKey { kid: format!("key-{number}").parse().expect("a kid"), jwk: Some("{}".into()) };
        let sealed = Sealed { key_id: "master".to_owned(), nonce: [0; 12], ciphertext: vec![0; 16] };
        // Some keys take long to be made.
        self.pass(Duration::from_secs(u64::from(number * 7 % 40)));
        Ok(Minted { key, kept: KeptPrivate::Sealed(sealed) })
    }

    async fn mint_pair(&self, ring: &RingName) -> Result<(Minted, Minted), PortError> {
        Ok((self.mint(ring).await?, self.mint(ring).await?))
    }
}

impl Evidence for Database {
    async fn held(&self, _: &TenantId, version: u64) -> Result<Held, PortError> {
        Ok(self.with(|kept| {
            let holding = kept.watchers.values().filter(|held| **held >= version).count();
            let count = |number: usize| u32::try_from(number).expect("few");
            Held { watchers: count(kept.watchers.len()), holding: count(holding), waiting_for: Vec::new() }
        }))
    }
}

impl Lifetimes for Database {
    async fn longest(&self, _: &RingName) -> Result<Option<TokenLifetime>, PortError> {
        Ok(self.with(|kept| kept.longest))
    }
}

/// What replicas do.
pub(super) type Operations = Means<Database, Database, Database, Database>;

/// A replica: a clock of its own, and what it read of the database some time ago.
pub(super) struct Replica {
    pub(super) clock: ManualClock,
    pub(super) means: Arc<Operations>,
    pub(super) copy: Ring,
    /// In true time.
    pub(super) read_at: Timestamp,
}

impl Replica {
    pub(super) fn new(database: &Database, ahead: Duration) -> Self {
        let clock = ManualClock::at(database.time.now() + ahead);
        database.clocks.lock().expect("no panic before").push(clock.clone());
        let means = Means {
            clock: clock.clock(),
            policy: policy(),
            rings: database.clone(),
            mint: database.clone(),
            evidence: database.clone(),
            lifetimes: database.clone(),
        };
        let copy = database.with(|kept| kept.ring.clone()).expect("a ring");
        Self { clock, means: Arc::new(means), copy, read_at: database.time.now() }
    }

    pub(super) fn read(&mut self, database: &Database) {
        self.copy = database.with(|kept| kept.ring.clone()).expect("a ring");
        self.read_at = database.time.now();
    }

    /// The key it signs with a token that lives so long, by its own copy.
    pub(super) fn signer(&self, lifetime: TokenLifetime) -> Option<Kid> {
        let active = self.copy.active()?;
        let KeyState::Active { expires_at } = active.state else { return None };
        (self.clock.now() < expires_at && lifetime <= active.longest_token).then(|| active.kid.clone())
    }
}

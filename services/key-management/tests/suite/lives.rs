//! The lives of a ring's keys, under any course of events: many replicas whose clocks stand apart, that race, lag and crash.

mod world;

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use mintage_clock::{ManualClock, Timestamp};
use mintage_jose::Kid;
use mintage_key_management::Settings;
use mintage_key_management::domain::ports::Rings;
use mintage_key_management::domain::{
    Author, Birth, Bounds, Cause, Change, FreshKey, Policy, Ready, Ring, RingError, RotationPolicy, Standing,
    WatcherPolicy,
};
use mintage_oauth::TokenLifetime;
use proptest::prelude::*;
use world::{BOUNDS, Database, Fate, Operations, ROTATION, Replica, name, policy};

/// What may happen; replicas are numbered from 0.
#[derive(Clone, Debug)]
enum Event {
    Wait(u64),
    /// The background step, which may be away for long.
    Step(usize),
    /// Two replicas take a step at the same time.
    Race(usize, usize),
    /// A replica reads what others changed.
    Read(usize),
    Sign(usize, u64),
    Rotate(usize),
    RotateNow(usize),
    Revoke(usize, Which),
    Hold(usize, bool),
    Policy(usize, u64),
    /// An API's tokens live so long from now on.
    ApiLives(usize, u64),
    /// APIs are gone; the rest's tokens live so long.
    ApisGone(u64),
    /// A replica ends in the middle of its next change, before or after it is kept.
    Crash(bool),
    /// The next change is kept and not seen, until the other.
    Stall,
    Surface,
    Watch(u8),
    Acknowledge(u8),
    Leave(u8),
}

#[derive(Clone, Copy, Debug)]
enum Which {
    Active,
    Next,
    Oldest,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let replica = || 0..REPLICAS;
    let life = || prop::sample::select(vec![5, 60, 300, 600]);
    let which = prop::sample::select(vec![Which::Active, Which::Next, Which::Oldest]);
    let event = prop_oneof![
        3 => (1..120_u64).prop_map(Event::Wait),
        // The lengths at which something changes: announced, its turn, expired, removed.
        3 => prop::sample::select(vec![65, 350, 400, 601, 655]).prop_map(Event::Wait),
        6 => replica().prop_map(Event::Step),
        3 => (replica(), replica()).prop_map(|(one, other)| Event::Race(one, other)),
        2 => replica().prop_map(Event::Read),
        6 => (replica(), life()).prop_map(|(replica, life)| Event::Sign(replica, life)),
        2 => replica().prop_map(Event::Rotate),
        1 => replica().prop_map(Event::RotateNow),
        1 => (replica(), which).prop_map(|(replica, which)| Event::Revoke(replica, which)),
        1 => (replica(), any::<bool>()).prop_map(|(replica, held)| Event::Hold(replica, held)),
        1 => (replica(), prop::sample::select(vec![100, 400, 2000])).prop_map(|(replica, period)| Event::Policy(replica, period)),
        1 => (replica(), life()).prop_map(|(replica, life)| Event::ApiLives(replica, life)),
        1 => life().prop_map(Event::ApisGone),
        1 => any::<bool>().prop_map(Event::Crash),
        2 => Just(Event::Stall),
        2 => Just(Event::Surface),
        1 => (0..3_u8).prop_map(Event::Watch),
        2 => (0..3_u8).prop_map(Event::Acknowledge),
        1 => (0..3_u8).prop_map(Event::Leave),
    ];
    prop::collection::vec(event, 1..150)
}

const REPLICAS: usize = 3;

struct World {
    database: Database,
    replicas: Vec<Replica>,
    /// The key of every token, and until when in true time somebody may believe it.
    tokens: Vec<(Kid, Timestamp)>,
    signed: usize,
}

impl World {
    fn new() -> Self {
        let time = ManualClock::at(Timestamp::from_unix_seconds(1_000_000));
        let database = Database { kept: Arc::default(), fate: Arc::default(), time, clocks: Arc::default() };
        // The first replica makes the ring; one's clock is right, one's ahead as far as may be, and one's between.
        let born = Ring::born(name(), 0, first_keys(database.time.now()), &policy());
        let cause = Cause::of(Author::Installation);
        let change = Change::between(None, born, Vec::new(), cause, database.time.now()).expect("a ring");
        now(database.save(&change)).expect("kept");
        let ahead = [Duration::ZERO, BOUNDS.skew, BOUNDS.skew / 3];
        let replicas = ahead.map(|ahead| Replica::new(&database, ahead)).into();
        Self { database, replicas, tokens: Vec::new(), signed: 0 }
    }

    fn happen(&mut self, event: &Event) {
        let (ring, cause) = (name(), Cause::of(Author::Operator("op".into())));
        // Whatever an operation answers, what must hold holds.
        match *event {
            Event::Wait(seconds) => self.wait(Duration::from_secs(seconds)),
            Event::Step(number) => self.step(number),
            Event::Race(one, other) => {
                let means = Arc::clone(&self.replicas[other].means);
                let step = move || async move { drop(means.advance(&name()).await) }.boxed();
                self.meet(Fate::Overtaken(Box::new(step)));
                self.step(one);
            }
            Event::Read(number) => self.replicas[number].read(&self.database),
            Event::Sign(number, life) => self.sign(number, lifetime(life)),
            Event::Rotate(number) => drop(now(self.means(number).rotate(&ring, Ready::Needed, &cause))),
            Event::RotateNow(number) => drop(now(self.means(number).rotate(&ring, Ready::Waived, &cause))),
            Event::Revoke(number, which) => {
                let Some(kid) = self.kid(which) else { return };
                drop(now(self.means(number).revoke(&ring, &kid, &cause)));
            }
            Event::Hold(number, held) => drop(now(self.means(number).hold(&ring, held, &cause))),
            Event::Policy(number, seconds) => {
                let period = Duration::from_secs(seconds);
                let own = (period != ROTATION.period).then_some(RotationPolicy { period, ..ROTATION });
                drop(now(self.means(number).follow(&ring, own, &cause)));
            }
            Event::ApiLives(number, life) => {
                drop(now(self.means(number).ensure(&ring, lifetime(life), &cause)));
                self.database.with(|kept| kept.longest = kept.longest.max(Some(lifetime(life))));
            }
            Event::ApisGone(life) => self.database.with(|kept| kept.longest = Some(lifetime(life))),
            Event::Crash(kept) => self.meet(if kept { Fate::Unheard } else { Fate::Lost }),
            Event::Stall => self.meet(Fate::Stalled),
            Event::Surface => self.database.surface(),
            Event::Watch(watcher) => self.database.with(|kept| {
                kept.watchers.entry(watcher).or_insert(0);
            }),
            Event::Acknowledge(watcher) => self.database.with(|kept| {
                let revision = kept.revision();
                kept.watchers.entry(watcher).and_modify(|version| *version = revision);
            }),
            Event::Leave(watcher) => self.database.with(|kept| {
                kept.watchers.remove(&watcher);
            }),
        }
        self.check();
    }

    fn wait(&self, length: Duration) {
        self.database.pass(length);
    }

    /// Whatever has happened, once it is over keys follow and sign again.
    fn recover(&mut self) {
        *self.database.fate.lock().expect("no panic before") = None;
        self.database.surface();
        self.database.with(|kept| kept.watchers.clear());
        self.happen(&Event::Hold(0, false));
        for _ in 0..4 {
            self.happen(&Event::Step(0));
            self.happen(&Event::Wait(120));
        }
        self.happen(&Event::Step(0));
        let signed = self.signed;
        self.happen(&Event::Sign(0, 60));
        assert_eq!(self.signed, signed + 1, "somebody signs");
    }

    /// Who signs, if the ring is held and nobody asked for another; and until when at the latest.
    fn held(&self) -> Option<(Kid, Timestamp)> {
        self.database.with(|kept| {
            let ring = kept.ring.as_ref().filter(|ring| ring.is_held_back())?;
            Some((ring.active()?.kid.clone(), ring.last_turn_at(&policy())?))
        })
    }

    fn meet(&self, fate: Fate) {
        *self.database.fate.lock().expect("no panic before") = Some(fate);
    }

    fn step(&mut self, number: usize) {
        let before = self.held();
        let _ = now(self.means(number).advance(&name()));
        let latest = self.database.time.now() + BOUNDS.skew;
        if let Some((kid, _)) = before.filter(|(_, last)| latest < *last) {
            let held = self.held().map(|(held, _)| held);
            assert_eq!(held, Some(kid), "no key follows by itself while its ring is held");
        }
        self.replicas[number].read(&self.database);
    }

    fn means(&self, number: usize) -> &Operations {
        &self.replicas[number].means
    }

    fn kid(&self, which: Which) -> Option<Kid> {
        self.database.with(|kept| {
            let ring = kept.ring.as_ref()?;
            let key = match which {
                Which::Active => ring.active(),
                Which::Next => ring.next(),
                Which::Oldest => ring.served().next(),
            };
            key.map(|key| key.kid.clone())
        })
    }

    /// As a replica signs: with its copy while that is young enough, and never for longer than its key is kept.
    fn sign(&mut self, number: usize, lifetime: TokenLifetime) {
        let instant = self.database.time.now();
        let replica = &mut self.replicas[number];
        if instant.since(replica.read_at) > BOUNDS.replica_lag {
            replica.read(&self.database);
        }
        if replica.signer(lifetime).is_none() {
            replica.read(&self.database);
            if now(replica.means.extend(&name(), lifetime, &Cause::due())).is_err() {
                return;
            }
            replica.read(&self.database);
        }
        let Some(kid) = replica.signer(lifetime) else { return };
        self.check_announced(&kid, instant);
        self.signed += 1;
        // The token service's clock may be ahead, and a verifier's behind.
        self.tokens.push((kid, instant + lifetime.as_duration() + BOUNDS.skew));
    }

    /// Whatever set a verifier still holds has the key that signs: unless somebody accepted that it may not.
    fn check_announced(&self, signer: &Kid, now: Timestamp) {
        let oldest = now - (BOUNDS.max_age + BOUNDS.max_age + BOUNDS.replica_lag);
        self.database.with(|kept| {
            let born = kept.sets.first().map(|(_, set)| set.contains(signer)).unwrap_or_default();
            if born || kept.early.contains(signer) || kept.revoked.contains(signer) {
                return;
            }
            let until = kept.sets.iter().skip(1).map(|(since, _)| *since).chain([now + Duration::from_secs(1)]);
            for ((_, held), until) in kept.sets.iter().zip(until) {
                assert!(until <= oldest || held.contains(signer), "a key signs that a verifier may not know");
            }
        });
    }

    fn check(&self) {
        let now = self.database.time.now();
        self.database.with(|kept| {
            let ring = kept.ring.as_ref().expect("a ring");
            assert_eq!(ring.keys().iter().filter(|key| key.state.is_active()).count(), 1, "exactly one key signs");
            // Who rotates by hand, again and again, is not left without a key to follow; up to a bound.
            assert!(ring.served().count() <= BOUNDS.max_served_keys * 2, "no more are served than may be");
            let (_, served) = kept.sets.last().expect("a key set");
            for (kid, believed_until) in &self.tokens {
                let verifies = served.contains(kid) || kept.revoked.contains(kid);
                assert!(*believed_until < now || verifies, "a token outlives the key that verifies it");
            }
        });
    }
}

/// Nothing in this world waits.
fn now<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("at once")
}

fn lifetime(seconds: u64) -> TokenLifetime {
    TokenLifetime::from_seconds(seconds).expect("a life")
}

fn fresh(name: &str) -> FreshKey {
    FreshKey { kid: name.parse().expect("a kid"), jwk: Some("{}".into()) }
}

fn first_keys(now: Timestamp) -> Birth {
    Birth { active: fresh("first"), next: fresh("second"), longest_token: lifetime(60), now }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    /// At every instant each unexpired token verifies unless its key was revoked, exactly one key is active, no unannounced
    /// key signs, none signs that has expired, and no kid is given twice.
    #[test]
    fn lesson_20_whatever_replicas_do_each_unexpired_token_verifies_and_one_key_is_active(events in events()) {
        let mut world = World::new();
        for event in &events {
            world.happen(event);
        }
        world.recover();
    }

    #[test]
    fn no_policy_lets_a_window_be_shorter_than_what_it_must_outlast(
        max_age in 0..100_u64, cooldown in 0..100_u64, skew in 0..100_u64, lag in 0..100_u64,
        announce in 0..400_u64, token in 1..100_u64, retire in 0..400_u64,
    ) {
        let seconds = Duration::from_secs;
        let bounds = Bounds {
            max_age: seconds(max_age), verifier_cooldown: seconds(cooldown), skew: seconds(skew), replica_lag: seconds(lag),
            max_served_keys: 8, shortest_period: seconds(1),
        };
        let rotation = RotationPolicy {
            period: seconds(1000), jitter: Duration::ZERO, announce_window: seconds(announce),
            retire_window: seconds(retire), overdue: seconds(1000),
        };
        let announced = announce >= max_age + max_age.max(cooldown) + lag + skew + 5;
        let retired = retire == 0 || retire >= token + lag + 2 * skew + 5;
        prop_assert_eq!(rotation.check(&bounds, Some(lifetime(token))).is_ok(), announced && retired);
        let watchers = WatcherPolicy { deadline: seconds(1), hold: false };
        prop_assert_eq!(Policy::new(bounds, rotation, watchers).is_ok(), announced && max_age > 0 && lag > 0);
    }
}

/// A course of events in which much happens, so that the property is not true of nothing.
#[test]
fn keys_follow_each_other_and_sign_in_the_world_of_the_property() {
    let mut world = World::new();
    for _ in 0..100 {
        for event in [Event::Wait(30), Event::Step(0), Event::Sign(1, 60), Event::Race(1, 2), Event::Sign(2, 300)] {
            world.happen(&event);
        }
    }
    let given = world.database.with(|kept| kept.given.len());
    assert!(given >= 5 && world.signed == 200, "{given} keys were made, {} tokens signed", world.signed);
}

#[test]
fn lesson_24_a_key_that_nobody_relieves_stops_signing_at_its_end() {
    let mut world = World::new();
    // The ring was kept five seconds after it was born.
    world.happen(&Event::Wait(594));
    world.happen(&Event::Sign(0, 60));
    assert_eq!(world.signed, 1, "it signs on while it is overdue");
    world.happen(&Event::Wait(1));
    world.happen(&Event::Sign(0, 60));
    assert_eq!(world.signed, 1, "and then no more");
    world.happen(&Event::Step(0));
    world.happen(&Event::Sign(0, 60));
    assert_eq!(world.signed, 2, "rotation mended, it goes on");
}

#[test]
fn lesson_20_a_change_that_is_seen_late_takes_no_key_from_its_last_token() {
    let mut world = World::new();
    world.happen(&Event::Sign(1, 60));
    world.happen(&Event::Stall);
    world.happen(&Event::Rotate(0));
    // Longer than a key is kept for its tokens: all that time the one that was relieved signs on.
    for _ in 0..30 {
        world.happen(&Event::Wait(10));
        world.happen(&Event::Step(2));
        world.happen(&Event::Sign(1, 60));
    }
    assert_eq!(world.signed, 31);
    world.happen(&Event::Surface);
    for _ in 0..20 {
        world.happen(&Event::Step(2));
        world.happen(&Event::Wait(10));
        world.happen(&Event::Sign(1, 60));
    }
    let served = world.database.with(|kept| kept.ring.as_ref().expect("a ring").served().count());
    assert_eq!(served, 2, "once its tokens have expired it goes");
}

#[test]
fn lesson_19_a_key_whose_announcement_is_seen_late_is_announced_from_then_on() {
    let mut world = World::new();
    world.happen(&Event::Rotate(0));
    world.happen(&Event::Stall);
    world.happen(&Event::Step(0));
    world.happen(&Event::Wait(300));
    world.happen(&Event::Surface);
    world.happen(&Event::Rotate(1));
    let next = world.kid(Which::Next).expect("it is announced and does not sign yet");
    world.happen(&Event::Wait(64));
    world.happen(&Event::Step(0));
    assert_eq!(world.kid(Which::Next).as_ref(), Some(&next));
    world.happen(&Event::Wait(30));
    world.happen(&Event::Step(0));
    assert_eq!(world.kid(Which::Active), Some(next));
}

#[test]
fn lesson_24_a_ring_that_is_held_rotates_before_its_key_ends_and_stays_held() {
    let mut world = World::new();
    world.happen(&Event::Hold(0, true));
    let first = world.kid(Which::Active);
    // The key ends 600 s after the ring was born; what has to be known everywhere by then is known 35 s before.
    world.happen(&Event::Wait(600 - 35 - 11));
    world.happen(&Event::Step(0));
    assert_eq!(world.kid(Which::Active), first);
    world.happen(&Event::Wait(1));
    world.happen(&Event::Step(0));
    assert_ne!(world.kid(Which::Active), first);
    let held = world.database.with(|kept| kept.ring.as_ref().expect("a ring").is_held_back());
    assert!(held, "the next one is held in its turn");
    world.happen(&Event::Sign(0, 60));
    assert_eq!(world.signed, 1);
}

#[test]
fn a_kid_is_never_given_twice() {
    let now = Timestamp::from_unix_seconds(1_000_000);
    let ring = Ring::born(name(), 0, first_keys(now), &policy());
    let again = ring.announce(fresh("second"), lifetime(60), now, &policy());
    assert_eq!(again, Err(RingError::KidReused));
}

#[test]
fn a_ring_without_a_signing_key_is_not_a_ring() {
    let now = Timestamp::from_unix_seconds(1_000_000);
    let ring = Ring::born(name(), 0, first_keys(now), &policy());
    let (active, next) = (ring.active().expect("one").clone(), ring.next().expect("one").clone());
    let standing = Standing { version: 1, ..Standing::default() };
    assert!(Ring::restore(name(), standing, vec![next]).is_err());
    assert!(Ring::restore(name(), standing, vec![active.clone(), active]).is_err());
}

#[test]
fn the_default_settings_make_a_policy() {
    assert!(Settings::default().policy().is_ok());
}

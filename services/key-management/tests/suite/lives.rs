//! The life of a ring's keys, under any course of events.

use std::collections::HashSet;
use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_jose::{Algorithm, Kid};
use mintage_key_management::Settings;
use mintage_key_management::domain::{FreshKey, KeyState, Policy, Ring, RingName, Timing};
use mintage_oauth::TenantId;
use proptest::prelude::*;

/// What may happen to a ring.
#[derive(Clone, Debug)]
enum Event {
    Wait(u64),
    AskToRotate,
    /// The background step, which may be away for long.
    Step,
    RevokeActive,
    RevokeNext,
    RevokeOldest,
    IssueToken(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        2 => (1..400_u64).prop_map(Event::Wait),
        // The lengths at which something changes: announced, expired, removed.
        3 => prop::sample::select(vec![60, LONGEST_TOKEN, LONGEST_TOKEN + 30]).prop_map(Event::Wait),
        3 => Just(Event::AskToRotate),
        3 => Just(Event::Step),
        1 => Just(Event::RevokeActive),
        1 => Just(Event::RevokeNext),
        1 => Just(Event::RevokeOldest),
        2 => (1..=LONGEST_TOKEN).prop_map(Event::IssueToken),
        3 => Just(Event::IssueToken(LONGEST_TOKEN)),
    ];
    prop::collection::vec(event, 1..120)
}

const LONGEST_TOKEN: u64 = 300;

fn policy() -> Policy {
    let seconds = Duration::from_secs;
    Policy::new(Timing {
        max_age: seconds(15),
        skew: seconds(20),
        replica_lag: seconds(10),
        announce_window: seconds(60),
        longest_token: seconds(LONGEST_TOKEN),
        retire_window: seconds(LONGEST_TOKEN + 30),
        max_served_keys: 6,
    })
    .expect("windows that fit")
}

/// A ring, and all that ever was true of it.
struct World {
    ring: Ring,
    now: Timestamp,
    policy: Policy,
    made: u32,
    /// Every key set, with the instant from which it was served.
    served: Vec<(Timestamp, HashSet<Kid>)>,
    /// The signing key and the expiry of every token.
    tokens: Vec<(Kid, Timestamp)>,
    ended: HashSet<Kid>,
    revoked: HashSet<Kid>,
}

impl World {
    fn new() -> Self {
        let name = RingName::new(TenantId::default_tenant(), Algorithm::Es256, None).expect("a name");
        let now = Timestamp::from_unix_seconds(1_000_000);
        let mut made = 0;
        let ring = Ring::born(name, 0, fresh(&mut made), fresh(&mut made), now);
        let mut world = Self {
            ring,
            now,
            policy: policy(),
            made,
            served: Vec::new(),
            tokens: Vec::new(),
            ended: HashSet::new(),
            revoked: HashSet::new(),
        };
        world.record();
        world
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Wait(seconds) => self.now = self.now + Duration::from_secs(*seconds),
            Event::AskToRotate => self.rotate(),
            Event::Step => self.step(),
            Event::RevokeActive => self.revoke(self.ring.active().map(|key| key.kid.clone())),
            Event::RevokeNext => self.revoke(self.ring.next().map(|key| key.kid.clone())),
            Event::RevokeOldest => {
                let oldest = self.ring.served().next().map(|key| key.kid.clone());
                self.revoke(oldest);
            }
            Event::IssueToken(life) => {
                let signer = self.ring.active().expect("a key that signs").kid.clone();
                self.tokens.push((signer, self.now + Duration::from_secs(*life)));
            }
        }
        self.record();
        self.check();
    }

    fn rotate(&mut self) {
        let Ok(scheduled) = self.ring.clone().schedule(self.now, &self.policy) else { return };
        self.ring = scheduled;
        self.activate();
    }

    fn activate(&mut self) {
        if let Ok(activated) = self.ring.clone().activate_next(self.now, &self.policy) {
            self.ring = activated;
            self.announce();
        }
    }

    fn announce(&mut self) {
        let fresh = fresh(&mut self.made);
        if let Ok(announced) = self.ring.clone().announce(fresh, self.now, &self.policy) {
            self.ring = announced;
        }
    }

    fn step(&mut self) {
        self.ring = self.ring.clone().remove_expired(self.now);
        if self.ring.activation_is_due(self.now) {
            self.activate();
        }
        if self.ring.next().is_none() {
            self.announce();
        }
    }

    fn revoke(&mut self, kid: Option<Kid>) {
        let Some(kid) = kid else { return };
        if let Ok(revoked) = self.ring.clone().revoke(&kid, self.now, &self.policy) {
            self.ring = revoked;
            self.revoked.insert(kid);
        }
    }

    /// What the store does: keeps the ended keys apart, and the set as it is served from now on.
    fn record(&mut self) {
        let ended = self.ring.keys().iter().filter(|key| !key.state.is_served());
        self.ended.extend(ended.map(|key| key.kid.clone()));
        let keys: Vec<_> = self.ring.served().cloned().collect();
        let (name, version) = (self.ring.name().clone(), self.ring.version() + 1);
        self.ring = Ring::restore(name, version, keys).expect("every ring that comes about can be kept");
        self.served.push((self.now, self.ring.served().map(|key| key.kid.clone()).collect()));
    }

    fn check(&self) {
        let signs: Vec<_> = self.ring.keys().iter().filter(|key| key.state == KeyState::Active).collect();
        assert_eq!(signs.len(), 1, "exactly one key signs");
        let signer = &signs[0].kid;
        assert!(!self.ended.contains(signer), "a key that has ended signs");
        self.check_announced(signer);
        let (_, served) = self.served.last().expect("a key set");
        assert!(served.is_disjoint(&self.ended), "a key that has ended is served");
        for (kid, expires) in &self.tokens {
            let verifies = served.contains(kid) || self.revoked.contains(kid);
            assert!(*expires < self.now || verifies, "a token outlives the key that verifies it");
        }
    }

    /// Whatever set a verifier still holds, of those served since the ring was born, has the key that signs.
    fn check_announced(&self, signer: &Kid) {
        let oldest = self.now - Duration::from_secs(15 + 15 + 10 + 20);
        let superseded = self.served.iter().skip(1).map(|(since, _)| *since).chain([self.now + Duration::from_secs(1)]);
        for ((_, held), until) in self.served.iter().zip(superseded) {
            assert!(until <= oldest || held.contains(signer), "a key signs that a verifier may not know");
        }
    }
}

fn fresh(made: &mut u32) -> FreshKey {
    *made += 1;
    FreshKey { kid: format!("key-{made}").parse().expect("a kid"), jwk: Some("{}".into()) }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_announced_key_signs_and_every_unexpired_token_verifies(events in events()) {
        let mut world = World::new();
        for event in &events {
            world.happen(event);
        }
    }

    #[test]
    fn no_policy_lets_a_window_be_shorter_than_what_it_must_outlast(
        max_age in 0..100_u64, skew in 0..100_u64, lag in 0..100_u64,
        announce in 0..400_u64, token in 0..100_u64, retire in 0..400_u64,
    ) {
        let seconds = Duration::from_secs;
        let timing = Timing {
            max_age: seconds(max_age), skew: seconds(skew), replica_lag: seconds(lag),
            announce_window: seconds(announce), longest_token: seconds(token), retire_window: seconds(retire),
            max_served_keys: 3,
        };
        let holds = max_age > 0 && lag > 0 && token > 0
            && announce >= 2 * max_age + lag + skew && retire >= token + lag + skew;
        prop_assert_eq!(Policy::new(timing).is_ok(), holds);
    }
}

#[test]
fn a_kid_is_never_given_twice() {
    let world = World::new();
    let next = world.ring.next().expect("an announced key").clone();
    let far = world.now + Duration::from_secs(3600);
    let activated = world.ring.activate_next(far, &world.policy).expect("activated");
    let reused = FreshKey { kid: next.kid, jwk: next.jwk };
    assert_eq!(
        activated.announce(reused, far, &world.policy),
        Err(mintage_key_management::domain::RingError::KidReused)
    );
}

#[test]
fn a_ring_without_a_signing_key_is_not_a_ring() {
    let world = World::new();
    let next = world.ring.next().expect("an announced key").clone();
    assert!(Ring::restore(world.ring.name().clone(), 1, vec![next]).is_err());
    let active = world.ring.active().expect("an active key").clone();
    assert!(Ring::restore(world.ring.name().clone(), 1, vec![active.clone(), active]).is_err());
}

#[test]
fn a_full_ring_refuses_to_rotate_until_a_key_is_removed() {
    let mut world = World::new();
    while world.ring.served().count() < 6 {
        world.happen(&Event::AskToRotate);
        world.happen(&Event::Wait(60));
    }
    let full = mintage_key_management::domain::RingError::Full { limit: 6 };
    assert_eq!(world.ring.clone().schedule(world.now, &world.policy), Err(full));
    world.happen(&Event::Wait(LONGEST_TOKEN + 30));
    world.happen(&Event::Step);
    assert!(world.ring.clone().schedule(world.now, &world.policy).is_ok());
}

#[test]
fn the_default_settings_make_a_policy() {
    assert!(Settings::default().policy().is_ok());
}

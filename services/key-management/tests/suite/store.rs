//! The contract of the store, on every backend.

use std::time::Duration;

use mintage_jose::{Algorithm, RsaSize};
use mintage_key_management::domain::minting::{Minted, mint};
use mintage_key_management::domain::ports::{Rings, Saved};
use mintage_key_management::domain::{Birth, Change, Key, KeyState, Ring, RingName};
use mintage_key_management::store::Listing;
use mintage_oauth::TokenLifetime;
use mintage_testkit::{manual_clock, on_each_backend, randomness};

use crate::house::{House, Replica, by_operator, master, ring, ring_of};

pub(crate) fn minted(count: usize) -> Vec<Minted> {
    let (name, master, randomness) = (ring(Algorithm::Es256), master(), mintage_clock::Randomness::system());
    let made = |_| mint(&name, RsaSize::default(), &master, manual_clock().now(), &randomness).expect("a key");
    (0..count).map(made).collect()
}

/// A ring of two keys that was kept by nobody.
pub(crate) fn unkept(house: &House, name: RingName, version: u64, keys: &[Minted]) -> Ring {
    let birth = Birth {
        active: keys[0].key.clone(),
        next: keys[1].key.clone(),
        longest_token: TokenLifetime::default(),
        now: house.clock.now(),
    };
    Ring::born(name, version, birth, &house.settings.policy().expect("a policy"))
}

/// Keeps what a ring has become.
pub(crate) async fn save(
    house: &House,
    replica: &Replica,
    before: Option<&Ring>,
    after: Ring,
    minted: &[Minted],
) -> Saved {
    let now = house.clock.now();
    let change = Change::between(before, after, minted.to_vec(), by_operator(), now).expect("it changes something");
    replica.store().save(&change).await.expect("an answer")
}

/// A ring of two keys, kept.
pub(crate) async fn born(house: &House, replica: &Replica) -> (Ring, Vec<Minted>) {
    let keys = minted(2);
    let ring = unkept(house, ring(Algorithm::Es256), 0, &keys);
    assert_eq!(save(house, replica, None, ring.clone(), &keys).await, Saved::Kept);
    (replica.store().find(ring.name()).await.unwrap().expect("the ring"), keys)
}

#[tokio::test]
async fn a_ring_is_found_as_it_was_kept() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let (found, keys) = born(&house, &replica).await;
        let expected = unkept(&house, ring(Algorithm::Es256), 1, &keys);
        for expected in expected.keys() {
            assert_eq!(found.key(&expected.kid), Some(&Key { announced_in: Some(1), ..expected.clone() }));
        }
        assert_eq!((found.standing().version, found.keys().len()), (1, 2));
        for algorithm in [Algorithm::Rs256, Algorithm::Hs256] {
            assert_eq!(replica.store().find(&ring(algorithm)).await.unwrap(), None);
        }
        assert_eq!(replica.store().find(&ring_of("other", Algorithm::Es256)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn of_two_changes_of_one_version_the_second_is_overtaken() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (left, right) = (house.replica().await, house.replica().await);
        let (ring, _) = born(&house, &left).await;
        let scheduled = ring.clone().schedule(house.clock.now()).unwrap();
        assert_eq!(save(&house, &left, Some(&ring), scheduled.clone(), &[]).await, Saved::Kept);
        let before = right.store().revision().await.unwrap();
        let ended = ring.clone().end(house.clock.now());
        assert_eq!(save(&house, &right, Some(&ring), ended, &[]).await, Saved::Overtaken);
        assert_eq!(right.store().revision().await.unwrap(), before, "a lost race leaves no trace");
        let found = right.store().find(scheduled.name()).await.unwrap().unwrap();
        assert_eq!((found.keys(), found.standing().version), (scheduled.keys(), 2));
    })
    .await;
}

#[tokio::test]
async fn a_ring_born_twice_is_kept_once() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (left, right) = (house.replica().await, house.replica().await);
        let (ring, _) = born(&house, &left).await;
        let keys = minted(2);
        let second = unkept(&house, ring.name().clone(), 0, &keys);
        assert_eq!(save(&house, &right, None, second, &keys).await, Saved::Overtaken);
        assert_eq!(right.store().find(ring.name()).await.unwrap().unwrap(), ring);
    })
    .await;
}

#[tokio::test]
async fn lesson_28_a_kid_of_an_ended_key_is_refused_for_ever() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let (ring, keys) = born(&house, &replica).await;
        let ended = ring.clone().end(house.clock.now());
        assert_eq!(save(&house, &replica, Some(&ring), ended, &[]).await, Saved::Kept);
        let again = unkept(&house, ring_of("other", Algorithm::Es256), 0, &keys);
        let change = Change::between(None, again.clone(), keys, by_operator(), house.clock.now()).unwrap();
        assert!(replica.store().save(&change).await.is_err());
        assert_eq!(replica.store().find(again.name()).await.unwrap(), None, "nothing of it is kept");
    })
    .await;
}

#[tokio::test]
async fn a_private_half_is_destroyed_when_its_key_is_removed_or_revoked() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let policy = house.settings.policy().unwrap();
        let (ring, keys) = born(&house, &replica).await;
        let (first, second) = (&keys[0].key.kid, &keys[1].key.kid);
        assert_eq!(replica.store().kept(first).await.unwrap().as_ref(), Some(&keys[0].kept));
        let revoked = ring.clone().revoke(first, house.clock.now(), &policy).unwrap();
        save(&house, &replica, Some(&ring), revoked.clone(), &[]).await;
        assert_eq!(replica.store().sealed(first).await.unwrap(), None);
        assert!(replica.store().sealed(second).await.unwrap().is_some());
        let ring = replica.store().find(revoked.name()).await.unwrap().unwrap();
        save(&house, &replica, Some(&ring), ring.clone().end(house.clock.now()), &[]).await;
        assert_eq!(replica.store().sealed(second).await.unwrap(), None);
        assert_eq!(replica.store().sealed_under().await.unwrap(), []);
        let tenant = revoked.name().tenant();
        let state = async |kid| replica.store().key(tenant, kid).await.unwrap().unwrap().key.state;
        assert_eq!(state(first).await, KeyState::Revoked);
        assert_eq!(state(second).await, KeyState::Removed);
    })
    .await;
}

#[tokio::test]
async fn what_changed_since_a_revision_is_told_once() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        assert_eq!(replica.store().revision().await.unwrap(), 0);
        let (ring, _) = born(&house, &replica).await;
        let changed = replica.store().changed_since(0).await.unwrap().unwrap();
        assert_eq!(changed.iter().map(|stored| (&stored.ring, stored.revision)).collect::<Vec<_>>(), [(&ring, 1)]);
        assert_eq!(replica.store().changed_since(1).await.unwrap(), Some(Vec::new()));
        save(&house, &replica, Some(&ring), ring.clone().end(house.clock.now()), &[]).await;
        let changed = replica.store().changed_since(1).await.unwrap().unwrap();
        assert!(changed.len() == 1 && changed[0].ring.is_ended() && changed[0].revision == 2);
    })
    .await;
}

#[tokio::test]
async fn an_ended_ring_comes_back_with_new_keys_and_a_greater_version() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let name = ring(Algorithm::Hs256);
        replica.ensure(&name).await.unwrap();
        let (_, first) = replica.sign(&name).await;
        replica.remove(&name).await.unwrap();
        assert!(replica.keys.ring(&name).await.unwrap().is_none());
        replica.ensure(&name).await.unwrap();
        assert_ne!(replica.sign(&name).await.1, first);
        assert_eq!(replica.store().find(&name).await.unwrap().unwrap().standing().version, 3);
    })
    .await;
}

#[tokio::test]
async fn pages_show_every_key_once_ring_by_ring_oldest_first() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        for name in [ring(Algorithm::Es256), ring(Algorithm::Hs256), ring_of("other", Algorithm::Es256)] {
            replica.ensure(&name).await.unwrap();
        }
        house.wait(Duration::from_secs(60));
        replica.rotate(&ring(Algorithm::Es256)).await.unwrap();
        let tenant = ring(Algorithm::Es256).tenant().clone();
        let mut listing = Listing { tenant, after: None, include_ended: false, limit: 2 };
        let mut seen = Vec::new();
        loop {
            let page = replica.store().list(&listing).await.unwrap().expect("a page");
            let Some(last) = page.last() else { break };
            listing.after = Some(last.key.kid.clone());
            seen.extend(page.into_iter().map(|listed| (listed.ring, listed.key.created_at)));
        }
        let rings: Vec<_> = seen.iter().map(|(ring, _)| ring.algorithm()).collect();
        assert_eq!(rings, [[Algorithm::Es256; 3].as_slice(), [Algorithm::Hs256; 2].as_slice()].concat());
        assert!(seen[..3].is_sorted_by_key(|(_, created_at)| *created_at));
        listing.after = Some(minted(1)[0].key.kid.clone());
        assert_eq!(replica.store().list(&listing).await.unwrap(), None, "a foreign key is no page token");
    })
    .await;
}

#[tokio::test]
async fn replicas_that_race_a_rotation_leave_one_active_key_and_report_the_same() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replicas = [house.replica().await, house.replica().await, house.replica().await];
        let name = ring(Algorithm::Es256);
        let (one, two, three) =
            tokio::join!(replicas[0].ensure(&name), replicas[1].ensure(&name), replicas[2].ensure(&name));
        assert!(one.is_ok() && two.is_ok() && three.is_ok());
        let born = replicas[0].store().find(&name).await.unwrap().unwrap();
        assert_eq!((born.standing().version, born.keys().len()), (1, 2), "one birth");
        let (one, two, three) =
            tokio::join!(replicas[0].rotate(&name), replicas[1].rotate(&name), replicas[2].rotate(&name));
        let ring = replicas[0].store().find(&name).await.unwrap().unwrap();
        assert!(ring.keys().len() <= 4, "{ring:?}");
        assert!(ring.active().is_some() && ring.next().is_some());
        let kept = ring.active().unwrap().kid.clone();
        for rotation in [one.unwrap(), two.unwrap(), three.unwrap()] {
            // A replica that came after the whole rotation asked for the next one, which waits its turn.
            let signs = if rotation.successor.state.is_active() { &rotation.successor } else { &rotation.predecessor };
            assert_eq!(signs.kid, kept);
        }
    })
    .await;
}

#[test]
fn b34_a_minted_key_does_not_show_its_private_half() {
    let ring = ring(Algorithm::Hs256);
    let minted = mint(&ring, RsaSize::default(), &master(), manual_clock().now(), &randomness()).unwrap();
    let shown = format!("{minted:?}");
    assert!(shown.contains(minted.key.kid.as_str()) && !shown.contains("sealed"), "{shown}");
}

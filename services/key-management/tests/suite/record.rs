//! The record of what was done: with each deed, and for as long as it is to be kept.

use std::time::Duration;

use mintage_jose::Algorithm;
use mintage_key_management::domain::ports::Rings;
use mintage_key_management::domain::reseal::Page;
use mintage_key_management::domain::{Change, DeedKind, KeyState, Ready, RingName, RotationPolicy};
use mintage_key_management::store::{Fact, Place, ResealedHalves};
use mintage_oauth::TokenLifetime;
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;

use crate::house::{House, Replica, by_operator, master, ring, ring_of};
use crate::master_keys::{ALGORITHMS, NEW, OLD, key, keys, moving, reseal, sealed_under};
use crate::store::{born, minted, save, unkept};

/// What was done to a ring, latest first.
async fn facts(replica: &Replica, ring: &RingName) -> Vec<Fact> {
    let facts = replica.store().facts(ring.tenant(), None, 1000).await.expect("facts");
    facts.into_iter().filter(|fact| fact.ring == *ring).collect()
}

fn lives(seconds: u64) -> TokenLifetime {
    TokenLifetime::from_seconds(seconds).expect("a life")
}

async fn deeds(replica: &Replica, ring: &RingName) -> Vec<Option<DeedKind>> {
    facts(replica, ring).await.iter().map(|fact| fact.kind).collect()
}

async fn execute(replica: &Replica, statement: &str) {
    replica.database.connection().execute_unprepared(statement).await.expect(statement);
}

/// The facts of reseals of a ring, latest first, each with what was moved.
async fn resealed(replica: &Replica, ring: &RingName) -> Vec<(ResealedHalves, Fact)> {
    let facts = facts(replica, ring).await.into_iter().filter(|fact| fact.kind == Some(DeedKind::Resealed));
    facts.map(|fact| (fact.resealed.clone().expect("what was moved"), fact)).collect()
}

/// So many keys went from the old master key to the new one.
fn to_new(keys: u32) -> ResealedHalves {
    ResealedHalves { keys, from: key(OLD).id().to_owned(), to: key(NEW).id().to_owned() }
}

#[tokio::test]
async fn a_reseal_is_a_fact_of_each_ring_with_who_asked_and_what_was_moved_from_where_to_where() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = moving(&house).await;
        assert_eq!(reseal(&replica, 100).await, 6);
        for algorithm in ALGORITHMS {
            let facts = resealed(&replica, &ring(algorithm)).await;
            let [(moved, fact)] = &*facts else { panic!("one reseal, one fact: {facts:?}") };
            assert_eq!((moved, &fact.kid, &*fact.by, fact.at), (&to_new(2), &None, "operator op", house.clock.now()));
        }
        reseal(&replica, 100).await;
        assert_eq!(resealed(&replica, &ring(Algorithm::Es256)).await.len(), 1, "what moves nothing is no deed");
    })
    .await;
}

#[tokio::test]
async fn of_two_reseals_at_once_the_facts_count_each_private_key_once() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let left = moving(&house).await;
        let right = house.replica_with(keys(NEW, OLD)).await;
        let (one, other) = tokio::join!(reseal(&left, 2), reseal(&right, 100));
        assert_eq!(one + other, 6);
        for algorithm in ALGORITHMS {
            let facts = resealed(&right, &ring(algorithm)).await;
            assert_eq!(facts.iter().map(|(moved, _)| moved.keys).sum::<u32>(), 2, "{facts:?}");
            assert!(facts.iter().all(|(moved, _)| moved.from == key(OLD).id() && moved.to == key(NEW).id()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_reseal_that_cannot_be_recorded_moves_nothing() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = moving(&house).await;
        execute(&replica, "ALTER TABLE key_facts RENAME TO key_facts_away").await;
        let all = Page { after: None, limit: 100 };
        replica.keys.reseal(all, &by_operator()).await.expect_err("there is no record");
        assert_eq!(sealed_under(&replica).await, [(key(OLD).id().to_owned(), 6)]);
        execute(&replica, "ALTER TABLE key_facts_away RENAME TO key_facts").await;
        assert_eq!(reseal(&replica, 100).await, 6);
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_on_record_from_its_making_to_its_end_and_each_time_it_is_shown() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let secrets = ring(Algorithm::Hs256);
        replica.ensure(&secrets).await.unwrap();
        let rotation = replica.keys.rotate(&secrets, Ready::Waived, &by_operator()).await.unwrap();
        let (old, new) = (rotation.predecessor.kid, rotation.successor.kid);
        let shown = replica.keys.show_secrets(&secrets, &by_operator()).await.unwrap().expect("secrets");
        replica.keys.revoke(&secrets, &old, &by_operator()).await.unwrap();
        replica.remove(&secrets).await.unwrap();
        let facts = facts(&replica, &secrets).await;
        assert!(facts.iter().all(|fact| fact.by == "operator op"), "{facts:?}");
        let of = |kid: &str| -> Vec<_> {
            facts.iter().rev().filter(|fact| fact.kid.as_deref() == Some(kid)).filter_map(|fact| fact.kind).collect()
        };
        use DeedKind::{Activated, Announced, Removed, Retired, Revoked, Shown};
        assert_eq!(of(old.as_str()), [Announced, Activated, Retired, Shown, Revoked]);
        assert_eq!(of(new.as_str()), [Announced, Activated, Shown, Removed]);
        let kids: Vec<_> = shown.iter().map(|(key, _)| key.kid.as_str()).collect();
        let recorded = facts.iter().filter(|fact| fact.kind == Some(Shown));
        assert_eq!(recorded.count(), kids.len(), "each that was shown, and none else");
    })
    .await;
}

#[tokio::test]
async fn the_record_says_what_a_policy_was_set_to_and_for_which_tokens_a_key_is_kept() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let name = ring(Algorithm::Es256);
        replica.keys.ensure(&name, lives(600), &by_operator()).await.unwrap();
        let details = async || -> Vec<_> {
            let facts = facts(&replica, &name).await.into_iter();
            facts.filter_map(|fact| Some((fact.kind?, fact.detail?))).collect()
        };
        assert_eq!(details().await, [], "where the deed says all, nothing is added");
        let own = RotationPolicy { period: Duration::from_hours(24 * 30), ..*replica.keys.policy().rotation() };
        for policy in [Some(own), None] {
            replica.keys.follow(&name, policy, &by_operator()).await.unwrap();
        }
        let said =
            "rotation_period 30d, rotation_jitter 1d, announce_window 90s, retire_window 0s, rotation_overdue 30d";
        let set = [(DeedKind::PolicySet, "the installation's".to_owned()), (DeedKind::PolicySet, said.to_owned())];
        assert_eq!(details().await, set);
        replica.keys.ensure(&name, lives(7200), &by_operator()).await.unwrap();
        let both = [const { DeedKind::Extended }; 2].map(|kind| (kind, "tokens of 2h".to_owned()));
        assert_eq!(details().await[..2], both, "the key that signs, and the next");
    })
    .await;
}

#[tokio::test]
async fn of_each_key_it_is_known_where_its_private_half_is_and_of_a_secret_whether_a_showing_is_on_record() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let (secrets, others) = (ring(Algorithm::Hs256), ring(Algorithm::Es256));
        replica.ensure(&secrets).await.unwrap();
        replica.ensure(&others).await.unwrap();
        let revoked = replica.keys.rotate(&others, Ready::Waived, &by_operator()).await.unwrap().predecessor.kid;
        replica.keys.revoke(&others, &revoked, &by_operator()).await.unwrap();
        let found = replica.store().find(&secrets).await.unwrap().expect("the ring");
        let [first, next] = found.keys() else { panic!("two secrets: {found:?}") };
        let kids = [first.kid.as_str(), next.kid.as_str(), revoked.as_str()];
        let places = replica.store().places(&kids).await.unwrap();
        let sealed = Place::Sealed(master().id().to_owned());
        assert_eq!(kids.map(|kid| places.get(kid)), [Some(&sealed), Some(&sealed), None]);
        let shown = async || replica.store().shown_on_record("default", &kids).await.unwrap();
        assert!(shown().await.is_empty());
        replica.keys.show_secrets(&secrets, &by_operator()).await.unwrap().expect("secrets");
        assert_eq!(shown().await, [first, next].map(|key| key.kid.to_string()).into());
        assert!(replica.store().shown_on_record("acme", &kids).await.unwrap().is_empty(), "another tenant's record");
        replica.store().clear_facts(house.clock.now() + Duration::from_secs(1), 500).await.unwrap();
        assert!(shown().await.is_empty(), "of what is on record no more nothing is known");
    })
    .await;
}

#[tokio::test]
async fn secrets_are_not_shown_when_that_cannot_be_recorded() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let secrets = ring(Algorithm::Hs256);
        replica.ensure(&secrets).await.unwrap();
        execute(&replica, "ALTER TABLE key_facts RENAME TO key_facts_away").await;
        let refused = replica.keys.show_secrets(&secrets, &by_operator()).await;
        assert!(refused.is_err(), "they were shown");
        execute(&replica, "ALTER TABLE key_facts_away RENAME TO key_facts").await;
        assert_eq!(replica.keys.show_secrets(&secrets, &by_operator()).await.unwrap().expect("secrets").len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_deed_of_a_later_release_hides_no_other() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        replica.ensure(&ring(Algorithm::Es256)).await.unwrap();
        execute(&replica, "UPDATE key_facts SET deed = 'of tomorrow' WHERE deed = 'activated'").await;
        let deeds = deeds(&replica, &ring(Algorithm::Es256)).await;
        assert_eq!(deeds.iter().filter(|deed| deed.is_none()).count(), 1, "{deeds:?}");
        assert_eq!(deeds.iter().filter(|deed| **deed == Some(DeedKind::Announced)).count(), 2, "{deeds:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_older_than_the_record_is_kept_goes_and_nothing_else_does() {
    on_each_backend(async |test| {
        let mut house = House::on(test).await;
        house.settings.record_retention = Duration::from_hours(24 * 30);
        let replicas = [house.replica().await, house.replica().await];
        let [left, right] = &replicas;
        let name = ring(Algorithm::Es256);
        left.ensure(&name).await.unwrap();
        let before = left.keys.rotate(&name, Ready::Waived, &by_operator()).await.unwrap().predecessor.kid;
        left.keys.revoke(&name, &before, &by_operator()).await.unwrap();
        house.wait(Duration::from_hours(24 * 30) - Duration::from_secs(1));
        left.keys.clear().await;
        let revoked = left.store().key(name.tenant(), &before).await.unwrap().expect("it is not old enough");
        assert_eq!(revoked.key.state, KeyState::Revoked);
        let old = facts(left, &name).await.len();

        house.wait(Duration::from_hours(1));
        left.keys.hold(&name, true, &by_operator()).await.unwrap();
        let ((), ()) = tokio::join!(left.keys.clear(), right.keys.clear());
        assert_eq!(deeds(left, &name).await, [Some(DeedKind::Held)], "{old} were old");
        assert_eq!(left.store().key(name.tenant(), &before).await.unwrap(), None);
        let stays = left.store().find(&name).await.unwrap().expect("the ring");
        assert!(stays.active().is_some() && stays.next().is_some(), "however old a key is that signs");
        left.sign(&name).await;
    })
    .await;
}

#[tokio::test]
async fn lesson_28_a_kid_is_refused_for_ever_also_when_nothing_else_is_kept_of_its_key() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let (ring, keys) = born(&house, &replica).await;
        save(&house, &replica, Some(&ring), ring.clone().end(house.clock.now()), &[]).await;
        house.wait(house.settings.record_retention + Duration::from_secs(1));
        replica.keys.clear().await;
        assert_eq!(replica.store().key(ring.name().tenant(), &keys[0].key.kid).await.unwrap(), None);
        let again = unkept(&house, ring_of("other", Algorithm::Es256), 0, &keys);
        let change = Change::between(None, again.clone(), keys, by_operator(), house.clock.now()).unwrap();
        assert!(replica.store().save(&change).await.is_err());
        assert_eq!(replica.store().find(again.name()).await.unwrap(), None, "nothing of it is kept");
        let fresh = minted(2);
        let other = unkept(&house, ring_of("other", Algorithm::Es256), 0, &fresh);
        save(&house, &replica, None, other, &fresh).await;
    })
    .await;
}

#[tokio::test]
async fn much_that_is_old_goes_a_bounded_part_at_a_time() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let name = ring(Algorithm::Es256);
        replica.ensure(&name).await.unwrap();
        house.wait(house.settings.record_retention + Duration::from_secs(1));
        let old: Vec<_> = (0..1200).map(|_| "(1, 'default', 'activated', 1000, 'itself')").collect();
        let columns = "INSERT INTO key_facts (ring_id, tenant_id, deed, at, author) VALUES";
        execute(&replica, &format!("{columns} {}", old.join(", "))).await;
        let ended = |number| format!("('old-{number}', 1, 'removed', 1000, 1000)");
        let ended: Vec<_> = (0..700).map(ended).collect();
        let columns = "INSERT INTO signing_keys (kid, ring_id, state, created_at, since) VALUES";
        execute(&replica, &format!("{columns} {}", ended.join(", "))).await;
        let now = house.clock.now();
        assert_eq!(replica.store().clear_facts(now - house.settings.record_retention, 500).await.unwrap(), 500);
        assert_eq!(replica.store().clear_ended(now - house.settings.record_retention, 500).await.unwrap(), 500);
        // Tick after tick, until nothing old is left; then not before an hour is over.
        for left in [203, 0] {
            replica.keys.clear().await;
            assert_eq!(facts(&replica, &name).await.len(), left);
        }
        replica.keys.clear().await;
        execute(
            &replica,
            "INSERT INTO key_facts (ring_id, tenant_id, deed, at, author) VALUES (1, 'default', 'held', 1, 'x')",
        )
        .await;
        replica.keys.clear().await;
        assert_eq!(facts(&replica, &name).await.len(), 1);
        house.wait(Duration::from_hours(1));
        replica.keys.clear().await;
        assert_eq!(facts(&replica, &name).await.len(), 0);
    })
    .await;
}

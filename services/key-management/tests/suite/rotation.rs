//! Keys that follow each other by themselves, on replicas that share a database.

use std::time::Duration;

use mintage_api::types::SigningAlgorithm;
use mintage_jose::Algorithm;
use mintage_key_management::domain::ports::Rings;
use mintage_key_management::domain::{DeedKind, Key, KeysError, PolicyError, Ready, Ring, RingError, RotationPolicy};
use mintage_key_management::signing::{Order, SignRefusal};
use mintage_oauth::TokenLifetime;
use mintage_testkit::on_each_backend;

use crate::house::{House, Replica, by_operator, order_of, ring};

/// A ring whose keys sign for an hour, without jitter.
async fn hourly(house: &mut House) -> Replica {
    house.settings.rotation_period = Duration::from_hours(1);
    house.settings.rotation_jitter = Duration::ZERO;
    house.settings.rotation_overdue = Duration::from_mins(30);
    house.settings.shortest_rotation_period = Duration::from_secs(1);
    let replica = house.replica().await;
    replica.keys.ensure(&ring(Algorithm::Es256), lives(600), &by_operator()).await.expect("a ring");
    replica
}

fn lives(seconds: u64) -> TokenLifetime {
    TokenLifetime::from_seconds(seconds).expect("a life")
}

async fn kept(replica: &Replica) -> Ring {
    replica.store().find(&ring(Algorithm::Es256)).await.expect("an answer").expect("a ring")
}

async fn deeds(replica: &Replica) -> Vec<DeedKind> {
    let facts = replica.store().facts(ring(Algorithm::Es256).tenant(), None, 1000).await.expect("facts");
    facts.iter().rev().filter_map(|fact| fact.kind).collect()
}

#[tokio::test]
async fn lesson_17_a_key_follows_when_its_turn_has_come_and_another_is_announced() {
    on_each_backend(async |test| {
        let mut house = House::on(test).await;
        let replica = hourly(&mut house).await;
        let (_, first) = replica.sign_for(&ring(Algorithm::Es256), lives(600)).await;
        house.wait(Duration::from_hours(1) - Duration::from_millis(1));
        replica.keys.step().await;
        assert_eq!(replica.sign_for(&ring(Algorithm::Es256), lives(600)).await.1, first);
        house.wait(Duration::from_millis(1));
        replica.keys.step().await;
        let (_, second) = replica.sign_for(&ring(Algorithm::Es256), lives(600)).await;
        assert_ne!(second, first);
        assert_eq!(kept(&replica).await.pending().count(), 1, "the next one is announced");
        // Ten minutes of the token, what a replica may lag and two clocks may differ.
        house.wait(Duration::from_secs(600 + 10 + 45));
        replica.keys.step().await;
        assert!(kept(&replica).await.key(&first.parse().unwrap()).is_none(), "its last token has expired");
        use DeedKind::{Activated, Announced, Removed, Retired};
        assert_eq!(deeds(&replica).await.len(), 7, "two made, one activated at birth, and what follows");
        let follows = deeds(&replica).await.split_off(3);
        for kind in [Activated, Announced, Retired, Removed] {
            assert_eq!(follows.iter().filter(|done| **done == kind).count(), 1, "{follows:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn lesson_21_of_replicas_that_take_the_same_step_one_does() {
    on_each_backend(async |test| {
        let mut house = House::on(test).await;
        let first = hourly(&mut house).await;
        let others = [house.replica().await, house.replica().await];
        for turn in 1..=5 {
            house.wait(Duration::from_hours(1));
            tokio::join!(first.keys.step(), others[0].keys.step(), others[1].keys.step());
            let activated = deeds(&first).await.iter().filter(|kind| **kind == DeedKind::Activated).count();
            assert_eq!(activated, 1 + turn, "one key a turn");
        }
    })
    .await;
}

#[tokio::test]
async fn lesson_22_replicas_that_start_again_and_again_make_no_keys() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let before = kept(&replica).await;
    for _ in 0..10 {
        let another = house.replica().await;
        another.keys.ensure(&ring(Algorithm::Es256), lives(600), &by_operator()).await.unwrap();
        another.keys.step().await;
    }
    assert_eq!(kept(&replica).await, before);
}

#[tokio::test]
async fn lesson_24_when_rotation_fails_for_a_week_nothing_is_signed_with_an_expired_key() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    let (_, first) = replica.sign_for(&name, lives(600)).await;
    house.wait(Duration::from_mins(90) - Duration::from_millis(1));
    replica.keys.follow_others().await;
    assert_eq!(replica.sign_for(&name, lives(600)).await.1, first, "it signs on while it is overdue");
    house.wait(Duration::from_millis(1));
    let asked = order_of(&name);
    assert_eq!(replica.keys.sign(vec![Ok(asked.clone())]).await.unwrap(), [Err(SignRefusal::Expired)]);
    house.wait(Duration::from_hours(24 * 7));
    replica.keys.follow_others().await;
    assert_eq!(replica.keys.sign(vec![Ok(asked)]).await.unwrap(), [Err(SignRefusal::Expired)]);
    replica.keys.step().await;
    assert_ne!(replica.sign(&name).await.1, first, "rotation mended, the announced key takes over");
}

#[tokio::test]
async fn lesson_23_a_policy_of_a_rings_own_counts_at_once_and_shows() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    let (_, first) = replica.sign_for(&name, lives(600)).await;
    let own = RotationPolicy { period: Duration::from_mins(10), ..*house.settings.policy().unwrap().rotation() };
    let ring = replica.keys.follow(&name, Some(own), &by_operator()).await.unwrap();
    assert_eq!(ring.turn_at(replica.keys.policy()), Some(house.clock.now() + Duration::from_mins(10)));
    house.wait(Duration::from_mins(10));
    replica.keys.step().await;
    assert_ne!(replica.sign_for(&name, lives(600)).await.1, first);
    let ring = replica.keys.follow(&name, None, &by_operator()).await.unwrap();
    assert_eq!(ring.turn_at(replica.keys.policy()), Some(house.clock.now() + Duration::from_hours(1)));
}

#[tokio::test]
async fn keys_that_follow_faster_than_they_are_announced_are_announced_side_by_side() {
    let mut house = House::on_sqlite().await;
    house.settings.max_served_keys = 100;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    let own = RotationPolicy {
        period: Duration::from_secs(10),
        overdue: Duration::from_secs(120),
        ..*house.settings.policy().unwrap().rotation()
    };
    replica.keys.follow(&name, Some(own), &by_operator()).await.unwrap();
    let mut signers = Vec::new();
    for _ in 0..60 {
        replica.keys.step().await;
        signers.push(replica.sign_for(&name, lives(30)).await.1);
        house.wait(Duration::from_secs(5));
    }
    signers.dedup();
    assert!(signers.len() >= 20, "{} keys signed in 300 s", signers.len());
}

#[tokio::test]
async fn a_token_that_lives_longer_than_its_key_says_is_signed_once_the_key_is_kept_for_it() {
    on_each_backend(async |test| {
        let mut house = House::on(test).await;
        let replica = hourly(&mut house).await;
        let other = house.replica().await;
        let name = ring(Algorithm::Es256);
        replica.sign_for(&name, lives(600)).await;
        let longest = async || kept(&replica).await.active().map(|key: &Key| key.longest_token);
        assert_eq!(longest().await, Some(lives(600)));
        let (_, kid) = other.sign_for(&name, lives(7200)).await;
        assert_eq!(longest().await, Some(lives(7200)), "it was kept before the token was made");
        replica.rotate(&name).await.unwrap();
        house.wait(Duration::from_secs(7200 + 10 + 45) - Duration::from_millis(1));
        replica.keys.step().await;
        assert!(kept(&replica).await.key(&kid.parse().unwrap()).is_some(), "the long token still verifies");
    })
    .await;
}

#[tokio::test]
async fn an_api_whose_tokens_live_longer_keeps_the_keys_that_retire() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    let (_, first) = replica.sign_for(&name, lives(600)).await;
    replica.rotate(&name).await.unwrap();
    let retired_at = house.clock.now();
    house.wait(Duration::from_secs(300));
    replica.keys.ensure(&name, lives(3600), &by_operator()).await.unwrap();
    let until = kept(&replica).await.key(&first.parse().unwrap()).unwrap().state.next_step_at();
    assert_eq!(until, Some(retired_at + Duration::from_secs(3600 + 10 + 45)));
    assert!(deeds(&replica).await.contains(&DeedKind::Extended));
}

#[tokio::test]
async fn a_new_key_starts_with_the_longest_life_of_the_apis_there_are() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    let newest = async || kept(&replica).await.pending().last().map(|key| key.longest_token);
    house.registry.tokens_live(SigningAlgorithm::Es256, 120);
    replica.rotate(&name).await.unwrap();
    assert_eq!(newest().await, Some(lives(120)), "the API whose tokens lived longer is gone");
    house.registry.fall_silent();
    house.wait(Duration::from_hours(1));
    replica.keys.step().await;
    assert_eq!(newest().await, Some(lives(120)), "the registry being away stops no rotation");
}

#[tokio::test]
async fn a_revoked_key_is_followed_in_the_same_change_even_by_one_that_nobody_knows() {
    on_each_backend(async |test| {
        let mut house = House::on(test).await;
        let replica = hourly(&mut house).await;
        let other = house.replica().await;
        let name = ring(Algorithm::Es256);
        let mut seen = Vec::new();
        // The second has no announced key to fall back on: nobody has stepped.
        for _ in 0..2 {
            let (_, kid) = replica.sign_for(&name, lives(60)).await;
            let done = replica.keys.revoke(&name, &kid.parse().unwrap(), &by_operator()).await.unwrap();
            assert_eq!(done.revoked.kid.as_str(), kid);
            let (_, next) = replica.sign_for(&name, lives(60)).await;
            assert_eq!(done.active.kid.as_str(), next);
            other.keys.follow_others().await;
            assert_eq!(other.sign_for(&name, lives(60)).await.1, next, "the other replica follows");
            assert!(other.keys.resolve(&kid.parse().unwrap()).await.unwrap().is_none(), "out of the key set");
            seen.push(kid);
        }
        seen.dedup();
        assert_eq!(seen.len(), 2);
        let again = replica.keys.revoke(&name, &seen[0].parse().unwrap(), &by_operator()).await;
        assert!(matches!(again, Err(KeysError::Ring(RingError::KeyUnknown))));
    })
    .await;
}

#[tokio::test]
async fn lesson_16_a_new_key_signs_at_once_only_for_whoever_accepts_the_danger() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    replica.rotate(&name).await.unwrap();
    let next = kept(&replica).await.next().unwrap().kid.clone();
    let waits = replica.rotate(&name).await.unwrap();
    assert!(waits.successor.state.is_pending() && waits.successor.kid == next);
    assert!(replica.keys.activate(&name, &next, Ready::Needed, &by_operator()).await.is_err());
    let done = replica.keys.activate(&name, &next, Ready::Waived, &by_operator()).await.unwrap();
    assert!(done.successor.kid == next && done.successor.state.is_active());
    assert!(deeds(&replica).await.contains(&DeedKind::ActivatedEarly), "and it is on record");
}

#[tokio::test]
async fn a_policy_counts_for_the_key_that_signs_already_and_leaves_time_to_relieve_it() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    let installation = *house.settings.policy().unwrap().rotation();
    let began = house.clock.now();
    let (_, first) = replica.sign_for(&name, lives(600)).await;
    house.wait(Duration::from_mins(50));
    for (hours, overdue) in [(24, 1), (1, 200)] {
        let (period, overdue) = (Duration::from_hours(hours), Duration::from_hours(overdue));
        let own = RotationPolicy { period, overdue, ..installation };
        let set = replica.keys.follow(&name, Some(own), &by_operator()).await.unwrap();
        assert_eq!(set.turn_at(replica.keys.policy()), Some(began + period), "nothing is due because of it");
        assert_eq!(set.signs_for(began), Some(period + overdue));
        replica.keys.step().await;
        assert_eq!(replica.sign_for(&name, lives(600)).await.1, first);
    }
    let hasty = RotationPolicy { period: Duration::from_mins(10), ..installation };
    let set = replica.keys.follow(&name, Some(hasty), &by_operator()).await.unwrap();
    assert_eq!(set.signs_for(house.clock.now()), Some(installation.overdue), "its time is over, its end is not");
    replica.keys.step().await;
    assert_ne!(replica.sign_for(&name, lives(600)).await.1, first);
}

#[tokio::test]
async fn a_policy_is_held_against_the_life_of_tokens_for_which_no_key_is_kept_yet() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    let hasty = RotationPolicy { period: Duration::from_mins(10), ..*house.settings.policy().unwrap().rotation() };
    let set = async || replica.keys.follow(&name, Some(hasty), &by_operator()).await;
    house.registry.tokens_live(SigningAlgorithm::Es256, 86_400);
    let refused = set().await.expect_err("every key would have to be kept for a day");
    assert!(matches!(refused, KeysError::Ring(RingError::Policy(PolicyError::TooManyServed { .. }))), "{refused:?}");
    house.registry.tokens_live(SigningAlgorithm::Es256, 600);
    set().await.expect("so is none");
}

#[tokio::test]
async fn settings_with_longer_lengths_make_no_key_due_at_once_and_let_none_end_before_another_follows() {
    let mut house = House::on_sqlite().await;
    let first = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    let (_, kid) = first.sign_for(&name, lives(600)).await;
    // A key that signs for ninety minutes, under settings that would let it sign on for days.
    house.settings.rotation_overdue = Duration::from_hours(100);
    house.settings.rotation_period = Duration::from_hours(100);
    let replica = house.replica().await;
    assert!(kept(&replica).await.overdue(house.clock.now(), replica.keys.policy()) < 0.25, "nobody is alarmed");
    replica.keys.step().await;
    assert_eq!(replica.sign_for(&name, lives(600)).await.1, kid);
    house.wait(Duration::from_hours(1));
    replica.keys.step().await;
    assert_ne!(replica.sign_for(&name, lives(600)).await.1, kid, "a third of its time before its end");
}

#[tokio::test]
async fn a_ring_that_is_full_says_so_and_not_that_others_change_it() {
    let mut house = House::on_sqlite().await;
    house.settings.max_served_keys = 3;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    let refused = loop {
        if let Err(refused) = replica.keys.rotate(&name, Ready::Waived, &by_operator()).await {
            break refused;
        }
    };
    assert!(matches!(refused, KeysError::Ring(RingError::Full { limit: 6 })), "{refused:?}");
}

#[tokio::test]
async fn a_ring_full_of_keys_that_are_kept_for_their_tokens_goes_on_following() {
    let mut house = House::on_sqlite().await;
    house.settings.max_served_keys = 4;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    for _ in 0..3 {
        replica.keys.rotate(&name, Ready::Waived, &by_operator()).await.unwrap();
    }
    assert!(kept(&replica).await.served().count() >= 4, "full");
    let refused = replica.rotate(&name).await;
    assert!(matches!(refused, Err(KeysError::Ring(RingError::Full { limit: 4 }))), "{refused:?}");
    let (_, kid) = replica.sign_for(&name, lives(60)).await;
    replica.keys.revoke(&name, &kid.parse().unwrap(), &by_operator()).await.expect("an emergency");
    replica.keys.step().await;
    for _ in 0..3 {
        let (_, before) = replica.sign_for(&name, lives(60)).await;
        house.wait(Duration::from_mins(90));
        replica.keys.step().await;
        assert_ne!(replica.sign_for(&name, lives(60)).await.1, before);
    }
}

#[tokio::test]
async fn a_secret_that_an_api_shares_is_not_changed_behind_its_back() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Hs256);
    replica.ensure(&name).await.unwrap();
    let (_, first) = replica.sign(&name).await;
    house.wait(Duration::from_hours(24 * 400));
    replica.keys.step().await;
    assert_eq!(replica.sign(&name).await.1, first, "its verifier was told of no other");
    let own = RotationPolicy { period: Duration::from_hours(24), ..*house.settings.policy().unwrap().rotation() };
    replica.keys.follow(&name, Some(own), &by_operator()).await.unwrap();
    replica.keys.step().await;
    assert_ne!(replica.sign(&name).await.1, first, "now somebody said that it may be");
    let (_, second) = replica.sign(&name).await;
    replica.keys.follow(&name, None, &by_operator()).await.unwrap();
    house.wait(Duration::from_hours(24 * 400));
    replica.keys.step().await;
    assert_eq!(replica.sign(&name).await.1, second, "and who brings it by hand again is given the time to");
}

#[tokio::test]
async fn a_key_that_somebody_asked_for_waits_too_while_its_ring_is_held() {
    let mut house = House::on_sqlite().await;
    let replica = hourly(&mut house).await;
    let name = ring(Algorithm::Es256);
    replica.rotate(&name).await.unwrap();
    assert!(replica.rotate(&name).await.unwrap().successor.state.next_step_at().is_some());
    replica.keys.hold(&name, true, &by_operator()).await.unwrap();
    let (_, signs) = replica.sign_for(&name, lives(60)).await;
    house.wait(Duration::from_mins(10));
    replica.keys.step().await;
    assert_eq!(replica.sign_for(&name, lives(60)).await.1, signs);
}

#[tokio::test]
async fn many_who_want_a_longer_token_at_once_have_it_kept_once() {
    on_each_backend(async |test| {
        let mut house = House::on(test).await;
        let replica = hourly(&mut house).await;
        let name = ring(Algorithm::Es256);
        replica.sign_for(&name, lives(60)).await;
        let order = || Ok(Order { lifetime: lives(86_400), ..order_of(&name) });
        let signed = replica.keys.sign((0..100).map(|_| order()).collect()).await.unwrap();
        assert!(signed.iter().all(Result::is_ok), "{signed:?}");
        let extended = deeds(&replica).await.iter().filter(|kind| **kind == DeedKind::Extended).count();
        assert_eq!(extended, 2, "the one that signs and the one that is announced, once each");
    })
    .await;
}

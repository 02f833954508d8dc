//! Keys at work: signatures, replicas that follow each other, steps that come due.

use std::num::NonZeroUsize;
use std::time::Duration;

use mintage_jose::Algorithm;
use mintage_key_management::domain::ports::Rings;
use mintage_key_management::domain::{KeyState, PortError, RingName};
use mintage_key_management::signing::{Order, SignRefusal, TokenType};
use mintage_testkit::on_each_backend;

use crate::house::{House, Replica, ring, ring_of, verifies};

async fn served(replica: &Replica, tenant: &str) -> Vec<(String, String)> {
    let set = replica.keys.key_set(&tenant.parse().unwrap()).await.unwrap().expect("a key set");
    set.keys.iter().map(|key| (key.kid.to_string(), key.jwk.to_string())).collect()
}

fn order(algorithm: Algorithm) -> Order {
    Order { ring: ring(algorithm), typ: TokenType::AccessToken, payload: br#"{"sub":"x"}"#.to_vec() }
}

/// A replica with a ring of its own making.
async fn with_ring(algorithm: Algorithm) -> (House, Replica, RingName) {
    let house = House::on_sqlite().await;
    let (replica, name) = (house.replica().await, ring(algorithm));
    replica.keys.ensure(&name).await.unwrap();
    (house, replica, name)
}

#[tokio::test]
async fn every_public_algorithm_signs_what_the_served_set_verifies() {
    let house = House::on_sqlite().await;
    let replica = house.replica().await;
    let algorithms = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256];
    for algorithm in algorithms {
        replica.keys.ensure(&ring(algorithm)).await.unwrap();
    }
    let orders = algorithms.iter().cycle().take(12).map(|algorithm| Ok(order(*algorithm))).collect();
    let tokens = replica.keys.sign(orders).await.unwrap();
    let set = served(&replica, "default").await;
    assert_eq!(set.len(), 8, "an active and an announced key for each algorithm");
    for token in tokens {
        let token = token.unwrap();
        let (_, jwk) = set.iter().find(|(kid, _)| *kid == crate::house::kid_of(&token)).expect("its key");
        assert!(verifies(&token, jwk));
    }
}

#[tokio::test]
async fn the_secret_of_an_api_signs_its_tokens_and_is_in_no_key_set() {
    let house = House::on_sqlite().await;
    let replica = house.replica().await;
    replica.keys.ensure(&ring(Algorithm::Hs256)).await.unwrap();
    let (_, kid) = replica.sign(&ring(Algorithm::Hs256)).await;
    let secrets = replica.keys.shared_secrets(&ring(Algorithm::Hs256)).await.unwrap().unwrap();
    assert!(secrets.iter().any(|(key, secret)| key.kid.as_str() == kid && secret.len() == 32));
    assert!(replica.keys.key_set(ring(Algorithm::Hs256).tenant()).await.unwrap().is_none());
    assert!(replica.keys.resolve(&kid.parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn warm_signing_costs_no_statement() {
    let house = House::on_sqlite().await;
    let replica = house.replica().await;
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        replica.keys.ensure(&ring(algorithm)).await.unwrap();
        replica.sign(&ring(algorithm)).await;
    }
    let before = replica.database.statements();
    for _ in 0..20 {
        let orders = vec![Ok(order(Algorithm::Es256)), Ok(order(Algorithm::Hs256))];
        assert!(replica.keys.sign(orders).await.unwrap().iter().all(Result::is_ok));
    }
    assert_eq!(replica.database.statements(), before);
}

#[tokio::test]
async fn a_replica_that_has_rotated_stays_warm() {
    let (_house, replica, name) = with_ring(Algorithm::Es256).await;
    let (_, first) = replica.sign(&name).await;
    replica.keys.rotate(&name).await.unwrap();
    let before = replica.database.statements();
    assert_ne!(replica.sign(&name).await.1, first);
    assert_eq!(replica.database.statements(), before);
}

#[tokio::test]
async fn a_replica_follows_the_rotation_of_another() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (left, right) = (house.replica().await, house.replica().await);
        let name = ring(Algorithm::Es256);
        left.keys.ensure(&name).await.unwrap();
        let (_, first) = right.sign(&name).await;
        let rotation = left.keys.rotate(&name).await.unwrap();
        assert_eq!(rotation.predecessor.kid.as_str(), first);
        right.keys.step().await;
        assert_eq!(right.sign(&name).await.1, rotation.successor.kid.as_str());
        assert_eq!(served(&right, "default").await, served(&left, "default").await);
    })
    .await;
}

#[tokio::test]
async fn a_new_ring_signs_on_a_replica_that_never_heard_of_it() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (left, right) = (house.replica().await, house.replica().await);
        left.keys.ensure(&ring_of("late", Algorithm::EdDsa)).await.unwrap();
        let (token, kid) = right.sign(&ring_of("late", Algorithm::EdDsa)).await;
        let set = served(&right, "late").await;
        assert!(set.iter().any(|(served, jwk)| *served == kid && verifies(&token, jwk)));
    })
    .await;
}

#[tokio::test]
async fn the_first_rotation_is_at_once_and_the_second_waits_for_verifiers() {
    let (house, replica, name) = with_ring(Algorithm::Es256).await;
    let first = replica.keys.rotate(&name).await.unwrap();
    assert_eq!(first.successor.state, KeyState::Active);
    let second = replica.keys.rotate(&name).await.unwrap();
    let due = house.clock.now() + house.settings.announce_window;
    assert_eq!(second.successor.state.next_step_at(), Some(due));
    assert_eq!(second.predecessor.state, KeyState::Active);
    assert_eq!(replica.keys.rotate(&name).await.unwrap(), second, "asking again changes nothing");
    house.wait(house.settings.announce_window - Duration::from_millis(1));
    replica.keys.step().await;
    assert_eq!(replica.sign(&name).await.1, first.successor.kid.as_str());
    house.wait(Duration::from_millis(1));
    replica.keys.step().await;
    assert_eq!(replica.sign(&name).await.1, second.successor.kid.as_str());
}

#[tokio::test]
async fn a_retired_key_is_served_until_its_last_token_has_expired() {
    let (house, replica, name) = with_ring(Algorithm::Es256).await;
    let (_, first) = replica.sign(&name).await;
    replica.keys.rotate(&name).await.unwrap();
    house.wait(house.settings.retire_window - Duration::from_millis(1));
    replica.keys.step().await;
    assert!(served(&replica, "default").await.iter().any(|(kid, _)| *kid == first));
    let version = replica.keys.key_set(name.tenant()).await.unwrap().unwrap().version;
    house.wait(Duration::from_millis(1));
    replica.keys.step().await;
    assert!(served(&replica, "default").await.iter().all(|(kid, _)| *kid != first));
    assert!(replica.keys.key_set(name.tenant()).await.unwrap().unwrap().version > version);
    assert_eq!(replica.store().sealed(&first.parse().unwrap()).await.unwrap(), None);
}

#[tokio::test]
async fn replicas_take_a_due_step_once() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (left, right) = (house.replica().await, house.replica().await);
        let name = ring(Algorithm::Es256);
        left.keys.ensure(&name).await.unwrap();
        left.keys.rotate(&name).await.unwrap();
        left.keys.rotate(&name).await.unwrap();
        house.wait(house.settings.announce_window);
        tokio::join!(left.keys.step(), right.keys.step());
        let ring = left.store().find(&name).await.unwrap().unwrap();
        assert_eq!((ring.version(), ring.keys().len()), (4, 4), "born, rotated, asked, activated");
        right.keys.step().await;
        assert_eq!(left.sign(&name).await.1, right.sign(&name).await.1);
    })
    .await;
}

#[tokio::test]
async fn a_replica_cut_off_from_its_database_signs_for_its_lag_and_no_longer() {
    let (house, replica, name) = with_ring(Algorithm::Es256).await;
    replica.sign(&name).await;
    replica.database.close().await.unwrap();
    house.wait(house.settings.replica_lag);
    replica.keys.step().await;
    replica.sign(&name).await;
    house.wait(Duration::from_millis(1));
    let refused = replica.keys.sign(vec![Ok(order(Algorithm::Es256))]).await;
    assert!(matches!(refused, Err(PortError::Unavailable(_))), "{refused:?}");
    assert!(replica.keys.key_set(name.tenant()).await.is_err());
}

#[tokio::test]
async fn more_rsa_signatures_than_may_wait_are_refused_and_the_others_made() {
    let mut house = House::on_sqlite().await;
    house.settings.signing_threads = NonZeroUsize::MIN;
    house.settings.max_waiting_signatures = 2;
    let replica = house.replica().await;
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        replica.keys.ensure(&ring(algorithm)).await.unwrap();
    }
    let rsa = || Ok(order(Algorithm::Rs256));
    // One thread takes milliseconds for what is asked in microseconds.
    let asked = (0..255).map(|_| rsa()).chain([Ok(order(Algorithm::Es256))]).collect();
    let signed = replica.keys.sign(asked).await.unwrap();
    assert!(signed[0].is_ok() && signed[1].is_ok() && signed[255].is_ok());
    assert!(signed.iter().all(|one| one.is_ok() || *one == Err(SignRefusal::Overloaded)));
    assert!(signed.contains(&Err(SignRefusal::Overloaded)));
    assert!(replica.keys.sign(vec![rsa(), rsa()]).await.unwrap().iter().all(Result::is_ok), "places are given back");
}

#[tokio::test]
async fn a_tenant_that_is_gone_signs_and_verifies_nothing() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let names = [ring_of("gone", Algorithm::Es256), ring_of("gone", Algorithm::Hs256)];
        for name in &names {
            replica.keys.ensure(name).await.unwrap();
        }
        let (_, kid) = replica.sign(&names[0]).await;
        replica.keys.ensure(&ring(Algorithm::Es256)).await.unwrap();
        replica.keys.remove_all(names[0].tenant()).await.unwrap();
        for name in &names {
            let order = Order { ring: name.clone(), typ: TokenType::Jwt, payload: b"{}".to_vec() };
            assert_eq!(replica.keys.sign(vec![Ok(order)]).await.unwrap(), [Err(SignRefusal::RingUnknown)]);
        }
        assert!(replica.keys.resolve(&kid.parse().unwrap()).await.unwrap().is_none());
        assert!(replica.keys.key_set(names[0].tenant()).await.unwrap().is_none());
        replica.sign(&ring(Algorithm::Es256)).await;
    })
    .await;
}

//! Keys at work: signatures, replicas that follow each other, steps that come due.

use std::num::NonZeroUsize;
use std::time::Duration;

use mintage_jose::Algorithm;
use mintage_key_management::domain::ports::Rings;
use mintage_key_management::domain::{PortError, RingName};
use mintage_key_management::signing::{Order, SignRefusal, TokenType};
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;

use crate::house::{House, Replica, by_operator, order_of, ring, ring_of, verifies};

async fn served(replica: &Replica, tenant: &str) -> Vec<(String, String)> {
    let set = replica.keys.key_set(&tenant.parse().unwrap()).await.unwrap().expect("a key set");
    set.keys.iter().map(|key| (key.kid.to_string(), key.jwk.to_string())).collect()
}

fn order(algorithm: Algorithm) -> Order {
    Order { typ: TokenType::AccessToken, payload: br#"{"sub":"x"}"#.to_vec(), ..order_of(&ring(algorithm)) }
}

/// A replica with a ring of its own making.
async fn with_ring(algorithm: Algorithm) -> (House, Replica, RingName) {
    let house = House::on_sqlite().await;
    let (replica, name) = (house.replica().await, ring(algorithm));
    replica.ensure(&name).await.unwrap();
    (house, replica, name)
}

#[tokio::test]
async fn every_public_algorithm_signs_what_the_served_set_verifies() {
    let house = House::on_sqlite().await;
    let replica = house.replica().await;
    let algorithms: Vec<_> = Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric()).collect();
    for algorithm in &algorithms {
        replica.ensure(&ring(*algorithm)).await.unwrap();
    }
    let orders = algorithms.iter().cycle().take(3 * algorithms.len()).map(|algorithm| Ok(order(*algorithm))).collect();
    let tokens = replica.keys.sign(orders).await.unwrap();
    let set = served(&replica, "default").await;
    assert_eq!(set.len(), 2 * algorithms.len(), "an active and an announced key for each algorithm");
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
    replica.ensure(&ring(Algorithm::Hs256)).await.unwrap();
    let (_, kid) = replica.sign(&ring(Algorithm::Hs256)).await;
    let secrets = replica.keys.show_secrets(&ring(Algorithm::Hs256), &by_operator()).await.unwrap().unwrap();
    assert!(secrets.iter().any(|(key, secret)| key.kid.as_str() == kid && secret.len() == 32));
    assert!(replica.keys.key_set(ring(Algorithm::Hs256).tenant()).await.unwrap().is_none());
    assert!(replica.keys.resolve(&kid.parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn warm_signing_costs_no_statement() {
    let house = House::on_sqlite().await;
    let replica = house.replica().await;
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        replica.ensure(&ring(algorithm)).await.unwrap();
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
async fn lesson_26_whoever_makes_kids_up_drives_no_flood_of_readings() {
    let (_house, replica, _) = with_ring(Algorithm::Es256).await;
    let before = replica.database.statements();
    let unknown: Vec<_> = (0..500).map(|number| format!("made-up-{number}").parse().unwrap()).collect();
    let asked = futures::future::join_all(unknown.iter().map(|kid| replica.keys.resolve(kid))).await;
    assert!(asked.into_iter().all(|found| found.unwrap().is_none()));
    let read = replica.database.statements() - before;
    assert!(read <= 3, "{read} statements for 500 questions that came together");
}

#[tokio::test]
async fn a_replica_that_has_rotated_stays_warm() {
    let (_house, replica, name) = with_ring(Algorithm::Es256).await;
    let (_, first) = replica.sign(&name).await;
    replica.rotate(&name).await.unwrap();
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
        left.ensure(&name).await.unwrap();
        let (_, first) = right.sign(&name).await;
        let rotation = left.rotate(&name).await.unwrap();
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
        left.ensure(&ring_of("late", Algorithm::EdDsa)).await.unwrap();
        let (token, kid) = right.sign(&ring_of("late", Algorithm::EdDsa)).await;
        let set = served(&right, "late").await;
        assert!(set.iter().any(|(served, jwk)| *served == kid && verifies(&token, jwk)));
    })
    .await;
}

#[tokio::test]
async fn the_first_rotation_is_at_once_and_the_second_waits_for_verifiers() {
    let (house, replica, name) = with_ring(Algorithm::Es256).await;
    let first = replica.rotate(&name).await.unwrap();
    assert!(first.successor.state.is_active());
    let second = replica.rotate(&name).await.unwrap();
    let due = house.clock.now() + house.settings.announce_window;
    assert_eq!(second.successor.state.next_step_at(), Some(due));
    assert!(second.predecessor.state.is_active());
    assert_eq!(replica.rotate(&name).await.unwrap(), second, "asking again changes nothing");
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
    replica.rotate(&name).await.unwrap();
    // The day of its last token, what a replica may lag and a verifier's clock may be behind.
    house.wait(Duration::from_secs(86_400 + 10 + 45) - Duration::from_millis(1));
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
        left.ensure(&name).await.unwrap();
        left.rotate(&name).await.unwrap();
        left.rotate(&name).await.unwrap();
        house.wait(house.settings.announce_window);
        tokio::join!(left.keys.step(), right.keys.step());
        let ring = left.store().find(&name).await.unwrap().unwrap();
        assert_eq!(
            (ring.standing().version, ring.keys().len()),
            (10, 4),
            "born, rotated, one announced, asked, activated, one announced; and the times of four of these settled"
        );
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
async fn a_correction_of_civil_time_makes_what_was_read_neither_older_nor_younger() {
    let (house, replica, name) = with_ring(Algorithm::Es256).await;
    replica.sign(&name).await;
    replica.database.close().await.unwrap();
    let now = house.clock.now();
    house.clock.correct(now + Duration::from_hours(1));
    replica.sign(&name).await;
    house.clock.correct(now);
    house.wait(house.settings.replica_lag + Duration::from_millis(1));
    house.clock.correct(now);
    let refused = replica.keys.sign(vec![Ok(order(Algorithm::Es256))]).await;
    assert!(matches!(refused, Err(PortError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn more_rsa_signatures_than_may_wait_are_refused_and_the_others_made() {
    let mut house = House::on_sqlite().await;
    house.settings.signing_threads = NonZeroUsize::MIN;
    house.settings.max_waiting_signatures = 2;
    let replica = house.replica().await;
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        replica.ensure(&ring(algorithm)).await.unwrap();
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
async fn a_batch_is_answered_in_its_order_whatever_has_to_be_opened_first() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (maker, cold) = (house.replica().await, house.replica().await);
        let tenants: Vec<_> = (0..40).map(|number| format!("tenant-{number}")).collect();
        for tenant in &tenants {
            maker.ensure(&ring_of(tenant, Algorithm::EdDsa)).await.unwrap();
        }
        maker.ensure(&ring(Algorithm::Rs256)).await.unwrap();
        let order = |ring| order_of(&ring);
        cold.keys.step().await;
        cold.sign(&ring_of(&tenants[1], Algorithm::EdDsa)).await;
        let of_tenants = tenants.iter().map(|tenant| Ok(order(ring_of(tenant, Algorithm::EdDsa))));
        let others = [
            Err(SignRefusal::Malformed),
            Ok(order(ring(Algorithm::Rs256))),
            Ok(order(ring_of("nobody", Algorithm::EdDsa))),
        ];
        let signed = cold.keys.sign(of_tenants.chain(others).collect()).await.unwrap();
        for (tenant, token) in tenants.iter().zip(&signed) {
            let kid = crate::house::kid_of(token.as_ref().unwrap());
            assert!(served(&maker, tenant).await.iter().any(|(served, _)| *served == kid), "{tenant}");
        }
        assert_eq!(signed[40], Err(SignRefusal::Malformed));
        assert!(signed[41].is_ok());
        assert_eq!(signed[42..], [Err(SignRefusal::RingUnknown)]);
    })
    .await;
}

#[tokio::test]
async fn a_ring_that_cannot_be_read_signs_no_more_and_keeps_no_other_from_signing() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let (odd, well) = (ring_of("odd", Algorithm::Es256), ring(Algorithm::Es256));
        for name in [&odd, &well] {
            replica.ensure(name).await.unwrap();
            replica.sign(name).await;
        }
        for damage in [
            "UPDATE key_head SET revision = revision + 1",
            "UPDATE key_rings SET algorithm = 'of tomorrow', revision = (SELECT revision FROM key_head) \
             WHERE tenant_id = 'odd'",
        ] {
            replica.database.connection().execute_unprepared(damage).await.unwrap();
        }
        replica.keys.step().await;
        for replica in [replica, house.replica().await] {
            let refused = order_of(&odd);
            assert_eq!(replica.keys.sign(vec![Ok(refused)]).await.unwrap(), [Err(SignRefusal::RingUnknown)]);
            assert!(replica.keys.key_set(odd.tenant()).await.unwrap().is_none());
            replica.sign(&well).await;
            // And what is written later is followed.
            replica.rotate(&well).await.unwrap();
            replica.sign(&well).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_is_gone_signs_and_verifies_nothing() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let names = [ring_of("gone", Algorithm::Es256), ring_of("gone", Algorithm::Hs256)];
        for name in &names {
            replica.ensure(name).await.unwrap();
        }
        let (_, kid) = replica.sign(&names[0]).await;
        replica.ensure(&ring(Algorithm::Es256)).await.unwrap();
        replica.keys.remove_all(names[0].tenant(), &by_operator()).await.unwrap();
        for name in &names {
            let order = order_of(name);
            assert_eq!(replica.keys.sign(vec![Ok(order)]).await.unwrap(), [Err(SignRefusal::RingUnknown)]);
        }
        assert!(replica.keys.resolve(&kid.parse().unwrap()).await.unwrap().is_none());
        assert!(replica.keys.key_set(names[0].tenant()).await.unwrap().is_none());
        replica.sign(&ring(Algorithm::Es256)).await;
        let held = replica.keys.directory().await.unwrap();
        assert!(format!("{held:?}").ends_with(" 1 rings)"), "nothing of it is held in memory: {held:?}");
        replica.ensure(&names[0]).await.unwrap();
        let set = replica.keys.key_set(names[0].tenant()).await.unwrap().unwrap();
        assert!(set.version > held.revision() && set.keys.len() == 2, "its heir's key set is a newer one");
    })
    .await;
}

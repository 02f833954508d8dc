//! Keys inside a token: made, found, used and destroyed there, on SoftHSM.

use std::sync::Arc;
use std::time::Duration;

use mintage_jose::Algorithm;
use mintage_key_management::custody::{Keeper, Pin, Token, TokenAccess};
use mintage_key_management::domain::ports::Rings;
use mintage_key_management::domain::{Kept, RingName};
use mintage_key_management::settings::Pkcs11Settings;
use mintage_key_management::signing::SignRefusal;
use mintage_key_management::{BuildError, build};
use mintage_testkit::SoftHsm;

use crate::house::{House, Replica, by_operator, master, order_of, ring, ring_of, verifies};

/// A house whose new keys are made inside `hsm`.
pub(crate) async fn house(hsm: &SoftHsm) -> House {
    let mut house = House::on_sqlite().await;
    told(&mut house, hsm, Keeper::Pkcs11);
    let access = TokenAccess { module: hsm.module(), label: SoftHsm::LABEL.to_owned(), pin: Pin::new(SoftHsm::PIN) };
    house.token = Some(Arc::new(Token::open(access, house.clock.clock()).expect("the token")));
    house
}

fn told(house: &mut House, hsm: &SoftHsm, custody: Keeper) {
    let (module, token) = (Some(hsm.module()), Some(SoftHsm::LABEL.to_owned()));
    house.settings.pkcs11 = Pkcs11Settings { module, token, ..Pkcs11Settings::default() };
    house.settings.custody = custody;
    house.pin = Some(Pin::new(SoftHsm::PIN));
}

/// Signs, checks the token with the key that is served for it, and tells its kid.
pub(crate) async fn signs(replica: &Replica, ring: &RingName) -> String {
    let (token, kid) = replica.sign(ring).await;
    let served = replica.keys.resolve(&kid.parse().unwrap()).await.unwrap().expect("it is served");
    assert!(verifies(&token, &served.jwk), "{ring}");
    kid
}

pub(crate) async fn is_inside(replica: &Replica, kid: &str) -> bool {
    match replica.store().kept(&kid.parse().unwrap()).await.unwrap() {
        Some(Kept::InToken(_)) => true,
        Some(Kept::Sealed(_)) => false,
        None => panic!("the private half of {kid} is gone"),
    }
}

#[tokio::test]
async fn every_algorithm_signs_inside_and_its_keys_look_like_every_other() {
    let name = concat!(module_path!(), "::every_algorithm_signs_inside_and_its_keys_look_like_every_other");
    let Some(hsm) = SoftHsm::of(name) else { return };
    let house = house(&hsm).await;
    let replica = house.replica().await;
    for algorithm in Algorithm::ALL {
        let ring = ring(algorithm);
        replica.ensure(&ring).await.unwrap_or_else(|error| panic!("{algorithm}: {error:?}"));
        if algorithm.is_symmetric() {
            let (_, kid) = replica.sign(&ring).await;
            assert!(!is_inside(&replica, &kid).await, "its API must be told it");
            assert_eq!(replica.keys.show_secrets(&ring, &by_operator()).await.unwrap().expect("secrets").len(), 2);
            continue;
        }
        let kid = signs(&replica, &ring).await;
        assert!(is_inside(&replica, &kid).await, "{algorithm}");
        let served = replica.keys.resolve(&kid.parse().unwrap()).await.unwrap().unwrap();
        let jwk: serde_json::Value = serde_json::from_str(&served.jwk).unwrap();
        assert!(jwk["x5c"][0].is_string() && jwk["x5t#S256"].is_string(), "{algorithm}: {jwk}");
    }
    let public = Algorithm::ALL.len() - 1;
    assert_eq!(hsm.objects(), public * 2 * 2, "two pairs a ring");
    assert_eq!(replica.store().kept_in_tokens().await.unwrap(), [(SoftHsm::LABEL.to_owned(), public as u64 * 2)]);
}

#[tokio::test]
async fn a_replica_that_starts_finds_the_keys_and_makes_none() {
    let Some(hsm) = SoftHsm::of(concat!(module_path!(), "::a_replica_that_starts_finds_the_keys_and_makes_none"))
    else {
        return;
    };
    let house = house(&hsm).await;
    let ring = ring(Algorithm::Es256);
    let first = house.replica().await;
    first.ensure(&ring).await.unwrap();
    let kid = signs(&first, &ring).await;
    drop(first);
    let second = house.replica().await;
    second.ensure(&ring).await.unwrap();
    assert_eq!(signs(&second, &ring).await, kid);
    assert_eq!(hsm.objects(), 4);
}

#[tokio::test]
async fn keys_go_on_where_they_are_when_the_setting_changes() {
    let Some(hsm) = SoftHsm::of(concat!(module_path!(), "::keys_go_on_where_they_are_when_the_setting_changes")) else {
        return;
    };
    let mut house = house(&hsm).await;
    let rings = ["before", "while", "after"].map(|tenant| ring_of(tenant, Algorithm::EdDsa));
    let mut kids = Vec::new();
    for (ring, custody) in rings.iter().zip([Keeper::Sealed, Keeper::Pkcs11, Keeper::Sealed]) {
        house.settings.custody = custody;
        let replica = house.replica().await;
        replica.ensure(ring).await.unwrap();
        kids.push(signs(&replica, ring).await);
        for (known, kid) in rings.iter().zip(&kids) {
            assert_eq!(signs(&replica, known).await, *kid);
        }
    }
    let replica = house.replica().await;
    let inside = [&kids[0], &kids[1], &kids[2]].map(|kid| is_inside(&replica, kid));
    assert_eq!(futures::future::join_all(inside).await, [false, true, false]);
    // And a ring that has keys of both.
    house.settings.custody = Keeper::Pkcs11;
    let replica = house.replica().await;
    let rotated = replica.rotate(&rings[0]).await.unwrap();
    replica.keys.step().await;
    assert_eq!(signs(&replica, &rings[0]).await, rotated.successor.kid.as_str(), "it was announced, sealed");
    let next = replica.store().find(&rings[0]).await.unwrap().unwrap().next().unwrap().kid.clone();
    assert!(is_inside(&replica, next.as_str()).await);
}

#[tokio::test]
async fn a_key_that_has_ended_is_destroyed_inside() {
    let Some(hsm) = SoftHsm::of(concat!(module_path!(), "::a_key_that_has_ended_is_destroyed_inside")) else { return };
    let house = house(&hsm).await;
    let replica = house.replica().await;
    let (gone, stays) = (ring_of("gone", Algorithm::Es256), ring_of("stays", Algorithm::Es256));
    for ring in [&gone, &stays] {
        replica.ensure(ring).await.unwrap();
    }
    let revoked = signs(&replica, &stays).await;
    replica.remove(&gone).await.unwrap();
    assert_eq!(hsm.objects(), 8);
    replica.keys.step().await;
    assert_eq!(hsm.objects(), 4, "both keys of the ring");

    replica.keys.revoke(&stays, &revoked.parse().unwrap(), &by_operator()).await.unwrap();
    replica.keys.step().await;
    let alive = replica.store().find(&stays).await.unwrap().unwrap().served().count();
    assert_eq!(hsm.objects(), 2 * alive, "the revoked one");
    assert_ne!(signs(&replica, &stays).await, revoked);
    let noted = replica.store().kept_in_tokens().await.unwrap();
    assert_eq!(noted, [(SoftHsm::LABEL.to_owned(), alive as u64)]);
}

#[tokio::test]
async fn of_replicas_that_race_the_keys_of_those_that_lost_are_destroyed() {
    let name = concat!(module_path!(), "::of_replicas_that_race_the_keys_of_those_that_lost_are_destroyed");
    let Some(hsm) = SoftHsm::of(name) else { return };
    let house = house(&hsm).await;
    let (left, right) = (house.replica().await, house.replica().await);
    let ring = ring(Algorithm::Es256);
    // Neither has begun to keep its keys when the other looks.
    let (one, other) = tokio::join!(left.ensure(&ring), right.ensure(&ring));
    one.and(other).expect("one was first, and the other finds it");
    assert_eq!(hsm.objects(), 8, "four pairs for a ring of two");
    let kid = signs(&left, &ring).await;
    assert_eq!(signs(&right, &ring).await, kid);

    left.keys.step().await;
    assert_eq!(hsm.objects(), 8, "whoever made them may be about to keep them");
    house.wait(Duration::from_mins(10) + Duration::from_millis(1));
    let (one, other) = tokio::join!(left.keys.step(), right.keys.step());
    assert_eq!((one, other, hsm.objects()), ((), (), 4));
    assert_eq!(signs(&house.replica().await, &ring).await, kid);
}

#[tokio::test]
async fn a_key_that_the_token_does_not_hold_signs_nothing_and_stops_no_other() {
    let name = concat!(module_path!(), "::a_key_that_the_token_does_not_hold_signs_nothing_and_stops_no_other");
    let Some(hsm) = SoftHsm::of(name) else { return };
    let house = house(&hsm).await;
    let (lost, sealed) = (ring(Algorithm::Es256), ring(Algorithm::Hs256));
    let maker = house.replica().await;
    for ring in [&lost, &sealed] {
        maker.ensure(ring).await.unwrap();
    }
    let kid = maker.store().find(&lost).await.unwrap().unwrap().active().unwrap().kid.clone();
    let Some(Kept::InToken(name)) = maker.store().kept(&kid).await.unwrap() else { panic!("it is inside") };
    // Another key's place: it is of this token, and still is not the one that is asked for.
    let next = maker.store().find(&lost).await.unwrap().unwrap().next().unwrap().kid.clone();
    let Some(Kept::InToken(others)) = maker.store().kept(&next).await.unwrap() else { panic!("it is inside") };
    for (instead, place) in [(others, "another's"), ("0".repeat(32).parse().unwrap(), "nobody's")] {
        let damage = format!("UPDATE signing_keys SET token_object = '{instead}' WHERE kid = '{kid}'");
        execute(&maker, &damage).await;
        let replica = house.replica().await;
        let signed = replica.keys.sign(vec![Ok(order_of(&lost)), Ok(order_of(&sealed))]).await.unwrap();
        assert_eq!(signed[0], Err(SignRefusal::Unavailable), "{place}");
        assert!(signed[1].is_ok(), "{place}");
    }
    execute(&maker, &format!("UPDATE signing_keys SET token_object = '{name}' WHERE kid = '{kid}'")).await;
    assert_eq!(signs(&house.replica().await, &lost).await, kid.as_str());
}

#[tokio::test]
async fn a_row_that_is_moved_to_another_ring_signs_nothing_there() {
    let Some(hsm) = SoftHsm::of(concat!(module_path!(), "::a_row_that_is_moved_to_another_ring_signs_nothing_there"))
    else {
        return;
    };
    let house = house(&hsm).await;
    let maker = house.replica().await;
    let (owner, thief) = (ring(Algorithm::Es256), ring_of("thief", Algorithm::Es256));
    for ring in [&owner, &thief] {
        maker.ensure(ring).await.unwrap();
    }
    let stolen = maker.store().find(&owner).await.unwrap().unwrap().next().unwrap().kid.clone();
    let thiefs = "(SELECT id FROM key_rings WHERE tenant_id = 'thief')";
    execute(&maker, &format!("DELETE FROM signing_keys WHERE ring_id = {thiefs}")).await;
    let moved = format!("UPDATE signing_keys SET state = 'active', ring_id = {thiefs} WHERE kid = '{stolen}'");
    execute(&maker, &moved).await;
    let replica = house.replica().await;
    assert_eq!(replica.keys.sign(vec![Ok(order_of(&thief))]).await.unwrap(), [Err(SignRefusal::Unavailable)]);
}

pub(crate) async fn execute(replica: &Replica, statement: &str) {
    use sea_orm::ConnectionTrait;
    let done = replica.database.connection().execute_unprepared(statement).await.expect(statement);
    assert!(done.rows_affected() > 0, "{statement}");
}

#[tokio::test]
async fn without_its_token_or_pin_nothing_starts_and_nothing_changes() {
    let name = concat!(module_path!(), "::without_its_token_or_pin_nothing_starts_and_nothing_changes");
    let Some(hsm) = SoftHsm::of(name) else { return };
    let mut house = House::on_sqlite().await;
    let refused = async |house: &House| build(house.settings.clone(), house.doors().await).await.expect_err("refused");
    told(&mut house, &hsm, Keeper::Pkcs11);
    house.pin = Some(Pin::new("canary-wrong-pin"));
    let wrong = refused(&house).await;
    let says = format!("{wrong} {wrong:?}");
    assert!(matches!(wrong, BuildError::Token(_)) && says.contains("\"mintage test\" refuses the PIN"), "{says}");
    assert!(says.contains("nothing was changed") && !says.contains("canary"), "{says}");
    house.pin = None;
    assert!(matches!(refused(&house).await, BuildError::PinMissing));
    house.pin = Some(Pin::new(SoftHsm::PIN));
    house.settings.pkcs11.token = Some("elsewhere".to_owned());
    assert!(refused(&house).await.to_string().contains("no token \"elsewhere\"; it shows \"mintage test\""));
    assert_eq!(hsm.objects(), 0);

    told(&mut house, &hsm, Keeper::Pkcs11);
    let service = build(house.settings.clone(), house.doors().await).await.expect("the right PIN");
    for need in &service.needs {
        need.check().await.expect("it is ready");
    }
    service.tasks.drain().await;
    let kept = self::house(&hsm).await;
    let kept = House { test: house.test, ..kept };
    let replica = kept.replica().await;
    replica.ensure(&ring(Algorithm::Es256)).await.unwrap();
    let mut blind = House { token: None, pin: None, ..kept };
    blind.settings.custody = Keeper::Sealed;
    for label in [None, Some("elsewhere".to_owned())] {
        blind.settings.pkcs11.module = label.is_some().then(|| hsm.module());
        blind.settings.pkcs11.token = label;
        let missing = refused(&blind).await;
        assert!(matches!(missing, BuildError::TokenMissing { keys: 2, .. }), "{missing}");
        assert!(missing.to_string().contains("\"mintage test\""), "{missing}");
    }
    signs(&replica, &ring(Algorithm::Es256)).await;
}

#[tokio::test]
async fn b34_nothing_that_holds_a_pin_or_a_private_half_shows_it() {
    let Some(hsm) = SoftHsm::of(concat!(module_path!(), "::b34_nothing_that_holds_a_pin_or_a_private_half_shows_it"))
    else {
        return;
    };
    let house = house(&hsm).await;
    let replica = house.replica().await;
    replica.ensure(&ring(Algorithm::Es256)).await.unwrap();
    replica.ensure(&ring(Algorithm::Hs256)).await.unwrap();
    replica.sign(&ring(Algorithm::Es256)).await;
    let secrets = replica.keys.show_secrets(&ring(Algorithm::Hs256), &by_operator()).await.unwrap().unwrap();
    let shown = format!("{:?} {:?} {:?} {:?}", replica.keys, house.token, house.pin, house.doors().await);
    assert!(!shown.contains(SoftHsm::PIN), "{shown}");
    for (_, secret) in secrets {
        let in_list: Vec<_> = secret.iter().map(ToString::to_string).collect();
        assert!(!shown.contains(&in_list.join(", ")), "{shown}");
    }
    assert!(!shown.contains(&format!("{:?}", [7_u8; 32])), "the master key is not shown");
    let kept = [ring(Algorithm::Es256), ring(Algorithm::Hs256)].map(async |name| {
        let kid = replica.store().find(&name).await.unwrap().unwrap().active().unwrap().kid.clone();
        format!("{:?}", replica.store().kept(&kid).await.unwrap().unwrap())
    });
    let kept = futures::future::join_all(kept).await;
    assert!(kept[0].starts_with("InToken(") && kept[1] == format!("Sealed(under {})", master().id()), "{kept:?}");
}

#[tokio::test]
async fn more_signatures_than_may_wait_for_the_token_are_refused_and_the_others_made() {
    let name = concat!(module_path!(), "::more_signatures_than_may_wait_for_the_token_are_refused_and_the_others_made");
    let Some(hsm) = SoftHsm::of(name) else { return };
    let mut house = house(&hsm).await;
    house.settings.pkcs11.sessions = std::num::NonZeroUsize::MIN;
    house.settings.max_waiting_signatures = 2;
    let replica = house.replica().await;
    let inside = ring(Algorithm::Rs256);
    replica.ensure(&inside).await.unwrap();
    signs(&replica, &inside).await;
    let signed = replica.keys.sign((0..255).map(|_| Ok(order_of(&inside))).collect()).await.unwrap();
    assert!(signed[0].is_ok() && signed[1].is_ok());
    assert!(signed.iter().all(|one| one.is_ok() || *one == Err(SignRefusal::Overloaded)));
    assert!(signed.contains(&Err(SignRefusal::Overloaded)));
    signs(&replica, &inside).await;
}

//! One master key follows another: nothing is lost, nobody waits, and what cannot be opened is not started with.

use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::keys::{ListSigningKeysRequest, ResealPrivateKeysRequest, ResealPrivateKeysResponse};
use mintage_api::types::ErrorReason;
use mintage_chassis::Service;
use mintage_jose::seal::{MasterKey, MasterKeys, Sealed};
use mintage_jose::{Algorithm, Kid};
use mintage_key_management::domain::ports::{PrivateHalf, PrivateHalves, Resealing, Rings};
use mintage_key_management::domain::reseal::{Page, Resealed};
use mintage_key_management::{BuildError, build};
use mintage_testkit::on_each_backend;
use sea_orm::ConnectionTrait;
use tonic::{Code, Status};

use crate::grpc::{anyone, operator_token, operator_token_of, reason, with};
use crate::house::{House, Replica, by_operator, ring, verifies};

pub(crate) fn key(seed: u8) -> MasterKey {
    MasterKey::from_bytes(&[seed; 32])
}

/// `sealing` seals, `other` only opens.
pub(crate) fn keys(sealing: u8, other: u8) -> MasterKeys {
    MasterKeys::new(key(sealing), [key(other)])
}

pub(crate) const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Hs256];

/// Three rings, and so six private keys, under `OLD`; and a replica that seals under `NEW`.
pub(crate) async fn moving(house: &House) -> Replica {
    let before = house.replica_with(keys(OLD, NEW)).await;
    for algorithm in ALGORITHMS {
        before.ensure(&ring(algorithm)).await.expect("a ring");
    }
    house.replica_with(keys(NEW, OLD)).await
}

pub(crate) async fn page(replica: &Replica, after: Option<&str>, limit: u64) -> Resealed {
    replica.keys.reseal(Page { after, limit }, &by_operator()).await.expect("a page")
}

/// Page after page; how many were moved.
pub(crate) async fn reseal(replica: &Replica, limit: u64) -> u32 {
    let (mut moved, mut after) = (0, None);
    loop {
        let Resealed { moved: some, closed, next } = page(replica, after.as_deref(), limit).await;
        assert_eq!(closed, [""; 0], "every private key can be opened");
        moved += some;
        after = next;
        if after.is_none() {
            return moved;
        }
    }
}

pub(crate) async fn sealed_under(replica: &Replica) -> Vec<(String, u64)> {
    replica.store().sealed_under().await.expect("counts")
}

/// A replica with nothing in memory signs with every ring.
async fn assert_all_sign(house: &House, masters: MasterKeys) {
    let replica = house.replica_with(masters).await;
    for algorithm in ALGORITHMS {
        let (token, kid) = replica.sign(&ring(algorithm)).await;
        if let Some(served) = replica.keys.resolve(&kid.parse().unwrap()).await.unwrap() {
            assert!(verifies(&token, &served.jwk));
        }
    }
    let secrets = replica.keys.show_secrets(&ring(Algorithm::Hs256), &by_operator()).await.unwrap().expect("secrets");
    assert_eq!(secrets.len(), 2);
}

#[tokio::test]
async fn replicas_that_seal_under_either_master_key_open_what_the_other_sealed() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let (behind, ahead) = (house.replica_with(keys(OLD, NEW)).await, house.replica_with(keys(NEW, OLD)).await);
        for (maker, other, algorithm) in [(&behind, &ahead, Algorithm::Es256), (&ahead, &behind, Algorithm::EdDsa)] {
            maker.ensure(&ring(algorithm)).await.unwrap();
            assert_eq!(other.sign(&ring(algorithm)).await.1, maker.sign(&ring(algorithm)).await.1);
        }
        let mut expected = [(key(OLD).id().to_owned(), 2), (key(NEW).id().to_owned(), 2)];
        expected.sort();
        assert_eq!(sealed_under(&behind).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_reseal_moves_every_private_key_and_the_old_master_key_may_go() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = moving(&house).await;
        assert_eq!(reseal(&replica, 4).await, 6);
        assert_eq!(sealed_under(&replica).await, [(key(NEW).id().to_owned(), 6)]);
        assert_eq!(reseal(&replica, 4).await, 0, "there is nothing left to do");
        assert_all_sign(&house, key(NEW).into()).await;
        assert_all_sign(&house, keys(OLD, NEW)).await;
    })
    .await;
}

#[tokio::test]
async fn a_reseal_that_ended_in_the_middle_is_finished_by_another_replica() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let first = moving(&house).await;
        let Resealed { moved, next, .. } = page(&first, None, 2).await;
        assert!(moved == 2 && next.is_some());
        drop(first);
        assert_all_sign(&house, keys(OLD, NEW)).await;
        let second = house.replica_with(keys(NEW, OLD)).await;
        assert_eq!(reseal(&second, 2).await, 4);
        assert_all_sign(&house, key(NEW).into()).await;
    })
    .await;
}

#[tokio::test]
async fn two_reseals_at_once_move_each_private_key_once() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let left = moving(&house).await;
        let right = house.replica_with(keys(NEW, OLD)).await;
        let (one, other) = tokio::join!(reseal(&left, 1), reseal(&right, 4));
        assert_eq!(one + other, 6);
        assert_eq!(sealed_under(&left).await, [(key(NEW).id().to_owned(), 6)]);
        assert_all_sign(&house, key(NEW).into()).await;
    })
    .await;
}

#[tokio::test]
async fn a_reseal_among_rotations_and_removals_loses_nothing_and_brings_nothing_back() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = moving(&house).await;
        let other = house.replica_with(keys(OLD, NEW)).await;
        let (es256, eddsa) = (ring(Algorithm::Es256), ring(Algorithm::EdDsa));
        let (_, rotated, removed) = tokio::join!(reseal(&replica, 1), other.rotate(&es256), other.remove(&eddsa));
        let rotated = rotated.expect("a rotation");
        removed.expect("a removal");
        // The successor of the successor was made under the old key, before the reseal came by or after.
        reseal(&replica, 4).await;
        assert_eq!(sealed_under(&replica).await, [(key(NEW).id().to_owned(), 5)]);
        let after = house.replica_with(key(NEW).into()).await;
        assert_eq!(after.sign(&es256).await.1, rotated.successor.kid.as_str());
        after.sign(&ring(Algorithm::Hs256)).await;
        assert!(after.keys.ring(&eddsa).await.unwrap().is_none());
    })
    .await;
}

/// Keeps one seal in place of another; whether that was the one that was kept.
async fn replace(replica: &Replica, half: &PrivateHalf, anew: &Sealed) -> bool {
    let halves = vec![(half.clone(), anew.clone())];
    let resealing = Resealing { halves, cause: by_operator(), at: mintage_testkit::manual_clock().now() };
    replica.store().replace(&resealing).await.expect("the database answers") == 1
}

/// The private half of the active key of a ring.
async fn half(replica: &Replica, algorithm: Algorithm) -> PrivateHalf {
    let kid: Kid = replica.sign(&ring(algorithm)).await.1.parse().unwrap();
    let sealed = replica.store().sealed(&kid).await.unwrap().expect("it is kept");
    PrivateHalf { ring: ring(algorithm), kid, sealed }
}

#[tokio::test]
async fn a_private_half_is_replaced_only_while_it_is_what_was_read() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = moving(&house).await;
        let (kept, gone) = (half(&replica, Algorithm::Es256).await, half(&replica, Algorithm::EdDsa).await);
        let randomness = mintage_testkit::randomness();
        let [first, second] = [1, 2].map(|seed| key(seed).seal(b"anew", b"", &randomness).unwrap());
        assert!(replace(&replica, &kept, &first).await);
        assert!(!replace(&replica, &kept, &second).await);
        assert_eq!(replica.store().sealed(&kept.kid).await.unwrap(), Some(first));

        replica.remove(&gone.ring).await.unwrap();
        assert!(!replace(&replica, &gone, &second).await);
        assert_eq!(replica.store().sealed(&gone.kid).await.unwrap(), None, "what is destroyed stays destroyed");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_opened_is_named_and_stops_nothing() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = moving(&house).await;
        // The seal of another key, put in this one's place: it is of this database, and still does not open here.
        let (victim, donor) = (half(&replica, Algorithm::Es256).await, half(&replica, Algorithm::EdDsa).await);
        assert!(replace(&replica, &victim, &donor.sealed).await);
        let foreign = half(&replica, Algorithm::Hs256).await;
        let sealed = key(99).seal(b"x", b"", &mintage_testkit::randomness()).unwrap();
        assert!(replace(&replica, &foreign, &sealed).await);
        // And a ring that a later version wrote.
        let odd: Vec<_> = replica
            .store()
            .find(&donor.ring)
            .await
            .unwrap()
            .unwrap()
            .keys()
            .iter()
            .map(|key| key.kid.clone())
            .collect();
        let damage = "UPDATE key_rings SET algorithm = 'of tomorrow' WHERE algorithm = 'EdDSA'";
        replica.database.connection().execute_unprepared(damage).await.unwrap();

        let (mut moved, mut closed, mut after) = (0, Vec::new(), None);
        loop {
            let page = page(&replica, after.as_deref(), 1).await;
            moved += page.moved;
            closed.extend(page.closed);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut expected = vec![victim.kid.to_string(), foreign.kid.to_string()];
        expected.extend(odd.iter().map(ToString::to_string));
        expected.sort();
        closed.sort();
        assert_eq!((moved, closed), (2, expected));
        assert_eq!(replica.store().sealed(&victim.kid).await.unwrap(), Some(donor.sealed), "it is left as it was");
        assert_eq!(sealed_under(&replica).await.iter().map(|(_, keys)| keys).sum::<u64>(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_page_token_is_read_under_every_master_key_that_is_known() {
    let house = House::on_sqlite().await;
    let list = ["signing_keys", "default"];
    let made = house.replica_with(key(OLD).into()).await.keys.page_tokens().make(&list, "kid");
    let read = async |masters| house.replica_with(masters).await.keys.page_tokens().read(&list, &made);
    assert_eq!(read(keys(NEW, OLD)).await.as_deref(), Some("kid"));
    assert_eq!(read(key(NEW).into()).await, None);
}

/// A service that is built, or the refusal.
async fn started(house: &House, masters: MasterKeys) -> Result<Service, BuildError> {
    build(house.settings.clone(), house.doors_with(masters).await).await
}

#[tokio::test]
async fn without_a_master_key_that_is_needed_nothing_starts_and_nothing_changes() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = moving(&house).await;
        page(&replica, None, 2).await;
        let before = sealed_under(&replica).await;
        assert_eq!(before.len(), 2);
        for (masters, missing, count) in [
            (MasterKeys::from(key(NEW)), OLD, 4),
            (MasterKeys::from(key(OLD)), NEW, 2),
            (MasterKeys::new(key(98), [key(99), key(NEW)]), OLD, 4),
        ] {
            let given = masters.sealing().id().to_owned();
            let refused = started(&house, masters).await.expect_err("refused").to_string();
            let says =
                format!("the master key {}, which sealed private keys in the database ({count} of", key(missing).id());
            assert!(refused.contains(&says) && refused.contains(&given), "{refused}");
            assert!(refused.contains("nothing was changed"), "{refused}");
        }
        assert_eq!(sealed_under(&replica).await, before);
        for masters in [keys(OLD, NEW), keys(NEW, OLD)] {
            started(&house, masters).await.expect("both are known").tasks.drain().await;
        }
        reseal(&replica, 4).await;
        started(&house, key(NEW).into()).await.expect("nothing needs the old one").tasks.drain().await;
        started(&house, key(OLD).into()).await.expect_err("nothing is sealed under it any more");
        assert_all_sign(&house, key(NEW).into()).await;
    })
    .await;
}

async fn ask(service: &Service, token: &str, page_size: i32, page_token: &str) -> Result<Answered, Status> {
    let request = ResealPrivateKeysRequest { page_size, page_token: page_token.to_owned(), reason: String::new() };
    let mut rings = KeyRingServiceClient::new(anyone(service));
    Ok(rings.reseal_private_keys(with(request, token)).await?.into_inner())
}

type Answered = ResealPrivateKeysResponse;

#[tokio::test]
async fn an_operator_reseals_page_by_page_and_hears_how_things_stand() {
    let house = House::on_sqlite().await;
    moving(&house).await;
    let service = started(&house, keys(NEW, OLD)).await.expect("a service");
    let token = operator_token(&house, &service, "update:signing_keys").await;
    let Answered { master_key_id, resealed, next_page_token, sealed } =
        ask(&service, &token, 5, "").await.expect("a page");
    assert_eq!((&*master_key_id, resealed, sealed.len()), (key(NEW).id(), 5, 0));
    let last = ask(&service, &token, 5, &next_page_token).await.expect("the last page");
    assert_eq!((last.resealed, &*last.next_page_token), (1, ""));
    let sealed: Vec<_> = last.sealed.iter().map(|under| (&*under.master_key_id, under.keys)).collect();
    assert_eq!(sealed, [(key(NEW).id(), 6)]);

    for (page_size, page_token) in [(101, ""), (-1, ""), (1, "' OR 1=1 --"), (1, &next_page_token[1..])] {
        let refused = ask(&service, &token, page_size, page_token).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, ErrorReason::ParameterInvalid));
    }
    let lister = operator_token(&house, &service, "read:signing_keys").await;
    let request = ListSigningKeysRequest { page_token: next_page_token, ..Default::default() };
    let refused = KeyRingServiceClient::new(anyone(&service)).list_signing_keys(with(request, &lister)).await;
    assert_eq!(reason(&refused.unwrap_err()), (Code::InvalidArgument, ErrorReason::ParameterInvalid));
}

#[tokio::test]
async fn b32_only_an_operator_of_the_installation_with_the_scope_reseals() {
    let house = House::on_sqlite().await;
    moving(&house).await;
    let service = started(&house, keys(NEW, OLD)).await.expect("a service");
    let reader = operator_token(&house, &service, "read:signing_keys create:signing_keys").await;
    let refused = ask(&service, &reader, 0, "").await.unwrap_err();
    assert_eq!(reason(&refused), (Code::PermissionDenied, ErrorReason::InsufficientScope));
    let tenants = operator_token_of("acme", &house, &service, "update:signing_keys").await;
    let refused = ask(&service, &tenants, 0, "").await.unwrap_err();
    assert_eq!(reason(&refused), (Code::PermissionDenied, ErrorReason::MethodRefused));
    let under = house.replica_with(keys(NEW, OLD)).await;
    assert!(sealed_under(&under).await.contains(&(key(OLD).id().to_owned(), 6)), "nothing was moved");
}

pub(crate) const OLD: u8 = 7;
pub(crate) const NEW: u8 = 8;

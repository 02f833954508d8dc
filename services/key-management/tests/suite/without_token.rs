//! A token that fails, is away or lost takes nothing with it but its keys.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_jose::Algorithm;
use mintage_key_management::custody::Keeper;
use mintage_key_management::domain::ports::Rings;
use mintage_key_management::domain::{DeedKind, Ready};
use mintage_key_management::settings::Pkcs11Settings;
use mintage_key_management::signing::SignRefusal;
use mintage_key_management::{BuildError, build};
use mintage_testkit::SoftHsm;

use crate::house::{House, by_operator, order_of, ring};
use crate::tokens::{execute, house, is_inside, signs};

#[tokio::test]
async fn what_is_made_inside_in_vain_is_destroyed_at_once_and_not_made_again_and_again() {
    let name =
        concat!(module_path!(), "::what_is_made_inside_in_vain_is_destroyed_at_once_and_not_made_again_and_again");
    let Some(hsm) = SoftHsm::of(name) else { return };
    let house = house(&hsm).await;
    let replica = house.replica().await;
    let now = house.clock.now();
    // No certificate can tell that time: what was made fails after it was made.
    house.clock.correct(Timestamp::from_unix_seconds(400_000_000_000));
    let refused = replica.ensure(&ring(Algorithm::Es256)).await.unwrap_err();
    assert!(format!("{refused:?}").contains("Certificate"), "{refused:?}");
    for _ in 0..20 {
        let refused = replica.ensure(&ring(Algorithm::Es256)).await.unwrap_err();
        assert!(format!("{refused:?}").contains("JustFailed"), "the token is not asked: {refused:?}");
    }
    assert_eq!(hsm.objects(), 0);
    let notes = replica.store().doomed_objects(SoftHsm::LABEL, house.clock.now() + Duration::from_secs(1), "", 10);
    assert_eq!(notes.await.unwrap(), []);
    house.clock.correct(now);
    house.wait(Duration::from_secs(1));
    replica.ensure(&ring(Algorithm::Es256)).await.unwrap();
    assert_eq!(hsm.objects(), 4);
    signs(&replica, &ring(Algorithm::Es256)).await;
}

#[tokio::test]
async fn keys_that_cannot_be_destroyed_keep_no_other_from_being() {
    let Some(hsm) = SoftHsm::of(concat!(module_path!(), "::keys_that_cannot_be_destroyed_keep_no_other_from_being"))
    else {
        return;
    };
    let house = house(&hsm).await;
    let replica = house.replica().await;
    let gone = ring(Algorithm::Es256);
    replica.ensure(&gone).await.unwrap();
    // They come first, and are as many as are taken at a time.
    let rows: Vec<_> = (0..100).map(|row| format!("('{row:032}', '{}', 'no id', 0, TRUE)", SoftHsm::LABEL)).collect();
    let columns = "INSERT INTO token_objects (name, token, object_id, noted_at, doomed) VALUES";
    execute(&replica, &format!("{columns} {}", rows.join(", "))).await;
    replica.remove(&gone).await.unwrap();
    replica.keys.step().await;
    assert_eq!(hsm.objects(), 4);
    house.wait(Duration::from_mins(1));
    replica.keys.step().await;
    assert_eq!(hsm.objects(), 0);
}

#[tokio::test]
async fn a_revocation_is_done_without_the_token_when_that_makes_no_key() {
    let Some(hsm) =
        SoftHsm::of(concat!(module_path!(), "::a_revocation_is_done_without_the_token_when_that_makes_no_key"))
    else {
        return;
    };
    let house = house(&hsm).await;
    let replica = house.replica().await;
    let name = ring(Algorithm::Es256);
    replica.ensure(&name).await.unwrap();
    let kids = async || {
        let found = replica.store().find(&name).await.unwrap().unwrap();
        (found.active().unwrap().kid.clone(), found.next().map(|next| next.kid.clone()))
    };
    let (stolen, next) = kids().await;
    replica.keys.revoke(&name, &next.unwrap(), &by_operator()).await.unwrap();
    assert_eq!(kids().await, (stolen.clone(), None), "none is announced");
    hsm.away(true);
    let revoked = replica.keys.revoke(&name, &stolen, &by_operator()).await.expect("it is done");
    assert_ne!(revoked.active.kid, stolen);
    assert!(!is_inside(&replica, revoked.active.kid.as_str()).await, "it is sealed");
    assert_eq!(signs(&replica, &name).await, revoked.active.kid.as_str());
}

#[tokio::test]
async fn a_token_that_is_lost_is_given_up_only_by_its_name_and_its_rings_go_on_sealed() {
    let name =
        concat!(module_path!(), "::a_token_that_is_lost_is_given_up_only_by_its_name_and_its_rings_go_on_sealed");
    let Some(hsm) = SoftHsm::of(name) else { return };
    let house = house(&hsm).await;
    let name = ring(Algorithm::Es256);
    let before = house.replica().await;
    before.ensure(&name).await.unwrap();
    drop(before);
    let mut without = House { token: None, pin: None, ..house };
    without.settings.custody = Keeper::Sealed;
    let starts = async |house: &House| build(house.settings.clone(), house.doors().await).await.map(drop);
    let lost = |label: &str| Pkcs11Settings { lost: Some(label.to_owned()), ..Pkcs11Settings::default() };
    without.settings.pkcs11 = lost("another");
    assert!(matches!(starts(&without).await, Err(BuildError::TokenMissing { keys: 2, .. })));
    let told =
        Pkcs11Settings { module: Some(hsm.module()), token: Some(SoftHsm::LABEL.to_owned()), ..lost(SoftHsm::LABEL) };
    without.settings.pkcs11 = told;
    let both = starts(&without).await.unwrap_err();
    assert!(both.to_string().contains("pkcs11.lost must not be pkcs11.token"), "{both}");

    without.settings.pkcs11 = lost(SoftHsm::LABEL);
    starts(&without).await.expect("it starts without the token");
    let replica = without.replica().await;
    assert_eq!(replica.store().kept_in_tokens().await.unwrap(), []);
    let facts = replica.store().facts(name.tenant(), None, 100).await.unwrap();
    let given_up: Vec<_> = facts.iter().filter(|fact| fact.kind == Some(DeedKind::GivenUp)).collect();
    assert!(given_up.len() == 2 && given_up.iter().all(|fact| fact.by == "installation"), "each key: {facts:?}");
    assert!(given_up[0].reason.as_ref().is_some_and(|reason| reason.contains("pkcs11.lost")), "{facts:?}");
    starts(&without).await.expect("it starts again");
    assert_eq!(replica.store().facts(name.tenant(), None, 100).await.unwrap(), facts, "it is given up once");
    assert_eq!(replica.keys.sign(vec![Ok(order_of(&name))]).await.unwrap(), [Err(SignRefusal::Unavailable)]);
    for _ in 0..2 {
        replica.keys.rotate(&name, Ready::Waived, &by_operator()).await.unwrap();
    }
    let kid = signs(&replica, &name).await;
    assert!(!is_inside(&replica, &kid).await);
    without.settings.pkcs11 = Pkcs11Settings::default();
    starts(&without).await.expect("nothing is missed any more");
}

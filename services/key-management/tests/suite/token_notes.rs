//! Notes of what is made inside tokens, on every backend.

use std::time::Duration;

use mintage_jose::Algorithm;
use mintage_key_management::domain::minting::Minted;
use mintage_key_management::domain::ports::{Rings, Saved};
use mintage_key_management::domain::{Birth, Change, FreshKey, Kept, ObjectName, Ring};
use mintage_oauth::TokenLifetime;
use mintage_testkit::on_each_backend;

use crate::house::{House, by_operator, ring, ring_of};

/// A key that says of itself that it is inside a token.
fn noted(seed: u8, name: &ObjectName) -> Minted {
    let kid = format!("{seed:0>43}").parse().expect("a kid");
    Minted { key: FreshKey { kid, jwk: Some("{}".into()) }, kept: Kept::InToken(name.clone()) }
}

#[tokio::test]
async fn what_was_made_inside_is_given_up_only_when_no_key_can_come_of_it() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let (store, now) = (replica.store(), house.clock.now());
        let names: Vec<_> = (0..4).map(|_| ObjectName::draw(&mintage_clock::Randomness::system())).collect();
        for name in &names {
            store.note_object(name, "ab", "token", now).await.unwrap();
        }
        let keys = [noted(1, &names[0]), noted(2, &names[1])];
        let birth = |active: &Minted, next: &Minted| Birth {
            active: active.key.clone(),
            next: next.key.clone(),
            longest_token: TokenLifetime::default(),
            now,
        };
        let policy = house.settings.policy().unwrap();
        let keep = async |ring: Ring, before: Option<&Ring>, minted: &[Minted]| {
            let change = Change::between(before, ring, minted.to_vec(), by_operator(), now).expect("a change");
            store.save(&change).await.unwrap()
        };
        let born = Ring::born(ring(Algorithm::Es256), 0, birth(&keys[0], &keys[1]), &policy);
        assert_eq!(keep(born, None, &keys).await, Saved::Kept);

        let doomed = async |stale| {
            let doomed = store.doomed_objects("token", stale, "", 10).await.unwrap();
            doomed.into_iter().map(|object| object.name).collect::<Vec<_>>()
        };
        assert_eq!(doomed(now).await, [""; 0], "they were noted just now");
        assert_eq!(store.doomed_objects("another", now + Duration::from_secs(1), "", 10).await.unwrap(), []);
        let mut late = [names[2].to_string(), names[3].to_string()];
        late.sort();
        assert_eq!(doomed(now + Duration::from_millis(1)).await, late);
        let too_late = [noted(3, &names[2]), noted(4, &names[3])];
        let other = Ring::born(ring_of("late", Algorithm::Es256), 0, birth(&too_late[0], &too_late[1]), &policy);
        assert_eq!(keep(other, None, &too_late).await, Saved::Overtaken, "what is given up becomes no key");
        assert!(store.find(&ring_of("late", Algorithm::Es256)).await.unwrap().is_none());

        let found = store.find(&ring(Algorithm::Es256)).await.unwrap().unwrap();
        assert_eq!(keep(found.clone().end(now), Some(&found), &[]).await, Saved::Kept);
        assert_eq!(store.kept(&keys[0].key.kid).await.unwrap(), None, "its row has lost it");
        let all = store.doomed_objects("token", now, "", 10).await.unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(store.doomed_objects("token", now, &all[0].name, 2).await.unwrap(), all[1..3]);
        for object in &all {
            store.forget_object(object).await.unwrap();
        }
        assert_eq!(doomed(now + Duration::from_secs(1)).await, [""; 0]);
    })
    .await;
}

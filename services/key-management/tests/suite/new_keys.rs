//! Keys as they are made: how long they are, and what stands beside their public halves.

use std::collections::HashSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_jose::mac::{HmacKey, hmac_sha256};
use mintage_jose::{Algorithm, Jwk};
use mintage_key_management::domain::RingName;
use mintage_testkit::on_each_backend;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::house::{House, Replica, by_operator, ring, verifies};

#[tokio::test]
async fn every_key_that_is_served_has_a_certificate_of_its_own() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        for algorithm in [Algorithm::Ps384, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
            replica.ensure(&ring(algorithm)).await.unwrap();
        }
        let served = jwks(&replica).await;
        assert_eq!(served.len(), 8);
        let mut thumbprints: Vec<_> =
            served.iter().map(|jwk| jwk["x5t#S256"].as_str().expect("one").to_owned()).collect();
        thumbprints.sort();
        thumbprints.dedup();
        assert_eq!(thumbprints.len(), 8, "no two have the same");
        for jwk in served {
            assert_eq!(jwk["x5c"].as_array().map(Vec::len), Some(1), "{jwk}");
            let read: Jwk = jwk.to_string().parse().expect("the certificate holds the key");
            assert_eq!(serde_json::to_value(read).unwrap(), jwk);
        }
    })
    .await;
}

#[tokio::test]
async fn new_rsa_keys_are_as_long_as_the_setting_says_and_old_ones_sign_on() {
    let mut house = House::on_sqlite().await;
    house.replica().await.ensure(&ring(Algorithm::Rs256)).await.unwrap();
    house.settings.rsa_bits = 3072;
    let replica = house.replica().await;
    replica.ensure(&ring(Algorithm::Rs512)).await.unwrap();
    let mut lengths = Vec::new();
    for jwk in jwks(&replica).await {
        let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().expect("a modulus")).expect("base64url");
        lengths.push((jwk["alg"].as_str().expect("an algorithm").to_owned(), 8 * modulus.len()));
    }
    lengths.sort();
    let of = |algorithm: &str, bits| (algorithm.to_owned(), bits);
    assert_eq!(lengths, [of("RS256", 2048), of("RS256", 2048), of("RS512", 3072), of("RS512", 3072)]);
    for algorithm in [Algorithm::Rs256, Algorithm::Rs512] {
        let (token, kid) = replica.sign(&ring(algorithm)).await;
        let jwk = jwks(&replica).await.into_iter().find(|jwk| jwk["kid"] == kid.as_str()).expect("its key");
        assert!(verifies(&token, &jwk.to_string()), "{algorithm}");
    }
}

/// RFC 7518 section 3.2 wants at least as many bits as the hash has.
#[tokio::test]
async fn j3_a_secret_is_drawn_and_has_256_bits() {
    let house = House::on_sqlite().await;
    let replica = house.replica().await;
    let name = ring(Algorithm::Hs256);
    let other = RingName::new(name.tenant().clone(), Algorithm::Hs256, Some("api_2".parse().unwrap())).unwrap();
    let mut all = Vec::new();
    for ring in [&name, &other] {
        replica.ensure(ring).await.unwrap();
        all.extend(secrets(&replica, ring).await);
    }
    assert_eq!(all.len(), 4, "an active and an announced one each");
    assert!(all.iter().all(|(_, secret)| secret.len() == 32));
    let kids: HashSet<_> = all.iter().map(|(kid, _)| kid).collect();
    let drawn: HashSet<_> = all.iter().map(|(_, secret)| secret.to_vec()).collect();
    assert_eq!((kids.len(), drawn.len()), (4, 4));
}

#[tokio::test]
async fn while_a_secret_takes_the_place_of_another_both_verify_and_neither_is_published() {
    on_each_backend(async |test| {
        let house = House::on(test).await;
        let replica = house.replica().await;
        let name = ring(Algorithm::Hs256);
        replica.ensure(&name).await.unwrap();
        let known_before = secrets(&replica, &name).await;
        let (old, old_kid) = replica.sign(&name).await;
        house.wait(Duration::from_secs(61));
        replica.rotate(&name).await.unwrap();
        let (new, new_kid) = replica.sign(&name).await;
        assert_ne!(old_kid, new_kid);

        let known_after = secrets(&replica, &name).await;
        for (token, kid) in [(&old, &old_kid), (&new, &new_kid)] {
            for (when, known) in [("before", &known_before), ("after", &known_after)] {
                let (_, secret) =
                    known.iter().find(|(known, _)| known == kid).unwrap_or_else(|| panic!("{kid} {when}"));
                assert!(is_signed_with(token, secret), "{kid} {when}");
            }
        }
        assert!(replica.keys.key_set(name.tenant()).await.unwrap().is_none(), "no key set has them");
    })
    .await;
}

async fn secrets(replica: &Replica, ring: &RingName) -> Vec<(String, Zeroizing<Vec<u8>>)> {
    let shared = replica.keys.show_secrets(ring, &by_operator()).await.expect("an answer").expect("secrets");
    shared.into_iter().map(|(key, secret)| (key.kid.to_string(), secret)).collect()
}

async fn jwks(replica: &Replica) -> Vec<Value> {
    let set = replica.keys.key_set(&"default".parse().unwrap()).await.expect("an answer").expect("a key set");
    set.keys.iter().map(|key| serde_json::from_str(&key.jwk).expect("a JWK")).collect()
}

fn is_signed_with(token: &str, secret: &[u8]) -> bool {
    let (input, signature) = token.rsplit_once('.').expect("a JWS");
    let expected = hmac_sha256(&HmacKey::new(secret), input.as_bytes());
    URL_SAFE_NO_PAD.decode(signature).expect("base64url") == expected
}

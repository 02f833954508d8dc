//! Each public key may have a certificate, which says nothing but the key.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mintage_clock::{Randomness, Timestamp};
use mintage_jose::{Algorithm, CertificateError, Jwk, JwkError, PrivateKey, UnsignedCertificate};
use rustls_pki_types::CertificateDer;
use serde_json::{Value, json};
use webpki::EndEntityCert;

use crate::support::{NOW, decoded, encoded, key, public_algorithms};

#[test]
fn every_public_key_has_a_certificate_of_its_own_making() {
    for algorithm in public_algorithms() {
        let (key, jwk) = (key(algorithm), certified(algorithm));
        let text = jwk.to_string();
        assert_eq!(text.parse(), Ok(jwk.clone()), "{algorithm}");
        assert_eq!((jwk.kid(), jwk.algorithm()), (key.kid(), algorithm));
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json, serde_json::to_value(&jwk).unwrap());
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names[names.len() - 2..], ["x5c", "x5t#S256"]);
        assert_eq!(json["x5c"].as_array().unwrap().len(), 1);
        assert_eq!(decoded(json["x5t#S256"].as_str().unwrap()).len(), 32);
    }
    assert_eq!(key(Algorithm::Hs256).certified_jwk(now(), &Randomness::seeded(1)), Ok(None));
}

#[test]
fn another_library_reads_the_certificate() {
    for algorithm in public_algorithms() {
        let bytes = CertificateDer::from(certificate(&certified(algorithm)));
        let read = EndEntityCert::try_from(&bytes).unwrap();
        assert_eq!(read.issuer(), read.subject());
        let kid = key(algorithm).kid().to_string();
        assert!(read.subject().windows(kid.len()).any(|window| window == kid.as_bytes()), "{algorithm}");
    }
}

#[test]
fn serial_numbers_are_positive_drawn_and_short() {
    let mut seen = Vec::new();
    for seed in 0..64 {
        let jwk = key(Algorithm::EdDsa).certified_jwk(now(), &Randomness::seeded(seed)).unwrap().unwrap();
        let bytes = CertificateDer::from(certificate(&jwk));
        let serial = EndEntityCert::try_from(&bytes).unwrap().serial().to_vec();
        assert!(serial.len() <= 20 && serial[0] & 0x80 == 0 && serial[0] != 0, "{serial:02x?} (RFC 5280 4.1.2.2)");
        assert!(!seen.contains(&serial));
        seen.push(serial);
    }
}

/// A JWS signs letters, digits and dots.
#[test]
fn j12_what_is_signed_for_a_certificate_is_no_part_of_a_token() {
    for algorithm in public_algorithms() {
        let unsigned = unsigned(&key(algorithm));
        let in_a_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        assert!(!unsigned.to_be_signed().iter().take(2).all(in_a_token), "{algorithm}");
        let expected = match algorithm {
            Algorithm::Ps256 => Algorithm::Rs256,
            Algorithm::Ps384 => Algorithm::Rs384,
            Algorithm::Ps512 => Algorithm::Rs512,
            own => own,
        };
        assert_eq!(unsigned.algorithm(), expected);
    }
}

#[test]
fn a_signature_of_another_key_makes_no_certificate() {
    for algorithm in public_algorithms() {
        let length = match algorithm {
            Algorithm::Es384 => 96,
            algorithm if algorithm.is_rsa() => 256,
            _ => 64,
        };
        for signature in [vec![], vec![1; length], vec![0; length], vec![1; 7]] {
            let refused = unsigned(&key(algorithm)).signed(&signature);
            assert_eq!(refused, Err(CertificateError::Signature), "{algorithm}");
        }
    }
}

#[test]
fn j5_a_key_with_the_certificate_of_another_is_refused() {
    for (algorithm, other) in [
        (Algorithm::Es256, Algorithm::EdDsa),
        (Algorithm::Es256, Algorithm::Es384),
        (Algorithm::Es384, Algorithm::Es256),
        (Algorithm::EdDsa, Algorithm::Rs256),
        (Algorithm::Rs256, Algorithm::Es256),
    ] {
        let (own, foreign) = (json_of(&certified(algorithm)), json_of(&certified(other)));
        let swapped = with(&own, "x5c", foreign["x5c"].clone());
        assert_eq!(swapped.parse::<Jwk>(), Err(JwkError::Member("x5c")), "{algorithm} with that of {other}");
        let swapped = with(&own, "x5t#S256", foreign["x5t#S256"].clone());
        assert_eq!(swapped.parse::<Jwk>(), Err(JwkError::Member("x5t#S256")));
    }
    let twin = PrivateKey::generate(Algorithm::Es256, &Randomness::seeded(43)).unwrap();
    let twin = json_of(&twin.certified_jwk(now(), &Randomness::seeded(1)).unwrap().unwrap());
    let swapped = with(&json_of(&certified(Algorithm::Es256)), "x5c", twin["x5c"].clone());
    assert_eq!(swapped.parse::<Jwk>(), Err(JwkError::Member("x5c")), "another key of the same kind");
}

#[test]
fn what_is_no_certificate_is_refused() {
    let own = json_of(&certified(Algorithm::Es256));
    let good = certificate(&certified(Algorithm::Es256));
    let text = own["x5c"][0].as_str().unwrap();
    let (short, long) = (STANDARD.encode(&good[..good.len() - 1]), STANDARD.encode([good.as_slice(), &[0]].concat()));
    for bad in [
        json!(null),
        json!(text),
        json!([]),
        json!([null]),
        json!([""]),
        json!(["MIIB"]),
        json!([short]),
        json!([long]),
        json!([encoded(&good)]),
        json!(["A".repeat(8 * 1024 + 4)]),
        json!([format!("{text}\n")]),
        json!([format!("{}\n{}", &text[..64], &text[64..])]),
    ] {
        assert_eq!(with(&own, "x5c", bad.clone()).parse::<Jwk>(), Err(JwkError::Member("x5c")), "{bad}");
    }
    for bad in [json!(null), json!(1), json!(""), json!([own["x5t#S256"]])] {
        assert_eq!(with(&own, "x5t#S256", bad.clone()).parse::<Jwk>(), Err(JwkError::Member("x5t#S256")), "{bad}");
    }
}

#[test]
fn a_key_may_have_none_and_a_chain_is_cut_to_the_first() {
    let jwk = certified(Algorithm::Es384);
    let (own, bare) = (json_of(&jwk), key(Algorithm::Es384).public_jwk().unwrap());
    let thumbprint_alone = without(&own, "x5c");
    assert_eq!(thumbprint_alone.parse(), Ok(bare.clone()), "a thumbprint of nothing is nothing");
    assert_eq!(without(&own, "x5t#S256").parse(), Ok(jwk.clone()), "it is told again");
    assert_eq!(with(&own, "x5c", json!([own["x5c"][0], "of whoever vouches"])).parse(), Ok(jwk.clone()));
    assert_ne!(jwk, bare);
}

#[test]
fn no_changed_certificate_panics_its_reader() {
    let own = json_of(&certified(Algorithm::Es256));
    let good = certificate(&certified(Algorithm::Es256));
    for position in 0..good.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = good.clone();
            changed[position] ^= change;
            let text = with(&own, "x5c", json!([STANDARD.encode(&changed)]));
            // The thumbprint is of the certificate as it was.
            assert!(text.parse::<Jwk>().is_err(), "{position}");
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(NOW)
}

fn certified(algorithm: Algorithm) -> Jwk {
    key(algorithm).certified_jwk(now(), &Randomness::seeded(9)).unwrap().unwrap()
}

fn unsigned(key: &PrivateKey) -> UnsignedCertificate {
    UnsignedCertificate::new(key.public_jwk().unwrap(), now(), &Randomness::seeded(9)).unwrap()
}

fn certificate(jwk: &Jwk) -> Vec<u8> {
    STANDARD.decode(json_of(jwk)["x5c"][0].as_str().unwrap()).unwrap()
}

fn json_of(jwk: &Jwk) -> Value {
    serde_json::to_value(jwk).unwrap()
}

fn with(jwk: &Value, name: &str, value: Value) -> String {
    let mut jwk = jwk.clone();
    jwk[name] = value;
    jwk.to_string()
}

fn without(jwk: &Value, name: &str) -> String {
    let mut jwk = jwk.clone();
    jwk.as_object_mut().unwrap().shift_remove(name);
    jwk.to_string()
}

//! Keys are strong, and never come out of a token (J3, J5).

use mintage_clock::Randomness;
use mintage_jose::jwt::{self, JwtError};
use mintage_jose::{Algorithm, Jwk, JwkError, PrivateKey, VerifyingKey};
use serde_json::{Value, json};

use crate::support::{encoded, expectations, forged, good_claims, key, token, with_header};

#[test]
fn j3_a_weak_rsa_key_is_refused() {
    let rsa = |modulus: &[u8], exponent: &[u8]| {
        let jwk = json!({"kty": "RSA", "alg": "RS256", "n": encoded(modulus), "e": encoded(exponent)});
        jwk.to_string().parse::<Jwk>().map(drop)
    };
    let modulus = [0xff; 256];
    let with_first = |first: u8| [&[first], &modulus[1..]].concat();
    let standard = [1, 0, 1];
    assert_eq!(rsa(&modulus, &standard), Ok(()));
    assert_eq!(rsa(&with_first(0x80), &standard), Ok(()), "2048 bits exactly");
    let weak: [(&str, &[u8], &[u8]); 10] = [
        ("1024 bits", &modulus[..128], &standard),
        ("2047 bits", &with_first(0x7f), &standard),
        ("too long to verify quickly", &[0xff; 513], &standard),
        ("an even modulus", &[&modulus[1..], &[0xfe]].concat(), &standard),
        ("e = 1", &modulus, &[1]),
        ("e = 3", &modulus, &[3]),
        ("e = 65535", &modulus, &[0xff, 0xff]),
        ("e = 65536", &modulus, &[1, 0, 0]),
        ("e = 65538", &modulus, &[1, 0, 2]),
        ("an exponent too long to verify quickly", &modulus, &[1, 0, 0, 0, 1]),
    ];
    for (why, modulus, exponent) in weak {
        assert_eq!(rsa(modulus, exponent), Err(JwkError::Weak), "{why}");
    }
    for (modulus, exponent) in
        [(with_first(0).as_slice(), standard.as_slice()), (&modulus, &[0, 1, 0, 1]), (&modulus, &[])]
    {
        assert_eq!(rsa(modulus, exponent), Err(JwkError::Member("n and e")));
    }
}

#[test]
fn j3_a_point_off_the_curve_is_refused() {
    for (algorithm, length) in [(Algorithm::Es256, 32), (Algorithm::Es384, 48)] {
        let good = serde_json::to_value(key(algorithm).public_jwk().unwrap()).unwrap();
        let point = |x: &Value, y: &Value| {
            json!({"kty": "EC", "crv": good["crv"], "x": x, "y": y}).to_string().parse::<Jwk>().map(drop)
        };
        let (x, y) = (&good["x"], &good["y"]);
        assert_eq!(point(x, y), Ok(()));
        let (zero, all) = (json!(encoded(vec![0; length])), json!(encoded(vec![0xff; length])));
        for (x, y) in [(y, x), (x, &zero), (&zero, &zero), (&all, &all), (x, &all)] {
            assert_eq!(point(x, y), Err(JwkError::Weak), "{algorithm}");
        }
    }
}

#[test]
fn j3_a_small_order_or_misspelled_ed25519_key_is_refused() {
    let ed25519 =
        |x: [u8; 32]| json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(x)}).to_string().parse::<Jwk>().map(drop);
    let little = |first: u8, rest: u8, last: u8| {
        let mut point = [rest; 32];
        (point[0], point[31]) = (first, last);
        point
    };
    let order_eight = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ];
    let small = [
        little(1, 0, 0),          // the identity
        little(0, 0, 0),          // order 4
        little(0, 0, 0x80),       // order 4
        little(0xec, 0xff, 0x7f), // order 2
        little(0xed, 0xff, 0x7f), // 0, written as p
        little(0xee, 0xff, 0x7f), // 1, written as p + 1
        order_eight,
        little(2, 0, 0), // no point at all
    ];
    for point in small {
        assert_eq!(ed25519(point), Err(JwkError::Weak), "{point:02x?}");
    }
}

#[test]
fn j5_a_token_brings_no_key_of_its_own() {
    let attacker = key(Algorithm::Hs256);
    let owner = VerifyingKey::of(&key(Algorithm::Es256)).unwrap();
    let embedded = json!({"kty": "oct", "k": encoded(attacker.to_bytes())});
    for (name, value) in [
        ("jwk", embedded),
        ("jku", json!("https://attacker/jwks.json")),
        ("x5u", json!("https://attacker/chain.pem")),
        ("x5c", json!(["MIIB"])),
    ] {
        let header = json!({"alg": "HS256", "typ": "at+jwt", name: value}).to_string();
        let token = forged(&attacker, &header, &good_claims().to_string());
        assert_eq!(jwt::decode_header(&token), Err(JwtError::Header(name)));
        assert_eq!(jwt::verify(&token, &owner, &expectations()), Err(JwtError::Header(name)));
    }
}

#[test]
fn j5_another_key_of_the_same_kind_does_not_verify() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa, Algorithm::Hs256] {
        let attacker = PrivateKey::generate(algorithm, &Randomness::seeded(666)).unwrap();
        let owner = VerifyingKey::of(&key(algorithm)).unwrap();
        let token = token(&attacker, &good_claims());
        assert_eq!(jwt::verify(&token, &owner, &expectations()), Err(JwtError::Key), "its own kid");
        let token = with_header(&token, "kid", owner.kid().as_str());
        assert_eq!(jwt::verify(&token, &owner, &expectations()), Err(JwtError::Signature), "the owner's kid");
    }
}

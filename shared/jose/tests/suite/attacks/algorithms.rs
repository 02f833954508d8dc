//! A token does not choose how it is checked (J1).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA3_384_FIXED_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaEncoding, RsaKeyPair,
};
use mintage_jose::jwt::{self, JwtError};
use mintage_jose::mac::{HmacKey, hmac_sha256};
use mintage_jose::{Algorithm, Jwk, JwkError, PrivateKey, VerifyingKey};
use serde_json::json;

use crate::support::{encoded, expectations, good_claims, key, token, verdict, with_header};

#[test]
fn j1_no_algorithm_is_none_however_it_is_spelled() {
    let verifier = VerifyingKey::of(&key(Algorithm::Es256)).unwrap();
    for name in ["none", "None", "nOnE", "NONE", "", "es256", "ES256 ", "ES512", "HS384", "HS512", "RSA1_5"] {
        let header = json!({"alg": name, "typ": "at+jwt"}).to_string();
        for signature in ["", "AAAA"] {
            let token = format!("{}.{}.{signature}", encoded(&header), encoded(good_claims().to_string()));
            assert_eq!(jwt::verify(&token, &verifier, &expectations()), Err(JwtError::Algorithm), "{name}");
        }
    }
    assert_eq!(verdict(r#"{"typ":"at+jwt"}"#, "{}"), Err(JwtError::Algorithm));
    assert_eq!(verdict(r#"{"alg":["HS256"],"typ":"at+jwt"}"#, "{}"), Err(JwtError::Header("alg")));
}

#[test]
fn j1_a_public_key_is_no_hmac_secret() {
    let rsa = key(Algorithm::Rs256).public_jwk().unwrap();
    let verifier = VerifyingKey::new(&rsa).unwrap();
    let members = serde_json::to_value(&rsa).unwrap();
    for secret in [rsa.to_string(), members["n"].as_str().unwrap().to_owned()] {
        let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": rsa.kid().as_str()}).to_string();
        let input = format!("{}.{}", encoded(header), encoded(good_claims().to_string()));
        let signature = hmac_sha256(&HmacKey::new(secret.as_bytes()), input.as_bytes());
        let token = format!("{input}.{}", encoded(signature));
        assert_eq!(jwt::verify(&token, &verifier, &expectations()), Err(JwtError::Key));
    }
}

#[test]
fn j1_the_key_decides_the_algorithm() {
    let keys = Algorithm::ALL.map(key);
    for signer in &keys {
        for verifier in keys.iter().filter(|verifier| verifier.algorithm() != signer.algorithm()) {
            let outcome =
                jwt::verify(&token(signer, &good_claims()), &VerifyingKey::of(verifier).unwrap(), &expectations());
            assert_eq!(outcome, Err(JwtError::Key), "{signer:?} for {verifier:?}");
        }
    }
}

/// Each of the six signs with the very same key here, and none of the others believes it, relabelled or not.
#[test]
fn j1_the_same_rsa_key_published_for_another_padding_or_hash_does_not_verify() {
    let keys: Vec<_> = Algorithm::ALL.into_iter().filter(|algorithm| algorithm.is_rsa()).map(key).collect();
    assert_eq!(keys.len(), 6);
    for signer in &keys {
        let token = token(signer, &good_claims());
        for verifier in keys.iter().filter(|verifier| verifier.algorithm() != signer.algorithm()) {
            assert_eq!(signer.kid(), verifier.kid());
            let (algorithm, verifier) = (verifier.algorithm(), VerifyingKey::of(verifier).unwrap());
            assert_eq!(jwt::verify(&token, &verifier, &expectations()), Err(JwtError::Key));
            let relabelled = with_header(&token, "alg", algorithm.as_str());
            assert_eq!(jwt::verify(&relabelled, &verifier, &expectations()), Err(JwtError::Signature), "{algorithm}");
            // Even a signature over the relabelled header: the hash and the padding are the verifier's.
            let (input, _) = relabelled.rsplit_once('.').unwrap();
            let signature = raw_signature(signer, input);
            assert!(verifier.verify(input.as_bytes(), &signature).is_err(), "{signer:?} for {algorithm}");
        }
    }
}

/// What the key signs when an attacker can have any text signed: the payload of a token, here all of one.
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
fn raw_signature(key: &PrivateKey, input: &str) -> Vec<u8> {
    let pair = RsaKeyPair::from_pkcs8(&key.to_bytes()).unwrap();
    let encoding: &'static dyn RsaEncoding = match key.algorithm() {
        Algorithm::Rs256 => &RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &RSA_PSS_SHA256,
        Algorithm::Ps384 => &RSA_PSS_SHA384,
        Algorithm::Ps512 => &RSA_PSS_SHA512,
        other => panic!("{other} is no RSA"),
    };
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), input.as_bytes(), &mut signature).unwrap();
    signature
}

#[test]
fn j1_a_curve_is_for_one_algorithm() {
    for (algorithm, other) in [(Algorithm::Es256, Algorithm::Es384), (Algorithm::Es384, Algorithm::Es256)] {
        let (signer, verifier) = (key(algorithm), VerifyingKey::of(&key(other)).unwrap());
        let relabelled = with_header(&token(&signer, &good_claims()), "alg", other.as_str());
        let relabelled = with_header(&relabelled, "kid", verifier.kid().as_str());
        assert_eq!(jwt::verify(&relabelled, &verifier, &expectations()), Err(JwtError::Signature));

        let mut jwk = serde_json::to_value(signer.public_jwk()).unwrap();
        jwk["alg"] = json!(other.as_str());
        assert_eq!(jwk.to_string().parse::<Jwk>(), Err(JwkError::Member("alg")), "{jwk}");
        jwk["crv"] = serde_json::to_value(key(other).public_jwk()).unwrap()["crv"].clone();
        assert_eq!(jwk.to_string().parse::<Jwk>(), Err(JwkError::Member("x")), "{jwk}");
    }
}

/// ECDSA with the right curve and the wrong hash is none of JWA's algorithms.
#[test]
fn j1_a_curve_is_for_one_hash() {
    let input = format!("{}.{}", encoded(r#"{"alg":"ES384","typ":"at+jwt"}"#), encoded(good_claims().to_string()));
    let key = key(Algorithm::Es384);
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA3_384_FIXED_SIGNING, &key.to_bytes()).unwrap();
    let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    let token = format!("{input}.{}", encoded(signature));
    let verifier = VerifyingKey::of(&key).unwrap();
    assert_eq!(jwt::verify(&token, &verifier, &expectations()), Err(JwtError::Signature));
}

/// DER, as X.509 and TLS write ECDSA signatures, is not how a JWS does (RFC 7518 section 3.4).
#[test]
fn j2_a_signature_in_der_is_refused() {
    let input = format!("{}.{}", encoded(r#"{"alg":"ES384","typ":"at+jwt"}"#), encoded(good_claims().to_string()));
    let key = key(Algorithm::Es384);
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, &key.to_bytes()).unwrap();
    let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    let verifier = VerifyingKey::of(&key).unwrap();
    let token = format!("{input}.{}", encoded(signature));
    assert_eq!(jwt::verify(&token, &verifier, &expectations()), Err(JwtError::Signature));
}

#[test]
fn j1_es256_is_p_256_alone() {
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let input = format!("{}.{}", encoded(r#"{"alg":"ES256","typ":"at+jwt"}"#), encoded(good_claims().to_string()));
    let signature = p384.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
    let token = format!("{input}.{}", encoded(signature));
    let verifier = VerifyingKey::of(&key(Algorithm::Es256)).unwrap();
    assert_eq!(jwt::verify(&token, &verifier, &expectations()), Err(JwtError::Signature));

    let (x, y) = p384.public_key().as_ref()[1..].split_at(48);
    let mut jwk = json!({"kty": "EC", "crv": "P-384", "alg": "ES256", "x": encoded(x), "y": encoded(y)});
    assert_eq!(jwk.to_string().parse::<Jwk>(), Err(JwkError::Member("alg")));
    jwk["crv"] = json!("P-256");
    assert_eq!(jwk.to_string().parse::<Jwk>(), Err(JwkError::Member("x")));
}

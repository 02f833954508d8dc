//! A token does not choose how it is checked (J1).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use mintage_jose::jwt::{self, JwtError};
use mintage_jose::mac::{HmacKey, hmac_sha256};
use mintage_jose::{Algorithm, Jwk, JwkError, PrivateKey, VerifyingKey};
use serde_json::json;

use crate::support::{encoded, expectations, good_claims, key, token, verdict, with_header};

#[test]
fn j1_no_algorithm_is_none_however_it_is_spelled() {
    let verifier = VerifyingKey::of(&key(Algorithm::Es256)).unwrap();
    for name in ["none", "None", "nOnE", "NONE", "", "es256", "ES256 ", "ES384", "HS512", "RSA1_5"] {
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
    // The same RSA key, published for the other padding.
    let (pkcs1, pss) = (&keys[0], PrivateKey::from_bytes(Algorithm::Ps256, keys[0].kid().clone(), &keys[0].to_bytes()));
    let pss = VerifyingKey::of(&pss.unwrap()).unwrap();
    let relabelled = with_header(&token(pkcs1, &good_claims()), "alg", "PS256");
    assert_eq!(jwt::verify(&relabelled, &pss, &expectations()), Err(JwtError::Signature));
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
    assert_eq!(jwk.to_string().parse::<Jwk>(), Err(JwkError::Unsupported));
    jwk["crv"] = json!("P-256");
    assert_eq!(jwk.to_string().parse::<Jwk>(), Err(JwkError::Member("x")));
}

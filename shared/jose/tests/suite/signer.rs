//! What a signer makes, every verifier accepts.

use mintage_clock::Randomness;
use mintage_jose::{Algorithm, Jwk, PrivateKey, SignError, Signer, VerifyingKey};

#[test]
fn every_algorithm_signs_what_its_stored_and_published_key_verifies() {
    let randomness = Randomness::seeded(1);
    for algorithm in Algorithm::ALL {
        let made = PrivateKey::generate(algorithm, &randomness).unwrap();
        let stored = PrivateKey::from_bytes(algorithm, made.kid().clone(), &made.to_bytes()).unwrap();
        let verifier = match stored.public_jwk() {
            Some(jwk) => VerifyingKey::new(&jwk.to_string().parse::<Jwk>().unwrap()).unwrap(),
            None => VerifyingKey::of(&stored).unwrap(),
        };
        for typ in ["JWT", "at+jwt", "secevent+jwt"] {
            let jws = Signer::new(&stored).unwrap().sign_compact(typ, b"{\"sub\":\"a\"}").unwrap();
            let (input, signature) = jws.rsplit_once('.').unwrap();
            let signature = decoded(signature);
            verifier.verify(input.as_bytes(), &signature).unwrap();
            verifier.verify(&input.as_bytes()[1..], &signature).unwrap_err();
        }
    }
}

#[test]
fn the_header_names_algorithm_type_and_key_in_this_order() {
    let key = PrivateKey::generate(Algorithm::Es256, &Randomness::seeded(2)).unwrap();
    let jws = Signer::new(&key).unwrap().sign_compact("at+jwt", b"payload").unwrap();
    let mut parts = jws.split('.');
    let expected = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{}"}}"#, key.kid());
    assert_eq!(String::from_utf8(decoded(parts.next().unwrap())).unwrap(), expected);
    assert_eq!(decoded(parts.next().unwrap()), b"payload");
    assert_eq!(decoded(parts.next().unwrap()).len(), 64, "ECDSA signatures have a fixed length (RFC 7518 section 3.4)");
}

#[test]
fn a_type_that_is_no_media_type_signs_nothing() {
    let key = PrivateKey::generate(Algorithm::Hs256, &Randomness::seeded(3)).unwrap();
    let signer = Signer::new(&key).unwrap();
    for typ in ["", "a\"b", "a b", "\\", "ä", &"a".repeat(128)] {
        assert_eq!(signer.sign_compact(typ, b"{}"), Err(SignError::Type), "{typ}");
    }
}

#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}

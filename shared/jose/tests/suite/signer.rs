//! What a signer makes, every verifier accepts.

use mintage_clock::Randomness;
use mintage_jose::jwt::{MAX_PAYLOAD_BYTES, MAX_TOKEN_BYTES, decode_header};
use mintage_jose::{Algorithm, Jwk, PrivateKey, SignError, Signer, VerifyingKey};
use p256::ecdsa::signature::Verifier;
use p256::pkcs8::DecodePrivateKey;
use rsa::RsaPrivateKey;
use rsa::sha2::{Sha256, Sha384, Sha512};

use crate::support::{decoded, key};

#[test]
fn every_algorithm_signs_what_its_stored_and_published_key_verifies() {
    for algorithm in Algorithm::ALL {
        let made = key(algorithm);
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

#[test]
fn the_longest_payload_is_signed_by_every_algorithm_and_read_back() {
    let payload = vec![b'x'; MAX_PAYLOAD_BYTES];
    let shared = key(Algorithm::Hs256).to_bytes();
    let longest_kid = PrivateKey::from_bytes(Algorithm::Hs256, "k".repeat(64).parse().unwrap(), &shared).unwrap();
    for key in Algorithm::ALL.into_iter().map(key).chain([longest_kid]) {
        let jws = Signer::new(&key).unwrap().sign_compact("at+jwt", &payload).unwrap();
        assert!(jws.len() <= MAX_TOKEN_BYTES, "{key:?}: {}", jws.len());
        assert_eq!(decode_header(&jws).unwrap().algorithm, key.algorithm());
    }
}

#[test]
fn a_token_that_nobody_would_read_is_not_made() {
    let signer = Signer::new(&key(Algorithm::Hs256)).unwrap();
    let length_of = |payload: usize| signer.sign_compact("JWT", &vec![b'x'; payload]).map(|jws| jws.len());
    let longest =
        (MAX_PAYLOAD_BYTES..MAX_TOKEN_BYTES).take_while(|payload| length_of(*payload).is_ok()).last().unwrap();
    assert!(length_of(longest).unwrap() <= MAX_TOKEN_BYTES);
    let refused = length_of(longest + 1).unwrap_err();
    assert!(matches!(refused, SignError::TooLong { length } if length > MAX_TOKEN_BYTES), "{refused}");
}

#[test]
fn other_implementations_accept_every_signature() {
    let input =
        |jws: &str| jws.rsplit_once('.').map(|(input, signature)| (input.to_owned(), decoded(signature))).unwrap();
    let signed = |algorithm| {
        let key = key(algorithm);
        (input(&Signer::new(&key).unwrap().sign_compact("JWT", b"{}").unwrap()), key.to_bytes())
    };

    for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| algorithm.is_rsa()) {
        let ((input, signature), der) = signed(algorithm);
        let public = RsaPrivateKey::from_pkcs8_der(&der).unwrap().to_public_key();
        let (input, pkcs1) = (input.as_bytes(), || rsa::pkcs1v15::Signature::try_from(&*signature).unwrap());
        let pss = || rsa::pss::Signature::try_from(&*signature).unwrap();
        let accepted = match algorithm {
            Algorithm::Rs256 => rsa::pkcs1v15::VerifyingKey::<Sha256>::new(public).verify(input, &pkcs1()),
            Algorithm::Rs384 => rsa::pkcs1v15::VerifyingKey::<Sha384>::new(public).verify(input, &pkcs1()),
            Algorithm::Rs512 => rsa::pkcs1v15::VerifyingKey::<Sha512>::new(public).verify(input, &pkcs1()),
            Algorithm::Ps256 => rsa::pss::VerifyingKey::<Sha256>::new(public).verify(input, &pss()),
            Algorithm::Ps384 => rsa::pss::VerifyingKey::<Sha384>::new(public).verify(input, &pss()),
            Algorithm::Ps512 => rsa::pss::VerifyingKey::<Sha512>::new(public).verify(input, &pss()),
            other => panic!("{other} is no RSA"),
        };
        accepted.unwrap();
    }

    let ((input, signature), der) = signed(Algorithm::Es256);
    let public = p256::SecretKey::from_pkcs8_der(&der).unwrap().public_key();
    let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
    p256::ecdsa::VerifyingKey::from(public).verify(input.as_bytes(), &signature).unwrap();

    let ((input, signature), der) = signed(Algorithm::Es384);
    let public = p384::SecretKey::from_pkcs8_der(&der).unwrap().public_key();
    let signature = p384::ecdsa::Signature::from_slice(&signature).unwrap();
    p384::ecdsa::VerifyingKey::from(public).verify(input.as_bytes(), &signature).unwrap();

    let ((input, signature), der) = signed(Algorithm::EdDsa);
    let public = ed25519_dalek::SigningKey::from_pkcs8_der(&der).unwrap().verifying_key();
    let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
    public.verify_strict(input.as_bytes(), &signature).unwrap();
}

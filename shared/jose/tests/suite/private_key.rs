//! Keys are stored and read back as themselves, or not at all.

use mintage_clock::Randomness;
use mintage_jose::{Algorithm, KeyError, PrivateKey, RsaSize, Signer, UnknownRsaSize};
use rsa::pkcs8::EncodePrivateKey;

use crate::support::{decoded, encoded, key, public_algorithms};

#[test]
fn a_key_is_read_back_only_under_its_own_name() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        let (made, other) = (key(algorithm), PrivateKey::generate(algorithm, &Randomness::seeded(43)).unwrap());
        let read = PrivateKey::from_bytes(algorithm, other.kid().clone(), &made.to_bytes());
        assert_eq!(read.unwrap_err(), KeyError::Mismatch);
    }
}

#[test]
fn a_key_for_another_algorithm_is_malformed() {
    for algorithm in public_algorithms() {
        for other in Algorithm::ALL.map(key) {
            if other.algorithm() == algorithm || other.algorithm().is_rsa() && algorithm.is_rsa() {
                continue;
            }
            let read = PrivateKey::from_bytes(algorithm, other.kid().clone(), &other.to_bytes());
            assert_eq!(read.unwrap_err(), KeyError::Malformed, "{algorithm} from {}", other.algorithm());
        }
    }
}

#[test]
fn a_damaged_key_is_malformed() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        let made = key(algorithm);
        let bytes = made.to_bytes();
        for damaged in [b"".as_slice(), b"\x30", &bytes[..bytes.len() - 1]] {
            let read = PrivateKey::from_bytes(algorithm, made.kid().clone(), damaged);
            assert_eq!(read.unwrap_err(), KeyError::Malformed, "{algorithm}");
        }
    }
}

#[test]
fn a_weak_key_is_refused() {
    let kid = key(Algorithm::Hs256).kid().clone();
    for length in [0, 16, 31, 65] {
        let read = PrivateKey::from_bytes(Algorithm::Hs256, kid.clone(), &vec![1; length]);
        assert_eq!(read.unwrap_err(), KeyError::Weak);
    }
    let short = rsa::RsaPrivateKey::new(&mut Randomness::seeded(1), 1024).unwrap().to_pkcs8_der().unwrap();
    PrivateKey::from_bytes(Algorithm::Rs256, kid, short.as_bytes()).unwrap_err();
}

#[test]
fn an_rsa_key_is_as_long_as_it_is_told_to_be() {
    for (size, bytes) in [(RsaSize::Bits2048, 256), (RsaSize::Bits3072, 384), (RsaSize::Bits4096, 512)] {
        assert_eq!(RsaSize::try_from(size.bits()), Ok(size));
        let made = PrivateKey::generate_sized(Algorithm::Ps512, size, &Randomness::seeded(11)).unwrap();
        let jwk = serde_json::to_value(made.public_jwk()).unwrap();
        assert_eq!(decoded(jwk["n"].as_str().unwrap()).len(), bytes);
        let jws = Signer::new(&made).unwrap().sign_compact("JWT", b"{}").unwrap();
        assert_eq!(decoded(jws.rsplit_once('.').unwrap().1).len(), bytes);
    }
    for bits in [0, 1024, 2047, 2049, 4095, 8192] {
        assert_eq!(RsaSize::try_from(bits), Err(UnknownRsaSize));
    }
}

#[test]
fn a_shared_secret_has_a_drawn_name_and_no_public_half() {
    let (first, second) =
        (key(Algorithm::Hs256), PrivateKey::generate(Algorithm::Hs256, &Randomness::seeded(7)).unwrap());
    assert_ne!(first.kid(), second.kid());
    assert_eq!(first.public_jwk(), None);
    assert_eq!(first.shared_secret().unwrap().len(), 32);
    // The same secret under another name is as good: the name does not come from it.
    let renamed = PrivateKey::from_bytes(Algorithm::Hs256, second.kid().clone(), &first.to_bytes()).unwrap();
    assert_eq!(renamed.shared_secret(), first.shared_secret());
}

#[test]
fn asymmetric_keys_share_no_secret_and_are_named_by_their_thumbprint() {
    for algorithm in public_algorithms() {
        let made = key(algorithm);
        assert_eq!(made.shared_secret(), None);
        let public = made.public_jwk().unwrap();
        assert_eq!((public.kid(), public.algorithm()), (made.kid(), algorithm));
        assert_eq!(&public.thumbprint(), made.kid());
    }
}

#[test]
fn debug_shows_the_name_and_nothing_else() {
    for algorithm in Algorithm::ALL {
        let made = key(algorithm);
        assert_eq!(format!("{made:?}"), format!("PrivateKey({algorithm} {})", made.kid()));
        assert!(!format!("{made:?}").contains(&encoded(made.to_bytes())));
    }
}

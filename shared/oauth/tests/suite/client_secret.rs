//! Client secrets: how they are made, read, shown and hashed.

use std::collections::HashSet;

use mintage_clock::Randomness;
use mintage_oauth::{ClientSecret, ClientSecretError, Pepper, SecretHash, SecretHashError};
use proptest::prelude::*;

/// Entropy 00 01 … 1f, with the checksum that another implementation (Python's zlib) gives it.
const KNOWN: &str = "mcs_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh804yBq7";

#[test]
fn b4_ten_thousand_secrets_are_distinct_and_every_bit_is_a_coin() {
    let randomness = Randomness::system();
    let mut seen = HashSet::new();
    let mut ones = [0_u32; 256];
    for _ in 0..10_000 {
        let secret = ClientSecret::generate(&randomness);
        let entropy = entropy_of(secret.expose());
        for (position, count) in ones.iter_mut().enumerate() {
            *count += u32::from(entropy[position / 8] >> (position % 8) & 1);
        }
        assert!(seen.insert(entropy), "a secret came twice");
    }
    // Seven standard deviations: sound entropy leaves them once in a billion runs.
    for (position, count) in ones.into_iter().enumerate() {
        assert!((4650..=5350).contains(&count), "bit {position} was set {count} times in 10000");
    }
}

#[test]
fn b4_a_secret_carries_256_bits_whatever_its_checksum() {
    let secret = ClientSecret::generate(&Randomness::seeded(1));
    assert_eq!(secret.expose().len(), 53);
    assert!(secret.expose().starts_with("mcs_"));
    assert_eq!(entropy_of(secret.expose()), Randomness::seeded(1).bytes::<32>());
}

#[test]
fn b4_a_secret_of_somebodys_own_choice_is_refused() {
    assert_eq!("hunter2".parse::<ClientSecret>().unwrap_err(), ClientSecretError::Prefix);
    assert_eq!("".parse::<ClientSecret>().unwrap_err(), ClientSecretError::Prefix);
    assert_eq!("mcs_hunter2".parse::<ClientSecret>().unwrap_err(), ClientSecretError::Length);
    let zeros = format!("mcs_{}{}", "A".repeat(43), "0".repeat(6));
    assert_eq!(zeros.parse::<ClientSecret>().unwrap_err(), ClientSecretError::Checksum);
    let foreign = format!("mcs_{}{}", "é".repeat(22), "0".repeat(5));
    assert_eq!(foreign.len(), 53);
    assert_eq!(foreign.parse::<ClientSecret>().unwrap_err(), ClientSecretError::Character);
}

#[test]
fn a_secret_is_known_by_its_checksum() {
    assert_eq!(KNOWN.parse::<ClientSecret>().unwrap().expose(), KNOWN);
}

#[test]
fn a_secret_with_any_one_character_changed_is_refused() {
    for position in 0..KNOWN.len() {
        for replacement in [b'0', b'A', b'b', b'-'] {
            let mut changed = KNOWN.as_bytes().to_vec();
            if changed[position] != replacement {
                changed[position] = replacement;
                let changed = String::from_utf8(changed).unwrap();
                assert!(changed.parse::<ClientSecret>().is_err(), "{changed}");
            }
        }
    }
    for cut in 0..KNOWN.len() {
        assert!(KNOWN[..cut].parse::<ClientSecret>().is_err());
    }
    assert!(format!("{KNOWN}0").parse::<ClientSecret>().is_err());
}

#[test]
fn b34_neither_secret_nor_pepper_nor_hash_shows_itself() {
    let secret: ClientSecret = KNOWN.parse().unwrap();
    assert_eq!(secret.hint(), "yBq7");
    assert_eq!(format!("{secret:?}"), "ClientSecret(…yBq7)");
    let pepper = Pepper::from_bytes(b"a canary that nobody shall see!!");
    assert_eq!(format!("{pepper:?}"), "Pepper([redacted])");
    assert_eq!(format!("{:#?}", pepper.hash(&secret)), "SecretHash(scheme 1)");
    let refusal = "mcs_planted-canary".parse::<ClientSecret>().unwrap_err();
    assert!(!format!("{refusal} {refusal:?}").contains("canary"));
}

#[test]
fn the_stored_hash_is_the_one_of_scheme_1_for_ever() {
    let hash = Pepper::from_bytes(&[7; 32]).hash(&KNOWN.parse().unwrap());
    let digest: String = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    // Python: hmac(hmac(pepper, "mintage client secret v1"), secret), SHA-256.
    assert_eq!(digest, "d2339f95e8f21482ea85c5219b8b7ac706f721c57c54dea84f65d7c177f023ff");
    assert_eq!(hash.scheme(), 1);
}

#[test]
fn a_presented_secret_matches_its_stored_hash_and_no_other() {
    let randomness = Randomness::seeded(2);
    let pepper = Pepper::from_bytes(&randomness.bytes());
    let secret = ClientSecret::generate(&randomness);
    let stored = pepper.hash(&secret);
    assert!(pepper.hash_presented(secret.expose()).matches(&stored));
    assert!(!pepper.hash(&ClientSecret::generate(&randomness)).matches(&stored));
    assert!(!Pepper::from_bytes(&randomness.bytes()).hash(&secret).matches(&stored));
    for near in [secret.expose().to_lowercase(), format!("{} ", secret.expose()), secret.expose()[..52].to_owned()] {
        assert!(!pepper.hash_presented(&near).matches(&stored), "{near}");
    }
}

#[test]
fn b19_a_hash_that_differs_in_one_bit_anywhere_does_not_match() {
    let stored = Pepper::from_bytes(&[1; 32]).hash_presented("secret");
    for bit in 0..256 {
        let mut digest = *stored.as_bytes();
        digest[bit / 8] ^= 1 << (bit % 8);
        assert!(!SecretHash::from_stored(1, &digest).unwrap().matches(&stored), "bit {bit}");
    }
    assert!(SecretHash::from_stored(1, stored.as_bytes()).unwrap().matches(&stored));
}

#[test]
fn an_overlong_secret_is_never_cut_to_one_that_matches() {
    let pepper = Pepper::from_bytes(&[1; 32]);
    let longest = "x".repeat(1024);
    let stored = pepper.hash_presented(&longest);
    assert!(!pepper.hash_presented(&format!("{longest}y")).matches(&stored));
    assert!(!pepper.hash_presented(&"x".repeat(1023)).matches(&stored));
    let known = pepper.hash(&KNOWN.parse().unwrap());
    assert!(!pepper.hash_presented(&format!("{KNOWN}{}", "x".repeat(1024))).matches(&known));
}

#[test]
fn a_stored_hash_of_an_unknown_construction_is_refused() {
    assert_eq!(SecretHash::from_stored(2, &[0; 32]).unwrap_err(), SecretHashError::Scheme(2));
    assert_eq!(SecretHash::from_stored(0, &[0; 32]).unwrap_err(), SecretHashError::Scheme(0));
    for length in [0, 31, 33] {
        assert_eq!(SecretHash::from_stored(1, &vec![0; length]).unwrap_err(), SecretHashError::Length);
    }
}

proptest! {
    #[test]
    fn every_generated_secret_is_read_back(seed in any::<u64>()) {
        let secret = ClientSecret::generate(&Randomness::seeded(seed));
        let read: ClientSecret = secret.expose().parse().unwrap();
        prop_assert_eq!(read.expose(), secret.expose());
    }

    #[test]
    fn no_text_makes_the_parser_fall(text in "(mcs_)?\\PC{0,60}") {
        if let Ok(secret) = text.parse::<ClientSecret>() {
            prop_assert_eq!(secret.expose(), &text);
        }
    }
}

/// The 32 bytes behind the base64url characters, decoded by hand so that the crate's own decoder is not its judge.
fn entropy_of(secret: &str) -> [u8; 32] {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut entropy = [0; 32];
    let sextets = secret.chars().skip(4).take(43).filter_map(|letter| ALPHABET.find(letter));
    let bits = sextets.flat_map(|sextet| (0..6).rev().map(move |bit| sextet >> bit & 1 == 1));
    for (position, bit) in bits.take(256).enumerate() {
        if let Some(byte) = entropy.get_mut(position / 8) {
            *byte |= u8::from(bit) << (7 - position % 8);
        }
    }
    entropy
}

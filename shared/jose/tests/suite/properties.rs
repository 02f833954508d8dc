//! What holds for every input that a stranger can think of.

use mintage_clock::{Randomness, Timestamp};
use mintage_jose::jwt::{self, JwtError};
use mintage_jose::{Algorithm, Jwk, JwkSet, Kid, VerifyingKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{NOW, claims_with, expectations, good_claims, key, token, verdict_on};

proptest! {
    #[test]
    fn no_text_panics_a_parser(text in ".{0,200}") {
        let _ = text.parse::<Kid>();
        let _ = text.parse::<Algorithm>();
        let _ = text.parse::<Jwk>();
        let _ = text.parse::<JwkSet>();
        let _ = jwt::decode_header(&text);
    }

    #[test]
    fn no_three_parts_panic_the_token_parser(header in any::<Vec<u8>>(), payload in any::<Vec<u8>>()) {
        let text = [header, payload].map(crate::support::encoded).join(".");
        prop_assert_eq!(jwt::decode_header(&text), Err(JwtError::Malformed));
        let _ = jwt::decode_header(&format!("{text}.AAAA"));
    }

    #[test]
    fn a_kid_that_parses_is_its_own_text(text in "[A-Za-z0-9_ ./=-]{0,70}") {
        if let Ok(kid) = text.parse::<Kid>() {
            prop_assert_eq!(kid.to_string(), text);
        }
    }

    #[test]
    fn no_token_survives_a_changed_character(position in any::<prop::sample::Index>(), to in any::<char>()) {
        let key = key(Algorithm::EdDsa);
        let token = token(&key, &good_claims());
        let mut characters: Vec<char> = token.chars().collect();
        let position = position.index(characters.len());
        prop_assume!(characters[position] != to);
        characters[position] = to;
        let changed: String = characters.into_iter().collect();
        prop_assert!(jwt::verify(&changed, &VerifyingKey::of(&key).unwrap(), &expectations()).is_err());
    }

    #[test]
    fn no_token_survives_truncation(position in any::<prop::sample::Index>()) {
        let key = key(Algorithm::Hs256);
        let token = token(&key, &good_claims());
        let verifier = VerifyingKey::of(&key).unwrap();
        let position = position.index(token.len());
        prop_assert!(jwt::verify(&token[..position], &verifier, &expectations()).is_err());
        prop_assert!(jwt::verify(&token[position + 1..], &verifier, &expectations()).is_err());
    }

    #[test]
    fn a_changed_jwk_is_refused_or_says_what_it_became(position in any::<prop::sample::Index>(), to in " -~") {
        let now = Timestamp::from_unix_seconds(NOW);
        let jwk = key(Algorithm::Es256).certified_jwk(now, &Randomness::seeded(9)).unwrap().unwrap();
        let text = jwk.to_string();
        let position = position.index(text.len());
        let changed = format!("{}{to}{}", &text[..position], &text[position + 1..]);
        if let Ok(jwk) = changed.parse::<Jwk>() {
            prop_assert_eq!(jwk.to_string().parse::<Jwk>(), Ok(jwk.clone()));
            prop_assert!(VerifyingKey::new(&jwk).is_ok());
        }
    }

    #[test]
    fn every_claim_that_was_signed_is_read(name in "[a-z:/.]{13,40}", value in claim()) {
        let claims = verdict_on(&claims_with(&name, json!([value]))).unwrap();
        prop_assert_eq!(claims.get(&name), Some(&json!([value])));
    }
}

fn claim() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(".{0,5}", inner, 0..5).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

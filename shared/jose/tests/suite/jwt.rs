//! What a good token says, and what about a token is compared how.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_jose::jwt::{self, JwtError};
use mintage_jose::{Algorithm, VerifyingKey};
use serde_json::json;

use crate::support::{AUDIENCE, ISSUER, NOW, claims_with, expectations, good_claims, key, token, verdict, verdict_on};

#[test]
fn a_good_token_of_every_algorithm_tells_its_claims() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let token = token(&key, &good_claims());
        let header = jwt::decode_header(&token).unwrap();
        assert_eq!((header.algorithm, header.kid.as_ref()), (algorithm, Some(key.kid())));
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));

        let claims = jwt::verify(&token, &VerifyingKey::of(&key).unwrap(), &expectations()).unwrap();
        assert_eq!((claims.issuer(), claims.subject()), (ISSUER, "client"));
        assert_eq!(claims.audiences(), [AUDIENCE]);
        assert_eq!((claims.scope(), claims.client_id()), (Some("read write"), Some("client")));
        assert_eq!(claims.issued_at(), Timestamp::from_unix_seconds(NOW));
        assert_eq!(claims.expires_at(), Timestamp::from_unix_seconds(NOW + 3600));
        assert_eq!(claims.get("https://example/name"), Some(&json!({"deep": [1, 2]})));
        assert_eq!(claims.get("absent"), None);
    }
}

#[test]
fn azp_names_the_client_where_client_id_does_not() {
    assert_eq!(verdict_on(&claims_with("client_id", json!(null))).unwrap().client_id(), Some("other"));
    assert_eq!(verdict_on(&claims_with("client_id", json!(1))), Err(JwtError::Claim("client_id")));
    assert_eq!(verdict_on(&claims_with("azp", json!(""))), Err(JwtError::Claim("azp")));
    assert_eq!(verdict_on(&claims_with("scope", json!(["read"]))), Err(JwtError::Claim("scope")));
    assert_eq!(verdict_on(&claims_with("scope", json!(""))).unwrap().scope(), Some(""));
}

#[test]
fn any_issuer_passes_where_none_is_expected_but_one_must_be_named() {
    let key = key(Algorithm::Hs256);
    let verifier = VerifyingKey::of(&key).unwrap();
    let anyone = jwt::Expectations { issuer: None, ..expectations() };
    let from = |issuer| jwt::verify(&token(&key, &claims_with("iss", issuer)), &verifier, &anyone);
    assert_eq!(from(json!("https://other/")).unwrap().issuer(), "https://other/");
    assert_eq!(from(json!(null)), Err(JwtError::Claim("iss")));
    assert_eq!(from(json!("")), Err(JwtError::Claim("iss")));
}

#[test]
fn a_type_is_a_media_type() {
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        verdict(&format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), &good_claims().to_string()).unwrap();
    }
    for typ in ["JWT", "", "at+jwt ", "jwt", "application/", "application/application/at+jwt", "text/at+jwt"] {
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        assert_eq!(verdict(&header, &good_claims().to_string()), Err(JwtError::Type), "{typ}");
    }
    assert_eq!(verdict(r#"{"alg":"HS256"}"#, &good_claims().to_string()), Err(JwtError::Type));
    let number = verdict(r#"{"alg":"HS256","typ":1}"#, &good_claims().to_string());
    assert_eq!(number, Err(JwtError::Header("typ")));
}

#[test]
fn leeway_has_a_bound() {
    let key = key(Algorithm::Hs256);
    let verifier = VerifyingKey::of(&key).unwrap();
    let forever = |age: i64| {
        let token = token(&key, &claims_with("exp", json!(NOW - age)));
        jwt::verify(&token, &verifier, &jwt::Expectations { leeway: Duration::MAX, ..expectations() })
    };
    forever(299).unwrap();
    assert_eq!(forever(300), Err(JwtError::Expired));
}

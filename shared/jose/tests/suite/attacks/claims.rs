//! Every claim is there, of its kind, and exactly the one expected (J6, J7, J8, J14).

use mintage_clock::Timestamp;
use mintage_jose::jwt::{self, Expectations, JwtError};
use mintage_jose::{Algorithm, VerifyingKey};
use serde_json::json;

use crate::support::{
    AUDIENCE, ISSUER, LEEWAY, NOW, claims_with, expectations, forged, good_claims, key, verdict, verdict_on,
};

#[test]
fn j6_issuer_and_audience_are_exact() {
    let near = |text: &str| {
        [
            format!("{text}x"),
            format!("x{text}"),
            text.trim_end_matches('/').to_owned(),
            format!("{text}/"),
            text.to_uppercase(),
            format!("{text}\u{200b}"),
            text.replace('e', "е"),
            format!("{text} "),
            String::from("*"),
        ]
    };
    for issuer in near(ISSUER) {
        assert_eq!(verdict_on(&claims_with("iss", json!(issuer))), Err(JwtError::Issuer), "{issuer}");
    }
    for audience in near(AUDIENCE) {
        assert_eq!(verdict_on(&claims_with("aud", json!(audience))), Err(JwtError::Audience), "{audience}");
        assert_eq!(verdict_on(&claims_with("aud", json!([audience]))), Err(JwtError::Audience), "{audience}");
    }
}

#[test]
fn j6_an_audience_may_stand_among_others_of_the_same_kind() {
    let several = verdict_on(&claims_with("aud", json!(["https://other/", AUDIENCE]))).unwrap();
    assert_eq!(several.audiences(), ["https://other/", AUDIENCE]);
    assert_eq!(verdict_on(&claims_with("aud", json!([]))), Err(JwtError::Audience));
    assert_eq!(verdict_on(&claims_with("aud", json!(""))), Err(JwtError::Audience));
    for malformed in [json!(null), json!([AUDIENCE, 1]), json!([[AUDIENCE]]), json!({AUDIENCE: 1}), json!(1)] {
        assert_eq!(verdict_on(&claims_with("aud", malformed.clone())), Err(JwtError::Claim("aud")), "{malformed}");
    }
}

#[test]
fn j6_a_token_without_issuer_or_subject_is_refused() {
    for name in ["iss", "sub"] {
        for value in [json!(null), json!(""), json!(1), json!(["a"]), json!({})] {
            assert_eq!(verdict_on(&claims_with(name, value)), Err(JwtError::Claim(name)));
        }
    }
}

#[test]
fn j7_a_token_of_one_kind_is_no_token_of_another() {
    const KINDS: [&str; 4] = ["at+jwt", "dpop+jwt", "client-authentication+jwt", "secevent+jwt"];
    let key = key(Algorithm::Hs256);
    let verifier = VerifyingKey::of(&key).unwrap();
    for made in KINDS {
        let header = json!({"alg": "HS256", "typ": made}).to_string();
        let token = forged(&key, &header, &good_claims().to_string());
        for expected in KINDS {
            let outcome = jwt::verify(&token, &verifier, &Expectations { typ: &[expected], ..expectations() });
            assert_eq!(outcome.is_ok(), made == expected, "{made} where {expected} is expected");
        }
    }
}

#[test]
fn j8_times_are_numbers_present_and_finite() {
    for name in ["exp", "iat", "nbf"] {
        for value in [json!("1800000000"), json!(true), json!([NOW]), json!({}), json!(-1), json!(-0.5), json!(1e300)] {
            assert_eq!(verdict_on(&claims_with(name, value.clone())), Err(JwtError::Claim(name)), "{name} {value}");
        }
        let header = r#"{"alg":"HS256","typ":"at+jwt"}"#;
        for literal in ["1e400", "NaN", "Infinity", "0x6b49d200", "1800000000.", "+1800000000"] {
            let claims = claims_with(name, json!("LITERAL")).to_string().replace("\"LITERAL\"", literal);
            assert_eq!(verdict(header, &claims), Err(JwtError::Malformed), "{name} {literal}");
        }
        let null = claims_with(name, json!("LITERAL")).to_string().replace("\"LITERAL\"", "null");
        assert_eq!(verdict(header, &null), Err(JwtError::Claim(name)));
    }
    for name in ["exp", "iat"] {
        assert_eq!(verdict_on(&claims_with(name, json!(null))), Err(JwtError::Claim(name)), "{name} is missing");
    }
    let fraction = verdict_on(&claims_with("exp", json!(1_800_000_000.5))).unwrap();
    assert_eq!(fraction.expires_at(), Timestamp::from_unix_millis(NOW * 1000 + 500));
}

#[test]
fn j14_leeway_counts_the_same_at_every_end() {
    let leeway = i64::try_from(LEEWAY.as_secs()).unwrap();
    let at = |name: &str, time: i64| verdict_on(&claims_with(name, json!(time)));
    for name in ["nbf", "iat"] {
        at(name, NOW + leeway).unwrap();
        assert_eq!(at(name, NOW + leeway + 1), Err(JwtError::NotYetValid), "{name}");
    }
    at("exp", NOW - leeway + 1).unwrap();
    assert_eq!(at("exp", NOW - leeway), Err(JwtError::Expired), "exp itself is too late (RFC 7519 section 4.1.4)");
}

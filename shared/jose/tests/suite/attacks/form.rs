//! Nothing but the one plain form of a token is read (J2, J4, J9, J10, J11).

use mintage_jose::jwt::{self, JwtError, MAX_TOKEN_BYTES};
use mintage_jose::{Algorithm, VerifyingKey};
use serde_json::{Value, json};

use crate::support::{NOW, claims_with, encoded, expectations, forged, good_claims, key, signed, token, verdict};

#[test]
fn j2_the_signature_is_over_the_bytes_received() {
    let key = key(Algorithm::EdDsa);
    let verifier = VerifyingKey::of(&key).unwrap();
    let token = token(&key, &good_claims());
    let parts: Vec<_> = token.split('.').collect();
    let spaced = encoded(serde_json::to_string_pretty(&good_claims()).unwrap());
    let rewritten = format!("{}.{spaced}.{}", parts[0], parts[2]);
    assert_eq!(jwt::verify(&rewritten, &verifier, &expectations()), Err(JwtError::Signature));
}

#[test]
fn j2_one_token_has_one_spelling() {
    let key = key(Algorithm::Es256);
    let verifier = VerifyingKey::of(&key).unwrap();
    let token = token(&key, &good_claims());
    // 64 bytes leave four unused bits in the last character.
    let (rest, last) = token.split_at(token.len() - 1);
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = alphabet.iter().position(|letter| last.as_bytes() == [*letter]).unwrap();
    let stray_bits = format!("{rest}{}", char::from(alphabet[value | 1]));
    let spellings = [
        stray_bits,
        format!("{token}="),
        format!("{token}=="),
        format!("{token}\n"),
        format!(" {token}"),
        token.replacen('.', "=.", 1),
        token.replacen('.', "\u{200b}.", 1),
        format!("{token}."),
        format!("{token}.AAAA"),
        format!(".{token}"),
        token.replacen('.', "..", 1),
        token.rsplit_once('.').unwrap().0.to_owned(),
        String::new(),
        "..".to_owned(),
    ];
    for spelling in spellings {
        assert_eq!(jwt::verify(&spelling, &verifier, &expectations()), Err(JwtError::Malformed), "{spelling}");
    }
}

#[test]
fn j2_a_payload_misspelled_before_it_was_signed_is_refused() {
    let key = key(Algorithm::Hs256);
    let verifier = VerifyingKey::of(&key).unwrap();
    let header = encoded(r#"{"alg":"HS256","typ":"at+jwt"}"#);
    let payload = encoded(format!("{} ", good_claims()));
    for spelling in [format!("{payload}="), format!("{payload}\n"), payload.replacen('J', "+", 1)] {
        let token = signed(&key, &format!("{header}.{spelling}"));
        assert_eq!(jwt::verify(&token, &verifier, &expectations()), Err(JwtError::Malformed), "{spelling}");
    }
}

#[test]
fn j2_a_member_twice_is_refused_in_header_and_payload() {
    let good = good_claims().to_string();
    let header = r#"{"alg":"HS256","typ":"at+jwt"}"#;
    verdict(header, &good).unwrap();
    for twice in [
        r#"{"alg":"HS256","typ":"at+jwt","alg":"HS256"}"#,
        r#"{"alg":"none","\u0061lg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","a":{"b":1,"b":2}}"#,
    ] {
        assert_eq!(verdict(twice, &good), Err(JwtError::Malformed), "{twice}");
    }
    assert_eq!(verdict(header, &good.replacen('{', "{\"sub\":\"admin\",", 1)), Err(JwtError::Malformed));
    for payload in ["", "[]", "null", "\"a\"", "{}{}", "{", "{\"a\":1,}"] {
        assert_eq!(verdict(header, payload), Err(JwtError::Malformed), "{payload}");
    }
}

#[test]
fn j4_an_extension_that_is_not_understood_is_refused() {
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!("exp"), json!(null)] {
        let header = json!({"alg": "HS256", "typ": "at+jwt", "crit": crit, "exp": NOW}).to_string();
        assert_eq!(verdict(&header, &good_claims().to_string()), Err(JwtError::Header("crit")));
    }
    let unencoded = r#"{"alg":"HS256","typ":"at+jwt","b64":false}"#;
    assert_eq!(verdict(unencoded, &good_claims().to_string()), Err(JwtError::Header("b64")));
}

#[test]
fn j9_nothing_is_decompressed_or_decrypted() {
    for (name, value) in [("zip", "DEF"), ("enc", "A256GCM")] {
        let header = json!({"alg": "HS256", "typ": "at+jwt", name: value}).to_string();
        assert_eq!(verdict(&header, &good_claims().to_string()), Err(JwtError::Header(name)));
    }
    let jwe = format!("{}.a.b.c.d", encoded(r#"{"alg":"dir","enc":"A256GCM"}"#));
    assert_eq!(jwt::decode_header(&jwe), Err(JwtError::Malformed));
}

#[test]
fn j10_a_kid_is_no_path_query_or_flood() {
    let long = "k".repeat(8 * 1024);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "https://attacker/", "a\u{0}b", "ключ", "", " ", &long] {
        let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}).to_string();
        let token = forged(&key(Algorithm::Hs256), &header, "{}");
        assert_eq!(jwt::decode_header(&token), Err(JwtError::Header("kid")), "{kid}");
    }
    let number = forged(&key(Algorithm::Hs256), r#"{"alg":"HS256","kid":1}"#, "{}");
    assert_eq!(jwt::decode_header(&number), Err(JwtError::Header("kid")));
    let flood = json!({"alg": "HS256", "kid": "k".repeat(64 * 1024)}).to_string();
    assert_eq!(jwt::decode_header(&forged(&key(Algorithm::Hs256), &flood, "{}")), Err(JwtError::TooLong));
}

#[test]
fn j11_size_and_depth_are_bounded() {
    let header = r#"{"alg":"HS256","typ":"at+jwt"}"#;
    assert_eq!(verdict(header, &claims_with("a", json!("a".repeat(1 << 20))).to_string()), Err(JwtError::TooLong));
    let nested = |depth: usize| {
        good_claims().to_string().replacen('{', &format!("{{\"a\":{}{},", "[".repeat(depth), "]".repeat(depth)), 1)
    };
    verdict(header, &nested(15)).unwrap();
    assert_eq!(verdict(header, &nested(16)), Err(JwtError::Malformed));
    assert_eq!(verdict(header, &nested(5_000)), Err(JwtError::Malformed));
    assert_eq!(verdict(header, &nested(10_000)), Err(JwtError::TooLong));
    let many: serde_json::Map<_, _> = (0..100_000).map(|index| (index.to_string(), json!(index))).collect();
    assert_eq!(verdict(header, &Value::Object(many).to_string()), Err(JwtError::TooLong));
    assert_eq!(jwt::decode_header(&"a".repeat(MAX_TOKEN_BYTES + 1)), Err(JwtError::TooLong));
    assert_eq!(jwt::decode_header(&"a".repeat(MAX_TOKEN_BYTES)), Err(JwtError::Malformed));
}

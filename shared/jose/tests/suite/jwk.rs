//! Public keys as JSON: what is read, what is left out, what is refused.

use mintage_jose::{Algorithm, Jwk, JwkError, JwkSet};
use serde_json::{Value, json};

use crate::support::{encoded, key, public_algorithms};

#[test]
fn a_published_key_names_its_use_algorithm_and_id_first() {
    for algorithm in public_algorithms() {
        let jwk = key(algorithm).public_jwk().unwrap();
        let json: Value = serde_json::from_str(&jwk.to_string()).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let parts: &[&str] = match algorithm {
            Algorithm::Es256 | Algorithm::Es384 => &["crv", "x", "y"],
            Algorithm::EdDsa => &["crv", "x"],
            _ => &["e", "n"],
        };
        assert_eq!(names, [&["kty", "use", "alg", "kid"], parts].concat());
        assert_eq!((&json["use"], &json["alg"]), (&json!("sig"), &json!(algorithm.as_str())));
        assert_eq!(json, serde_json::to_value(&jwk).unwrap(), "Display and Serialize write the same");
        assert_eq!(jwk.to_string().parse(), Ok(jwk));
    }
}

#[test]
fn unknown_members_are_ignored_and_an_id_is_not_needed() {
    let jwk: Jwk = with(&[("x5t", json!("a")), ("kid", Value::Null), ("key_ops", json!(["verify"]))]).parse().unwrap();
    assert_eq!(*jwk.kid(), jwk.thumbprint());
}

#[test]
fn a_private_key_is_refused() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_eq!(with(&[(name, json!("AQAB"))]).parse::<Jwk>(), Err(JwkError::Private), "{name}");
    }
    let symmetric = json!({"kty": "oct", "k": encoded([1; 32]), "alg": "HS256"}).to_string();
    assert_eq!(symmetric.parse::<Jwk>(), Err(JwkError::Private));
}

#[test]
fn a_key_for_something_else_is_unsupported() {
    let cases = [
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("alg", json!("ES512")),
        ("alg", json!("ES256K")),
        ("alg", json!("none")),
        ("kty", json!("oct")),
        ("crv", json!("P-521")),
        ("crv", json!("secp256k1")),
    ];
    for (name, value) in cases {
        assert_eq!(with(&[(name, value.clone())]).parse::<Jwk>(), Err(JwkError::Unsupported), "{name} {value}");
    }
}

#[test]
fn a_member_of_the_wrong_kind_is_named() {
    let cases = [
        ("kty", json!(1), "kty"),
        ("kty", Value::Null, "kty"),
        ("crv", Value::Null, "crv"),
        ("x", Value::Null, "x"),
        ("x", json!(encoded([1; 31])), "x"),
        ("y", json!(encoded([1; 33])), "y"),
        ("y", json!("AQ=="), "y"),
        ("kid", json!("../../etc/passwd"), "kid"),
        ("kid", json!("k".repeat(65_536 / 8)), "kid"),
        ("use", json!(["sig"]), "use"),
        ("key_ops", json!("verify"), "key_ops"),
        ("crv", json!("P-384"), "x"),
        ("alg", json!("ES384"), "alg"),
        ("alg", json!("RS256"), "alg"),
        ("alg", json!("EdDSA"), "alg"),
        ("alg", json!("HS256"), "alg"),
    ];
    for (name, value, blamed) in cases {
        assert_eq!(with(&[(name, value.clone())]).parse::<Jwk>(), Err(JwkError::Member(blamed)), "{name} {value}");
    }
}

#[test]
fn an_rsa_key_must_name_its_padding_and_hash() {
    let mut jwk = serde_json::to_value(key(Algorithm::Rs256).public_jwk().unwrap()).unwrap();
    jwk.as_object_mut().unwrap().shift_remove("alg");
    assert_eq!(jwk.to_string().parse::<Jwk>(), Err(JwkError::Member("alg")));
}

#[test]
fn what_is_no_object_of_distinct_members_is_malformed() {
    let good = with(&[]);
    let twice = good.replacen('{', "{\"kty\":\"EC\",", 1);
    let long = with(&[("padding", json!("a".repeat(16 * 1024)))]);
    let deep = good.replacen('{', &format!("{{\"deep\":{}{},", "[".repeat(99), "]".repeat(99)), 1);
    for text in ["", "null", "[]", "{", "{}{}", &twice, &long, &deep] {
        assert_eq!(text.parse::<Jwk>(), Err(JwkError::Malformed), "{text}");
    }
}

#[test]
fn a_set_leaves_out_what_it_does_not_know_and_finds_what_it_does() {
    let mut set = JwkSet::default();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        set.keys.push(key(algorithm).public_jwk().unwrap());
    }
    let mut json = serde_json::to_value(&set).unwrap();
    let strange = [json!({"kty": "new"}), json!({"kty": "EC", "crv": "P-521"}), json!({"kty": "RSA", "use": "enc"})];
    json["keys"].as_array_mut().unwrap().extend(strange);
    let read: JwkSet = json.to_string().parse().unwrap();
    assert_eq!(read, set);
    assert_eq!(read.get(set.keys[1].kid()), Some(&set.keys[1]));
    assert_eq!(read.get(&"unknown".parse().unwrap()), None);
}

#[test]
fn a_set_with_a_bad_key_is_refused_whole() {
    let good: Value = serde_json::from_str(&with(&[])).unwrap();
    let private: Value = serde_json::from_str(&with(&[("d", json!("AQAB"))])).unwrap();
    let parse = |keys: Value| json!({ "keys": keys }).to_string().parse::<JwkSet>();
    assert_eq!(parse(json!([good, good])), Err(JwkError::Member("kid")), "two keys of one id");
    assert_eq!(parse(json!([good, private])), Err(JwkError::Private));
    assert_eq!(parse(json!([1])), Err(JwkError::Malformed));
    assert_eq!(parse(json!({})), Err(JwkError::Member("keys")));
    assert_eq!(parse(json!(vec![json!({"kty": "new"}); 129])), Err(JwkError::Member("keys")));
    assert_eq!("{}".parse::<JwkSet>(), Err(JwkError::Member("keys")));
    assert_eq!(
        format!("{{\"keys\":[],\"a\":\"{}\"}}", "a".repeat(512 * 1024)).parse::<JwkSet>(),
        Err(JwkError::Malformed)
    );
}

/// An ES256 key with some members replaced, or taken out by a null.
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
fn with(changes: &[(&str, Value)]) -> String {
    let mut jwk = serde_json::to_value(key(Algorithm::Es256).public_jwk()).unwrap();
    let members = jwk.as_object_mut().unwrap();
    for (name, value) in changes {
        match value {
            Value::Null => drop(members.shift_remove(*name)),
            value => drop(members.insert((*name).to_owned(), value.clone())),
        }
    }
    jwk.to_string()
}

//! Tokens for tests, honest and forged.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_clock::{Randomness, Timestamp};
use mintage_jose::jwt::{self, Claims, Expectations, JwtError};
use mintage_jose::mac::{HmacKey, hmac_sha256};
use mintage_jose::{Algorithm, PrivateKey, Signer, VerifyingKey};
use serde_json::{Value, json};

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://auth.example/";
pub(crate) const AUDIENCE: &str = "https://api.example/";
pub(crate) const LEEWAY: Duration = Duration::from_secs(30);

pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The same key each time, for all algorithms of RSA too: one is enough to wait for.
pub(crate) fn key(algorithm: Algorithm) -> PrivateKey {
    static RSA: LazyLock<PrivateKey> = LazyLock::new(|| generated(Algorithm::Rs256));
    if !algorithm.is_rsa() {
        return generated(algorithm);
    }
    PrivateKey::from_bytes(algorithm, RSA.kid().clone(), &RSA.to_bytes()).unwrap()
}

fn generated(algorithm: Algorithm) -> PrivateKey {
    PrivateKey::generate(algorithm, &Randomness::seeded(42)).unwrap()
}

/// Every algorithm that has a public key.
pub(crate) fn public_algorithms() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric())
}

/// Claims that [`expectations`] accepts.
pub(crate) fn good_claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "client", "aud": AUDIENCE, "iat": NOW, "exp": NOW + 3600,
        "scope": "read write", "client_id": "client", "azp": "other", "https://example/name": {"deep": [1, 2]},
    })
}

/// [`good_claims`] with one replaced, or taken out by a null.
pub(crate) fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = good_claims();
    let members = claims.as_object_mut().unwrap();
    match value {
        Value::Null => drop(members.shift_remove(name)),
        value => drop(members.insert(name.to_owned(), value)),
    }
    claims
}

pub(crate) fn expectations() -> Expectations<'static> {
    Expectations {
        issuer: Some(ISSUER),
        audience: AUDIENCE,
        typ: &["at+jwt"],
        now: Timestamp::from_unix_seconds(NOW),
        leeway: LEEWAY,
    }
}

/// A token as an honest issuer makes it.
pub(crate) fn token(key: &PrivateKey, claims: &Value) -> String {
    Signer::new(key).unwrap().sign_compact("at+jwt", claims.to_string().as_bytes()).unwrap()
}

/// Whoever holds the secret of `key` signs whatever they like.
pub(crate) fn forged(key: &PrivateKey, header: &str, payload: &str) -> String {
    signed(key, &format!("{}.{}", encoded(header), encoded(payload)))
}

/// Any text with its HMAC behind it.
pub(crate) fn signed(key: &PrivateKey, input: &str) -> String {
    let signature = hmac_sha256(&HmacKey::new(&key.shared_secret().unwrap()), input.as_bytes());
    format!("{input}.{}", encoded(signature))
}

/// What becomes of a token whose signature is right but whose header and payload are these.
pub(crate) fn verdict(header: &str, payload: &str) -> Result<Claims, JwtError> {
    let key = key(Algorithm::Hs256);
    jwt::verify(&forged(&key, header, payload), &VerifyingKey::of(&key).unwrap(), &expectations())
}

/// What becomes of a well-signed token with these claims.
pub(crate) fn verdict_on(claims: &Value) -> Result<Claims, JwtError> {
    verdict(r#"{"alg":"HS256","typ":"at+jwt"}"#, &claims.to_string())
}

/// The same signature under a header that says something else.
pub(crate) fn with_header(token: &str, name: &str, value: &str) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    header.as_object_mut().unwrap().insert(name.to_owned(), json!(value));
    format!("{}.{rest}", encoded(header.to_string()))
}

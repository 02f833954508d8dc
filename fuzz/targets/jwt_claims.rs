//! Claims behind a genuine signature: what is accepted is in force, for us, and says who it is about.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use mintage_clock::{Randomness, Timestamp};
use mintage_jose::jwt::{Expectations, verify};
use mintage_jose::{Algorithm, PrivateKey, Signer, VerifyingKey};
use serde_json::Value;

fuzz_target!(|payload: &[u8]| {
    let (signer, key) = &*KEY;
    let Ok(token) = signer.sign_compact("at+jwt", payload) else { return };
    let Ok(claims) = verify(&token, key, &EXPECTED) else { return };
    let read: Value = serde_json::from_slice(payload).expect("accepted claims are JSON");
    assert_eq!(read["iss"], "https://issuer.test/");
    assert_eq!(read["sub"].as_str(), Some(claims.subject()));
    assert!(names_us(&read["aud"]));
    let time = |name: &str| read[name].as_f64().expect("a time is a number");
    // Times are read to the millisecond, rounded down.
    let latest_start = NOW + LEEWAY + 0.001;
    assert!(time("exp") > NOW - LEEWAY && time("iat") < latest_start);
    assert!(read.get("nbf").is_none() || time("nbf") < latest_start);
});

fn names_us(audience: &Value) -> bool {
    let listed = audience.as_array().is_some_and(|listed| listed.iter().any(|one| one == EXPECTED.audience));
    audience == EXPECTED.audience || listed
}

static KEY: LazyLock<(Signer, VerifyingKey)> = LazyLock::new(|| {
    let key = PrivateKey::generate(Algorithm::Hs256, &Randomness::seeded(1)).expect("a key can be made");
    let signer = Signer::new(&key).expect("our keys sign");
    (signer, VerifyingKey::of(&key).expect("our keys verify"))
});

const NOW: f64 = 1_000_000.0;
const LEEWAY: f64 = 30.0;
const EXPECTED: Expectations<'_> = Expectations {
    issuer: Some("https://issuer.test/"),
    audience: "https://api.test/",
    typ: &["at+jwt"],
    now: Timestamp::from_unix_seconds(1_000_000),
    leeway: Duration::from_secs(30),
};

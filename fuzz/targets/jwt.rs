//! Tokens: no text that nobody signed is believed, by a key of any algorithm.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use mintage_clock::{Randomness, Timestamp};
use mintage_jose::jwt::{Expectations, decode_header, verify};
use mintage_jose::{Algorithm, PrivateKey, VerifyingKey};

fuzz_target!(|token: &str| {
    let header = decode_header(token);
    for key in KEYS.iter() {
        let refusal = verify(token, key, &EXPECTED).expect_err("a token that nobody signed was believed");
        if let Err(unreadable) = &header {
            assert_eq!(&refusal, unreadable);
        }
    }
});

static KEYS: LazyLock<Vec<VerifyingKey>> = LazyLock::new(|| {
    let randomness = Randomness::seeded(1);
    let key = |algorithm| PrivateKey::generate(algorithm, &randomness).expect("a key can be made");
    Algorithm::ALL.map(|algorithm| VerifyingKey::of(&key(algorithm)).expect("our keys are strong")).into()
});

const EXPECTED: Expectations<'_> = Expectations {
    issuer: Some("https://issuer.test/"),
    audience: "https://api.test/",
    typ: &["JWT", "at+jwt"],
    now: Timestamp::from_unix_seconds(1_000_000),
    leeway: Duration::from_secs(30),
};

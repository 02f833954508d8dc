//! Keys as JSON: what parses is public, is written and read back, and never upsets the verifying library.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_jose::{Jwk, JwkSet, VerifyingKey};

fuzz_target!(|text: &str| {
    if let Ok(jwk) = text.parse::<Jwk>() {
        let written = jwk.to_string();
        assert_eq!(serde_json::to_string(&jwk).expect("a key is JSON"), written);
        assert_eq!(written.parse().as_ref(), Ok(&jwk));
        if let Ok(key) = VerifyingKey::new(&jwk) {
            assert_eq!((key.algorithm(), key.kid()), (jwk.algorithm(), jwk.kid()));
            assert!(key.verify(b"nobody signed this", &[0; 64]).is_err());
        }
    }
    if let Ok(set) = text.parse::<JwkSet>() {
        let written = serde_json::to_string(&set).expect("a key set is JSON");
        assert_eq!(written.parse(), Ok(set));
    }
});

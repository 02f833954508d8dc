//! Claim names: whatever the disguise, no other URL parser finds a foreign namespace in one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_oauth::{ClaimName, is_reserved_claim};
use url::Url;

fuzz_target!(|text: &str| {
    let Ok(name) = text.parse::<ClaimName>() else { return };
    assert_eq!(name.as_str(), text);
    assert!(!is_reserved_claim(text));
    // The URL Standard refuses some Punycode.
    if let Ok(url) = Url::parse(text) {
        assert!(matches!(url.scheme(), "http" | "https"));
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        for foreign in ["auth0.com", "webtask.io", "webtask.run"] {
            assert!(host != foreign && !host.ends_with(&format!(".{foreign}")), "{text}");
        }
    } else {
        assert!(text.to_ascii_lowercase().contains("xn--"), "{text}");
    }
});

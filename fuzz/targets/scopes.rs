//! Scope lists: what parses is a list of RFC 6749 section 3.3 and is written as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_oauth::ScopeSet;

fuzz_target!(|text: &str| {
    let Ok(scopes) = ScopeSet::parse_delimited(text) else { return };
    assert_eq!(scopes.to_delimited(), text);
    assert!((1..=ScopeSet::MAX_ASKED).contains(&scopes.len()));
    assert!(scopes.missing_from(&scopes).is_empty());
    assert_eq!(scopes.missing_from(&ScopeSet::default()).len(), scopes.len());
    assert!(text.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)));
});

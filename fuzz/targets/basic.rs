//! The Basic header: what is read is whole, and reads the same once it is encoded as RFC 6749 says.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use mintage_edge::domain::Authorization;
use mintage_edge::http::basic;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    check(&header(bytes));
});

fn check(bytes: &[u8]) {
    let read = basic::parse(bytes);
    let Authorization::Basic { client_id, client_secret } = &read else {
        assert!(read == Authorization::Unreadable, "a header that is there is not absent");
        return;
    };
    assert!(!client_id.is_empty() && !client_secret.is_empty());
    let again = header(format!("{}:{}", encode(client_id), encode(client_secret)).as_bytes());
    if again.len() <= LONGEST_CERTAIN {
        assert!(basic::parse(&again) == read, "{read:?} reads otherwise once encoded");
    }
}

fn header(credentials: &[u8]) -> Vec<u8> {
    format!("Basic {}", STANDARD.encode(credentials)).into_bytes()
}

fn encode(half: &str) -> String {
    form_urlencoded::byte_serialize(half.as_bytes()).collect()
}

/// Encoding makes credentials longer; a header beyond the parser's bound is rightly refused.
const LONGEST_CERTAIN: usize = 8192;

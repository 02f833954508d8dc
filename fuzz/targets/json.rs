//! JSON bodies: what we take for a token request, another reader takes for the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_edge::domain::{Authorization, TokenRequest};
use mintage_edge::http::json;
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let Ok(parameters) = json::parse(body) else { return };
    let Ok(request) = TokenRequest::read(parameters, Authorization::Absent) else { return };
    assert!(std::str::from_utf8(body).is_ok(), "JSON is UTF-8 (RFC 8259 section 8.1)");
    // The other reader refuses lone surrogates and huge numbers even where nobody looks at them.
    let Ok(read) = serde_json::from_slice::<Value>(body) else { return };
    assert_eq!(read["grant_type"], "client_credentials");
    assert_eq!(read["client_id"], *request.client_id);
    assert_eq!(read["client_secret"], *request.client_secret);
    match &read["scope"] {
        Value::String(scope) => assert_eq!(request.scopes.to_delimited(), *scope),
        Value::Array(scopes) => assert_eq!(request.scopes.len(), scopes.len()),
        other => assert!(other.is_null() && request.scopes.is_empty()),
    }
});

//! Bodies of client registrations: what we take for a client's word of itself, another reader takes for the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_edge::http::metadata;
use mintage_oauth::ClientType;
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let Ok(said) = metadata::read(body) else { return };
    assert!(std::str::from_utf8(body).is_ok(), "JSON is UTF-8 (RFC 8259 section 8.1)");
    let members: Value = serde_json::from_slice(body).expect("what was read is JSON");
    let text = |name: &str| members[name].as_str().unwrap_or_default();
    let texts = |name: &str| match &members[name] {
        Value::Array(list) => list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect(),
        _ => Vec::new(),
    };
    let metadata = said.metadata;
    assert_eq!(said.client_id.as_deref(), members["client_id"].as_str());
    assert_eq!(metadata.client_name, text("client_name"));
    assert_eq!(metadata.logo_uri, text("logo_uri"));
    assert_eq!(metadata.redirect_uris, texts("redirect_uris"));
    assert_eq!(metadata.grant_types, texts("grant_types"));
    assert_eq!(metadata.response_types, texts("response_types"));
    assert_eq!(metadata.client_type == Some(ClientType::Public), text("token_endpoint_auth_method") == "none");
    assert_eq!(metadata.client_type.is_none(), members["token_endpoint_auth_method"].is_null());
});

//! JSON bodies: what we take for a token request, another reader takes for the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_edge::domain::{Authorization, Grant, TokenRequest};
use mintage_edge::http::json;
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let Ok(parameters) = json::parse(body) else { return };
    let Ok(request) = TokenRequest::read(parameters, Authorization::Absent) else { return };
    assert!(std::str::from_utf8(body).is_ok(), "JSON is UTF-8 (RFC 8259 section 8.1)");
    // The other reader refuses lone surrogates and huge numbers even where nobody looks at them.
    let Ok(members) = serde_json::from_slice::<Value>(body) else { return };
    let read = |name: &str| members[name].as_str().filter(|value| !value.is_empty());
    assert_eq!(read("grant_type"), Some(request.grant.grant_type().as_str()));
    assert_eq!(read("client_id"), Some(&*request.client.id));
    assert_eq!(read("client_secret"), request.client.secret.as_deref());
    match &request.grant {
        Grant::ClientCredentials => {}
        Grant::AuthorizationCode { code, redirect_uri, code_verifier } => {
            assert_eq!(read("code"), Some(&**code));
            assert_eq!(read("redirect_uri"), redirect_uri.as_deref());
            assert_eq!(read("code_verifier"), code_verifier.as_deref());
            // The code knows its API and scopes, so that nobody reads them here.
            return;
        }
        Grant::RefreshToken { refresh_token } => assert_eq!(read("refresh_token"), Some(&**refresh_token)),
        Grant::Password { username, password } => {
            assert_eq!((read("username"), read("password")), (Some(&**username), Some(&**password)));
        }
    }
    match &members["scope"] {
        Value::String(scope) => assert_eq!(request.scopes.to_delimited(), *scope),
        Value::Array(scopes) => assert_eq!(request.scopes.len(), scopes.len()),
        other => assert!(other.is_null() && request.scopes.is_empty()),
    }
});

//! Form bodies: what we take for a token request, another reader takes for the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_edge::domain::{Authorization, Grant, TokenRequest};
use mintage_edge::http::form;

fuzz_target!(|body: &[u8]| {
    let Ok(parameters) = form::parse(body) else { return };
    let Ok(request) = TokenRequest::read(parameters, Authorization::Absent) else { return };
    let pairs: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let read = |name| only(&pairs, name).filter(|value| !value.is_empty());
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
    assert_eq!(read("scope").unwrap_or_default(), request.scopes.to_delimited());
});

/// The one value of a name; a second one would make the request mean two things.
fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
    let value = values.next();
    assert_eq!(values.next(), None, "{name} stands twice");
    value
}

//! Form bodies: what we take for a token request, another reader takes for the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_edge::domain::{Authorization, TokenRequest};
use mintage_edge::http::form;

fuzz_target!(|body: &[u8]| {
    let Ok(parameters) = form::parse(body) else { return };
    let Ok(request) = TokenRequest::read(parameters, Authorization::Absent) else { return };
    let pairs: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    assert_eq!(only(&pairs, "grant_type"), Some("client_credentials"));
    assert_eq!(only(&pairs, "client_id"), Some(&*request.client_id));
    assert_eq!(only(&pairs, "client_secret"), Some(&*request.client_secret));
    assert_eq!(only(&pairs, "scope").unwrap_or_default(), request.scopes.to_delimited());
});

/// The one value of a name; a second one would make the request mean two things.
fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
    let value = values.next();
    assert_eq!(values.next(), None, "{name} stands twice");
    value
}

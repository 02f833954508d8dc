//! Claims as JSON text: pieces that are written once and copied into every token.

use mintage_clock::Randomness;
use mintage_oauth::{ClaimMapping, ScopeSet, TokenProfile, is_reserved_claim};

use super::records::{Client, ResourceServer};

/// `text` as a JSON string with its quotes (RFC 8259 section 7).
pub(crate) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `,"name":"value"`.
pub(crate) fn member(name: &str, value: &str) -> String {
    format!(",{}:{}", json_string(name), json_string(value))
}

/// Left out when empty.
pub(crate) fn scope_member(scopes: &ScopeSet) -> String {
    if scopes.is_empty() { String::new() } else { member("scope", &scopes.to_delimited()) }
}

/// The name of one token, where the profile gives it one.
pub(crate) fn jti_member(profile: TokenProfile, randomness: &Randomness) -> String {
    match profile {
        TokenProfile::AccessToken => String::new(),
        TokenProfile::Rfc9068 => format!(",\"jti\":\"{}\"", randomness.alphanumeric(JTI_LENGTH)),
    }
}

/// How the client came to its token, where that is told, and which client it is.
pub(crate) fn client_members(profile: TokenProfile, client: &Client, gty: Option<&str>) -> String {
    match profile {
        TokenProfile::AccessToken => {
            let gty = gty.map(|gty| member("gty", gty)).unwrap_or_default();
            gty + &member("azp", client.id.as_str())
        }
        TokenProfile::Rfc9068 => member("client_id", client.id.as_str()),
    }
}

/// The static claims of the client's tokens for the API, as members. Where both map to one name the API decides: it
/// is the one that reads the claim.
pub(crate) fn static_claims(client: &Client, api: Option<&ResourceServer>) -> String {
    let mut written: Vec<&str> = Vec::new();
    let mut members = String::new();
    let of_api = api.into_iter().flat_map(|api| &api.claim_mappings);
    for ClaimMapping { source, claim } in of_api.chain(&client.claim_mappings) {
        let name = claim.as_str();
        if written.contains(&name) || is_reserved_claim(name) {
            continue;
        }
        if let Some(value) = source.value(&client.name, &client.metadata) {
            written.push(name);
            members.push_str(&member(name, value));
        }
    }
    members
}

/// Characters of about 5.95 bits: 130 bits in all, from one draw.
const JTI_LENGTH: usize = 22;

//! Claims as JSON text: pieces that are written once and copied into every token.

use mintage_oauth::{ClaimMapping, is_reserved_claim};

use super::records::{Client, ResourceServer};

/// `text` as a JSON string with its quotes (RFC 8259 section 7).
pub(crate) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `,"name":"value"`.
pub(crate) fn member(name: &str, value: &str) -> String {
    format!(",{}:{}", json_string(name), json_string(value))
}

/// The static claims of the client's tokens for the API, as members. Where both map to one name the API decides: it
/// is the one that reads the claim.
pub(crate) fn static_claims(client: &Client, api: &ResourceServer) -> String {
    let mut written: Vec<&str> = Vec::new();
    let mut members = String::new();
    for ClaimMapping { source, claim } in api.claim_mappings.iter().chain(&client.claim_mappings) {
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

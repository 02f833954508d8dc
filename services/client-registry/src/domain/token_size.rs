//! Every token that a grant promises can be issued. Nothing longer than [`MAX_TOKEN_BYTES`](mintage_jose::jwt) is read,
//! so each part of a token has a share of its own, and no client, API and grant that keep theirs outgrow it together.

use mintage_jose::jwt::MAX_PAYLOAD_BYTES;
use mintage_oauth::{ClaimMapping, Metadata, ScopeSet};

use super::RegistryError;

/// Refuses scopes that would take more than their share: an API's, of which a grant may hold all, and a grant's.
pub(super) fn check_scopes(scopes: &ScopeSet) -> Result<(), RegistryError> {
    let bytes = scopes.iter().map(|scope| scope.as_str().len() + 1).sum::<usize>().saturating_sub(1);
    within("scopes", "delimited by spaces, they have", bytes, SCOPES)
}

/// Refuses names of an API's claims that would take more than their share. A source may stand once, so that the values
/// are at most all that a client brings.
pub(super) fn check_api_claims(mappings: &[ClaimMapping]) -> Result<(), RegistryError> {
    let mut rest = mappings;
    while let Some((mapping, others)) = rest.split_first() {
        if others.iter().any(|other| other.source == mapping.source) {
            let rule = format_args!("an API reads {} once only", mapping.source);
            return Err(RegistryError::invalid("claim_mappings", rule));
        }
        rest = others;
    }
    let bytes = mappings.iter().map(|mapping| member_length(mapping, "")).sum();
    within("claim_mappings", "without values, the claims have", bytes, API_CLAIM_NAMES)
}

/// Refuses what a client brings when it would take more than its share: its values, any of which an API may ask for, and
/// the claims that it puts into every token itself.
pub(super) fn check_client(name: &str, metadata: &Metadata, mappings: &[ClaimMapping]) -> Result<(), RegistryError> {
    let values = json_length(name) + metadata.iter().map(|(_, value)| json_length(value)).sum::<usize>();
    within("metadata", "as JSON and with the name, the values have", values, CLIENT_VALUES)?;
    let value =
        |mapping: &ClaimMapping| mapping.source.value(name, metadata).map(|value| member_length(mapping, value));
    let claims = mappings.iter().filter_map(value).sum();
    within("claim_mappings", "as JSON, the claims have", claims, CLIENT_CLAIMS)
}

fn within(parameter: &'static str, what: &str, bytes: usize, limit: usize) -> Result<(), RegistryError> {
    if bytes <= limit {
        return Ok(());
    }
    Err(RegistryError::invalid(parameter, format_args!("{what} {bytes} bytes; in a token there is room for {limit}")))
}

/// `,"name":"value"`; the name of a claim is a URL, in which nothing needs escaping.
fn member_length(mapping: &ClaimMapping, value: &str) -> usize {
    r#","":"""#.len() + mapping.claim.as_str().len() + json_length(value)
}

/// The bytes of `text` within the quotes of a JSON string, as the token service writes it.
fn json_length(text: &str) -> usize {
    serde_json::Value::from(text).to_string().len().saturating_sub(2)
}

/// Room for the scopes of one token, delimited.
const SCOPES: usize = 4096;
/// Room for all values of one client, of which an API may ask for each once.
const CLIENT_VALUES: usize = 2688;
/// Room for the names under which an API reads them.
const API_CLAIM_NAMES: usize = 1024;
/// Room for the claims that a client puts into every token itself.
const CLIENT_CLAIMS: usize = 1536;
/// Room for all else: issuer (268 bytes), audience (600, each escaped), subject, client, times and names. At the longest
/// 1774 bytes.
const ENVELOPE: usize = 2048;
const _: () = assert!(SCOPES + CLIENT_VALUES + API_CLAIM_NAMES + CLIENT_CLAIMS + ENVELOPE <= MAX_PAYLOAD_BYTES);

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(source: &str, length: usize) -> ClaimMapping {
        let claim = format!("https://{}.test/{}", source.replace('.', "-"), "c".repeat(length));
        ClaimMapping { source: source.parse().expect("a source"), claim: claim.parse().expect("a claim") }
    }

    fn metadata(values: &[&str]) -> Metadata {
        let pairs = values.iter().enumerate().map(|(index, value)| (format!("k{index}"), *value));
        Metadata::from_pairs(pairs).expect("metadata")
    }

    fn rule(outcome: Result<(), RegistryError>) -> String {
        outcome.expect_err("it is too much").to_string()
    }

    #[test]
    fn scopes_may_fill_their_room_and_no_more() {
        let of = |last: usize| {
            let texts = (0..15).map(|index| format!("{index:0>255}")).chain(["s".repeat(last)]);
            ScopeSet::parse_each(texts).expect("scopes")
        };
        assert_eq!(of(256).to_delimited().len(), SCOPES);
        assert!(check_scopes(&of(256)).is_ok() && check_scopes(&ScopeSet::default()).is_ok());
        assert!(rule(check_scopes(&of(257))).ends_with("they have 4097 bytes; in a token there is room for 4096"));
    }

    #[test]
    fn a_client_may_bring_ten_long_plain_values_but_not_ten_that_swell() {
        assert!(check_client(&"n".repeat(128), &metadata(&["v".repeat(255).as_str(); 10]), &[]).is_ok());
        let swollen = metadata(&["\u{1}".repeat(255).as_str(); 10]);
        assert!(rule(check_client("n", &swollen, &[])).contains("the values have 15301 bytes"));
    }

    #[test]
    fn a_client_pays_for_a_claim_with_name_and_value() {
        let fitting = [mapping("k0", 200), mapping("client.name", 200)];
        assert!(check_client("n", &metadata(&["v".repeat(255).as_str()]), &fitting).is_ok());
        let many: Vec<_> = (200..206).map(|length| mapping("k0", length)).collect();
        assert!(rule(check_client("n", &metadata(&["v".repeat(255).as_str()]), &many)).starts_with("claim_mappings"));
        assert!(check_client("n", &metadata(&[]), &many).is_ok(), "without a value there is no claim");
    }

    #[test]
    fn an_api_reads_a_source_once_and_under_names_of_bounded_length() {
        assert!(check_api_claims(&[mapping("k0", 200), mapping("k1", 200)]).is_ok());
        assert!(rule(check_api_claims(&[mapping("k0", 1), mapping("k0", 2)])).contains("once only"));
        let long: Vec<_> = (0..5).map(|index| mapping(&format!("k{index}"), 220)).collect();
        assert!(rule(check_api_claims(&long)).contains("there is room for 1024"));
    }
}

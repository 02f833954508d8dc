//! Static claims.

use mintage_api::registry;
use serde::Serialize;

/// Client metadata that becomes a claim.
#[derive(Debug, Serialize)]
pub(super) struct ClaimMapping {
    source: String,
    claim: String,
}

impl From<registry::ClaimMapping> for ClaimMapping {
    fn from(mapping: registry::ClaimMapping) -> Self {
        let registry::ClaimMapping { source, claim } = mapping;
        Self { source, claim }
    }
}

/// All of a list from the contract, in words.
pub(super) fn all<T, V: From<T>>(messages: Vec<T>) -> Vec<V> {
    messages.into_iter().map(V::from).collect()
}

/// One mapping a line, as the option `--claim` takes it.
pub(super) fn lines(mappings: &[ClaimMapping]) -> String {
    let lines = mappings.iter().map(|ClaimMapping { source, claim }| format!("{claim}={source}"));
    lines.collect::<Vec<_>>().join("\n")
}

//! Static claims: one value for one claim.

use mintage_oauth::ClaimMapping;

use super::RegistryError;

/// Two values for one claim would contradict each other.
pub(super) fn check_claim_mappings(mappings: &[ClaimMapping]) -> Result<(), RegistryError> {
    if mappings.len() > MAX_CLAIM_MAPPINGS {
        return Err(RegistryError::LimitReached { limit: "10 claim mappings" });
    }
    let mut rest = mappings;
    while let Some((mapping, others)) = rest.split_first() {
        if others.iter().any(|other| other.claim == mapping.claim) {
            return Err(RegistryError::invalid("claim_mappings", format_args!("{} stands twice", mapping.claim)));
        }
        rest = others;
    }
    Ok(())
}

const MAX_CLAIM_MAPPINGS: usize = 10;

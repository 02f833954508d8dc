//! What many requests and answers have alike.

use std::fmt::Display;
use std::str::FromStr;

use mintage_api::registry;
use mintage_chassis::access::{Authority, Operator};
use mintage_chassis::paging::PageError;
use mintage_clock::Timestamp;
use mintage_oauth::{ClaimMapping, ScopeSet};
use prost_types::FieldMask;

use crate::domain::{Kind, Reach, RegistryError};

impl From<PageError> for RegistryError {
    fn from(error: PageError) -> Self {
        Self::invalid(error.parameter(), error)
    }
}

/// How far the caller reaches.
pub(super) fn reach(operator: &Operator) -> Reach {
    match &operator.authority {
        Authority::Token { client_id: _, scopes } => Reach::Scopes(scopes.clone()),
        Authority::Installation => Reach::Everything,
    }
}

/// A required parameter.
pub(super) fn required<T: FromStr<Err: Display>>(parameter: &'static str, text: &str) -> Result<T, RegistryError> {
    optional(parameter, text)?.ok_or(RegistryError::Missing { parameter })
}

/// A parameter that may be absent, which is to be empty.
pub(super) fn optional<T: FromStr<Err: Display>>(
    parameter: &'static str,
    text: &str,
) -> Result<Option<T>, RegistryError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|rule| RegistryError::invalid(parameter, rule))
}

/// The name of something that exists: what cannot be a name does not exist.
pub(super) fn named<T: FromStr>(parameter: &'static str, text: &str, kind: Kind) -> Result<T, RegistryError> {
    if text.is_empty() {
        return Err(RegistryError::Missing { parameter });
    }
    text.parse().map_err(|_| RegistryError::NotFound(kind))
}

/// Values that each stand for themselves.
pub(super) fn each<T: FromStr<Err: Display>>(
    parameter: &'static str,
    texts: &[String],
) -> Result<Vec<T>, RegistryError> {
    let read = |text: &String| text.parse().map_err(|rule| RegistryError::invalid(parameter, rule));
    texts.iter().map(read).collect()
}

/// A list of scopes.
pub(super) fn scopes(texts: &[String]) -> Result<ScopeSet, RegistryError> {
    ScopeSet::parse_each(texts).map_err(|rule| RegistryError::invalid("scopes", rule))
}

/// Static claims.
pub(super) fn claim_mappings(mappings: &[registry::ClaimMapping]) -> Result<Vec<ClaimMapping>, RegistryError> {
    let read = |mapping: &registry::ClaimMapping| {
        let registry::ClaimMapping { source, claim } = mapping;
        Ok(ClaimMapping {
            source: required("claim_mappings.source", source)?,
            claim: required("claim_mappings.claim", claim)?,
        })
    };
    mappings.iter().map(read).collect()
}

/// Static claims, for the wire.
pub(super) fn wire_claim_mappings(mappings: &[ClaimMapping]) -> Vec<registry::ClaimMapping> {
    let write = |mapping: &ClaimMapping| registry::ClaimMapping {
        source: mapping.source.to_string(),
        claim: mapping.claim.to_string(),
    };
    mappings.iter().map(write).collect()
}

/// The fields an update names.
pub(super) fn masked(mask: Option<FieldMask>) -> Result<Vec<String>, RegistryError> {
    let paths = mask.unwrap_or_default().paths;
    if paths.is_empty() { Err(RegistryError::Missing { parameter: "update_mask" }) } else { Ok(paths) }
}

/// The refusal of a field that no update may name.
pub(super) fn not_changeable() -> RegistryError {
    RegistryError::invalid("update_mask", "it names a field that cannot be changed")
}

/// An instant in whole milliseconds; what is finer is cut off.
pub(super) fn time(parameter: &'static str, wire: prost_types::Timestamp) -> Result<Timestamp, RegistryError> {
    let prost_types::Timestamp { seconds, nanos } = wire;
    let well_formed = TIMES.contains(&seconds) && (0..1_000_000_000).contains(&nanos);
    if !well_formed {
        return Err(RegistryError::invalid(parameter, "it is no time between the years 1 and 9999"));
    }
    Ok(Timestamp::from_unix_millis(seconds * 1000 + i64::from(nanos / 1_000_000)))
}

/// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, as google.protobuf.Timestamp allows.
const TIMES: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

#[cfg(test)]
mod tests {
    use mintage_chassis::wire::wire_time;

    use super::*;

    #[test]
    fn times_survive_the_round_trip_to_the_millisecond() {
        for millis in [0, 1, 999, 1_767_225_600_123, -1, -62_135_596_800_000] {
            let instant = Timestamp::from_unix_millis(millis);
            assert_eq!(time("t", wire_time(instant)).expect("reads"), instant);
        }
    }

    #[test]
    fn times_that_are_none_are_refused() {
        for (seconds, nanos) in [(i64::MAX, 0), (i64::MIN, 0), (0, -1), (0, 1_000_000_000)] {
            assert!(time("t", prost_types::Timestamp { seconds, nanos }).is_err());
        }
    }
}

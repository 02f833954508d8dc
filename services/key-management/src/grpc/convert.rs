//! Wire ⇄ domain.

use mintage_api::keys::{KeyRingName, KeyState as WireState, SigningKey};
use mintage_api::types::SigningAlgorithm;
use mintage_clock::Timestamp;
use mintage_jose::{Algorithm, Kid};
use mintage_oauth::TenantId;

use super::status::Refusal;
use crate::domain::{ApiId, Key, KeyState, RingName, RingNameError};

/// The ring of a request from a service, which names its tenant itself.
pub(super) fn ring_name(wire: &KeyRingName) -> Result<RingName, Refusal> {
    let tenant = tenant("ring.tenant_id", &wire.tenant_id)?;
    ring_of(tenant, wire.algorithm, &wire.resource_server_id)
}

/// The ring of a request whose tenant is known.
pub(super) fn ring_of(tenant: TenantId, algorithm: i32, api: &str) -> Result<RingName, Refusal> {
    let algorithm = self::algorithm(algorithm)?.ok_or(Refusal::Missing("ring.algorithm"))?;
    let api = if api.is_empty() { None } else { Some(api_id("ring.resource_server_id", api)?) };
    RingName::new(tenant, algorithm, api).map_err(|rule| match rule {
        RingNameError::ApiMissing => Refusal::Missing("ring.resource_server_id"),
        RingNameError::ApiUnexpected | RingNameError::ApiMalformed => {
            Refusal::invalid("ring.resource_server_id", &rule)
        }
    })
}

pub(super) fn tenant(parameter: &'static str, wire: &str) -> Result<TenantId, Refusal> {
    if wire.is_empty() {
        return Err(Refusal::Missing(parameter));
    }
    wire.parse().map_err(|rule| Refusal::invalid(parameter, &rule))
}

pub(super) fn api_id(parameter: &'static str, wire: &str) -> Result<ApiId, Refusal> {
    if wire.is_empty() {
        return Err(Refusal::Missing(parameter));
    }
    wire.parse().map_err(|rule| Refusal::invalid(parameter, &rule))
}

pub(super) fn kid(wire: &str) -> Result<Kid, Refusal> {
    if wire.is_empty() {
        return Err(Refusal::Missing("kid"));
    }
    wire.parse().map_err(|rule| Refusal::invalid("kid", &rule))
}

/// `None` when the request names none.
pub(super) fn algorithm(wire: i32) -> Result<Option<Algorithm>, Refusal> {
    let known = SigningAlgorithm::try_from(wire);
    match known.map_err(|_| Refusal::invalid("ring.algorithm", &"not one that this version knows"))? {
        SigningAlgorithm::Unspecified => Ok(None),
        SigningAlgorithm::Rs256 => Ok(Some(Algorithm::Rs256)),
        SigningAlgorithm::Ps256 => Ok(Some(Algorithm::Ps256)),
        SigningAlgorithm::Es256 => Ok(Some(Algorithm::Es256)),
        SigningAlgorithm::Eddsa => Ok(Some(Algorithm::EdDsa)),
        SigningAlgorithm::Hs256 => Ok(Some(Algorithm::Hs256)),
    }
}

pub(super) const fn wire_algorithm(algorithm: Algorithm) -> SigningAlgorithm {
    match algorithm {
        Algorithm::Rs256 => SigningAlgorithm::Rs256,
        Algorithm::Ps256 => SigningAlgorithm::Ps256,
        Algorithm::Es256 => SigningAlgorithm::Es256,
        Algorithm::EdDsa => SigningAlgorithm::Eddsa,
        Algorithm::Hs256 => SigningAlgorithm::Hs256,
    }
}

pub(super) const fn wire_state(state: KeyState) -> WireState {
    match state {
        KeyState::Pending { .. } => WireState::Pending,
        KeyState::Active => WireState::Active,
        KeyState::Retiring { .. } => WireState::Retiring,
        KeyState::Removed => WireState::Removed,
        KeyState::Revoked => WireState::Revoked,
    }
}

pub(super) fn signing_key(ring: &RingName, key: &Key) -> SigningKey {
    let Key { kid, jwk, created_at, since, state } = key;
    SigningKey {
        tenant_id: ring.tenant().to_string(),
        kid: kid.to_string(),
        algorithm: wire_algorithm(ring.algorithm()).into(),
        resource_server_id: ring.api().map(ToString::to_string).unwrap_or_default(),
        state: wire_state(*state).into(),
        created_at: Some(wire_time(*created_at)),
        since: Some(wire_time(*since)),
        next_step_at: state.next_step_at().map(wire_time),
        jwk: jwk.as_deref().unwrap_or_default().to_owned(),
    }
}

fn wire_time(instant: Timestamp) -> prost_types::Timestamp {
    std::time::SystemTime::from(instant).into()
}

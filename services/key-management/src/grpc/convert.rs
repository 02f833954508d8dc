//! Wire ⇄ domain.

use std::time::Duration;

use mintage_api::keys::{
    KeyDeed, KeyRing, KeyRingName, KeyState as WireState, RotationPolicy as WirePolicy, SigningKey,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::ServiceName;
use mintage_chassis::access::{Authority, Operator};
use mintage_chassis::wire::{read_algorithm, wire_algorithm, wire_time};
use mintage_clock::Timestamp;
use mintage_jose::{Algorithm, Kid};
use mintage_oauth::{TenantId, TokenLifetime, TokenLifetimeError};

use tonic::Status;

use super::status::Refusal;
use crate::domain::{
    ApiId, Author, Cause, DeedKind, Key, KeyState, Ready, ReasonError, Ring, RingName, RingNameError, RotationPolicy,
};
use crate::signing::RingStatus;

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

/// The ring that an operator names.
pub(super) fn ring_of_operator(operator: &Operator, wire: Option<&KeyRingName>) -> Result<RingName, Status> {
    let wire = wire.ok_or(Refusal::Missing("ring"))?;
    let tenant = operator.tenant_for(&wire.tenant_id)?;
    Ok(ring_of(tenant, wire.algorithm, &wire.resource_server_id)?)
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
    known.map(read_algorithm).map_err(|_| Refusal::invalid("ring.algorithm", &"not one that this version knows"))
}

pub(super) const fn wire_state(state: KeyState) -> WireState {
    match state {
        KeyState::Pending { .. } => WireState::Pending,
        KeyState::Active { .. } => WireState::Active,
        KeyState::Retiring { .. } => WireState::Retiring,
        KeyState::Removed => WireState::Removed,
        KeyState::Revoked => WireState::Revoked,
    }
}

pub(super) fn signing_key(ring: &RingName, key: &Key) -> SigningKey {
    let Key { kid, jwk, created_at, since, state, longest_token, announced_in: _, settled: _ } = key;
    let (ready_at, signs_until) = match *state {
        KeyState::Pending { ready_at, .. } => (Some(ready_at), None),
        KeyState::Active { expires_at } => (None, Some(expires_at)),
        KeyState::Retiring { .. } | KeyState::Removed | KeyState::Revoked => (None, None),
    };
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
        ready_at: ready_at.map(wire_time),
        signs_until: signs_until.map(wire_time),
        longest_token: Some(wire_length(longest_token.as_duration())),
        holders: 0,
        custody: String::new(),
        no_record_of_showing: false,
    }
}

/// When the active key and the next one change places is known of the ring, not of a key alone.
pub(super) fn come_next(shown: &mut SigningKey, key: &Key, ring: &Ring, activation_at: Option<Timestamp>) {
    let moves = key.state.is_active() || ring.next().is_some_and(|next| next.kid == key.kid);
    if let (true, Some(at)) = (moves, activation_at) {
        shown.next_step_at = Some(wire_time(at));
    }
}

pub(super) fn key_ring(status: &RingStatus) -> KeyRing {
    let RingStatus { ring, policy, turn_at, activation_at, watchers, holders, waiting_for, waits } = status;
    let standing = ring.standing();
    let shown = |key: &Key| {
        let mut shown = signing_key(ring.name(), key);
        shown.holders = holders.iter().find(|(kid, _)| *kid == key.kid).map_or(0, |(_, count)| *count);
        come_next(&mut shown, key, ring, *activation_at);
        shown
    };
    KeyRing {
        name: Some(wire_ring_name(ring.name())),
        policy: Some(wire_policy(policy)),
        policy_is_own: standing.own_policy.is_some(),
        held_since: standing.held_since.map(wire_time),
        // What is announced may have been asked for, or have to wait until everybody can know it.
        rotates_at: activation_at.or(*turn_at).filter(|_| standing.held_since.is_none()).map(wire_time),
        keys: ring.served().map(shown).collect(),
        watchers: *watchers,
        waiting_for: waiting_for.clone(),
        watchers_behind: waits.map_or(0, |waits| waits.behind),
        waits_until: waits.and_then(|waits| waits.until).map(wire_time),
    }
}

pub(super) fn wire_ring_name(ring: &RingName) -> KeyRingName {
    KeyRingName {
        tenant_id: ring.tenant().to_string(),
        algorithm: wire_algorithm(ring.algorithm()).into(),
        resource_server_id: ring.api().map(ToString::to_string).unwrap_or_default(),
    }
}

fn wire_policy(policy: &RotationPolicy) -> WirePolicy {
    let RotationPolicy { period, jitter, announce_window, retire_window, overdue } = *policy;
    WirePolicy {
        period: Some(wire_length(period)),
        jitter: Some(wire_length(jitter)),
        announce_window: Some(wire_length(announce_window)),
        retire_window: Some(wire_length(retire_window)),
        overdue: Some(wire_length(overdue)),
    }
}

/// The policy of a request: what it does not say is as in `installation`.
pub(super) fn policy(wire: WirePolicy, installation: &RotationPolicy) -> Result<RotationPolicy, Refusal> {
    let WirePolicy { period, jitter, announce_window, retire_window, overdue } = wire;
    let or = |parameter, wire: Option<prost_types::Duration>, unsaid: Duration| {
        wire.map_or(Ok(unsaid), |wire| length(parameter, wire))
    };
    let period = or("policy.period", period, installation.period)?;
    Ok(RotationPolicy {
        period,
        jitter: or("policy.jitter", jitter, installation.jitter.min(period / 2))?,
        announce_window: or("policy.announce_window", announce_window, installation.announce_window)?,
        retire_window: or("policy.retire_window", retire_window, installation.retire_window)?,
        overdue: or("policy.overdue", overdue, installation.overdue)?,
    })
}

/// The life of a token.
pub(super) fn lifetime(parameter: &'static str, wire: prost_types::Duration) -> Result<TokenLifetime, Refusal> {
    let length = length(parameter, wire)?;
    if length.subsec_nanos() != 0 {
        return Err(Refusal::invalid(parameter, &TokenLifetimeError::Fraction));
    }
    TokenLifetime::from_seconds(length.as_secs()).map_err(|rule| Refusal::invalid(parameter, &rule))
}

/// A length in whole milliseconds.
fn length(parameter: &'static str, wire: prost_types::Duration) -> Result<Duration, Refusal> {
    let length = Duration::try_from(wire).map_err(|rule| Refusal::invalid(parameter, &rule))?;
    if length.subsec_nanos() % NANOS_A_MILLI == 0 {
        Ok(length)
    } else {
        Err(Refusal::invalid(parameter, &"whole milliseconds"))
    }
}

/// Who asks, and why, if that was said.
pub(super) fn cause(operator: &Operator, reason: &str) -> Result<Cause, Refusal> {
    let by = match &operator.authority {
        Authority::Token { client_id, .. } => Author::Operator(client_id.as_str().into()),
        Authority::Installation => Author::Installation,
    };
    let reason = match reason {
        "" => None,
        said => Some(said.parse().map_err(|rule: ReasonError| Refusal::invalid("reason", &rule))?),
    };
    Ok(Cause { by, reason })
}

/// The only service that makes and ends rings.
pub(super) fn by_registry() -> Cause {
    Cause::of(Author::Service(ServiceName::CLIENT_REGISTRY.as_str()))
}

/// Whether keys have to be announced for long enough.
pub(super) const fn ready(now_danger: bool) -> Ready {
    if now_danger { Ready::Waived } else { Ready::Needed }
}

/// `None`: what a later release did, and has a word for.
pub(super) const fn wire_deed(kind: Option<DeedKind>) -> KeyDeed {
    let Some(kind) = kind else { return KeyDeed::Unspecified };
    match kind {
        DeedKind::Announced => KeyDeed::Announced,
        DeedKind::Scheduled => KeyDeed::Scheduled,
        DeedKind::Activated => KeyDeed::Activated,
        DeedKind::ActivatedEarly => KeyDeed::ActivatedEarly,
        DeedKind::Retired => KeyDeed::Retired,
        DeedKind::Removed => KeyDeed::Removed,
        DeedKind::Revoked => KeyDeed::Revoked,
        DeedKind::Extended => KeyDeed::Extended,
        DeedKind::Held => KeyDeed::Held,
        DeedKind::Released => KeyDeed::Released,
        DeedKind::PolicySet => KeyDeed::PolicySet,
        DeedKind::Resealed => KeyDeed::Resealed,
        DeedKind::Shown => KeyDeed::Shown,
        DeedKind::GivenUp => KeyDeed::GivenUp,
    }
}

fn wire_length(length: Duration) -> prost_types::Duration {
    let seconds = i64::try_from(length.as_secs()).unwrap_or(i64::MAX);
    prost_types::Duration { seconds, nanos: i32::try_from(length.subsec_nanos()).unwrap_or(0) }
}

const NANOS_A_MILLI: u32 = 1_000_000;

//! Rows ⇄ domain.

use mintage_clock::Timestamp;
use mintage_jose::seal::Sealed;
use mintage_oauth::TenantId;

use super::entities::{key_ring, signing_key};
use crate::domain::{ApiId, Key, KeyState, PortError, Ring, RingName};

/// A row that says what this version cannot read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the row of {what} cannot be read")]
pub struct RowError {
    what: String,
}

impl From<RowError> for PortError {
    fn from(error: RowError) -> Self {
        Self::Internal(Box::new(error))
    }
}

pub(super) fn unreadable(what: impl Into<String>) -> RowError {
    RowError { what: what.into() }
}

pub(super) fn ring_of(row: &key_ring::Model, keys: Vec<signing_key::Model>) -> Result<Ring, RowError> {
    let name = name_of(row)?;
    let keys = keys.into_iter().map(key_of).collect::<Result<_, _>>()?;
    let broken = |_| unreadable(format!("key ring {name}"));
    Ring::restore(name.clone(), unsigned(row.version), keys).map_err(broken)
}

pub(super) fn name_of(row: &key_ring::Model) -> Result<RingName, RowError> {
    let broken = || unreadable(format!("key ring {}", row.id));
    let tenant: TenantId = row.tenant_id.parse().map_err(|_| broken())?;
    let algorithm = row.algorithm.parse().map_err(|_| broken())?;
    let api = Some(row.resource_server_id.as_str()).filter(|id| !id.is_empty());
    let api = api.map(str::parse::<ApiId>).transpose().map_err(|_| broken())?;
    RingName::new(tenant, algorithm, api).map_err(|_| broken())
}

pub(super) fn api_column(name: &RingName) -> &str {
    name.api().map_or("", ApiId::as_str)
}

pub(super) fn key_of(row: signing_key::Model) -> Result<Key, RowError> {
    let state = state_of(&row)?;
    let kid = row.kid.parse().map_err(|_| unreadable(format!("signing key {}", row.kid)))?;
    Ok(Key { kid, jwk: row.jwk.map(Into::into), created_at: instant(row.created_at), since: instant(row.since), state })
}

fn state_of(row: &signing_key::Model) -> Result<KeyState, RowError> {
    let broken = || unreadable(format!("signing key {}", row.kid));
    Ok(match row.state.as_str() {
        PENDING => KeyState::Pending {
            ready_at: row.ready_at.map(instant).ok_or_else(broken)?,
            activate_at: row.next_step_at.map(instant),
        },
        ACTIVE => KeyState::Active,
        RETIRING => KeyState::Retiring { remove_at: row.next_step_at.map(instant).ok_or_else(broken)? },
        REMOVED => KeyState::Removed,
        REVOKED => KeyState::Revoked,
        _ => return Err(broken()),
    })
}

pub(super) const fn state_column(state: KeyState) -> &'static str {
    match state {
        KeyState::Pending { .. } => PENDING,
        KeyState::Active => ACTIVE,
        KeyState::Retiring { .. } => RETIRING,
        KeyState::Removed => REMOVED,
        KeyState::Revoked => REVOKED,
    }
}

pub(super) fn ready_column(state: KeyState) -> Option<i64> {
    match state {
        KeyState::Pending { ready_at, .. } => Some(ready_at.unix_millis()),
        KeyState::Active | KeyState::Retiring { .. } | KeyState::Removed | KeyState::Revoked => None,
    }
}

pub(super) fn next_step_column(state: KeyState) -> Option<i64> {
    state.next_step_at().map(Timestamp::unix_millis)
}

/// The sealed private half; `None` when it is destroyed.
pub(super) fn sealed_of(row: &signing_key::Model) -> Result<Option<Sealed>, RowError> {
    let broken = || unreadable(format!("signing key {}", row.kid));
    match (&row.sealed_under, &row.sealed_nonce, &row.sealed_private) {
        (None, None, None) => Ok(None),
        (Some(key_id), Some(nonce), Some(ciphertext)) => Ok(Some(Sealed {
            key_id: key_id.clone(),
            nonce: nonce.as_slice().try_into().map_err(|_| broken())?,
            ciphertext: ciphertext.clone(),
        })),
        _ => Err(broken()),
    }
}

/// Counters of the schema are never negative.
pub(super) fn unsigned(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

const fn instant(column: i64) -> Timestamp {
    Timestamp::from_unix_millis(column)
}

pub(super) const SERVED: [&str; 3] = [PENDING, ACTIVE, RETIRING];
const PENDING: &str = "pending";
const ACTIVE: &str = "active";
const RETIRING: &str = "retiring";
const REMOVED: &str = "removed";
const REVOKED: &str = "revoked";

//! Rows ⇄ domain.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_jose::seal::Sealed;
use mintage_oauth::{TenantId, TokenLifetime};

use super::entities::{key_ring, signing_key};
use crate::domain::{ApiId, Kept, Key, KeyState, PortError, Ring, RingName, RotationPolicy, Standing};

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
    let standing = Standing {
        version: unsigned(row.version),
        own_policy: own_policy_of(row),
        held_since: row.held_since.map(instant),
    };
    Ring::restore(name.clone(), standing, keys).map_err(broken)
}

fn own_policy_of(row: &key_ring::Model) -> Option<RotationPolicy> {
    let length = |column: Option<i64>| column.map(|millis| Duration::from_millis(unsigned(millis)));
    Some(RotationPolicy {
        period: length(row.period)?,
        jitter: length(row.jitter)?,
        announce_window: length(row.announce_window)?,
        retire_window: length(row.retire_window)?,
        overdue: length(row.overdue)?,
    })
}

/// The columns of a ring's own policy: period, jitter, announce window, retire window and overdue.
pub(super) fn policy_columns(own: Option<&RotationPolicy>) -> [Option<i64>; 5] {
    let column = |length: fn(&RotationPolicy) -> Duration| {
        own.map(|own| i64::try_from(length(own).as_millis()).unwrap_or(i64::MAX))
    };
    [
        column(|own| own.period),
        column(|own| own.jitter),
        column(|own| own.announce_window),
        column(|own| own.retire_window),
        column(|own| own.overdue),
    ]
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
    let broken = || unreadable(format!("signing key {}", row.kid));
    let kid = row.kid.parse().map_err(|_| broken())?;
    let longest_token = match row.longest_token {
        Some(seconds) => u64::try_from(seconds).ok().and_then(|seconds| TokenLifetime::from_seconds(seconds).ok()),
        // The release that made it allowed every life.
        None => Some(TokenLifetime::MAX),
    };
    Ok(Key {
        kid,
        created_at: instant(row.created_at),
        since: instant(row.since),
        state,
        longest_token: longest_token.ok_or_else(broken)?,
        announced_in: Some(unsigned(row.announced_in.unwrap_or(0))),
        settled: !row.unsettled.unwrap_or(false),
        jwk: row.jwk.map(Into::into),
    })
}

fn state_of(row: &signing_key::Model) -> Result<KeyState, RowError> {
    let broken = || unreadable(format!("signing key {}", row.kid));
    Ok(match row.state.as_str() {
        PENDING => KeyState::Pending {
            ready_at: row.ready_at.map(instant).ok_or_else(broken)?,
            activate_at: row.next_step_at.map(instant),
        },
        ACTIVE => {
            KeyState::Active { expires_at: row.expires_at.map_or_else(|| instant(row.since) + UNSAID_TERM, instant) }
        }
        RETIRING => KeyState::Retiring { remove_at: row.next_step_at.map(instant).ok_or_else(broken)? },
        REMOVED => KeyState::Removed,
        REVOKED => KeyState::Revoked,
        _ => return Err(broken()),
    })
}

pub(super) const fn state_column(state: KeyState) -> &'static str {
    match state {
        KeyState::Pending { .. } => PENDING,
        KeyState::Active { .. } => ACTIVE,
        KeyState::Retiring { .. } => RETIRING,
        KeyState::Removed => REMOVED,
        KeyState::Revoked => REVOKED,
    }
}

pub(super) fn ready_column(state: KeyState) -> Option<i64> {
    match state {
        KeyState::Pending { ready_at, .. } => Some(ready_at.unix_millis()),
        KeyState::Active { .. } | KeyState::Retiring { .. } | KeyState::Removed | KeyState::Revoked => None,
    }
}

pub(super) fn next_step_column(state: KeyState) -> Option<i64> {
    state.next_step_at().map(Timestamp::unix_millis)
}

pub(super) fn expires_column(state: KeyState) -> Option<i64> {
    match state {
        KeyState::Active { expires_at } => Some(expires_at.unix_millis()),
        _ => None,
    }
}

pub(super) fn longest_column(lifetime: TokenLifetime) -> Option<i32> {
    i32::try_from(lifetime.as_seconds()).ok()
}

/// The private half; `None` when it is destroyed.
pub(super) fn kept_of(row: &signing_key::Model) -> Result<Option<Kept>, RowError> {
    let broken = || unreadable(format!("signing key {}", row.kid));
    match (sealed_of(row)?, &row.token_object) {
        (sealed, None) => Ok(sealed.map(Kept::Sealed)),
        (None, Some(name)) => Ok(Some(Kept::InToken(name.parse().map_err(|_| broken())?))),
        (Some(_), Some(_)) => Err(broken()),
    }
}

/// The sealed private half; `None` when it is destroyed, or inside a token.
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

pub(super) const fn instant(column: i64) -> Timestamp {
    Timestamp::from_unix_millis(column)
}

/// How long a key signs that a release made which set no end to it: until its turn comes, whatever the policy is.
const UNSAID_TERM: Duration = Duration::from_hours(24 * 2000);

pub(super) const SERVED: [&str; 3] = [PENDING, ACTIVE, RETIRING];
const PENDING: &str = "pending";
const ACTIVE: &str = "active";
const RETIRING: &str = "retiring";
const REMOVED: &str = "removed";
const REVOKED: &str = "revoked";

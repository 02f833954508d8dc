//! Somebody is let to register clients.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_oauth::{SecretHash, TenantId};

use crate::domain::ports::{Ledger, Write};
use crate::domain::{Kind, RegistryError};

/// What an initial access token allows (RFC 7591 section 3).
#[derive(Clone, Debug)]
pub(crate) struct InitialAccess {
    pub(crate) tenant: TenantId,
    pub(crate) hash: SecretHash,
    /// How many clients it still registers.
    pub(crate) uses: i32,
    /// From then on it is worth nothing.
    pub(crate) not_after: Timestamp,
    pub(crate) created_at: Timestamp,
}

impl InitialAccess {
    /// As it is to be stored; one use and a day unless told.
    pub(crate) fn new(
        tenant: TenantId,
        hash: SecretHash,
        uses: i32,
        not_after: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, RegistryError> {
        let not_after = not_after.unwrap_or(now + DAY);
        if not_after <= now || not_after > now + LONGEST {
            return Err(RegistryError::invalid("not_after", "it is past, or more than 90 days away"));
        }
        match uses {
            0 => Ok(Self { tenant, hash, uses: 1, not_after, created_at: now }),
            1..=MOST_USES => Ok(Self { tenant, hash, uses, not_after, created_at: now }),
            _ => Err(RegistryError::invalid("uses", "it is not from 1 to 1000")),
        }
    }
}

/// Stores it; nothing that anybody has cached changes.
pub(crate) struct CreateInitialAccess<'a>(pub(crate) &'a InitialAccess);

impl Write for CreateInitialAccess<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self(access) = *self;
        ledger.tenant(&access.tenant).await?.ok_or(RegistryError::NotFound(Kind::Tenant))?;
        ledger.forget_spent_initial_access(&access.tenant, access.created_at).await?;
        if ledger.initial_accesses(&access.tenant).await? >= MOST_AT_ONCE {
            return Err(RegistryError::LimitReached { limit: "1000 initial access tokens at once" });
        }
        ledger.insert_initial_access(access).await
    }
}

const DAY: Duration = Duration::from_hours(24);
const LONGEST: Duration = Duration::from_hours(90 * 24);
const MOST_USES: i32 = 1000;
const MOST_AT_ONCE: u64 = 1000;

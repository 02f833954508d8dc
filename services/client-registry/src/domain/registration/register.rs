//! A client registers itself.

use std::time::Duration;

use mintage_clock::Timestamp;
use mintage_oauth::SecretHash;

use super::ClientMetadata;
use crate::domain::change::Subject;
use crate::domain::client::Client;
use crate::domain::ports::{Ledger, NewRegistration, Write};
use crate::domain::tenant::{DynamicRegistration, Tenant};
use crate::domain::{Kind, RegistryError};

/// Stores the client with what manages it, if the tenant lets whoever asks.
pub(crate) struct RegisterClient<'a> {
    pub(crate) client: &'a Client,
    pub(crate) said: &'a ClientMetadata,
    /// Of the registration access token.
    pub(crate) hash: &'a SecretHash,
    /// Of where it comes from.
    pub(crate) source: &'a SecretHash,
    /// Of the initial access token, if one was presented.
    pub(crate) initial_access: Option<&'a SecretHash>,
    pub(crate) now: Timestamp,
}

impl Write for RegisterClient<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self { client, said, hash, source, initial_access, now } = *self;
        let tenant = ledger.tenant(&client.tenant).await?;
        let tenant = check_may_register(tenant, initial_access)?;
        if tenant.dynamic_registration == DynamicRegistration::WithToken {
            let used = match initial_access {
                Some(presented) => ledger.use_initial_access(&tenant.id, presented, now).await?,
                None => false,
            };
            if !used {
                return Err(RegistryError::RegistrationRefused);
            }
        }
        if ledger.registrations(&tenant.id).await? >= MAX_REGISTRATIONS {
            return Err(RegistryError::LimitReached { limit: "1000 clients that registered themselves" });
        }
        if tenant.dynamic_registration == DynamicRegistration::Open {
            let lately = ledger.registrations_from(&tenant.id, source, now - WINDOW).await?;
            if lately >= u64::from(MOST_FROM_ONE_SOURCE) {
                return Err(RegistryError::TooManyAttempts { retry_after: LATER, limit: MOST_FROM_ONE_SOURCE });
            }
        }
        said.check_name(&tenant, ledger).await?;
        ledger.insert_client(client).await?;
        ledger.insert_registration(&NewRegistration { client, hash, source, now }).await?;
        ledger.record(&client.tenant, Subject::Client(client.id.clone()));
        Ok(())
    }
}

/// Refuses whoever the tenant does not let register, as far as that can be told without a look at the token.
pub(crate) fn check_may_register(
    tenant: Option<Tenant>,
    initial_access: Option<&SecretHash>,
) -> Result<Tenant, RegistryError> {
    let tenant = tenant.ok_or(RegistryError::NotFound(Kind::Tenant))?;
    match tenant.dynamic_registration {
        DynamicRegistration::Open => Ok(tenant),
        DynamicRegistration::WithToken if initial_access.is_some() => Ok(tenant),
        DynamicRegistration::WithToken => Err(RegistryError::RegistrationRefused),
        DynamicRegistration::Off => Err(RegistryError::RegistrationOff),
    }
}

/// Of a tenant: whoever may register could fill the database.
const MAX_REGISTRATIONS: u64 = 1000;
/// Living ones, that one source registered within a day where nobody needs a token for it: many people of an office may each
/// have an application that does, but no single source fills a tenant's places in one night.
const MOST_FROM_ONE_SOURCE: u32 = 100;
const WINDOW: Duration = Duration::from_hours(24);
/// A place comes free when a day has passed since one of them, or one is deleted.
const LATER: Duration = Duration::from_hours(1);

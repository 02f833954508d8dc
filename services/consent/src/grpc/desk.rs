//! What every RPC works with.

use std::sync::Arc;

use mintage_chassis::access::RemoteKeys;
use mintage_chassis::paging::PageTokens;
use std::net::IpAddr;

use mintage_clock::{Clock, Randomness, Timestamp};
use mintage_oauth::{FailureLimiter, LimiterSettings, Quota, TenantId, TooMany};

use super::told;
use crate::clients::{Registry, Tenant};
use crate::domain::id::UserId;
use crate::domain::password_directory::PasswordDirectory;
use crate::domain::secret::{Digest, Digester, HandedOut, Purpose};
use crate::domain::session::Session;
use crate::domain::user::User;
use crate::domain::{ConsentError, Kind};
use crate::hashing::Hashing;
use crate::metronome::RuntimeMetronome;
use crate::settings::Settings;
use crate::store::ConsentStore;

/// The store, the registry, time and chance.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) store: ConsentStore,
    pub(crate) registry: Registry,
    /// Those that tokens are verified by.
    pub(crate) keys: Arc<RemoteKeys>,
    pub(crate) pages: PageTokens,
    pub(crate) passwords: PasswordDirectory<ConsentStore, Hashing, RuntimeMetronome>,
    /// Who begins what is kept until it is answered: anybody can.
    pub(crate) begun: FailureLimiter,
    pub(crate) digester: Digester,
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) randomness: Randomness,
}

impl Desk {
    /// The moment.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A secret of that purpose, with its digest.
    pub(super) fn draw(&self, purpose: Purpose) -> (HandedOut, Digest) {
        let secret = HandedOut::generate(purpose, &self.randomness);
        let digest = self.digester.of(purpose, &secret);
        (secret, digest)
    }

    /// The secret that a browser holds, or a fresh one, with its digest.
    pub(super) fn kept_or_drawn(&self, purpose: Purpose, held: &str) -> (HandedOut, Digest) {
        match HandedOut::read(purpose, held) {
            Some(kept) => {
                let digest = self.digester.of(purpose, &kept);
                (kept, digest)
            }
            None => self.draw(purpose),
        }
    }

    /// Counts what somebody begins, for a client, from an address; refused when too much of it was begun lately.
    pub(super) fn count_begun(
        &self,
        tenant: &TenantId,
        client: &str,
        source: Option<IpAddr>,
    ) -> Result<(), ConsentError> {
        let (attempt, now) = (self.begun.attempt(tenant, client, source), self.clock.monotonic());
        if let Some(TooMany { retry_after, limit: _ }) = self.begun.refusal(attempt, now) {
            return Err(ConsentError::TooManyAttempts { retry_after });
        }
        self.begun.record_failure(attempt, now);
        Ok(())
    }

    /// The digest of what was presented; `None` where it cannot be one of that purpose.
    pub(super) fn digest(&self, purpose: Purpose, presented: &str) -> Option<Digest> {
        Some(self.digester.of(purpose, &HandedOut::read(purpose, presented)?))
    }

    /// The user of that id, if the tenant has it.
    pub(super) async fn user(&self, tenant: &TenantId, id: &UserId) -> Result<User, ConsentError> {
        let tenant = self.tenant(tenant.as_str()).await?;
        let found = self.store.user(&tenant.id, id).await?;
        found.filter(|user| tenant.has(user)).ok_or(ConsentError::NotFound(Kind::User))
    }

    /// The tenant of a request, which the registry knows.
    pub(super) async fn tenant(&self, text: &str) -> Result<Tenant, ConsentError> {
        let id = tenant_id(text)?;
        let tenant = self.registry.tenant(&id).await?.ok_or(ConsentError::NotFound(Kind::Tenant))?;
        told::tenant(&tenant.id);
        Ok(tenant)
    }

    /// Who is signed in in a browser, if anybody is who may be.
    pub(super) async fn session(&self, tenant: &TenantId, token: &str) -> Result<Option<Session>, ConsentError> {
        Ok(self.signed_in(tenant, token).await?.map(|(session, _)| session))
    }

    /// As [`Self::session`], with the user.
    pub(super) async fn signed_in(
        &self,
        tenant: &TenantId,
        token: &str,
    ) -> Result<Option<(Session, User)>, ConsentError> {
        let Some(digest) = self.digest(Purpose::Session, token) else { return Ok(None) };
        let idle = self.settings.session_idle_lifetime;
        let Some(found) = self.store.signed_in(tenant, &digest, self.now(), idle).await? else { return Ok(None) };
        // A tenant that came back under its old id knows nobody of before.
        let tenant = self.registry.tenant(tenant).await?;
        let found = tenant.is_some_and(|tenant| tenant.has(&found.1)).then_some(found);
        found.iter().for_each(|(_, user)| told::user(&user.id));
        Ok(found)
    }
}

/// The tenant named; empty: `default`.
pub(super) fn tenant_id(text: &str) -> Result<TenantId, ConsentError> {
    if text.is_empty() {
        return Ok(TenantId::default_tenant());
    }
    text.parse().map_err(|error| ConsentError::invalid("tenant_id", error))
}

/// What is begun and never answered stays for half an hour: a few hundred thousand rows at the most for one client, whoever
/// sends requests in its name. An office behind one address signs in by the dozen.
pub(crate) const BEGINNINGS: LimiterSettings = LimiterSettings {
    client: Quota { burst: 2000, refill_per_second: 100 },
    source: Quota { burst: 200, refill_per_second: 5 },
    remembered: 65_536,
};

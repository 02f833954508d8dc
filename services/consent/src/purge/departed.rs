//! Asks the registry about what may be gone, and forgets what is.
//!
//! What is kept is read first and the registry asked then: what was written was known to the registry before, so whatever it
//! does not have by then it never has again. So replicas that do the same at once do no harm, nor does one that comes late.

use std::future::Future;
use std::time::Duration;

use mintage_chassis::status::Chain;
use mintage_chassis::telemetry::names::PURGED;
use mintage_clock::Clock;
use mintage_oauth::{Audience, ClientId, TenantId};

use super::Noticed;
use super::noticed::Next;
use crate::clients::Registry;
use crate::domain::ConsentError;
use crate::domain::departure::{Named, former};
use crate::domain::incarnation::Life;
use crate::store::ConsentStore;

type Answer<T> = Result<T, ConsentError>;

/// Forgets what is gone. Every replica does.
#[derive(Debug)]
pub(crate) struct Purge {
    pub(crate) store: ConsentStore,
    pub(crate) registry: Registry,
    pub(crate) noticed: Noticed,
    pub(crate) clock: Clock,
}

impl Purge {
    /// Does what is noticed, for as long as the process lives. What cannot be done now is done later.
    pub(crate) async fn run(self) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let next = self.noticed.next(EVERYTHING_EVERY).await;
            let outcome = match &next {
                Next::All => self.all().await,
                Next::One(named) => self.one(named).await,
            };
            let Err(error) = outcome else {
                self.noticed.done();
                pause = SHORTEST_PAUSE;
                continue;
            };
            tracing::warn!(error = %Chain(&error), "what is deleted in the registry is forgotten later");
            self.noticed.give_back(next);
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    async fn all(&self) -> Answer<()> {
        self.check_registry().await?;
        let mut tenant = None;
        while let Some(next) = self.store.next_tenant(tenant.as_ref()).await? {
            self.tenant(&next).await?;
            self.all_of(&next).await?;
            tenant = Some(next);
        }
        Ok(())
    }

    async fn all_of(&self, tenant: &TenantId) -> Answer<()> {
        let mut client = None;
        while let Some(next) = self.store.next_client(tenant, client.as_ref()).await? {
            self.client(tenant, &next).await?;
            client = Some(next);
        }
        let mut api = None;
        while let Some(next) = self.store.next_api(tenant, api.as_ref()).await? {
            self.api(tenant, &next).await?;
            api = Some(next);
        }
        until_done(|| self.store.place_grants_without_api(tenant)).await.map(drop)
    }

    async fn one(&self, named: &Named) -> Answer<()> {
        self.check_registry().await?;
        match named {
            Named::Tenant(tenant) => self.tenant(tenant).await,
            Named::Client(tenant, client) => self.client(tenant, client).await,
            Named::Api(tenant, audience) => self.api(tenant, audience).await,
        }
    }

    /// Users, with all that hangs on them, and what browsers are being asked there.
    async fn tenant(&self, tenant: &TenantId) -> Answer<()> {
        let (kept, asked_at) = (self.store.lives_of_tenant(tenant).await?, self.clock.now());
        let life = self.registry.tenant(tenant).await?.map(|tenant| tenant.life);
        let mut users = 0;
        // It is never deleted. See [`Self::check_registry`].
        let gone = if tenant.is_default() { Vec::new() } else { former(kept, life.as_ref(), asked_at) };
        for former in gone {
            if self.store.has_users(tenant, &former).await? {
                self.check_registry().await?;
                users += until_done(|| self.store.forget_users(tenant, &former)).await?;
            }
        }
        // Where there is another of the name, pages may be of either: those of the former lead to clients that are gone, and
        // are over soon.
        let interactions =
            if life.is_none() { until_done(|| self.store.forget_interactions(tenant)).await? } else { 0 };
        if let Some(life) = &life {
            until_done(|| self.store.place_users(tenant, life)).await?;
        }
        if users + interactions > 0 {
            PURGED.add(users, ["users"]);
            PURGED.add(interactions, ["interactions"]);
            tracing::info!(%tenant, users, interactions, "the users of a tenant that is gone are forgotten");
        }
        Ok(())
    }

    async fn client(&self, tenant: &TenantId, client: &ClientId) -> Answer<()> {
        let is_gone = self.store.has_grants_of(tenant, client).await?
            && self.registry.registered(tenant, client).await?.is_none();
        if is_gone {
            self.check_registry().await?;
            let grants = until_done(|| self.store.forget_grants_of(tenant, client)).await?;
            PURGED.add(grants, ["grants"]);
            tracing::info!(%tenant, %client, grants, "what users granted a client that is gone is forgotten");
        }
        Ok(())
    }

    async fn api(&self, tenant: &TenantId, audience: &Audience) -> Answer<()> {
        if !self.store.has_grants_at(tenant, audience).await? {
            return Ok(());
        }
        let (kept, asked_at) = (self.store.lives_of_api(tenant, audience).await?, self.clock.now());
        let life: Option<Life> = self.registry.api(tenant, audience).await?.map(|api| api.life);
        let mut grants = 0;
        for former in former(kept, life.as_ref(), asked_at) {
            if self.store.has_former_grants_at(tenant, audience, &former).await? {
                self.check_registry().await?;
                grants += until_done(|| self.store.forget_grants_at(tenant, audience, &former)).await?;
            }
        }
        if let Some(life) = &life {
            until_done(|| self.store.place_grants(tenant, audience, life)).await?;
        }
        if grants > 0 {
            PURGED.add(grants, ["grants"]);
            tracing::info!(%tenant, %audience, grants, "what users granted at an API that is gone is forgotten");
        }
        Ok(())
    }

    /// Tenant `default` is never deleted. A registry that has none, or another than it had, is not the one that the users here
    /// are of: it was set up anew, or is another installation's, and nothing follows from what it does not have.
    async fn check_registry(&self) -> Answer<()> {
        if is_known(&self.store, &self.registry, &self.clock).await? {
            Ok(())
        } else {
            Err(ConsentError::Failed("the registry is not the one that the users are of".into()))
        }
    }
}

/// Whether the registry is the one that the users here are of, so that what it does not have is gone.
pub(crate) async fn is_known(store: &ConsentStore, registry: &Registry, clock: &Clock) -> Answer<bool> {
    let life = registry.tenant(&TenantId::default_tenant()).await?.map(|tenant| tenant.life);
    match life {
        Some(life) => store.knows_registry(&life.incarnation, clock.now()).await,
        None => Ok(false),
    }
}

/// Takes one piece after the other; how much it was in all. Others want the database too.
async fn until_done<F: Future<Output = Answer<u64>>>(piece: impl Fn() -> F) -> Answer<u64> {
    let mut done = 0;
    loop {
        match piece().await? {
            0 => return Ok(done),
            some => done += some,
        }
        tokio::time::sleep(BETWEEN_PIECES).await;
    }
}

/// The feed tells of whatever is deleted; only what was written just then by somebody who did not know yet is left to this.
const EVERYTHING_EVERY: Duration = Duration::from_hours(1);
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
const BETWEEN_PIECES: Duration = Duration::from_millis(20);

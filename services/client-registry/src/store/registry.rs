//! Reads, and writes as one transaction each.

use async_trait::async_trait;
use mintage_chassis::door::Need;
use mintage_chassis::paging::{Page, PageSize};
use mintage_clock::Timestamp;
use mintage_oauth::{Algorithm, Audience, ClientId, Origin, SecretHash, TenantId};
use mintage_store::{Database, Work};
use sea_orm::{DatabaseTransaction, TransactionTrait};

use super::ledger::StoreLedger;
use super::{
    Claim, ClientGrantFilter, client_grants, clients, feed, registrations, removals, resource_servers, tenants,
};
use crate::domain::change::Change;
use crate::domain::client::{Client, SecretUse};
use crate::domain::client_grant::ClientGrant;
use crate::domain::ports::{RingRemoval, Write};
use crate::domain::resource_server::ResourceServer;
use crate::domain::tenant::Tenant;
use crate::domain::{ClientGrantId, RegistryError};

type Answer<T> = Result<T, RegistryError>;

/// The registry's database. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct RegistryStore(Database);

impl RegistryStore {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Runs `write` as one transaction: its rows, its changes and their revision are kept together or not at all.
    /// Returns what it brings with the revision of its last change.
    pub(crate) async fn write<W: Write>(&self, now: Timestamp, write: &W) -> Answer<(W::Done, u64)> {
        self.0.run(&Writing { write, now }).await
    }

    /// Notes uses of secrets; that is no change of the registry and tells the feed nothing.
    pub(crate) async fn note_uses(&self, uses: &[SecretUse]) -> Answer<()> {
        self.0.run(&NotingUses(uses)).await
    }

    /// Refuses what `write` would be refused, keeps nothing of it, and notes that `rings` are to go when `due` unless they
    /// are needed then: they are about to be made. A note that somebody else made for that is taken over, for a maker who
    /// died leaves one behind. False, and nothing is noted, while a replica is just removing `rings`.
    pub(crate) async fn rehearse<W: Write>(
        &self,
        now: Timestamp,
        write: &W,
        rings: &RingRemoval,
        due: Timestamp,
    ) -> Answer<bool> {
        self.0.run(&Rehearsing { write, rings, now, due }).await
    }

    /// As [`Self::write`], after a rehearsal whose rings have been made. `None`, and nothing is kept, when the note of the
    /// rehearsal is not there any more: somebody who needs the same rings was faster and took it along, or the rings have
    /// been removed.
    pub(crate) async fn write_rehearsed<W: Write>(
        &self,
        now: Timestamp,
        write: &W,
        rings: &RingRemoval,
    ) -> Answer<Option<(W::Done, u64)>> {
        self.0.run(&WritingRehearsed { writing: Writing { write, now }, rings }).await
    }

    /// Notes that key rings are to go now, unless they are needed.
    pub(crate) async fn owe_removal(&self, rings: &RingRemoval, now: Timestamp) -> Answer<()> {
        self.0.run(&Owing { rings, now }).await
    }

    /// Takes on the first removal that is due, of those after `last`, of one tenant if that is named.
    pub(crate) async fn claim_removal(
        &self,
        whose: Option<&TenantId>,
        last: Option<&RingRemoval>,
        now: Timestamp,
    ) -> Answer<Option<Claim>> {
        self.0.run(&Claiming { whose, last, now }).await
    }

    /// Gives a removal back, which is forgotten when it was `done`.
    pub(crate) async fn settle_removal(&self, claim: &Claim, done: bool) -> Answer<()> {
        self.0.run(&Settling { claim, done }).await
    }

    /// Whether a replica is just removing `rings`, or some of them.
    pub(crate) async fn is_removing(&self, rings: &RingRemoval, now: Timestamp) -> Answer<bool> {
        removals::is_claimed(self.0.connection(), rings, now).await
    }

    /// Whether rings of the tenant are to be removed now, or just are.
    pub(crate) async fn has_pending_removals(&self, tenant: &TenantId, now: Timestamp) -> Answer<bool> {
        removals::is_pending(self.0.connection(), tenant, now).await
    }

    /// The revision of the last change.
    pub(crate) async fn head(&self) -> Answer<u64> {
        feed::head(self.0.connection()).await
    }

    /// Changes after `revision`, at most `limit`.
    pub(crate) async fn changes_after(&self, revision: u64, limit: u64) -> Answer<Vec<Change>> {
        feed::after(self.0.connection(), revision, limit).await
    }

    /// Forgets changes written before `oldest`.
    pub(crate) async fn trim_changes(&self, oldest: Timestamp) -> Answer<u64> {
        feed::trim(self.0.connection(), oldest).await
    }

    pub(crate) async fn tenant(&self, id: &TenantId) -> Answer<Option<Tenant>> {
        tenants::find(self.0.connection(), id.as_str()).await
    }

    pub(crate) async fn tenant_on(&self, origin: &Origin) -> Answer<Option<Tenant>> {
        tenants::find_on(self.0.connection(), origin).await
    }

    pub(crate) async fn tenants(&self, after: Option<&str>, size: PageSize) -> Answer<Page<Tenant>> {
        tenants::list(self.0.connection(), after, size).await
    }

    pub(crate) async fn client(&self, tenant: &TenantId, id: &ClientId) -> Answer<Option<Client>> {
        clients::find(self.0.connection(), tenant, id).await
    }

    pub(crate) async fn clients(&self, tenant: &TenantId, after: Option<&str>, size: PageSize) -> Answer<Page<Client>> {
        clients::list(self.0.connection(), tenant, after, size).await
    }

    /// The hash of what manages the client, if it registered itself.
    pub(crate) async fn registration(&self, tenant: &TenantId, client: &ClientId) -> Answer<Option<SecretHash>> {
        registrations::find(self.0.connection(), tenant, client).await
    }

    /// Whether the client registered itself, and no user ever let it act.
    pub(crate) async fn is_unused(&self, tenant: &TenantId, client: &ClientId) -> Answer<bool> {
        registrations::is_unused(self.0.connection(), tenant, client).await
    }

    /// Notes that a user let the client act; that is no change of the registry and tells the feed nothing.
    pub(crate) async fn note_registration_use(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        at: Timestamp,
    ) -> Answer<()> {
        registrations::note_use(self.0.connection(), tenant, client, at).await
    }

    /// Whether a client registered itself until the moment and was never used.
    pub(crate) async fn has_unused(&self, until: Timestamp) -> Answer<bool> {
        Ok(!registrations::unused(self.0.connection(), until, 1).await?.is_empty())
    }

    /// Whether an initial access token could be used now.
    pub(crate) async fn is_initial_access(
        &self,
        tenant: &TenantId,
        presented: &SecretHash,
        now: Timestamp,
    ) -> Answer<bool> {
        registrations::is_usable(self.0.connection(), tenant, presented, now).await
    }

    /// By id or identifier.
    pub(crate) async fn resource_server(&self, tenant: &TenantId, key: &Audience) -> Answer<Option<ResourceServer>> {
        resource_servers::find(self.0.connection(), tenant, key).await
    }

    pub(crate) async fn resource_servers(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        size: PageSize,
    ) -> Answer<Page<ResourceServer>> {
        resource_servers::list(self.0.connection(), tenant, after, size).await
    }

    pub(crate) async fn client_grant(&self, tenant: &TenantId, id: &ClientGrantId) -> Answer<Option<ClientGrant>> {
        client_grants::find(self.0.connection(), tenant, id).await
    }

    /// How many seconds the longest-lived tokens of a tenant's APIs live that have `algorithm`, of all or of the one named.
    pub(crate) async fn longest_lifetime(
        &self,
        tenant: &TenantId,
        algorithm: Algorithm,
        api: Option<&str>,
    ) -> Answer<Option<u32>> {
        resource_servers::longest_lifetime(self.0.connection(), tenant, algorithm, api).await
    }

    pub(crate) async fn client_grant_between(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        audience: &Audience,
    ) -> Answer<Option<ClientGrant>> {
        client_grants::find_between(self.0.connection(), tenant, client, audience).await
    }

    pub(crate) async fn client_grants(
        &self,
        tenant: &TenantId,
        filter: &ClientGrantFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Answer<Page<ClientGrant>> {
        client_grants::list(self.0.connection(), tenant, filter, after, size).await
    }
}

/// Nothing is known here but what stands in the database.
#[async_trait]
impl Need for RegistryStore {
    async fn check(&self) -> Result<(), &'static str> {
        self.0.ping().await.map_err(|_| "the database does not answer")
    }
}

struct Writing<'a, W> {
    write: &'a W,
    now: Timestamp,
}

impl<W: Write> Work for Writing<'_, W> {
    type Done = (W::Done, u64);
    type Error = RegistryError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Self::Done> {
        let ledger = StoreLedger::open(transaction).await?;
        let done = self.write.run(&ledger).await?;
        Ok((done, ledger.close(self.now).await?))
    }
}

struct NotingUses<'a>(&'a [SecretUse]);

impl Work for NotingUses<'_> {
    type Done = ();
    type Error = RegistryError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<()> {
        for used in self.0 {
            clients::note_use(transaction, used).await?;
        }
        Ok(())
    }
}

struct Rehearsing<'a, W> {
    write: &'a W,
    rings: &'a RingRemoval,
    now: Timestamp,
    due: Timestamp,
}

impl<W: Write> Work for Rehearsing<'_, W> {
    type Done = bool;
    type Error = RegistryError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<bool> {
        // Held beyond the rehearsal, so that nothing changes between it and the note.
        feed::lock(transaction).await?;
        let rehearsal = transaction.begin().await?;
        let outcome = self.write.run(&StoreLedger::open(&rehearsal).await?).await;
        rehearsal.rollback().await?;
        outcome?;
        removals::owe_unless_written(transaction, self.rings, self.now, self.due).await
    }
}

struct WritingRehearsed<'a, W> {
    writing: Writing<'a, W>,
    rings: &'a RingRemoval,
}

impl<W: Write> Work for WritingRehearsed<'_, W> {
    type Done = Option<(W::Done, u64)>;
    type Error = RegistryError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Self::Done> {
        // In the order in which a rehearsal locks them.
        feed::lock(transaction).await?;
        if removals::forget(transaction, self.rings).await? {
            return self.writing.run(transaction).await.map(Some);
        }
        // What would be refused now, is.
        let rehearsal = transaction.begin().await?;
        let outcome = self.writing.run(&rehearsal).await;
        rehearsal.rollback().await?;
        outcome.map(|_| None)
    }
}

struct Owing<'a> {
    rings: &'a RingRemoval,
    now: Timestamp,
}

impl Work for Owing<'_> {
    type Done = ();
    type Error = RegistryError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<()> {
        feed::lock(transaction).await?;
        removals::owe(transaction, self.rings, self.now).await
    }
}

struct Claiming<'a> {
    whose: Option<&'a TenantId>,
    last: Option<&'a RingRemoval>,
    now: Timestamp,
}

impl Work for Claiming<'_> {
    type Done = Option<Claim>;
    type Error = RegistryError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<Option<Claim>> {
        feed::lock(transaction).await?;
        removals::claim(transaction, self.whose, self.last, self.now).await
    }
}

struct Settling<'a> {
    claim: &'a Claim,
    done: bool,
}

impl Work for Settling<'_> {
    type Done = ();
    type Error = RegistryError;

    async fn run(&self, transaction: &DatabaseTransaction) -> Answer<()> {
        removals::settle(transaction, self.claim, self.done).await
    }
}

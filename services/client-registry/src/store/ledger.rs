//! The registry within one write.

use std::sync::{Mutex, PoisonError};

use mintage_clock::Timestamp;
use mintage_oauth::{Audience, ClientId, SecretHash, TenantId};
use sea_orm::DatabaseTransaction;

use super::{client_grants, clients, feed, registrations, removals, resource_servers, tenants};
use crate::domain::change::Subject;
use crate::domain::client::Client;
use crate::domain::client_grant::ClientGrant;
use crate::domain::ports::{Ledger, NewRegistration, RingRemoval};
use crate::domain::registration::InitialAccess;
use crate::domain::resource_server::ResourceServer;
use crate::domain::tenant::Tenant;
use crate::domain::{ClientGrantId, RegistryError, ResourceServerId};

type Answer<T> = Result<T, RegistryError>;

/// An open transaction that holds the head of the change feed.
pub(super) struct StoreLedger<'a> {
    transaction: &'a DatabaseTransaction,
    head: u64,
    changes: Mutex<Vec<(TenantId, Subject)>>,
}

impl<'a> StoreLedger<'a> {
    pub(super) async fn open(transaction: &'a DatabaseTransaction) -> Answer<Self> {
        let head = feed::lock(transaction).await?;
        Ok(Self { transaction, head, changes: Mutex::default() })
    }

    /// Writes the changes into the log; returns the revision of the last.
    pub(super) async fn close(self, now: Timestamp) -> Answer<u64> {
        let changes = self.changes.into_inner().unwrap_or_else(PoisonError::into_inner);
        feed::append(self.transaction, self.head, changes, now).await
    }
}

impl Ledger for StoreLedger<'_> {
    async fn tenant(&self, id: &TenantId) -> Answer<Option<Tenant>> {
        tenants::find(self.transaction, id.as_str()).await
    }

    async fn insert_tenant(&self, tenant: &Tenant) -> Answer<()> {
        tenants::insert(self.transaction, tenant).await
    }

    async fn update_tenant(&self, tenant: &Tenant) -> Answer<()> {
        tenants::update(self.transaction, tenant).await
    }

    async fn delete_tenant(&self, id: &TenantId) -> Answer<()> {
        tenants::delete(self.transaction, id).await
    }

    async fn client(&self, tenant: &TenantId, id: &ClientId) -> Answer<Option<Client>> {
        clients::find(self.transaction, tenant, id).await
    }

    async fn insert_client(&self, client: &Client) -> Answer<()> {
        clients::insert(self.transaction, client).await
    }

    async fn update_client(&self, client: &Client) -> Answer<()> {
        clients::update(self.transaction, client).await
    }

    async fn delete_client(&self, tenant: &TenantId, id: &ClientId) -> Answer<()> {
        clients::delete(self.transaction, tenant, id).await
    }

    async fn is_taken_by_an_operators_client(&self, tenant: &TenantId, looks: &str) -> Answer<bool> {
        clients::is_taken_by_an_operators(self.transaction, tenant, looks).await
    }

    async fn registration(&self, tenant: &TenantId, client: &ClientId) -> Answer<Option<SecretHash>> {
        registrations::find(self.transaction, tenant, client).await
    }

    async fn registrations(&self, tenant: &TenantId) -> Answer<u64> {
        registrations::count(self.transaction, tenant).await
    }

    async fn registrations_from(&self, tenant: &TenantId, source: &SecretHash, since: Timestamp) -> Answer<u64> {
        registrations::count_from(self.transaction, tenant, source, since).await
    }

    async fn unused_registrations(&self, until: Timestamp, at_most: u64) -> Answer<Vec<(TenantId, ClientId)>> {
        registrations::unused(self.transaction, until, at_most).await
    }

    async fn insert_registration(&self, new: &NewRegistration<'_>) -> Answer<()> {
        registrations::insert(self.transaction, new).await
    }

    async fn use_initial_access(&self, tenant: &TenantId, presented: &SecretHash, now: Timestamp) -> Answer<bool> {
        registrations::use_initial_access(self.transaction, tenant, presented, now).await
    }

    async fn initial_accesses(&self, tenant: &TenantId) -> Answer<u64> {
        registrations::count_initial_accesses(self.transaction, tenant).await
    }

    async fn forget_spent_initial_access(&self, tenant: &TenantId, now: Timestamp) -> Answer<()> {
        registrations::forget_spent(self.transaction, tenant, now).await
    }

    async fn insert_initial_access(&self, access: &InitialAccess) -> Answer<()> {
        registrations::insert_initial_access(self.transaction, access).await
    }

    async fn resource_server(&self, tenant: &TenantId, key: &Audience) -> Answer<Option<ResourceServer>> {
        resource_servers::find(self.transaction, tenant, key).await
    }

    async fn insert_resource_server(&self, api: &ResourceServer) -> Answer<()> {
        resource_servers::insert(self.transaction, api).await
    }

    async fn update_resource_server(&self, api: &ResourceServer) -> Answer<()> {
        resource_servers::update(self.transaction, api).await
    }

    async fn delete_resource_server(&self, tenant: &TenantId, id: &ResourceServerId) -> Answer<()> {
        resource_servers::delete(self.transaction, tenant, id).await
    }

    async fn client_grant(&self, tenant: &TenantId, id: &ClientGrantId) -> Answer<Option<ClientGrant>> {
        client_grants::find(self.transaction, tenant, id).await
    }

    async fn client_grants_of(&self, tenant: &TenantId, client: &ClientId) -> Answer<Vec<ClientGrant>> {
        client_grants::of_client(self.transaction, tenant, client).await
    }

    async fn management_grant(&self, tenant: &TenantId, client: &ClientId) -> Answer<Option<ClientGrant>> {
        client_grants::for_management(self.transaction, tenant, client).await
    }

    async fn client_grants_for(&self, tenant: &TenantId, api: &ResourceServerId) -> Answer<Vec<ClientGrant>> {
        client_grants::for_api(self.transaction, tenant, api).await
    }

    async fn third_party_at(&self, tenant: &TenantId, api: &ResourceServerId) -> Answer<Option<ClientId>> {
        client_grants::third_party_at(self.transaction, tenant, api).await
    }

    async fn insert_client_grant(&self, grant: &ClientGrant) -> Answer<()> {
        client_grants::insert(self.transaction, grant).await
    }

    async fn update_client_grant(&self, grant: &ClientGrant) -> Answer<()> {
        client_grants::update(self.transaction, grant).await
    }

    async fn delete_client_grant(&self, tenant: &TenantId, id: &ClientGrantId) -> Answer<()> {
        client_grants::delete(self.transaction, tenant, id).await
    }

    async fn owe_removal(&self, rings: &RingRemoval, due: Timestamp) -> Answer<()> {
        removals::owe(self.transaction, rings, due).await
    }

    async fn owes_removal(&self, tenant: &TenantId) -> Answer<bool> {
        removals::owed_by(self.transaction, tenant).await
    }

    fn record(&self, tenant: &TenantId, subject: Subject) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push((tenant.clone(), subject));
    }
}

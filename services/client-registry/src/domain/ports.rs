//! What the rules need from the store and from key-management.

use std::future::Future;

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{Algorithm, Audience, ClientId, SecretHash, TenantId, TokenLifetime};

use super::change::Subject;
use super::client::Client;
use super::client_grant::ClientGrant;
use super::registration::InitialAccess;
use super::resource_server::ResourceServer;
use super::tenant::Tenant;
use super::{ClientGrantId, RegistryError, ResourceServerId};

type Answer<T> = Result<T, RegistryError>;

/// A write: what it decides and what it stores. It may run again, so it does nothing else.
pub(crate) trait Write: Sync {
    /// What it brings.
    type Done: Send;

    fn run<L: Ledger>(&self, ledger: &L) -> impl Future<Output = Answer<Self::Done>> + Send;
}

/// The registry within one write: nothing else writes meanwhile, and all of it is kept or none.
pub(crate) trait Ledger: Sync {
    fn tenant(&self, id: &TenantId) -> impl Future<Output = Answer<Option<Tenant>>> + Send;
    fn insert_tenant(&self, tenant: &Tenant) -> impl Future<Output = Answer<()>> + Send;
    fn update_tenant(&self, tenant: &Tenant) -> impl Future<Output = Answer<()>> + Send;
    /// With all it holds.
    fn delete_tenant(&self, id: &TenantId) -> impl Future<Output = Answer<()>> + Send;

    fn client(&self, tenant: &TenantId, id: &ClientId) -> impl Future<Output = Answer<Option<Client>>> + Send;
    fn insert_client(&self, client: &Client) -> impl Future<Output = Answer<()>> + Send;
    /// With its secrets: those not in it any more are gone.
    fn update_client(&self, client: &Client) -> impl Future<Output = Answer<()>> + Send;
    /// With its secrets and grants.
    fn delete_client(&self, tenant: &TenantId, id: &ClientId) -> impl Future<Output = Answer<()>> + Send;

    /// Whether a client that an operator made, the tenant's own or a third party, has a name that [looks](super::looks_like) so.
    fn is_taken_by_an_operators_client(
        &self,
        tenant: &TenantId,
        looks: &str,
    ) -> impl Future<Output = Answer<bool>> + Send;

    /// The hash of what manages the client, if it registered itself.
    fn registration(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> impl Future<Output = Answer<Option<SecretHash>>> + Send;
    /// How many clients of the tenant registered themselves.
    fn registrations(&self, tenant: &TenantId) -> impl Future<Output = Answer<u64>> + Send;
    /// How many clients of the tenant registered themselves from there since the moment, and are there still.
    fn registrations_from(
        &self,
        tenant: &TenantId,
        source: &SecretHash,
        since: Timestamp,
    ) -> impl Future<Output = Answer<u64>> + Send;
    /// Some of those that were registered until the moment, and that no user ever let act.
    fn unused_registrations(
        &self,
        until: Timestamp,
        at_most: u64,
    ) -> impl Future<Output = Answer<Vec<(TenantId, ClientId)>>> + Send;
    /// It goes with its client.
    fn insert_registration(&self, new: &NewRegistration<'_>) -> impl Future<Output = Answer<()>> + Send;
    /// Takes one use; false where there is none, or no such token.
    fn use_initial_access(
        &self,
        tenant: &TenantId,
        presented: &SecretHash,
        now: Timestamp,
    ) -> impl Future<Output = Answer<bool>> + Send;
    /// How many initial access tokens the tenant has.
    fn initial_accesses(&self, tenant: &TenantId) -> impl Future<Output = Answer<u64>> + Send;
    /// Those that have no use left, or have ended.
    fn forget_spent_initial_access(&self, tenant: &TenantId, now: Timestamp)
    -> impl Future<Output = Answer<()>> + Send;
    fn insert_initial_access(&self, access: &InitialAccess) -> impl Future<Output = Answer<()>> + Send;

    /// By id or identifier; the id comes first.
    fn resource_server(
        &self,
        tenant: &TenantId,
        key: &Audience,
    ) -> impl Future<Output = Answer<Option<ResourceServer>>> + Send;
    fn insert_resource_server(&self, api: &ResourceServer) -> impl Future<Output = Answer<()>> + Send;
    fn update_resource_server(&self, api: &ResourceServer) -> impl Future<Output = Answer<()>> + Send;
    /// With its grants.
    fn delete_resource_server(
        &self,
        tenant: &TenantId,
        id: &ResourceServerId,
    ) -> impl Future<Output = Answer<()>> + Send;

    fn client_grant(
        &self,
        tenant: &TenantId,
        id: &ClientGrantId,
    ) -> impl Future<Output = Answer<Option<ClientGrant>>> + Send;
    fn client_grants_of(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> impl Future<Output = Answer<Vec<ClientGrant>>> + Send;
    /// The client's grant for the Management API, if it has one.
    fn management_grant(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> impl Future<Output = Answer<Option<ClientGrant>>> + Send;
    fn client_grants_for(
        &self,
        tenant: &TenantId,
        api: &ResourceServerId,
    ) -> impl Future<Output = Answer<Vec<ClientGrant>>> + Send;
    /// A third-party client that holds a grant for the API, if there is one.
    fn third_party_at(
        &self,
        tenant: &TenantId,
        api: &ResourceServerId,
    ) -> impl Future<Output = Answer<Option<ClientId>>> + Send;
    fn insert_client_grant(&self, grant: &ClientGrant) -> impl Future<Output = Answer<()>> + Send;
    fn update_client_grant(&self, grant: &ClientGrant) -> impl Future<Output = Answer<()>> + Send;
    fn delete_client_grant(&self, tenant: &TenantId, id: &ClientGrantId) -> impl Future<Output = Answer<()>> + Send;

    /// Notes that key rings must be removed once this write is kept and `due` has come, however long it takes.
    fn owe_removal(&self, rings: &RingRemoval, due: Timestamp) -> impl Future<Output = Answer<()>> + Send;
    /// Whether key rings of the tenant are still to be removed, other than those that are just being made.
    fn owes_removal(&self, tenant: &TenantId) -> impl Future<Output = Answer<bool>> + Send;

    /// Tells the change feed, if this write is kept.
    fn record(&self, tenant: &TenantId, subject: Subject);
}

/// What is kept of a client that registers itself, beside the client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewRegistration<'a> {
    pub(crate) client: &'a Client,
    /// Of the registration access token.
    pub(crate) hash: &'a SecretHash,
    /// Of where it comes from.
    pub(crate) source: &'a SecretHash,
    pub(crate) now: Timestamp,
}

/// A key ring, by name, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ring {
    pub(crate) tenant: TenantId,
    pub(crate) algorithm: Algorithm,
    /// Only with HS256.
    pub(crate) resource_server: Option<ResourceServerId>,
    /// How long the tokens live that it shall sign: its keys are kept for so long.
    pub(crate) lifetime: TokenLifetime,
}

/// Key rings that go unless they are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RingRemoval {
    /// Every ring of a tenant. Needed while the tenant exists.
    Tenant(TenantId),
    /// The HS256 ring of an API. Needed while the API is signed with it; without the tenant none of its rings is.
    Api(TenantId, ResourceServerId),
}

impl RingRemoval {
    /// What the maker of a tenant's own ring notes: while the tenant exists nothing goes by it, and nobody else's note is in
    /// its way; without the tenant all goes.
    pub(crate) fn with_its_tenant(tenant: TenantId, randomness: &Randomness) -> Self {
        Self::Api(tenant, ResourceServerId::generate(randomness))
    }

    /// Whose rings.
    pub(crate) const fn tenant(&self) -> &TenantId {
        match self {
            Self::Tenant(tenant) | Self::Api(tenant, _) => tenant,
        }
    }
}

/// The keeper of key rings. Both calls may be repeated.
pub(crate) trait KeyRings: Send + Sync {
    /// Makes the ring unless it exists.
    fn ensure(&self, ring: &Ring) -> impl Future<Output = Answer<()>> + Send;
    /// Ends rings at once.
    fn remove(&self, rings: &RingRemoval) -> impl Future<Output = Answer<()>> + Send;
}

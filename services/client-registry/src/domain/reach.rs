//! Nobody rules over a mightier one: who changes a client that has scopes of the Management API, before or after the change,
//! has those scopes too.
//!
//! What the client has now counts as much as what it gets. Else somebody could narrow a grant, make a secret for what is
//! left, and wait until the grant is widened again.

use mintage_oauth::{ClientId, ScopeSet, TenantId};

use super::RegistryError;
use super::ports::Ledger;
use super::resource_server::ResourceServer;

/// How far the caller of a write reaches: over whose rights in the Management API it rules.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// Over all: the installation itself sets up its first operator.
    Everything,
    /// Over those of clients that have none but these scopes.
    Scopes(ScopeSet),
}

impl Reach {
    /// Refuses to change a grant for `api` from scopes that are beyond the caller, or to such.
    pub(super) fn check_grant(
        &self,
        api: &ResourceServer,
        has: &ScopeSet,
        gets: &ScopeSet,
    ) -> Result<(), RegistryError> {
        if api.is_system { self.check(&has.iter().chain(gets.iter()).cloned().collect()) } else { Ok(()) }
    }

    /// Refuses to touch a client whose management scopes are beyond the caller, be it one of its secrets.
    pub(super) async fn check_client<L: Ledger>(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        ledger: &L,
    ) -> Result<(), RegistryError> {
        match ledger.management_grant(tenant, client).await? {
            Some(grant) => self.check(&grant.scopes),
            None => Ok(()),
        }
    }

    fn check(&self, scopes: &ScopeSet) -> Result<(), RegistryError> {
        let Self::Scopes(own) = self else { return Ok(()) };
        let missing: ScopeSet = scopes.missing_from(own).into_iter().collect();
        if missing.is_empty() { Ok(()) } else { Err(RegistryError::BeyondReach { scopes: missing.to_delimited() }) }
    }
}

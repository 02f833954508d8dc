//! Nobody hands on more than they have: whoever may change grants or secrets makes no operator that is mightier than
//! themselves, neither by a grant nor by the credentials of a client that holds one.

use mintage_oauth::{ClientId, ScopeSet, TenantId};

use super::RegistryError;
use super::ports::Ledger;

/// How far the caller of a write reaches: which scopes of the Management API it may hand on.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// All there are: the installation itself sets up its first operator.
    Everything,
    /// Those that the caller has.
    Scopes(ScopeSet),
}

impl Reach {
    /// Refuses to hand on management scopes that the caller lacks.
    pub(super) fn check(&self, handed_on: &ScopeSet) -> Result<(), RegistryError> {
        let Self::Scopes(own) = self else { return Ok(()) };
        let missing: ScopeSet = handed_on.missing_from(own).into_iter().collect();
        if missing.is_empty() { Ok(()) } else { Err(RegistryError::BeyondReach { scopes: missing.to_delimited() }) }
    }

    /// Refuses to give anyone credentials that work for a client, when they are worth management scopes that the caller
    /// lacks.
    pub(super) async fn check_credentials<L: Ledger>(
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
}

//! Clients that registered themselves and that nobody uses go.

use mintage_clock::Timestamp;
use mintage_oauth::{ClientId, TenantId};

use crate::domain::client::DeleteClient;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{Reach, RegistryError};

/// Deletes some of those that were registered until a moment, and that no user ever let act; says which. Under the lock of the
/// write, so that of many replicas each finds what the others left.
#[derive(Debug)]
pub(crate) struct ForgetUnused {
    pub(crate) until: Timestamp,
}

impl Write for ForgetUnused {
    type Done = Vec<(TenantId, ClientId)>;

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<Self::Done, RegistryError> {
        let unused = ledger.unused_registrations(self.until, AT_ONCE).await?;
        // A third party has no rights in the Management API.
        let reach = Reach::Scopes([].into_iter().collect());
        for (tenant, id) in &unused {
            DeleteClient { tenant, id, reach: &reach }.run(ledger).await?;
        }
        Ok(unused)
    }
}

/// Other writes wait meanwhile.
pub(crate) const AT_ONCE: u64 = 20;

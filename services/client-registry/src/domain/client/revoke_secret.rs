//! A secret ends, at once.

use mintage_clock::Timestamp;
use mintage_oauth::{ClientId, TenantId};

use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{Kind, Reach, RegistryError, SecretId};

/// Takes a secret away from its client, be it the last.
pub(crate) struct RevokeSecret<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) client: &'a ClientId,
    pub(crate) secret: &'a SecretId,
    pub(crate) reach: &'a Reach,
    pub(crate) now: Timestamp,
}

impl Write for RevokeSecret<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let found = ledger.client(self.tenant, self.client).await?;
        let mut client = found.ok_or(RegistryError::NotFound(Kind::Client))?;
        self.reach.check_client(self.tenant, self.client, ledger).await?;
        let held = client.secrets.len();
        client.secrets.retain(|candidate| candidate.id != *self.secret);
        if client.secrets.len() == held {
            return Err(RegistryError::NotFound(Kind::ClientSecret));
        }
        client.updated_at = self.now;
        ledger.update_client(&client).await?;
        ledger.record(self.tenant, Subject::Client(client.id));
        Ok(())
    }
}

//! A client gets one more secret, so that it can change over without a gap.

use mintage_clock::Timestamp;
use mintage_oauth::{ClientId, ClientType, TenantId};

use super::{Client, Secret};
use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{Kind, Reach, RegistryError};

/// Adds a secret to a client.
pub(crate) struct CreateSecret<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) client: &'a ClientId,
    pub(crate) secret: &'a Secret,
    /// Ends every other secret in the same write.
    pub(crate) alone: bool,
    pub(crate) reach: &'a Reach,
    pub(crate) now: Timestamp,
}

impl Write for CreateSecret<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let found = ledger.client(self.tenant, self.client).await?;
        let mut client = found.ok_or(RegistryError::NotFound(Kind::Client))?;
        self.reach.check_client(self.tenant, self.client, ledger).await?;
        client.add_secret(self.secret.clone(), self.alone, self.now)?;
        ledger.update_client(&client).await?;
        ledger.record(self.tenant, Subject::Client(client.id));
        Ok(())
    }
}

impl Client {
    fn add_secret(&mut self, secret: Secret, alone: bool, now: Timestamp) -> Result<(), RegistryError> {
        if self.client_type == ClientType::Public {
            return Err(RegistryError::invalid("client_id", "a public client has no secret"));
        }
        // An expired secret proves nothing any more and is in nobody's way.
        self.secrets.retain(|held| !alone && held.is_live(now));
        if self.secrets.len() >= MAX_LIVE {
            return Err(RegistryError::LimitReached { limit: "2 live secrets" });
        }
        self.secrets.push(secret);
        self.updated_at = now;
        Ok(())
    }
}

const MAX_LIVE: usize = 2;

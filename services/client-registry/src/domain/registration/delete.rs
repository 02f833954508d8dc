//! A client that registered itself goes.

use super::Holder;
use crate::domain::client::DeleteClient;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{Reach, RegistryError};

/// Deletes the client of a registration.
pub(crate) struct DeleteRegistration<'a>(pub(crate) Holder<'a>);

impl Write for DeleteRegistration<'_> {
    type Done = ();

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<(), RegistryError> {
        let Self(holder) = self;
        holder.check_in(ledger).await?;
        // A third party has no rights in the Management API.
        let delete =
            DeleteClient { tenant: holder.tenant, id: holder.client, reach: &Reach::Scopes([].into_iter().collect()) };
        delete.run(ledger).await
    }
}

//! Secrets that are shown to somebody: on record before they are.

use mintage_clock::Timestamp;
use mintage_jose::Kid;
use mintage_store::StoreError;

use super::facts::{Entry, record};
use super::rings::named;
use super::{KeyStore, refused};
use crate::domain::{Cause, Deed, DeedKind, PortError, RingName};

impl KeyStore {
    /// Records that secrets of a ring are shown; false when there is no such ring.
    ///
    /// # Errors
    /// When that cannot be kept: then they must not be shown.
    pub async fn record_shown(
        &self,
        ring: &RingName,
        kids: Vec<Kid>,
        cause: &Cause,
        at: Timestamp,
    ) -> Result<bool, PortError> {
        let (ring, cause) = (ring.clone(), cause.clone());
        let recorded = self.database.transaction(async move |transaction| {
            let Some(row) = named(&ring).one(transaction).await? else { return Ok::<_, StoreError>(false) };
            let entry = |kid: &Kid| Entry {
                ring_id: row.id,
                tenant: ring.tenant().clone(),
                deed: Deed::plain(Some(kid.clone()), DeedKind::Shown),
                resealed: None,
            };
            record(kids.iter().map(entry).collect(), &cause, at, transaction).await?;
            Ok(true)
        });
        recorded.await.map_err(refused)
    }
}

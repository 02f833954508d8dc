//! The guard of this very service finds keys without a call.

use std::sync::Arc;

use mintage_chassis::access::{KeyResolver, ResolvedKey};
use mintage_jose::Kid;
use tonic::Status;

use super::status::Refusal;
use crate::signing::Keys;

/// Resolves keys from the memory of the service that has them.
#[derive(Clone, Debug)]
pub struct OwnKeys(Arc<Keys>);

impl OwnKeys {
    /// Over the service's keys.
    #[must_use]
    pub const fn new(keys: Arc<Keys>) -> Self {
        Self(keys)
    }
}

#[async_trait::async_trait]
impl KeyResolver for OwnKeys {
    async fn resolve(&self, kid: &Kid) -> Result<Option<ResolvedKey>, Status> {
        let Some(served) = self.0.resolve(kid).await.map_err(Refusal::from)? else { return Ok(None) };
        let key = served.verifying().map_err(Refusal::from)?;
        Ok(Some(ResolvedKey { tenant: served.tenant.clone(), key }))
    }
}

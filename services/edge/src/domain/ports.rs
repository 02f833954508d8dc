//! What the edge needs of its sibling services.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use mintage_oauth::{Origin, TenantId};

use super::{IssuedToken, KeySet, Refusal, Tenant, TokenRequest};

/// Knows which tenant is served on which origin.
#[async_trait]
pub trait TenantDirectory: Send + Sync {
    /// The tenant served on `origin`; `None` when none is.
    ///
    /// # Errors
    /// When it cannot be known now.
    async fn on_origin(&self, origin: &Origin) -> Result<Option<Arc<Tenant>>, Refusal>;
}

/// Issues access tokens.
#[async_trait]
pub trait TokenIssuer: Send + Sync {
    /// Issues the token asked for. `source` is the address the request came from.
    ///
    /// # Errors
    /// When the request is refused, or cannot be answered now.
    async fn issue(
        &self,
        request: TokenRequest<'_>,
        tenant: &Tenant,
        source: Option<IpAddr>,
    ) -> Result<IssuedToken, Refusal>;
}

/// Knows the key sets of tenants.
#[async_trait]
pub trait KeySets: Send + Sync {
    /// The key set of a tenant.
    ///
    /// # Errors
    /// When it cannot be known now.
    async fn of_tenant(&self, tenant: &TenantId) -> Result<Arc<KeySet>, Refusal>;
}

//! What a write tells the change feed.

use mintage_oauth::{Audience, ClientId, TenantId};

/// One record changed or went away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Gapless over the installation, from 1.
    pub(crate) revision: u64,
    pub(crate) tenant: TenantId,
    pub(crate) subject: Subject,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The tenant's settings, its origins, or all of it.
    Tenant,
    /// A client or one of its secrets.
    Client(ClientId),
    ResourceServer(Audience),
    ClientGrant {
        client: ClientId,
        audience: Audience,
    },
}

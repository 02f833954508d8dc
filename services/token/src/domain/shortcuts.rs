//! Where requests led, so that the next one like it need not walk there.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mintage_oauth::Audience;

use super::records::Tenant;
use super::{Entitlement, TokenRequest};

/// A table of fixed size: each request has one place, which the last to come this way holds. One look replaces four in
/// the caches of records; those stay what is true, and a shortcut is worth nothing once one of them has changed.
pub struct Shortcuts {
    hasher: RandomState,
    places: Box<[Mutex<Option<Shortcut>>]>,
}

/// What a tenant, a client and an API led to.
#[derive(Clone)]
pub(crate) struct Shortcut {
    epoch: u64,
    /// The tenant of the request.
    pub(crate) tenant: Arc<Tenant>,
    /// What its client may have at its API. The client still has to prove who it is.
    pub(crate) entitlement: Arc<Entitlement>,
}

impl Shortcuts {
    /// An empty table of `places`, of 64 bytes each beside the records they keep alive.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self { hasher: RandomState::new(), places: (0..places.max(1)).map(|_| Mutex::default()).collect() }
    }

    /// Where a request leads, if one like it came this way in the same epoch.
    pub(crate) fn find(&self, request: &TokenRequest, epoch: u64) -> Option<Shortcut> {
        let place = self.place(request)?;
        place.as_ref().filter(|shortcut| shortcut.epoch == epoch && shortcut.fits(request)).cloned()
    }

    /// Remembers where `request` led. `epoch` is that of before its records were read.
    pub(crate) fn keep(
        &self,
        request: &TokenRequest,
        epoch: u64,
        tenant: &Arc<Tenant>,
        entitlement: &Arc<Entitlement>,
    ) {
        if let Some(mut place) = self.place(request) {
            *place = Some(Shortcut { epoch, tenant: Arc::clone(tenant), entitlement: Arc::clone(entitlement) });
        }
    }

    /// Places are found by a hash under a key of this process, so that nobody can choose to collide.
    fn place(&self, request: &TokenRequest) -> Option<MutexGuard<'_, Option<Shortcut>>> {
        let TokenRequest { tenant, credential, audience, .. } = request;
        let hash = self.hasher.hash_one((tenant, &credential.client_id, audience));
        let place = usize::try_from(hash % self.places.len() as u64).ok()?;
        Some(self.places.get(place)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shortcut {
    fn fits(&self, request: &TokenRequest) -> bool {
        let audience: Option<&Audience> = request.audience.as_ref().or(self.tenant.default_audience.as_ref());
        self.tenant.id == request.tenant
            && self.entitlement.client().id.as_str() == request.credential.client_id
            && audience == Some(&self.entitlement.api().audience)
    }
}

impl fmt::Debug for Shortcuts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shortcuts({} places)", self.places.len())
    }
}

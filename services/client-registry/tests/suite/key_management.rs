//! A key-management service that notes what it is asked for, and fails when told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use mintage_api::keys::key_ring_service_server::{KeyRingService, KeyRingServiceServer};
use mintage_api::keys::{
    EnsureKeyRingRequest, EnsureKeyRingResponse, GetSigningKeyRequest, GetSigningKeyResponse, KeyRingName,
    ListSigningKeysRequest, ListSigningKeysResponse, PublicJwk, RemoveKeyRingRequest, RemoveKeyRingResponse,
    ResolveKeyRequest, ResolveKeyResponse, RevealSharedSecretsRequest, RevealSharedSecretsResponse,
    RotateKeyRingRequest, RotateKeyRingResponse,
};
use mintage_chassis::Routes;
use tokio::sync::watch;
use tonic::{Request, Response, Status, async_trait};

/// What the registry asked for, and what the next answers are.
#[derive(Clone, Default)]
pub(crate) struct KeyManagement {
    notes: Arc<Mutex<Notes>>,
    held: watch::Sender<Held>,
}

/// Whether rings wait to be made, and how many do.
#[derive(Clone, Copy, Default)]
struct Held {
    closed: bool,
    waiting: usize,
}

#[derive(Default)]
struct Notes {
    down: bool,
    ensured: Vec<KeyRingName>,
    removed: Vec<KeyRingName>,
    alive: Vec<KeyRingName>,
    keys: HashMap<String, ResolveKeyResponse>,
}

impl KeyManagement {
    pub(crate) fn routes(&self) -> Routes {
        Routes::new(KeyRingServiceServer::new(self.clone()))
    }

    pub(crate) fn fall_down(&self) {
        self.with(|notes| notes.down = true);
    }

    pub(crate) fn get_up(&self) {
        self.with(|notes| notes.down = false);
    }

    pub(crate) fn ensured(&self) -> Vec<KeyRingName> {
        self.with(|notes| notes.ensured.clone())
    }

    pub(crate) fn removed(&self) -> Vec<KeyRingName> {
        self.with(|notes| notes.removed.clone())
    }

    /// The rings that were made and not removed again.
    pub(crate) fn alive(&self) -> Vec<KeyRingName> {
        self.with(|notes| notes.alive.clone())
    }

    /// From now on no ring is made.
    pub(crate) fn hold(&self) {
        self.held.send_modify(|held| held.closed = true);
    }

    /// Returns when `count` rings wait to be made.
    #[expect(clippy::expect_used, reason = "the sender lives as long as the service")]
    pub(crate) async fn until_waiting(&self, count: usize) {
        self.held.subscribe().wait_for(|held| held.waiting == count).await.expect("the sender lives");
    }

    /// Makes those that wait, and whatever comes.
    pub(crate) fn release(&self) {
        self.held.send_modify(|held| held.closed = false);
    }

    /// From now on `kid` is a key of the tenant.
    pub(crate) fn know(&self, kid: String, tenant: &str, key: PublicJwk) {
        let answer = ResolveKeyResponse { tenant_id: tenant.to_owned(), key: Some(key) };
        self.with(|notes| notes.keys.insert(kid, answer));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Notes) -> T) -> T {
        work(&mut self.notes.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn answer<T>(&self, work: impl FnOnce(&mut Notes) -> T) -> Result<Response<T>, Status> {
        self.with(|notes| if notes.down { Err(Status::unavailable("down")) } else { Ok(Response::new(work(notes))) })
    }
}

/// One that waits; given up with the call.
struct Place(watch::Sender<Held>);

impl Place {
    fn take(held: &watch::Sender<Held>) -> Self {
        held.send_modify(|held| held.waiting += 1);
        Self(held.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.send_modify(|held| held.waiting -= 1);
    }
}

#[async_trait]
impl KeyRingService for KeyManagement {
    async fn ensure_key_ring(
        &self,
        request: Request<EnsureKeyRingRequest>,
    ) -> Result<Response<EnsureKeyRingResponse>, Status> {
        let place = Place::take(&self.held);
        let _ = place.0.subscribe().wait_for(|held| !held.closed).await;
        self.answer(|notes| {
            let ring = request.into_inner().ring;
            notes.ensured.extend(ring.clone());
            notes.alive.retain(|held| Some(held) != ring.as_ref());
            notes.alive.extend(ring);
            EnsureKeyRingResponse {}
        })
    }

    async fn remove_key_ring(
        &self,
        request: Request<RemoveKeyRingRequest>,
    ) -> Result<Response<RemoveKeyRingResponse>, Status> {
        self.answer(|notes| {
            let ring = request.into_inner().ring.unwrap_or_default();
            let whole_tenant = |held: &KeyRingName| ring.algorithm == 0 && held.tenant_id == ring.tenant_id;
            notes.alive.retain(|held| *held != ring && !whole_tenant(held));
            notes.removed.push(ring);
            RemoveKeyRingResponse {}
        })
    }

    async fn resolve_key(&self, request: Request<ResolveKeyRequest>) -> Result<Response<ResolveKeyResponse>, Status> {
        self.answer(|notes| notes.keys.get(&request.get_ref().kid).cloned().unwrap_or_default())
    }

    async fn list_signing_keys(
        &self,
        _: Request<ListSigningKeysRequest>,
    ) -> Result<Response<ListSigningKeysResponse>, Status> {
        Err(Status::unimplemented("the registry never asks for it"))
    }

    async fn get_signing_key(
        &self,
        _: Request<GetSigningKeyRequest>,
    ) -> Result<Response<GetSigningKeyResponse>, Status> {
        Err(Status::unimplemented("the registry never asks for it"))
    }

    async fn rotate_key_ring(
        &self,
        _: Request<RotateKeyRingRequest>,
    ) -> Result<Response<RotateKeyRingResponse>, Status> {
        Err(Status::unimplemented("the registry never asks for it"))
    }

    async fn reveal_shared_secrets(
        &self,
        _: Request<RevealSharedSecretsRequest>,
    ) -> Result<Response<RevealSharedSecretsResponse>, Status> {
        Err(Status::unimplemented("the registry never asks for it"))
    }
}

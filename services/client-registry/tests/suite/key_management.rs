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
use tonic::{Request, Response, Status, async_trait};

/// What the registry asked for, and what the next answers are.
#[derive(Clone, Default)]
pub(crate) struct KeyManagement(Arc<Mutex<Notes>>);

#[derive(Default)]
struct Notes {
    down: bool,
    ensured: Vec<KeyRingName>,
    removed: Vec<KeyRingName>,
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

    /// From now on `kid` is a key of the tenant.
    pub(crate) fn know(&self, kid: String, tenant: &str, key: PublicJwk) {
        let answer = ResolveKeyResponse { tenant_id: tenant.to_owned(), key: Some(key) };
        self.with(|notes| notes.keys.insert(kid, answer));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Notes) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn answer<T>(&self, work: impl FnOnce(&mut Notes) -> T) -> Result<Response<T>, Status> {
        self.with(|notes| if notes.down { Err(Status::unavailable("down")) } else { Ok(Response::new(work(notes))) })
    }
}

#[async_trait]
impl KeyRingService for KeyManagement {
    async fn ensure_key_ring(
        &self,
        request: Request<EnsureKeyRingRequest>,
    ) -> Result<Response<EnsureKeyRingResponse>, Status> {
        self.answer(|notes| {
            notes.ensured.extend(request.into_inner().ring);
            EnsureKeyRingResponse {}
        })
    }

    async fn remove_key_ring(
        &self,
        request: Request<RemoveKeyRingRequest>,
    ) -> Result<Response<RemoveKeyRingResponse>, Status> {
        self.answer(|notes| {
            notes.removed.extend(request.into_inner().ring);
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

//! A key-management service that notes what it is asked for, and fails when told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use mintage_api::keys::key_ring_service_server::{KeyRingService, KeyRingServiceServer};
use mintage_api::keys::{
    ActivateSigningKeyRequest, ActivateSigningKeyResponse, EnsureKeyRingRequest, EnsureKeyRingResponse,
    GetSigningKeyRequest, GetSigningKeyResponse, HoldKeyRingRequest, HoldKeyRingResponse, KeyRingName,
    ListKeyFactsRequest, ListKeyFactsResponse, ListKeyRingsRequest, ListKeyRingsResponse, ListSigningKeysRequest,
    ListSigningKeysResponse, PublicJwk, RemoveKeyRingRequest, RemoveKeyRingResponse, ResealPrivateKeysRequest,
    ResealPrivateKeysResponse, ResolveKeyRequest, ResolveKeyResponse, RevealSharedSecretsRequest,
    RevealSharedSecretsResponse, RevokeSigningKeyRequest, RevokeSigningKeyResponse, RotateKeyRingRequest,
    RotateKeyRingResponse, SetRotationPolicyRequest, SetRotationPolicyResponse,
};
use mintage_chassis::Routes;
use tokio::sync::watch;
use tonic::{Request, Response, Status, async_trait};

/// What the registry asked for, and what the next answers are.
#[derive(Clone, Default)]
pub(crate) struct KeyManagement {
    notes: Arc<Mutex<Notes>>,
    held: watch::Sender<Held>,
    removals: watch::Sender<Held>,
}

/// Whether calls wait, and how many do.
#[derive(Clone, Copy, Default)]
struct Held {
    closed: bool,
    waiting: usize,
}

#[derive(Default)]
struct Notes {
    down: bool,
    ensured: Vec<KeyRingName>,
    /// In seconds, as they were asked for.
    longest_tokens: Vec<i64>,
    removed: Vec<KeyRingName>,
    alive: Vec<KeyRingName>,
    keys: HashMap<String, ResolveKeyResponse>,
    kept: Option<String>,
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

    /// How long tokens live, in seconds, that rings were asked to be kept for, one after another.
    pub(crate) fn longest_tokens(&self) -> Vec<i64> {
        self.with(|notes| notes.longest_tokens.clone())
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

    /// From now on no ring is removed.
    pub(crate) fn hold_removals(&self) {
        self.removals.send_modify(|held| held.closed = true);
    }

    /// Returns when a ring waits to be removed.
    #[expect(clippy::expect_used, reason = "the sender lives as long as the service")]
    pub(crate) async fn until_removing(&self) {
        self.removals.subscribe().wait_for(|held| held.waiting > 0).await.expect("the sender lives");
    }

    /// Removes those that wait, and whatever comes.
    pub(crate) fn release_removals(&self) {
        self.removals.send_modify(|held| held.closed = false);
    }

    /// From now on rings of `tenant` cannot be removed.
    pub(crate) fn keep_rings_of(&self, tenant: Option<&str>) {
        self.with(|notes| notes.kept = tenant.map(str::to_owned));
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
            let EnsureKeyRingRequest { ring, longest_token } = request.into_inner();
            notes.longest_tokens.extend(longest_token.map(|length| length.seconds));
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
        let place = Place::take(&self.removals);
        let _ = place.0.subscribe().wait_for(|held| !held.closed).await;
        let ring = request.into_inner().ring.unwrap_or_default();
        if self.with(|notes| notes.kept.as_ref() == Some(&ring.tenant_id)) {
            return Err(Status::internal("this ring cannot be removed"));
        }
        self.answer(|notes| {
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
        Err(not_asked())
    }

    async fn get_signing_key(
        &self,
        _: Request<GetSigningKeyRequest>,
    ) -> Result<Response<GetSigningKeyResponse>, Status> {
        Err(not_asked())
    }

    async fn rotate_key_ring(
        &self,
        _: Request<RotateKeyRingRequest>,
    ) -> Result<Response<RotateKeyRingResponse>, Status> {
        Err(not_asked())
    }

    async fn reseal_private_keys(
        &self,
        _: Request<ResealPrivateKeysRequest>,
    ) -> Result<Response<ResealPrivateKeysResponse>, Status> {
        Err(not_asked())
    }

    async fn reveal_shared_secrets(
        &self,
        _: Request<RevealSharedSecretsRequest>,
    ) -> Result<Response<RevealSharedSecretsResponse>, Status> {
        Err(not_asked())
    }

    async fn list_key_rings(&self, _: Request<ListKeyRingsRequest>) -> Result<Response<ListKeyRingsResponse>, Status> {
        Err(not_asked())
    }

    async fn activate_signing_key(
        &self,
        _: Request<ActivateSigningKeyRequest>,
    ) -> Result<Response<ActivateSigningKeyResponse>, Status> {
        Err(not_asked())
    }

    async fn revoke_signing_key(
        &self,
        _: Request<RevokeSigningKeyRequest>,
    ) -> Result<Response<RevokeSigningKeyResponse>, Status> {
        Err(not_asked())
    }

    async fn hold_key_ring(&self, _: Request<HoldKeyRingRequest>) -> Result<Response<HoldKeyRingResponse>, Status> {
        Err(not_asked())
    }

    async fn set_rotation_policy(
        &self,
        _: Request<SetRotationPolicyRequest>,
    ) -> Result<Response<SetRotationPolicyResponse>, Status> {
        Err(not_asked())
    }

    async fn list_key_facts(&self, _: Request<ListKeyFactsRequest>) -> Result<Response<ListKeyFactsResponse>, Status> {
        Err(not_asked())
    }
}

fn not_asked() -> Status {
    Status::unimplemented("the registry never asks for it")
}

//! The generated service traits, handed on to one file an RPC.

use std::sync::Arc;

use mintage_api::keys::key_ring_service_server::{KeyRingService, KeyRingServiceServer};
use mintage_api::keys::key_set_service_server::{KeySetService, KeySetServiceServer};
use mintage_api::keys::signing_service_server::{SigningService, SigningServiceServer};
use mintage_api::keys::{
    ActivateSigningKeyRequest, ActivateSigningKeyResponse, EnsureKeyRingRequest, EnsureKeyRingResponse,
    GetKeySetRequest, GetKeySetResponse, GetSigningKeyRequest, GetSigningKeyResponse, HoldKeyRingRequest,
    HoldKeyRingResponse, ListKeyFactsRequest, ListKeyFactsResponse, ListKeyRingsRequest, ListKeyRingsResponse,
    ListSigningKeysRequest, ListSigningKeysResponse, RemoveKeyRingRequest, RemoveKeyRingResponse,
    ResealPrivateKeysRequest, ResealPrivateKeysResponse, ResolveKeyRequest, ResolveKeyResponse,
    RevealSharedSecretsRequest, RevealSharedSecretsResponse, RevokeSigningKeyRequest, RevokeSigningKeyResponse,
    RotateKeyRingRequest, RotateKeyRingResponse, SetRotationPolicyRequest, SetRotationPolicyResponse, SignRequest,
    SignResponse, WatchKeySetRequest,
};
use mintage_chassis::{Routes, Tasks};
use mintage_jose::jwt::MAX_PAYLOAD_BYTES;
use tonic::{Request, Response, Status, Streaming};

use super::{
    activate_signing_key, ensure_key_ring, get_key_set, get_signing_key, hold_key_ring, list_key_facts, list_key_rings,
    list_signing_keys, remove_key_ring, reseal_private_keys, resolve_key, reveal_shared_secrets, revoke_signing_key,
    rotate_key_ring, set_rotation_policy, sign, watch_key_set,
};
use crate::signing::Keys;

/// Every gRPC service of key management, before the guard.
#[must_use]
pub fn routes(keys: Arc<Keys>, tasks: Tasks) -> Routes {
    let sets = KeySets { keys: Arc::clone(&keys), tasks };
    let door = Door(keys);
    let signing = SigningServiceServer::new(door.clone()).max_decoding_message_size(LARGEST_BATCH);
    Routes::new(KeySetServiceServer::new(sets).max_decoding_message_size(LARGEST_NAME))
        .add_service(signing)
        .add_service(KeyRingServiceServer::new(door))
}

/// 256 of the longest payloads, and what names their rings.
const LARGEST_BATCH: usize = 256 * (MAX_PAYLOAD_BYTES + 512);

/// A tenant's name fits many times. Memory is set aside for what a stranger announces.
const LARGEST_NAME: usize = 1024;

#[derive(Clone)]
struct Door(Arc<Keys>);

/// What lasts longer than a call needs tasks.
struct KeySets {
    keys: Arc<Keys>,
    tasks: Tasks,
}

type Answer<T> = Result<Response<T>, Status>;

#[async_trait::async_trait]
impl KeySetService for KeySets {
    type WatchKeySetStream = watch_key_set::Events;

    async fn get_key_set(&self, request: Request<GetKeySetRequest>) -> Answer<GetKeySetResponse> {
        get_key_set::get_key_set(request.into_inner(), &self.keys).await.map(Response::new)
    }

    async fn watch_key_set(&self, request: Request<Streaming<WatchKeySetRequest>>) -> Answer<watch_key_set::Events> {
        let Self { keys, tasks } = self;
        watch_key_set::watch_key_set(request, keys, keys.watchers(), tasks).map(Response::new)
    }
}

#[async_trait::async_trait]
impl SigningService for Door {
    async fn sign(&self, request: Request<SignRequest>) -> Answer<SignResponse> {
        sign::sign(request.into_inner(), &self.0).await.map(Response::new)
    }
}

#[async_trait::async_trait]
impl KeyRingService for Door {
    async fn ensure_key_ring(&self, request: Request<EnsureKeyRingRequest>) -> Answer<EnsureKeyRingResponse> {
        ensure_key_ring::ensure_key_ring(request.into_inner(), &self.0).await.map(Response::new)
    }

    async fn remove_key_ring(&self, request: Request<RemoveKeyRingRequest>) -> Answer<RemoveKeyRingResponse> {
        remove_key_ring::remove_key_ring(request.into_inner(), &self.0).await.map(Response::new)
    }

    async fn resolve_key(&self, request: Request<ResolveKeyRequest>) -> Answer<ResolveKeyResponse> {
        resolve_key::resolve_key(request.into_inner(), &self.0).await.map(Response::new)
    }

    async fn list_signing_keys(&self, request: Request<ListSigningKeysRequest>) -> Answer<ListSigningKeysResponse> {
        list_signing_keys::list_signing_keys(&request, &self.0).await.map(Response::new)
    }

    async fn get_signing_key(&self, request: Request<GetSigningKeyRequest>) -> Answer<GetSigningKeyResponse> {
        get_signing_key::get_signing_key(&request, &self.0).await.map(Response::new)
    }

    async fn list_key_rings(&self, request: Request<ListKeyRingsRequest>) -> Answer<ListKeyRingsResponse> {
        list_key_rings::list_key_rings(&request, &self.0).await.map(Response::new)
    }

    async fn activate_signing_key(
        &self,
        request: Request<ActivateSigningKeyRequest>,
    ) -> Answer<ActivateSigningKeyResponse> {
        activate_signing_key::activate_signing_key(&request, &self.0).await.map(Response::new)
    }

    async fn revoke_signing_key(&self, request: Request<RevokeSigningKeyRequest>) -> Answer<RevokeSigningKeyResponse> {
        revoke_signing_key::revoke_signing_key(&request, &self.0).await.map(Response::new)
    }

    async fn hold_key_ring(&self, request: Request<HoldKeyRingRequest>) -> Answer<HoldKeyRingResponse> {
        hold_key_ring::hold_key_ring(&request, &self.0).await.map(Response::new)
    }

    async fn set_rotation_policy(
        &self,
        request: Request<SetRotationPolicyRequest>,
    ) -> Answer<SetRotationPolicyResponse> {
        set_rotation_policy::set_rotation_policy(&request, &self.0).await.map(Response::new)
    }

    async fn list_key_facts(&self, request: Request<ListKeyFactsRequest>) -> Answer<ListKeyFactsResponse> {
        list_key_facts::list_key_facts(&request, &self.0).await.map(Response::new)
    }

    async fn rotate_key_ring(&self, request: Request<RotateKeyRingRequest>) -> Answer<RotateKeyRingResponse> {
        rotate_key_ring::rotate_key_ring(&request, &self.0).await.map(Response::new)
    }

    async fn reseal_private_keys(
        &self,
        request: Request<ResealPrivateKeysRequest>,
    ) -> Answer<ResealPrivateKeysResponse> {
        reseal_private_keys::reseal_private_keys(&request, &self.0).await.map(Response::new)
    }

    async fn reveal_shared_secrets(
        &self,
        request: Request<RevealSharedSecretsRequest>,
    ) -> Answer<RevealSharedSecretsResponse> {
        reveal_shared_secrets::reveal_shared_secrets(&request, &self.0).await.map(Response::new)
    }
}

//! The generated service traits, handed on to one file an RPC.

use std::sync::Arc;

use mintage_api::keys::key_ring_service_server::{KeyRingService, KeyRingServiceServer};
use mintage_api::keys::key_set_service_server::{KeySetService, KeySetServiceServer};
use mintage_api::keys::signing_service_server::{SigningService, SigningServiceServer};
use mintage_api::keys::{
    EnsureKeyRingRequest, EnsureKeyRingResponse, GetKeySetRequest, GetKeySetResponse, GetSigningKeyRequest,
    GetSigningKeyResponse, ListSigningKeysRequest, ListSigningKeysResponse, RemoveKeyRingRequest,
    RemoveKeyRingResponse, ResolveKeyRequest, ResolveKeyResponse, RevealSharedSecretsRequest,
    RevealSharedSecretsResponse, RotateKeyRingRequest, RotateKeyRingResponse, SignRequest, SignResponse,
};
use mintage_chassis::Routes;
use mintage_jose::jwt::MAX_PAYLOAD_BYTES;
use tonic::{Request, Response, Status};

use super::{
    ensure_key_ring, get_key_set, get_signing_key, list_signing_keys, remove_key_ring, resolve_key,
    reveal_shared_secrets, rotate_key_ring, sign,
};
use crate::signing::Keys;

/// Every gRPC service of key management, before the guard.
#[must_use]
pub fn routes(keys: Arc<Keys>) -> Routes {
    let door = Door(keys);
    let signing = SigningServiceServer::new(door.clone()).max_decoding_message_size(LARGEST_BATCH);
    Routes::new(KeySetServiceServer::new(door.clone()).max_decoding_message_size(LARGEST_NAME))
        .add_service(signing)
        .add_service(KeyRingServiceServer::new(door))
}

/// 256 of the longest payloads, and what names their rings.
const LARGEST_BATCH: usize = 256 * (MAX_PAYLOAD_BYTES + 512);

/// A tenant's name fits many times. Memory is set aside for what a stranger announces.
const LARGEST_NAME: usize = 1024;

#[derive(Clone)]
struct Door(Arc<Keys>);

type Answer<T> = Result<Response<T>, Status>;

#[async_trait::async_trait]
impl KeySetService for Door {
    async fn get_key_set(&self, request: Request<GetKeySetRequest>) -> Answer<GetKeySetResponse> {
        get_key_set::get_key_set(request.into_inner(), &self.0).await.map(Response::new)
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

    async fn rotate_key_ring(&self, request: Request<RotateKeyRingRequest>) -> Answer<RotateKeyRingResponse> {
        rotate_key_ring::rotate_key_ring(&request, &self.0).await.map(Response::new)
    }

    async fn reveal_shared_secrets(
        &self,
        request: Request<RevealSharedSecretsRequest>,
    ) -> Answer<RevealSharedSecretsResponse> {
        reveal_shared_secrets::reveal_shared_secrets(&request, &self.0).await.map(Response::new)
    }
}

//! A key-management with one key a tenant, and tokens signed by them.

#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::sync::Arc;

use mintage_api::keys::key_ring_service_server::{KeyRingService, KeyRingServiceServer};
use mintage_api::keys::{self, PublicJwk, ResolveKeyRequest, ResolveKeyResponse};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::Routes;
use mintage_clock::Randomness;
use mintage_jose::{Algorithm, PrivateKey, Signer};
use serde_json::Value;
use tonic::{Request, Response, Status, async_trait};

/// The keys of the tenants `default` and `other`.
#[derive(Clone)]
pub(crate) struct Keys(Arc<[(&'static str, PrivateKey); 2]>);

impl Keys {
    pub(crate) fn new() -> Self {
        let key = |seed| PrivateKey::generate(Algorithm::Es256, &Randomness::seeded(seed)).unwrap();
        Self(Arc::new([("default", key(1)), ("other", key(2))]))
    }

    pub(crate) fn routes(&self) -> Routes {
        Routes::new(KeyRingServiceServer::new(self.clone()))
    }

    /// A token that the tenant's key signs.
    pub(crate) fn token(&self, tenant: &str, typ: &str, claims: &Value) -> String {
        let (_, key) = self.0.iter().find(|(of, _)| *of == tenant).unwrap();
        Signer::new(key).unwrap().sign_compact(typ, claims.to_string().as_bytes()).unwrap()
    }
}

#[async_trait]
impl KeyRingService for Keys {
    async fn resolve_key(&self, request: Request<ResolveKeyRequest>) -> Result<Response<ResolveKeyResponse>, Status> {
        let kid = request.into_inner().kid;
        let found = self.0.iter().find(|(_, key)| key.kid().to_string() == kid);
        let answer = found.map(|(tenant, key)| {
            let jwk = key.public_jwk().unwrap().to_string();
            let key = PublicJwk { algorithm: SigningAlgorithm::Es256.into(), jwk };
            ResolveKeyResponse { tenant_id: (*tenant).to_owned(), key: Some(key) }
        });
        Ok(Response::new(answer.unwrap_or_default()))
    }

    async fn ensure_key_ring(
        &self,
        _: Request<keys::EnsureKeyRingRequest>,
    ) -> Result<Response<keys::EnsureKeyRingResponse>, Status> {
        Err(not_asked())
    }

    async fn remove_key_ring(
        &self,
        _: Request<keys::RemoveKeyRingRequest>,
    ) -> Result<Response<keys::RemoveKeyRingResponse>, Status> {
        Err(not_asked())
    }

    async fn list_signing_keys(
        &self,
        _: Request<keys::ListSigningKeysRequest>,
    ) -> Result<Response<keys::ListSigningKeysResponse>, Status> {
        Err(not_asked())
    }

    async fn get_signing_key(
        &self,
        _: Request<keys::GetSigningKeyRequest>,
    ) -> Result<Response<keys::GetSigningKeyResponse>, Status> {
        Err(not_asked())
    }

    async fn list_key_rings(
        &self,
        _: Request<keys::ListKeyRingsRequest>,
    ) -> Result<Response<keys::ListKeyRingsResponse>, Status> {
        Err(not_asked())
    }

    async fn rotate_key_ring(
        &self,
        _: Request<keys::RotateKeyRingRequest>,
    ) -> Result<Response<keys::RotateKeyRingResponse>, Status> {
        Err(not_asked())
    }

    async fn activate_signing_key(
        &self,
        _: Request<keys::ActivateSigningKeyRequest>,
    ) -> Result<Response<keys::ActivateSigningKeyResponse>, Status> {
        Err(not_asked())
    }

    async fn revoke_signing_key(
        &self,
        _: Request<keys::RevokeSigningKeyRequest>,
    ) -> Result<Response<keys::RevokeSigningKeyResponse>, Status> {
        Err(not_asked())
    }

    async fn hold_key_ring(
        &self,
        _: Request<keys::HoldKeyRingRequest>,
    ) -> Result<Response<keys::HoldKeyRingResponse>, Status> {
        Err(not_asked())
    }

    async fn set_rotation_policy(
        &self,
        _: Request<keys::SetRotationPolicyRequest>,
    ) -> Result<Response<keys::SetRotationPolicyResponse>, Status> {
        Err(not_asked())
    }

    async fn list_key_facts(
        &self,
        _: Request<keys::ListKeyFactsRequest>,
    ) -> Result<Response<keys::ListKeyFactsResponse>, Status> {
        Err(not_asked())
    }

    async fn reseal_private_keys(
        &self,
        _: Request<keys::ResealPrivateKeysRequest>,
    ) -> Result<Response<keys::ResealPrivateKeysResponse>, Status> {
        Err(not_asked())
    }

    async fn reveal_shared_secrets(
        &self,
        _: Request<keys::RevealSharedSecretsRequest>,
    ) -> Result<Response<keys::RevealSharedSecretsResponse>, Status> {
        Err(not_asked())
    }
}

fn not_asked() -> Status {
    Status::unimplemented("the consent service never asks for it")
}

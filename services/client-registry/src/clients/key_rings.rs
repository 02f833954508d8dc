//! Key rings, kept by the key-management service.

use std::time::Duration;

use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::keys::{EnsureKeyRingRequest, KeyRingName, RemoveKeyRingRequest};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::Transport;
use mintage_chassis::wire::wire_algorithm;
use mintage_oauth::{Algorithm, TenantId};
use tonic::{Code, Request, Status};

use crate::domain::ports::{KeyRings, Ring, RingRemoval};
use crate::domain::{RegistryError, ResourceServerId};

/// Asks key-management. Both calls may be repeated, which the contract says and so the transport does.
#[derive(Clone, Debug)]
pub(crate) struct RemoteKeyRings(KeyRingServiceClient<Transport>);

impl RemoteKeyRings {
    pub(crate) fn new(key_management: Transport) -> Self {
        Self(KeyRingServiceClient::new(key_management))
    }
}

impl KeyRings for RemoteKeyRings {
    async fn ensure(&self, ring: &Ring) -> Result<(), RegistryError> {
        let name = name_of(&ring.tenant, Some(ring.algorithm), ring.resource_server.as_ref());
        let longest_token = prost_types::Duration { seconds: ring.lifetime.as_seconds().into(), nanos: 0 };
        let request = with_deadline(EnsureKeyRingRequest { ring: Some(name), longest_token: Some(longest_token) });
        self.0.clone().ensure_key_ring(request).await.map(drop).map_err(no_answer)
    }

    async fn remove(&self, rings: &RingRemoval) -> Result<(), RegistryError> {
        let name = match rings {
            RingRemoval::Tenant(tenant) => name_of(tenant, None, None),
            RingRemoval::Api(tenant, api) => name_of(tenant, Some(Algorithm::Hs256), Some(api)),
        };
        let request = with_deadline(RemoveKeyRingRequest { ring: Some(name) });
        match self.0.clone().remove_key_ring(request).await {
            Err(status) if status.code() != Code::NotFound => Err(no_answer(status)),
            _ => Ok(()),
        }
    }
}

fn name_of(tenant: &TenantId, algorithm: Option<Algorithm>, api: Option<&ResourceServerId>) -> KeyRingName {
    KeyRingName {
        tenant_id: tenant.to_string(),
        algorithm: algorithm.map_or(SigningAlgorithm::Unspecified, wire_algorithm).into(),
        resource_server_id: api.map(ToString::to_string).unwrap_or_default(),
    }
}

fn with_deadline<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(DEADLINE);
    request
}

fn no_answer(status: Status) -> RegistryError {
    RegistryError::Unavailable(Box::new(status))
}

/// Two RSA keys are made within it, each in about 0.1 s and at worst in a second.
const DEADLINE: Duration = Duration::from_secs(10);

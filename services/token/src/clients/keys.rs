//! Signing, by key-management: tokens that are asked for together share a call.

use async_trait::async_trait;
use mintage_api::keys::sign_result::Result as Outcome;
use mintage_api::keys::signing_service_client::SigningServiceClient;
use mintage_api::keys::{KeyRingName, SignItem, SignRequest, SignResult};
use mintage_api::types::ErrorReason;
use mintage_chassis::batch::Batcher;
use mintage_chassis::wire::wire_algorithm;
use mintage_chassis::{Tasks, Transport, telemetry};

use super::{port_error, within};
use crate::domain::ports::{KeyRing, PortError, TokenSigner, Unsigned};
use crate::settings::SigningSettings;

/// Has key-management sign. RSA apart from the others: a signature that takes a millisecond shares no call with one that
/// takes a fortieth of it.
pub(crate) struct KeysSigner {
    slow: Batcher<SignItem, SignResult>,
    quick: Batcher<SignItem, SignResult>,
}

impl KeysSigner {
    /// Signs over `transport` until `tasks` drain.
    pub(crate) fn start(transport: Transport, settings: &SigningSettings, tasks: &Tasks) -> Self {
        let client = SigningServiceClient::new(transport);
        let deadline = settings.deadline;
        let start = |limits| {
            let client = client.clone();
            Batcher::start(limits, tasks, move |items| {
                let mut client = client.clone();
                async move { Ok(within(deadline, client.sign(SignRequest { items })).await?.results) }
            })
        };
        Self { slow: start(settings.rsa_batches), quick: start(settings.batches) }
    }
}

#[async_trait]
impl TokenSigner for KeysSigner {
    async fn sign(&self, ring: &KeyRing, token: Unsigned) -> Result<String, PortError> {
        let Unsigned { typ, payload, lifetime } = token;
        let item = SignItem {
            ring: Some(ring_name(ring)),
            typ: typ.to_owned(),
            payload,
            trace_context: telemetry::beside(),
            lifetime_seconds: lifetime.as_seconds(),
        };
        let batcher = if ring.algorithm.is_rsa() { &self.slow } else { &self.quick };
        let answer = batcher.call(item).await.map_err(|status| port_error(SIBLING, &status))?;
        match answer.result {
            Some(Outcome::Jws(jws)) => Ok(jws),
            Some(Outcome::Refusal(reason)) => Err(refused(ring, reason)),
            None => Err(refused(ring, ErrorReason::Unspecified.into())),
        }
    }
}

fn ring_name(ring: &KeyRing) -> KeyRingName {
    let KeyRing { tenant, algorithm, resource_server } = ring;
    KeyRingName {
        tenant_id: tenant.to_string(),
        algorithm: wire_algorithm(*algorithm).into(),
        resource_server_id: resource_server.as_deref().unwrap_or_default().to_owned(),
    }
}

fn refused(ring: &KeyRing, reason: i32) -> PortError {
    let reason = ErrorReason::try_from(reason).unwrap_or_default();
    // One of many it has no time for, or whose key it cannot have: it says so itself.
    if reason != ErrorReason::TemporarilyUnavailable {
        tracing::error!(sibling = SIBLING, ?ring, reason = reason.as_str_name(), "a token was not signed");
    }
    match reason {
        // The ring of an API ends with it, and the change feed is about to say so: whoever asks again is told what is so.
        ErrorReason::TemporarilyUnavailable | ErrorReason::NotFound => PortError::Unavailable,
        _ => PortError::Broken,
    }
}

const SIBLING: &str = "key-management";

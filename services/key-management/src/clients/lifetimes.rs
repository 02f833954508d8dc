//! How long the tokens of APIs live, from client-registry.

use std::time::Duration;

use mintage_api::registry::ResolveLongestTokenRequest;
use mintage_api::registry::resolver_service_client::ResolverServiceClient;
use mintage_chassis::Transport;
use mintage_chassis::deadline::within;
use mintage_chassis::wire::wire_algorithm;
use mintage_oauth::TokenLifetime;

use crate::domain::ports::Lifetimes;
use crate::domain::{ApiId, PortError, RingName};

/// Asks client-registry.
#[derive(Clone, Debug)]
pub(crate) struct RemoteLifetimes(ResolverServiceClient<Transport>);

impl RemoteLifetimes {
    pub(crate) fn new(registry: Transport) -> Self {
        Self(ResolverServiceClient::new(registry))
    }
}

impl Lifetimes for RemoteLifetimes {
    async fn longest(&self, ring: &RingName) -> Result<Option<TokenLifetime>, PortError> {
        let request = ResolveLongestTokenRequest {
            tenant_id: ring.tenant().to_string(),
            algorithm: wire_algorithm(ring.algorithm()).into(),
            resource_server_id: ring.api().map(ApiId::to_string).unwrap_or_default(),
        };
        let mut client = self.0.clone();
        let answer = within(PATIENCE, client.resolve_longest_token(request)).await;
        let answer = answer.map_err(|elapsed| PortError::Unavailable(Box::new(elapsed)))?;
        let longest = answer.map_err(|status| PortError::Unavailable(Box::new(status)))?.into_inner().longest_token;
        let lifetime = |length: prost_types::Duration| u64::try_from(length.seconds).ok();
        longest
            .map(|length| lifetime(length).ok_or(Unreadable))
            .transpose()
            .map_err(unreadable)?
            .map_or(Ok(None), |seconds| TokenLifetime::from_seconds(seconds).map(Some).map_err(unreadable))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("client-registry answered a life of tokens that is none")]
struct Unreadable;

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> PortError {
    PortError::Internal(Box::new(error))
}

/// A key is announced without it: its tokens live as long as those of the key before, then.
const PATIENCE: Duration = Duration::from_secs(2);

//! The consent service: authorization requests, sessions, and what users gave.
//!
//! - `authorizations` leads a browser from a request to its answer.
//! - `sessions` is the user's own pages.
//! - `convert` reads what the service says.

mod authorizations;
mod convert;
mod sessions;

use std::time::Duration;

use mintage_api::consent::authorization_service_client::AuthorizationServiceClient;
use mintage_api::consent::session_service_client::SessionServiceClient;
use mintage_chassis::Transport;

use super::calls::Calls;

/// Asks the consent service.
pub(crate) struct RemoteConsent {
    authorizations: AuthorizationServiceClient<Transport>,
    sessions: SessionServiceClient<Transport>,
    calls: Calls,
}

impl RemoteConsent {
    /// Asks behind `transport`; a call takes at most `patience`.
    pub(crate) fn new(transport: Transport, calls: Calls, patience: Duration) -> Self {
        let transport = transport.with_deadline(patience);
        let authorizations = AuthorizationServiceClient::new(transport.clone());
        Self { authorizations, sessions: SessionServiceClient::new(transport), calls }
    }
}

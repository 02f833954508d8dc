//! Tokens that go through the browser, from the token service.

use std::time::Duration;

use async_trait::async_trait;
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{IssueFrontChannelRequest, IssueFrontChannelResponse};
use mintage_chassis::Transport;

use super::calls::Calls;
use crate::domain::{FrontChannel, FrontChannelIssuer, Refusal, Tenant};

type Client = TokenServiceClient<Transport>;

/// Asks the token service.
pub(crate) struct RemoteFrontChannel {
    client: Client,
    calls: Calls,
}

impl RemoteFrontChannel {
    /// Asks behind `transport`; a call takes at most `patience`.
    pub(crate) fn new(transport: Transport, calls: Calls, patience: Duration) -> Self {
        Self { client: Client::new(transport.with_deadline(patience)), calls }
    }
}

#[async_trait]
impl FrontChannelIssuer for RemoteFrontChannel {
    async fn redeem(&self, tenant: &Tenant, ticket: String) -> Result<FrontChannel, Refusal> {
        let (tenant_id, issuer) = (tenant.id.to_string(), tenant.issuer.to_string());
        let message = IssueFrontChannelRequest { tenant_id, issuer, ticket };
        let call = async |mut client: Client, request| client.issue_front_channel(request).await;
        Ok(front_channel_of(self.calls.make(&self.client, message, None, call).await?))
    }
}

/// OAuth 2.0 Multiple Response Type Encoding Practices, section 3: what there is not has no name either.
fn front_channel_of(response: IssueFrontChannelResponse) -> FrontChannel {
    let IssueFrontChannelResponse { access_token, token_type, expires_in, scopes, id_token } = response;
    let mut parameters = Vec::new();
    if !access_token.is_empty() {
        parameters.extend([
            ("access_token".to_owned(), access_token),
            ("token_type".to_owned(), token_type),
            ("expires_in".to_owned(), expires_in.to_string()),
            ("scope".to_owned(), scopes.join(" ")),
        ]);
    }
    parameters.push(("id_token".to_owned(), id_token));
    parameters.retain(|(_, value)| !value.is_empty());
    FrontChannel { parameters }
}

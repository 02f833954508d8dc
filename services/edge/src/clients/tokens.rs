//! Tokens, from the token service.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::token::issue_token_request::{ClientAuthentication, Grant};
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{ClientCredentialsGrant, ClientSecretAuthentication, IssueTokenRequest, IssueTokenResponse};
use mintage_chassis::{Transport, source, telemetry};
use mintage_oauth::ClientId;
use tokio::sync::Semaphore;
use tonic::Request;

use super::outliving::Outliving;
use super::refusals::refusal_of;
use crate::domain::{IssuedToken, Refusal, Tenant, TokenIssuer, TokenRequest};

/// Asks the token service.
pub(crate) struct RemoteTokens {
    client: TokenServiceClient<Transport>,
    places: Arc<Semaphore>,
}

impl RemoteTokens {
    /// Asks behind `transport`, with at most `max_in_flight` calls under way that take at most `patience` each.
    pub(crate) fn new(transport: Transport, max_in_flight: usize, patience: Duration) -> Self {
        let client = TokenServiceClient::new(transport.with_deadline(patience));
        Self { client, places: Arc::new(Semaphore::new(max_in_flight)) }
    }
}

#[async_trait]
impl TokenIssuer for RemoteTokens {
    async fn issue(
        &self,
        request: TokenRequest<'_>,
        tenant: &Tenant,
        source: Option<IpAddr>,
    ) -> Result<IssuedToken, Refusal> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            telemetry::shed("edge_calls");
            Refusal::unavailable()
        })?;
        let client_id = request.client_id.parse::<ClientId>();
        let mut message = Request::new(message(request, tenant));
        if let Some(source) = source {
            source::attach(&mut message, source);
        }
        let mut client = self.client.clone();
        let answer = Outliving::new(async move {
            let answer = client.issue_token(message).await;
            drop(place);
            answer
        });
        match answer.await {
            Ok(response) => {
                // It has proven to be that client.
                telemetry::note(|facts| client_id.iter().for_each(|client_id| facts.client(client_id)));
                Ok(issued(response.into_inner()))
            }
            Err(status) => Err(refusal_of(&status)),
        }
    }
}

fn message(request: TokenRequest<'_>, tenant: &Tenant) -> IssueTokenRequest {
    let TokenRequest { client_id, client_secret, audience, scopes } = request;
    let authentication =
        ClientSecretAuthentication { client_id: client_id.into_owned(), client_secret: client_secret.into_owned() };
    IssueTokenRequest {
        tenant_id: tenant.id.to_string(),
        issuer: tenant.issuer.to_string(),
        grant: Some(Grant::ClientCredentials(ClientCredentialsGrant {})),
        client_authentication: Some(ClientAuthentication::ClientSecret(authentication)),
        audience: audience.unwrap_or_default().into_owned(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
    }
}

fn issued(response: IssueTokenResponse) -> IssuedToken {
    let IssueTokenResponse { access_token, token_type, expires_in, scopes } = response;
    let expires_in = Duration::from_secs(expires_in.into());
    IssuedToken { access_token, token_type, expires_in, scope: scopes.join(" ") }
}

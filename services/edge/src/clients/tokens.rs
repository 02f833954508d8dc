//! Tokens, from the token service.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::token::issue_token_request::{ClientAuthentication, Grant as WireGrant};
use mintage_api::token::revoke_token_request::ClientAuthentication as RevokerAuthentication;
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{
    AuthorizationCodeGrant, ClientCredentialsGrant, ClientSecretAuthentication, IssueTokenRequest, IssueTokenResponse,
    PasswordGrant, PublicClient, RefreshTokenGrant, RevokeTokenRequest,
};
use mintage_chassis::{Transport, source, telemetry};
use mintage_oauth::ClientId;
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status};

use super::outliving::Outliving;
use super::refusals::refusal_of;
use crate::domain::{
    ClientProof, Grant, IssuedToken, Refusal, RevocationRequest, Tenant, TokenEnder, TokenIssuer, TokenRequest,
};

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

    /// Makes a call for the client that a request says it is from, unless too many are under way. It is made once: what it
    /// takes may be gone by then.
    async fn make<M, A, F>(
        &self,
        message: M,
        client_id: Result<ClientId, mintage_oauth::ClientIdError>,
        source: Option<IpAddr>,
        call: impl FnOnce(TokenServiceClient<Transport>, Request<M>) -> F,
    ) -> Result<A, Refusal>
    where
        A: Send + 'static,
        F: Future<Output = Result<Response<A>, Status>> + Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            telemetry::shed("edge_calls");
            Refusal::unavailable()
        })?;
        let mut message = Request::new(message);
        if let Some(source) = source {
            source::attach(&mut message, source);
        }
        let call = call(self.client.clone(), message);
        let answer = Outliving::new(async move {
            let answer = call.await;
            drop(place);
            answer
        });
        match answer.await {
            Ok(response) => {
                // It has proven to be that client.
                telemetry::note(|facts| client_id.iter().for_each(|client_id| facts.client(client_id)));
                Ok(response.into_inner())
            }
            Err(status) => Err(refusal_of(&status)),
        }
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
        let (grant_type, client_id) = (request.grant.grant_type(), request.client.id.parse::<ClientId>());
        let message = token_message(request, tenant);
        let call = |mut client: TokenServiceClient<_>, message| async move { client.issue_token(message).await };
        let answer = self.make(message, client_id, source, call).await;
        answer.map(issued).map_err(|refusal| refusal.of_grant(grant_type))
    }
}

#[async_trait]
impl TokenEnder for RemoteTokens {
    async fn end(
        &self,
        request: RevocationRequest<'_>,
        tenant: &Tenant,
        source: Option<IpAddr>,
    ) -> Result<(), Refusal> {
        let RevocationRequest { client: ClientProof { id, secret }, token } = request;
        let (known, client_id) = (id.parse::<ClientId>(), id.into_owned());
        let authentication = match secret {
            Some(secret) => {
                let client_secret = secret.into_owned();
                RevokerAuthentication::ClientSecret(ClientSecretAuthentication { client_id, client_secret })
            }
            None => RevokerAuthentication::PublicClient(PublicClient { client_id }),
        };
        let message = RevokeTokenRequest {
            tenant_id: tenant.id.to_string(),
            client_authentication: Some(authentication),
            token: token.into_owned(),
        };
        let call = |mut client: TokenServiceClient<_>, message| async move { client.revoke_token(message).await };
        self.make(message, known, source, call).await.map(drop)
    }
}

fn token_message(request: TokenRequest<'_>, tenant: &Tenant) -> IssueTokenRequest {
    let TokenRequest { grant, client: ClientProof { id, secret }, audience, scopes } = request;
    let client_id = id.into_owned();
    let authentication = match secret {
        Some(secret) => {
            let client_secret = secret.into_owned();
            ClientAuthentication::ClientSecret(ClientSecretAuthentication { client_id, client_secret })
        }
        None => ClientAuthentication::PublicClient(PublicClient { client_id }),
    };
    IssueTokenRequest {
        tenant_id: tenant.id.to_string(),
        issuer: tenant.issuer.to_string(),
        grant: Some(wire_grant(grant)),
        client_authentication: Some(authentication),
        audience: audience.unwrap_or_default().into_owned(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
    }
}

fn wire_grant(grant: Grant<'_>) -> WireGrant {
    match grant {
        Grant::ClientCredentials => WireGrant::ClientCredentials(ClientCredentialsGrant {}),
        Grant::AuthorizationCode { code, redirect_uri, code_verifier } => {
            WireGrant::AuthorizationCode(AuthorizationCodeGrant {
                code: code.into_owned(),
                redirect_uri: redirect_uri.unwrap_or_default().into_owned(),
                code_verifier: code_verifier.unwrap_or_default().into_owned(),
            })
        }
        Grant::RefreshToken { refresh_token } => {
            WireGrant::RefreshToken(RefreshTokenGrant { refresh_token: refresh_token.into_owned() })
        }
        Grant::Password { username, password } => {
            WireGrant::Password(PasswordGrant { username: username.into_owned(), password: password.into_owned() })
        }
    }
}

fn issued(response: IssueTokenResponse) -> IssuedToken {
    let IssueTokenResponse { access_token, token_type, expires_in, scopes, refresh_token, id_token } = response;
    let expires_in = Duration::from_secs(expires_in.into());
    IssuedToken { access_token, token_type, expires_in, scope: scopes.join(" "), refresh_token, id_token }
}

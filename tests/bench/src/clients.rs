//! The clients that ask: made over gRPC, as an operator makes them, at the first start and kept for the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::{
    CreateClientGrantRequest, CreateClientRequest, CreateResourceServerRequest, ScopeDefinition, TokenProfile,
};
use mintage_api::token::issue_token_request::{ClientAuthentication, Grant};
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{ClientCredentialsGrant, ClientSecretAuthentication, IssueTokenRequest};
use mintage_api::types::SigningAlgorithm;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tonic::Request;
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::Channel;

use crate::algorithm::Algorithm;

/// An operator of an installation, and the doors that an operator calls.
pub(crate) struct Operator {
    pub(crate) token: Channel,
    pub(crate) registry: Channel,
    pub(crate) credentials: Credentials,
}

/// A client's id and secret.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl Operator {
    /// Makes an API of each algorithm, and `many` clients that may have tokens for them.
    pub(crate) async fn register(self, many: usize) -> anyhow::Result<Vec<Credentials>> {
        let registry = Registry { authorization: self.authorization().await?, channel: self.registry };
        for algorithm in Algorithm::ALL {
            registry.make_api(algorithm).await?;
        }
        timeout(MADE_WITHIN, registry.make_clients(many)).await.context("the clients are not made in time")?
    }

    async fn authorization(&self) -> anyhow::Result<AsciiMetadataValue> {
        let Credentials { client_id, client_secret } = self.credentials.clone();
        let authentication = ClientSecretAuthentication { client_id, client_secret };
        let asked = IssueTokenRequest {
            grant: Some(Grant::ClientCredentials(ClientCredentialsGrant {})),
            client_authentication: Some(ClientAuthentication::ClientSecret(authentication)),
            audience: "urn:mintage:management".to_owned(),
            ..Default::default()
        };
        let answer = TokenServiceClient::new(self.token.clone()).issue_token(asked).await?.into_inner();
        ensure!(answer.token_type == "Bearer", "the operator's token is a {}", answer.token_type);
        Ok(format!("Bearer {}", answer.access_token).parse()?)
    }
}

impl Credentials {
    /// The form by which this client asks for a token of `algorithm`.
    pub(crate) fn form(&self, algorithm: Algorithm) -> Bytes {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", &self.client_secret)
            .append_pair("audience", &audience(algorithm))
            .append_pair("scope", &SCOPES.join(" "))
            .finish();
        form.into()
    }
}

/// The registry, called with an operator's token.
#[derive(Clone)]
struct Registry {
    authorization: AsciiMetadataValue,
    channel: Channel,
}

impl Registry {
    fn signed<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", self.authorization.clone());
        request
    }

    async fn make_api(&self, algorithm: Algorithm) -> anyhow::Result<()> {
        let signing_algorithm = match algorithm {
            Algorithm::Es256 => SigningAlgorithm::Es256,
            Algorithm::Rs256 => SigningAlgorithm::Rs256,
        };
        let scopes = SCOPES.map(|value| ScopeDefinition { value: value.to_owned(), ..Default::default() });
        let api = CreateResourceServerRequest {
            identifier: audience(algorithm),
            name: format!("Bench API, {algorithm}"),
            scopes: scopes.to_vec(),
            signing_algorithm: signing_algorithm.into(),
            token_profile: TokenProfile::Rfc9068.into(),
            ..Default::default()
        };
        ResourceServerServiceClient::new(self.channel.clone()).create_resource_server(self.signed(api)).await?;
        Ok(())
    }

    async fn make_clients(&self, many: usize) -> anyhow::Result<Vec<Credentials>> {
        let begun = Arc::new(AtomicUsize::new(0));
        let mut makers = JoinSet::new();
        for _ in 0..MADE_AT_ONCE {
            let (registry, begun) = (self.clone(), Arc::clone(&begun));
            makers.spawn(async move {
                let mut made = Vec::new();
                loop {
                    let number = begun.fetch_add(1, Ordering::Relaxed);
                    if number >= many {
                        return anyhow::Ok(made);
                    }
                    made.push((number, registry.make_client(number).await?));
                }
            });
        }
        let mut clients = Vec::with_capacity(many);
        while let Some(made) = makers.join_next().await {
            clients.extend(made??);
        }
        // The first one is asked as for what only it may have.
        clients.sort_unstable_by_key(|(number, _)| *number);
        Ok(clients.into_iter().map(|(_, client)| client).collect())
    }

    /// The first client may have tokens of every algorithm, the others of the first.
    async fn make_client(&self, number: usize) -> anyhow::Result<Credentials> {
        let asked = CreateClientRequest { name: format!("Bench {number}"), ..Default::default() };
        let created = ClientServiceClient::new(self.channel.clone()).create_client(self.signed(asked)).await?;
        let created = created.into_inner();
        let client_id = created.client.context("the answer has a client")?.client_id;
        let algorithms = if number == 0 { &Algorithm::ALL[..] } else { &[Algorithm::Es256] };
        for algorithm in algorithms {
            let grant = CreateClientGrantRequest {
                client_id: client_id.clone(),
                audience: audience(*algorithm),
                scopes: SCOPES.map(str::to_owned).to_vec(),
                ..Default::default()
            };
            ClientGrantServiceClient::new(self.channel.clone()).create_client_grant(self.signed(grant)).await?;
        }
        Ok(Credentials { client_id, client_secret: created.client_secret })
    }
}

fn audience(algorithm: Algorithm) -> String {
    format!("https://bench-{algorithm}.mintage.test/")
}

const SCOPES: [&str; 2] = ["read:demo", "write:demo"];
const MADE_AT_ONCE: usize = 32;
const MADE_WITHIN: Duration = Duration::from_secs(600);

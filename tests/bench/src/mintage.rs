//! `mintage dev` with an API of the algorithm that is measured; what the demo lacks is made over gRPC.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::{CreateClientGrantRequest, CreateResourceServerRequest, ScopeDefinition, TokenProfile};
use mintage_api::token::issue_token_request::{ClientAuthentication, Grant};
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{ClientCredentialsGrant, ClientSecretAuthentication, IssueTokenRequest};
use mintage_api::types::SigningAlgorithm;
use tokio::process::Command;
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::algorithm::Algorithm;
use crate::load::Endpoint;
use crate::process::Server;

/// Starts the server on free ports, and sees to it that the demo client may have tokens of `algorithm`.
pub(crate) async fn start(program: &Path, data: &Path, algorithm: Algorithm) -> anyhow::Result<(Server, Endpoint)> {
    let mut command = Command::new(program);
    command.args(["dev", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data-dir"]);
    command.arg(data);
    let server = Server::start(command).await?;
    let demo = Demo::read(&data.join("demo.env"))?;
    let audience = match algorithm {
        Algorithm::Es256 => demo.line("DEMO_AUDIENCE")?,
        Algorithm::Rs256 => rs256_api(&demo).await?,
    };
    Ok((server, demo.endpoint(audience)?))
}

struct Demo(BTreeMap<String, String>);

impl Demo {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let lines = text.lines().filter_map(|line| line.split_once('='));
        Ok(Self(lines.map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned())).collect()))
    }

    fn line(&self, name: &str) -> anyhow::Result<&str> {
        self.0.get(name).map(String::as_str).with_context(|| format!("demo.env has no {name}"))
    }

    fn endpoint(&self, audience: &str) -> anyhow::Result<Endpoint> {
        let url = self.line("MINTAGE_TOKEN_URL")?;
        let (address, path) = url.trim_start_matches("http://").split_once('/').context("the token URL has a path")?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", self.line("DEMO_CLIENT_ID")?)
            .append_pair("client_secret", self.line("DEMO_CLIENT_SECRET")?)
            .append_pair("audience", audience)
            .append_pair("scope", "read:demo write:demo")
            .finish();
        Ok(Endpoint { address: address.to_owned(), path: format!("/{path}"), form })
    }
}

/// The demo API again, but for its algorithm; it is there from the second start on.
async fn rs256_api(demo: &Demo) -> anyhow::Result<&'static str> {
    let channel = Channel::from_shared(format!("http://{}", demo.line("MINTAGE_GRPC")?))?.connect().await?;
    let token = operator_token(demo, channel.clone()).await?;
    let scopes = ["read:demo", "write:demo"].map(str::to_owned);
    let api = CreateResourceServerRequest {
        identifier: RS256_AUDIENCE.to_owned(),
        name: "Demo API, RS256".to_owned(),
        scopes: scopes.iter().map(|value| ScopeDefinition { value: value.clone(), ..Default::default() }).collect(),
        signing_algorithm: SigningAlgorithm::Rs256.into(),
        token_profile: TokenProfile::Rfc9068.into(),
        ..Default::default()
    };
    let made = ResourceServerServiceClient::new(channel.clone()).create_resource_server(as_operator(api, &token)).await;
    unless_there(made.map(|_| ()))?;
    let grant = CreateClientGrantRequest {
        client_id: demo.line("DEMO_CLIENT_ID")?.to_owned(),
        audience: RS256_AUDIENCE.to_owned(),
        scopes: scopes.to_vec(),
        ..Default::default()
    };
    let made = ClientGrantServiceClient::new(channel).create_client_grant(as_operator(grant, &token)).await;
    unless_there(made.map(|_| ()))?;
    Ok(RS256_AUDIENCE)
}

async fn operator_token(demo: &Demo, channel: Channel) -> anyhow::Result<AsciiMetadataValue> {
    let asked = IssueTokenRequest {
        grant: Some(Grant::ClientCredentials(ClientCredentialsGrant {})),
        client_authentication: Some(ClientAuthentication::ClientSecret(ClientSecretAuthentication {
            client_id: demo.line("OPERATOR_CLIENT_ID")?.to_owned(),
            client_secret: demo.line("OPERATOR_CLIENT_SECRET")?.to_owned(),
        })),
        audience: "urn:mintage:management".to_owned(),
        ..Default::default()
    };
    let answer = TokenServiceClient::new(channel).issue_token(asked).await?.into_inner();
    ensure!(answer.token_type == "Bearer", "the operator's token is a {}", answer.token_type);
    Ok(format!("Bearer {}", answer.access_token).parse()?)
}

fn as_operator<T>(message: T, token: &AsciiMetadataValue) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", token.clone());
    request
}

fn unless_there(made: Result<(), Status>) -> anyhow::Result<()> {
    match made {
        Err(status) if status.code() != Code::AlreadyExists => Err(status.into()),
        _ => Ok(()),
    }
}

const RS256_AUDIENCE: &str = "https://demo-rs256.mintage.test/";

//! The first start: a tenant, a demo API with a client, an operator. Later starts find them.

use anyhow::{Context, Result, anyhow};
use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::{
    CreateClientGrantRequest, CreateClientRequest, CreateClientSecretRequest, CreateResourceServerRequest,
    ListClientGrantsRequest, ListClientsRequest, ScopeDefinition, TokenProfile,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::Transport;
use mintage_chassis::access::{MANAGEMENT_AUDIENCE, MANAGEMENT_SCOPES};
use tonic::{Code, Status};

use super::DataDir;
use super::demo_env::{Credentials, DemoEnv, earlier_credentials};
use super::doors::Doors;

/// Makes sure that everything in `demo.env` exists and writes the file. Where an earlier start wrote one, its clients
/// are left as they are: whoever changed or deleted them since meant it.
pub(super) async fn prepare(registry: Transport, doors: &Doors, data: &DataDir) -> Result<DemoEnv> {
    let origins = doors.origins()?;
    let tenant = mintage_client_registry::bootstrap(registry.clone(), &origins).await;
    tenant.map_err(|status| refused(&status)).context("tenant `default` cannot be set up")?;
    let (demo, operator) = match earlier_credentials(&data.file(DemoEnv::FILE))? {
        (Some(demo), Some(operator)) => (demo, operator),
        _ => create(registry).await.map_err(|status| refused(&status)).context("the demo clients cannot be set up")?,
    };
    let [http, _, https, _] = origins.as_slice() else { return Err(anyhow!("the doors have four origins")) };
    let env = DemoEnv {
        issuer: http.issuer().to_string(),
        https_issuer: https.issuer().to_string(),
        grpc: doors.grpc(),
        ca: doors.ca().display().to_string(),
        demo_audience: DEMO_AUDIENCE.to_owned(),
        demo,
        operator,
    };
    data.write_private(DemoEnv::FILE, env.render().as_bytes())?;
    Ok(env)
}

/// Each step looks before it makes: a start that was cut short is finished by the next.
async fn create(registry: Transport) -> Result<(Credentials, Credentials), Status> {
    let setup = Setup { registry };
    setup.demo_api().await?;
    let demo = setup.client("Demo client").await?;
    setup.grant(&demo.client_id, DEMO_AUDIENCE, DEMO_SCOPES.iter().map(|(value, _)| *value)).await?;
    let operator = setup.client("Operator").await?;
    setup.grant(&operator.client_id, MANAGEMENT_AUDIENCE, MANAGEMENT_SCOPES.iter().map(|(value, _)| *value)).await?;
    Ok((demo, operator))
}

struct Setup {
    registry: Transport,
}

impl Setup {
    async fn demo_api(&self) -> Result<(), Status> {
        let scope = |(value, description): &(&str, &str)| ScopeDefinition {
            value: (*value).to_owned(),
            description: (*description).to_owned(),
        };
        let request = CreateResourceServerRequest {
            identifier: DEMO_AUDIENCE.to_owned(),
            name: "Demo API".to_owned(),
            scopes: DEMO_SCOPES.iter().map(scope).collect(),
            signing_algorithm: SigningAlgorithm::Es256.into(),
            token_profile: TokenProfile::Rfc9068.into(),
            ..CreateResourceServerRequest::default()
        };
        let created = ResourceServerServiceClient::new(self.registry.clone()).create_resource_server(request).await;
        created.map(drop).or_else(|status| if status.code() == Code::AlreadyExists { Ok(()) } else { Err(status) })
    }

    /// The client of this name with a secret that is known: a new one when the client is there already, since its own
    /// cannot be read back.
    async fn client(&self, name: &str) -> Result<Credentials, Status> {
        let mut clients = ClientServiceClient::new(self.registry.clone());
        if let Some(client_id) = self.client_named(name).await? {
            let request = CreateClientSecretRequest {
                client_id: client_id.clone(),
                label: SECRET_LABEL.to_owned(),
                revoke_others: true,
                ..CreateClientSecretRequest::default()
            };
            let client_secret = clients.create_client_secret(request).await?.into_inner().client_secret;
            return Ok(Credentials { client_id, client_secret });
        }
        let request = CreateClientRequest {
            name: name.to_owned(),
            secret_label: SECRET_LABEL.to_owned(),
            ..CreateClientRequest::default()
        };
        let created = clients.create_client(request).await?.into_inner();
        let client_id = created.client.unwrap_or_default().client_id;
        Ok(Credentials { client_id, client_secret: created.client_secret })
    }

    async fn client_named(&self, name: &str) -> Result<Option<String>, Status> {
        let mut clients = ClientServiceClient::new(self.registry.clone());
        let mut page_token = String::new();
        loop {
            let request = ListClientsRequest { page_size: 100, page_token, ..ListClientsRequest::default() };
            let page = clients.list_clients(request).await?.into_inner();
            if let Some(found) = page.clients.into_iter().find(|client| client.name == name) {
                return Ok(Some(found.client_id));
            }
            if page.next_page_token.is_empty() {
                return Ok(None);
            }
            page_token = page.next_page_token;
        }
    }

    async fn grant(
        &self,
        client_id: &str,
        audience: &str,
        scopes: impl Iterator<Item = &'static str>,
    ) -> Result<(), Status> {
        let mut grants = ClientGrantServiceClient::new(self.registry.clone());
        let (client_id, audience) = (client_id.to_owned(), audience.to_owned());
        let request = ListClientGrantsRequest {
            client_id: client_id.clone(),
            audience: audience.clone(),
            ..ListClientGrantsRequest::default()
        };
        if !grants.list_client_grants(request).await?.into_inner().client_grants.is_empty() {
            return Ok(());
        }
        let scopes = scopes.map(ToOwned::to_owned).collect();
        let request = CreateClientGrantRequest { client_id, audience, scopes, ..CreateClientGrantRequest::default() };
        grants.create_client_grant(request).await.map(drop)
    }
}

fn refused(status: &Status) -> anyhow::Error {
    anyhow!("{}", status.message())
}

const DEMO_AUDIENCE: &str = "https://demo.mintage.test/";
const DEMO_SCOPES: &[(&str, &str)] = &[("read:demo", "Read the demo"), ("write:demo", "Change the demo")];
const SECRET_LABEL: &str = "demo.env";

//! What a fresh installation is given: clients, their secrets, their grants.

use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::{
    CreateClientGrantRequest, CreateClientRequest, CreateClientSecretRequest, ListClientGrantsRequest,
    ListClientsRequest,
};
use mintage_chassis::Transport;
use mintage_chassis::access::{MANAGEMENT_AUDIENCE, MANAGEMENT_SCOPES};
use tonic::Status;

use crate::profile::Credentials;

/// Sets up tenant `default`, with the rights of the installation itself. Each step looks before it makes, so that what
/// was cut short is finished by the next.
pub(crate) struct Setup {
    registry: Transport,
    label: &'static str,
}

impl Setup {
    /// Over `registry`, a transport of [`mintage_chassis::ServiceName::MINTAGE`]; secrets are labelled `label`.
    pub(crate) const fn new(registry: Transport, label: &'static str) -> Self {
        Self { registry, label }
    }

    /// The id of the client of this name.
    pub(crate) async fn client_named(&self, name: &str) -> Result<Option<String>, Status> {
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

    /// A new client of this name.
    pub(crate) async fn create_client(&self, name: &str) -> Result<Credentials, Status> {
        let request = CreateClientRequest {
            name: name.to_owned(),
            secret_label: self.label.to_owned(),
            ..CreateClientRequest::default()
        };
        let created = ClientServiceClient::new(self.registry.clone()).create_client(request).await?.into_inner();
        let client_id = created.client.unwrap_or_default().client_id;
        Ok(Credentials { client_id, client_secret: created.client_secret })
    }

    /// A new secret of a client, in place of its others or beside them.
    pub(crate) async fn new_secret(&self, client_id: String, revoke_others: bool) -> Result<Credentials, Status> {
        let request = CreateClientSecretRequest {
            client_id: client_id.clone(),
            label: self.label.to_owned(),
            revoke_others,
            ..CreateClientSecretRequest::default()
        };
        let created = ClientServiceClient::new(self.registry.clone()).create_client_secret(request).await?;
        Ok(Credentials { client_id, client_secret: created.into_inner().client_secret })
    }

    /// Every scope of the Management API.
    pub(crate) async fn grant_management(&self, client_id: &str) -> Result<(), Status> {
        self.grant(client_id, MANAGEMENT_AUDIENCE, MANAGEMENT_SCOPES.iter().map(|(value, _)| *value)).await
    }

    /// A grant of `scopes`, where the client has none for the API yet.
    pub(crate) async fn grant(
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

/// The operator's client.
pub(crate) const OPERATOR: &str = "Operator";

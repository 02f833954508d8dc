//! Changes an installation as its operator does, at one replica or another.

use std::time::Duration;

use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::keys::{KeyRingName, KeyState, ListSigningKeysRequest, RotateKeyRingRequest, SigningKey};
use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::tenant_service_client::TenantServiceClient;
use mintage_api::registry::{
    Client, CreateClientGrantRequest, CreateClientRequest, CreateClientSecretRequest, CreateResourceServerRequest,
    DeleteClientGrantRequest, DeleteClientRequest, DeleteResourceServerRequest, RevokeClientSecretRequest,
    UpdateClientRequest,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::ServiceName;
use mintage_testkit::installation::Installation;
use prost_types::FieldMask;
use serde_json::Value;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use super::asking::Credentials;

/// The operator at one replica of the registry and one of key management.
#[derive(Clone)]
pub(super) struct Operator {
    pub(super) tenants: TenantServiceClient<Authorized>,
    pub(super) clients: ClientServiceClient<Authorized>,
    pub(super) apis: ResourceServerServiceClient<Authorized>,
    pub(super) grants: ClientGrantServiceClient<Authorized>,
    pub(super) rings: KeyRingServiceClient<Authorized>,
}

pub(super) type Authorized = InterceptedService<Channel, Bearer>;

/// A client that may have tokens for an API, and the ids of what makes it so.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) credentials: Credentials,
    pub(super) secret_id: String,
    pub(super) grant_id: String,
}

impl Operator {
    /// At the replicas of this number.
    pub(super) fn at(installation: &Installation, replica: usize) -> Self {
        let bearer = Bearer::of(installation);
        let at = |service| public(installation, service, replica);
        let (registry, keys) = (at(ServiceName::CLIENT_REGISTRY), at(ServiceName::KEY_MANAGEMENT));
        Self {
            tenants: TenantServiceClient::with_interceptor(registry.clone(), bearer.clone()),
            clients: ClientServiceClient::with_interceptor(registry.clone(), bearer.clone()),
            apis: ResourceServerServiceClient::with_interceptor(registry.clone(), bearer.clone()),
            grants: ClientGrantServiceClient::with_interceptor(registry, bearer.clone()),
            rings: KeyRingServiceClient::with_interceptor(keys, bearer),
        }
    }

    /// A new client that may have tokens for `audience`.
    pub(super) async fn granted(&self, audience: &str) -> Result<Granted, Status> {
        let (client, credentials) = self.client("a client of a test", audience).await?;
        let grant_id = self.grant(&client.client_id, audience).await?;
        let secret_id = client.secrets.first().expect("a secret").id.clone();
        Ok(Granted { credentials, secret_id, grant_id })
    }

    /// A new client, and what it asks with for `audience`.
    pub(super) async fn client(&self, name: &str, audience: &str) -> Result<(Client, Credentials), Status> {
        let request = CreateClientRequest { name: name.to_owned(), ..CreateClientRequest::default() };
        let created = self.clients.clone().create_client(request).await?.into_inner();
        let client = created.client.expect("a client");
        let credentials = Credentials {
            client_id: client.client_id.clone(),
            client_secret: created.client_secret,
            audience: audience.to_owned(),
        };
        Ok((client, credentials))
    }

    /// Lets a client have tokens for `audience`; the id of the grant.
    pub(super) async fn grant(&self, client_id: &str, audience: &str) -> Result<String, Status> {
        let (client_id, audience) = (client_id.to_owned(), audience.to_owned());
        let request = CreateClientGrantRequest { client_id, audience, ..CreateClientGrantRequest::default() };
        let created = self.grants.clone().create_client_grant(request).await?.into_inner();
        Ok(created.client_grant.expect("a grant").id)
    }

    /// A new API; its id.
    pub(super) async fn api(&self, identifier: &str, algorithm: SigningAlgorithm) -> Result<String, Status> {
        let request = CreateResourceServerRequest {
            identifier: identifier.to_owned(),
            name: "an API of a test".to_owned(),
            signing_algorithm: algorithm.into(),
            ..CreateResourceServerRequest::default()
        };
        let created = self.apis.clone().create_resource_server(request).await?.into_inner();
        Ok(created.resource_server.expect("an API").id)
    }

    pub(super) async fn disable(&self, client_id: &str) -> Result<(), Status> {
        let client = Client { client_id: client_id.to_owned(), enabled: false, ..Client::default() };
        let update_mask = Some(FieldMask { paths: vec!["enabled".to_owned()] });
        let request = UpdateClientRequest { client: Some(client), update_mask };
        self.clients.clone().update_client(request).await.map(drop)
    }

    pub(super) async fn delete_client(&self, client_id: &str) -> Result<(), Status> {
        let request = DeleteClientRequest { client_id: client_id.to_owned(), ..DeleteClientRequest::default() };
        self.clients.clone().delete_client(request).await.map(drop)
    }

    /// One more secret for a client.
    pub(super) async fn secret(&self, client_id: &str) -> Result<String, Status> {
        let request =
            CreateClientSecretRequest { client_id: client_id.to_owned(), ..CreateClientSecretRequest::default() };
        Ok(self.clients.clone().create_client_secret(request).await?.into_inner().client_secret)
    }

    pub(super) async fn revoke_secret(&self, client_id: &str, secret_id: &str) -> Result<(), Status> {
        let (client_id, secret_id) = (client_id.to_owned(), secret_id.to_owned());
        let request = RevokeClientSecretRequest { client_id, secret_id, ..RevokeClientSecretRequest::default() };
        self.clients.clone().revoke_client_secret(request).await.map(drop)
    }

    pub(super) async fn delete_grant(&self, id: &str) -> Result<(), Status> {
        let request = DeleteClientGrantRequest { id: id.to_owned(), ..DeleteClientGrantRequest::default() };
        self.grants.clone().delete_client_grant(request).await.map(drop)
    }

    pub(super) async fn delete_api(&self, id: &str) -> Result<(), Status> {
        let request = DeleteResourceServerRequest { id: id.to_owned(), ..DeleteResourceServerRequest::default() };
        self.apis.clone().delete_resource_server(request).await.map(drop)
    }

    /// Lets the next key of an HS256 API sign; its kid.
    pub(super) async fn rotate(&self, api: &str) -> Result<String, Status> {
        let ring = KeyRingName {
            tenant_id: "default".to_owned(),
            algorithm: SigningAlgorithm::Hs256.into(),
            resource_server_id: api.to_owned(),
        };
        let request = RotateKeyRingRequest { ring: Some(ring), ..RotateKeyRingRequest::default() };
        let rotated = self.rings.clone().rotate_key_ring(request).await?.into_inner();
        Ok(rotated.successor.expect("a key").kid)
    }

    /// Every key of the tenant that signs.
    pub(super) async fn active_keys(&self) -> Result<Vec<SigningKey>, Status> {
        let (mut active, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListSigningKeysRequest { page_token, page_size: 100, ..ListSigningKeysRequest::default() };
            let page = self.rings.clone().list_signing_keys(request).await?.into_inner();
            active.extend(page.keys.into_iter().filter(|key| key.state() == KeyState::Active));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(active);
            }
        }
    }
}

/// A way to the public door of a process, made when it is first used and again when it broke.
pub(super) fn public(installation: &Installation, service: ServiceName, replica: usize) -> Channel {
    let address = installation.address(service, replica, "public");
    let authority = std::fs::read(installation.folder().join("ca.pem")).expect("an authority");
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority)).domain_name("localhost");
    let endpoint = Endpoint::from_shared(format!("https://{address}")).expect("an address");
    let endpoint = endpoint.tls_config(tls).expect("an authority").timeout(CALL).connect_timeout(CALL);
    endpoint.connect_lazy()
}

/// Attaches the operator's token to each call.
#[derive(Clone)]
pub(super) struct Bearer(MetadataValue<Ascii>);

impl Bearer {
    /// A new token.
    pub(super) fn of(installation: &Installation) -> Self {
        let answer = installation.ask_for_token().expect("the operator gets a token");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let token = answer["access_token"].as_str().expect("a token");
        Self(format!("Bearer {token}").parse().expect("a header"))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// As the operator's commands have it.
const CALL: Duration = Duration::from_secs(30);

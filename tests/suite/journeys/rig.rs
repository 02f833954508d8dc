//! A suite with databases of its own, and the steps that journeys share.

use axum::body::Body;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use mintage::dev::{Suite, SuiteParts};
use mintage_api::keys::key_ring_service_client::KeyRingServiceClient;
use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::tenant_service_client::TenantServiceClient;
use mintage_api::registry::{
    Client, ClientGrant, CreateClientGrantRequest, CreateClientRequest, CreateResourceServerRequest, ResourceServer,
    ScopeDefinition,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::door::Scheme;
use mintage_chassis::source::ClientAddress;
use mintage_chassis::{ServiceName, Transport};
use mintage_clock::{Clock, Randomness};
use mintage_jose::seal::MasterKey;
use mintage_oauth::Origin;
use mintage_store::DatabaseSettings;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::browser::Server;

/// The host that tenant `default` is served on.
pub(crate) const HOST: &str = "mint.test";

pub(crate) struct Rig {
    pub(crate) suite: Suite,
    _folder: TempDir,
}

/// A client and its secret.
pub(crate) struct Known {
    pub(crate) client: Client,
    pub(crate) secret: String,
}

/// A client with a grant for an API.
pub(crate) struct Granted {
    pub(crate) known: Known,
    pub(crate) api: ResourceServer,
    pub(crate) grant: ClientGrant,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::at(Clock::System).await
    }

    /// A suite that lives by `clock`.
    pub(crate) async fn at(clock: Clock) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database =
            |name: &str| DatabaseSettings::at(format!("sqlite://{}?mode=rwc", folder.path().join(name).display()));
        let suite = Suite::build(SuiteParts {
            keys_database: database("keys.sqlite"),
            registry_database: database("registry.sqlite"),
            consent_database: database("consent.sqlite"),
            master_key: MasterKey::from_bytes(&[1; 32]),
            pepper: [2; 32],
            consent_pepper: [4; 32],
            page_token_key: [3; 32],
            clock,
            randomness: Randomness::seeded(7),
        });
        let rig = Self { suite: suite.await.expect("a suite"), _folder: folder };
        let origin: Origin = format!("https://{HOST}").parse().expect("an origin");
        mintage_client_registry::bootstrap(rig.registry(), &[origin]).await.expect("a tenant");
        rig
    }

    /// The registry, as the binary itself calls it.
    pub(crate) fn registry(&self) -> Transport {
        self.suite.registry_for(ServiceName::MINTAGE)
    }

    pub(crate) fn tenants(&self) -> TenantServiceClient<Transport> {
        TenantServiceClient::new(self.registry())
    }

    pub(crate) fn clients(&self) -> ClientServiceClient<Transport> {
        ClientServiceClient::new(self.registry())
    }

    pub(crate) fn apis(&self) -> ResourceServerServiceClient<Transport> {
        ResourceServerServiceClient::new(self.registry())
    }

    pub(crate) fn grants(&self) -> ClientGrantServiceClient<Transport> {
        ClientGrantServiceClient::new(self.registry())
    }

    pub(crate) fn key_rings(&self) -> KeyRingServiceClient<Transport> {
        let routes = self.suite.key_management.routes.clone();
        KeyRingServiceClient::new(Transport::in_process(ServiceName::MINTAGE, routes))
    }

    pub(crate) async fn client(&self, request: CreateClientRequest) -> Known {
        let request = CreateClientRequest { name: "A client".to_owned(), ..request };
        let created = self.clients().create_client(request).await.expect("a client").into_inner();
        Known { client: created.client.expect("a client"), secret: created.client_secret }
    }

    /// An API with the scopes `read:x` and `write:x`.
    pub(crate) async fn api(&self, identifier: &str, algorithm: SigningAlgorithm) -> ResourceServer {
        let scope = |value: &str| ScopeDefinition { value: value.to_owned(), ..ScopeDefinition::default() };
        let request = CreateResourceServerRequest {
            identifier: identifier.to_owned(),
            name: "An API".to_owned(),
            scopes: vec![scope("read:x"), scope("write:x")],
            signing_algorithm: algorithm.into(),
            ..CreateResourceServerRequest::default()
        };
        let created = self.apis().create_resource_server(request).await.expect("an API").into_inner();
        created.resource_server.expect("an API")
    }

    pub(crate) async fn grant(&self, client: &Client, api: &ResourceServer, scopes: &[&str]) -> ClientGrant {
        let request = CreateClientGrantRequest {
            client_id: client.client_id.clone(),
            audience: api.identifier.clone(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ..CreateClientGrantRequest::default()
        };
        let created = self.grants().create_client_grant(request).await.expect("a grant").into_inner();
        created.client_grant.expect("a grant")
    }

    /// A client that may read and write an API whose tokens `algorithm` signs.
    pub(crate) async fn granted(&self, algorithm: SigningAlgorithm) -> Granted {
        let known = self.client(CreateClientRequest::default()).await;
        let api = self.api("https://api.test/", algorithm).await;
        let grant = self.grant(&known.client, &api, &["read:x", "write:x"]).await;
        Granted { known, api, grant }
    }

    /// Asks for a token at the HTTP door of `host`.
    pub(crate) async fn ask_at(&self, host: &str, known: &Known, audience: &str) -> (StatusCode, Value) {
        self.post_at(host, token_form(known, audience)).await
    }

    /// Posts a form to the token endpoint at the HTTP door of `host`.
    pub(crate) async fn post_at(&self, host: &str, form: String) -> (StatusCode, Value) {
        let request = Request::post("/oauth/token").header("content-type", "application/x-www-form-urlencoded");
        self.send(request, host, Body::from(form)).await
    }

    /// Posts a form to the endpoint that ends tokens.
    pub(crate) async fn revoke_at(&self, host: &str, form: String) -> StatusCode {
        let request = Request::post("/oauth/revoke").header("content-type", "application/x-www-form-urlencoded");
        self.send(request, host, Body::from(form)).await.0
    }

    /// What an access token tells of its user.
    pub(crate) async fn userinfo_at(&self, host: &str, access_token: &str) -> (StatusCode, Value) {
        let request = Request::get("/userinfo").header("authorization", format!("Bearer {access_token}"));
        self.send(request, host, Body::empty()).await
    }

    /// Registers a client, or manages one with its token; nothing is a body that is `null`.
    pub(crate) async fn register(&self, method: Method, path: &str, bearer: &str, said: &Value) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request =
            if bearer.is_empty() { request } else { request.header("authorization", format!("Bearer {bearer}")) };
        let body = if said.is_null() { Body::empty() } else { Body::from(said.to_string()) };
        self.send(request, HOST, body).await
    }

    pub(crate) async fn ask(&self, known: &Known, audience: &str) -> (StatusCode, Value) {
        self.ask_at(HOST, known, audience).await
    }

    /// The access token that a client gets for an API.
    pub(crate) async fn token(&self, granted: &Granted) -> String {
        let (status, answer) = self.ask(&granted.known, &granted.api.identifier).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    pub(crate) async fn key_set_at(&self, host: &str) -> Value {
        self.send(Request::get("/.well-known/jwks.json"), host, Body::empty()).await.1
    }

    async fn send(&self, request: http::request::Builder, host: &str, body: Body) -> (StatusCode, Value) {
        let answer = self.answer(request.header("host", host).body(body).expect("a request")).await;
        let status = answer.status();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

impl Server for Rig {
    fn origin(&self) -> String {
        format!("https://{HOST}")
    }

    async fn answer(&self, mut request: Request<Body>) -> Response<Body> {
        let known = request.extensions_mut();
        known.insert(Scheme::Https);
        known.insert(ClientAddress([127, 0, 0, 1].into()));
        self.suite.edge.router.clone().oneshot(request).await.expect("an answer")
    }
}

/// The body of a token request.
pub(crate) fn token_form(known: &Known, audience: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &known.client.client_id)
        .append_pair("client_secret", &known.secret)
        .append_pair("audience", audience)
        .finish()
}

/// The parts of a token, unchecked.
pub(crate) fn decoded(token: &str) -> (Value, Value) {
    let part = |index: usize| {
        let bytes = base64::Engine::decode(
            &base64::engine::general_purpose::URL_SAFE_NO_PAD,
            token.split('.').nth(index).expect("a part"),
        );
        serde_json::from_slice(&bytes.expect("base64url")).expect("JSON")
    };
    (part(0), part(1))
}

//! The service, its siblings, and a caller.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::net::IpAddr;

use mintage_api::consent::redemption_service_server::RedemptionServiceServer;
use mintage_api::keys::signing_service_server::SigningServiceServer;
use mintage_api::registry::change::Subject;
use mintage_api::registry::change_feed_service_server::ChangeFeedServiceServer;
use mintage_api::registry::resolver_service_server::ResolverServiceServer;
use mintage_api::registry::{
    ClaimMapping, ClientGrantRecord, ClientRecord, Party, ResourceServer, ScopeDefinition, SecretRecord, Tenant,
    TenantChange, TokenProfile,
};
use mintage_api::token::issue_token_request::{ClientAuthentication, Grant};
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{ClientCredentialsGrant, ClientSecretAuthentication, IssueTokenRequest, IssueTokenResponse};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::status::{Reason, reason_of};
use mintage_chassis::{Routes, Service, ServiceName, Transport, source};
use mintage_clock::{ManualClock, Randomness, Timestamp};
use mintage_oauth::{ClientSecret, Pepper};
use mintage_token::{Doors, Settings, build};
use tonic::{Request, Status};

use super::consent::FakeConsent;
use super::keys::FakeKeys;
use super::registry::{FakeRegistry, Records};

pub(crate) const API: &str = "https://api.example/";
pub(crate) const CLIENT: &str = "client-1";
pub(crate) const START: Timestamp = Timestamp::from_unix_seconds(1_763_000_000);
const PEPPER: [u8; 32] = [7; 32];

pub(crate) struct Rig {
    pub(crate) clock: ManualClock,
    pub(crate) registry: FakeRegistry,
    pub(crate) keys: FakeKeys,
    pub(crate) consent: FakeConsent,
    pub(crate) service: Service,
    pub(crate) secret: ClientSecret,
}

impl Rig {
    /// The service, following the feed, with one client that may read and write one API.
    pub(crate) async fn new() -> Self {
        let clock = ManualClock::at(START);
        let secret = ClientSecret::generate(&Randomness::seeded(1));
        let (registry, keys) = (FakeRegistry::new(records(&secret)), FakeKeys::default());
        let consent = FakeConsent::default();
        let routes = Routes::new(ResolverServiceServer::new(registry.clone()))
            .add_service(ChangeFeedServiceServer::new(registry.clone()));
        let doors = Doors {
            registry: Transport::in_process(ServiceName::TOKEN, routes),
            keys: Transport::in_process(ServiceName::TOKEN, Routes::new(SigningServiceServer::new(keys.clone()))),
            consent: Transport::in_process(
                ServiceName::TOKEN,
                Routes::new(RedemptionServiceServer::new(consent.clone())),
            ),
            pepper: Pepper::from_bytes(&PEPPER),
            clock: clock.clock(),
            randomness: Randomness::seeded(2),
        };
        let service = build(Settings::default(), doors).await.unwrap();
        // Once a change was applied, the feed is known to be alive.
        registry.change(Subject::Tenant(TenantChange {}), |_| ()).await;
        Self { clock, registry, keys, consent, service, secret }
    }

    /// Asks as edge does, for someone at 192.0.2.1.
    pub(crate) async fn ask(&self, request: IssueTokenRequest) -> Result<IssueTokenResponse, Status> {
        self.ask_from("192.0.2.1", request).await
    }

    pub(crate) async fn ask_from(
        &self,
        address: &str,
        request: IssueTokenRequest,
    ) -> Result<IssueTokenResponse, Status> {
        let mut request = Request::new(request);
        source::attach(&mut request, address.parse::<IpAddr>().unwrap());
        let transport = Transport::in_process(ServiceName::EDGE, self.service.routes.clone());
        Ok(TokenServiceClient::new(transport).issue_token(request).await?.into_inner())
    }

    pub(crate) async fn issue(&self) -> Result<IssueTokenResponse, Status> {
        self.ask(self.request()).await
    }

    /// The client with its secret, asking for all it may have.
    pub(crate) fn request(&self) -> IssueTokenRequest {
        IssueTokenRequest {
            grant: Some(Grant::ClientCredentials(ClientCredentialsGrant {})),
            client_authentication: Some(secret_of(CLIENT, self.secret.expose())),
            audience: API.to_owned(),
            ..IssueTokenRequest::default()
        }
    }

    /// The client trying something else.
    pub(crate) fn request_with(&self, client_id: &str, secret: &str) -> IssueTokenRequest {
        IssueTokenRequest { client_authentication: Some(secret_of(client_id, secret)), ..self.request() }
    }
}

pub(crate) fn secret_of(client_id: &str, client_secret: &str) -> ClientAuthentication {
    let (client_id, client_secret) = (client_id.to_owned(), client_secret.to_owned());
    ClientAuthentication::ClientSecret(ClientSecretAuthentication { client_id, client_secret })
}

/// The reason of a refusal.
pub(crate) fn reason<T: std::fmt::Debug>(outcome: Result<T, Status>) -> Reason {
    reason_of(&outcome.unwrap_err()).unwrap()
}

fn records(secret: &ClientSecret) -> Records {
    let mut records = Records::default();
    let tenant =
        Tenant { id: "default".to_owned(), origins: vec!["https://login.example".to_owned()], ..Tenant::default() };
    records.tenants.insert(tenant.id.clone(), tenant);
    records.clients.insert(CLIENT.to_owned(), client(secret));
    records.resource_servers.insert(API.to_owned(), resource_server());
    let grant = ClientGrantRecord { id: "cgr_1".to_owned(), scopes: vec!["read:it".to_owned(), "write:it".to_owned()] };
    records.client_grants.insert((CLIENT.to_owned(), API.to_owned()), grant);
    records
}

/// Its claim mappings hold one that no registry should ever have let in.
fn client(secret: &ClientSecret) -> ClientRecord {
    let mapping = |source: &str, claim: &str| ClaimMapping { source: source.to_owned(), claim: claim.to_owned() };
    ClientRecord {
        client_id: CLIENT.to_owned(),
        name: "Tin Works".to_owned(),
        party: Party::First.into(),
        enabled: true,
        metadata: [("team".to_owned(), "tin".to_owned())].into(),
        grant_types: vec!["client_credentials".to_owned(), "a grant of a later version".to_owned()],
        claim_mappings: vec![mapping("team", "sub"), mapping("team", "https://example.com/team")],
        secrets: vec![stored("sec_1", secret)],
        ..ClientRecord::default()
    }
}

/// A secret as the registry keeps it.
pub(crate) fn stored(id: &str, secret: &ClientSecret) -> SecretRecord {
    let hash = Pepper::from_bytes(&PEPPER).hash(secret).as_bytes().to_vec();
    SecretRecord { id: id.to_owned(), scheme: 1, hash, not_after: None }
}

pub(crate) fn resource_server() -> ResourceServer {
    let scope = |value: &str| ScopeDefinition { value: value.to_owned(), ..ScopeDefinition::default() };
    ResourceServer {
        tenant_id: "default".to_owned(),
        id: "api_1".to_owned(),
        identifier: API.to_owned(),
        scopes: vec![scope("read:it"), scope("write:it"), scope("delete:it")],
        signing_algorithm: SigningAlgorithm::Es256.into(),
        token_profile: TokenProfile::AccessToken.into(),
        token_lifetime: Some(prost_types::Duration { seconds: 3600, nanos: 0 }),
        ..ResourceServer::default()
    }
}

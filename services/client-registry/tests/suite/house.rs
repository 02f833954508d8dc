//! A registry on a database of its own, with key-management beside it.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::fmt::Debug;
use std::time::Duration;

use mintage_api::registry::change::Subject;
use mintage_api::registry::change_feed_service_client::ChangeFeedServiceClient;
use mintage_api::registry::client_grant_service_client::ClientGrantServiceClient;
use mintage_api::registry::client_service_client::ClientServiceClient;
use mintage_api::registry::registration_service_client::RegistrationServiceClient;
use mintage_api::registry::resolver_service_client::ResolverServiceClient;
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::tenant_service_client::TenantServiceClient;
use mintage_api::registry::watch_response::Event;
use mintage_api::registry::{
    Change, ClientGrant, CreateClientGrantRequest, CreateClientRequest, CreateClientResponse,
    CreateResourceServerRequest, CreateTenantRequest, DeleteTenantRequest, ResourceServer, ScopeDefinition, Tenant,
    WatchRequest, WatchResponse,
};
use mintage_api::types::{ErrorReason, SigningAlgorithm};
use mintage_chassis::status::{Reason, reason_of};
use mintage_chassis::{Service, ServiceName, Transport};
use mintage_client_registry::{Doors, FeedBounds, Settings, build, migrate};
use mintage_clock::{ManualClock, Randomness};
use mintage_jose::mac::HmacKey;
use mintage_oauth::Pepper;
use mintage_store::Database;
use mintage_testkit::{TestDatabase, manual_clock};
use prost_types::FieldMask;
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use crate::key_management::KeyManagement;

pub(crate) struct House {
    pub(crate) service: Service,
    pub(crate) database: Database,
    pub(crate) clock: ManualClock,
    pub(crate) keys: KeyManagement,
    home: TestDatabase,
}

impl House {
    /// With tenant `default`.
    pub(crate) async fn on(home: TestDatabase) -> Self {
        Self::with(home, FeedBounds::default()).await
    }

    pub(crate) async fn with(home: TestDatabase, bounds: FeedBounds) -> Self {
        let database = home.connect().await;
        migrate(&database).await.expect("the schema is new");
        let (clock, keys) = (manual_clock(), KeyManagement::default());
        let service = start(&database, &clock, &keys, bounds).await;
        let house = Self { service, database, clock, keys, home };
        house.create_tenant("default").await.expect("the first tenant");
        house
    }

    /// Another process on the same database.
    pub(crate) async fn replica(&self, bounds: FeedBounds) -> Service {
        start(&self.home.connect().await, &self.clock, &self.keys, bounds).await
    }

    pub(crate) fn transport(&self, from: ServiceName) -> Transport {
        Transport::in_process(from, self.service.routes.clone())
    }

    fn operator(&self) -> Transport {
        self.transport(ServiceName::MINTAGE)
    }

    pub(crate) fn tenants(&self) -> TenantServiceClient<Transport> {
        TenantServiceClient::new(self.operator())
    }

    pub(crate) fn clients(&self) -> ClientServiceClient<Transport> {
        ClientServiceClient::new(self.operator())
    }

    pub(crate) fn apis(&self) -> ResourceServerServiceClient<Transport> {
        ResourceServerServiceClient::new(self.operator())
    }

    pub(crate) fn grants(&self) -> ClientGrantServiceClient<Transport> {
        ClientGrantServiceClient::new(self.operator())
    }

    pub(crate) fn resolver(&self) -> ResolverServiceClient<Transport> {
        ResolverServiceClient::new(self.transport(ServiceName::TOKEN))
    }

    pub(crate) fn consents(&self) -> ResolverServiceClient<Transport> {
        ResolverServiceClient::new(self.transport(ServiceName::CONSENT))
    }

    pub(crate) fn registrations(&self) -> RegistrationServiceClient<Transport> {
        RegistrationServiceClient::new(self.transport(ServiceName::EDGE))
    }

    /// As operators make initial access tokens.
    pub(crate) fn initial_access(&self) -> RegistrationServiceClient<Transport> {
        RegistrationServiceClient::new(self.operator())
    }

    /// A client of tenant `default`.
    pub(crate) async fn client(&self, request: CreateClientRequest) -> CreateClientResponse {
        let name = if request.name.is_empty() { "a client".to_owned() } else { request.name };
        let request = CreateClientRequest { name, ..request };
        self.clients().create_client(request).await.expect("the client is created").into_inner()
    }

    pub(crate) async fn client_id(&self) -> String {
        self.client(CreateClientRequest::default()).await.client.expect("a client").client_id
    }

    /// An API of tenant `default` with the scopes `read` and `write`.
    pub(crate) async fn api(&self, identifier: &str, algorithm: SigningAlgorithm) -> ResourceServer {
        let request = CreateResourceServerRequest {
            identifier: identifier.to_owned(),
            scopes: definitions(&["read", "write"]),
            signing_algorithm: algorithm.into(),
            ..Default::default()
        };
        let answer = self.apis().create_resource_server(request).await.expect("the API is created");
        answer.into_inner().resource_server.expect("an API")
    }

    /// With one origin, `https://ID.example`.
    pub(crate) async fn create_tenant(&self, id: &str) -> Result<Tenant, Status> {
        let origins = vec![format!("https://{id}.example")];
        let request = CreateTenantRequest { id: id.to_owned(), origins, ..Default::default() };
        Ok(self.tenants().create_tenant(request).await?.into_inner().tenant.expect("a tenant"))
    }

    /// Has whatever is due removed, and returns when it is: a tenant that goes wakes whoever does it.
    pub(crate) async fn settle(&self) {
        self.create_tenant("passing").await.expect("creates");
        self.tenants().delete_tenant(DeleteTenantRequest { id: "passing".to_owned() }).await.expect("deletes");
        self.until_settled().await;
    }

    /// Returns when no removal is due or under way.
    pub(crate) async fn until_settled(&self) {
        let now = self.clock.now().unix_millis();
        self.until_no_removal(&format!("due_at <= {now} OR claimed_until > {now}")).await;
    }

    /// Returns when nothing is noted any more that is to be removed of a tenant.
    pub(crate) async fn until_settled_of(&self, tenant: &str) {
        self.until_no_removal(&format!("tenant_id = '{tenant}'")).await;
    }

    async fn until_no_removal(&self, which: &str) {
        let open = format!("SELECT count(*) AS n FROM ring_removal WHERE {which}");
        let connection = self.database.connection();
        let count = async || {
            let statement = Statement::from_string(connection.get_database_backend(), &open);
            let row = connection.query_one_raw(statement).await.expect("answers").expect("a row");
            row.try_get::<i64>("", "n").expect("a number")
        };
        let settled = async { while count().await > 0 {} };
        tokio::time::timeout(Duration::from_secs(20), settled).await.expect("settled within twenty seconds");
    }

    pub(crate) async fn grant(&self, client_id: &str, audience: &str, scopes: &[&str]) -> Result<ClientGrant, Status> {
        let request = CreateClientGrantRequest {
            tenant_id: String::new(),
            client_id: client_id.to_owned(),
            audience: audience.to_owned(),
            scopes: texts(scopes),
        };
        let answer = self.grants().create_client_grant(request).await?;
        Ok(answer.into_inner().client_grant.expect("a grant"))
    }

    pub(crate) async fn watch(&self, from: u64) -> Watcher {
        Watcher::of(&self.service, from).await.expect("the stream opens")
    }
}

async fn start(database: &Database, clock: &ManualClock, keys: &KeyManagement, feed: FeedBounds) -> Service {
    start_with(database, clock, keys, Settings { feed, ..Settings::default() }).await
}

async fn start_with(database: &Database, clock: &ManualClock, keys: &KeyManagement, settings: Settings) -> Service {
    let doors = Doors {
        database: database.clone(),
        keys: Transport::in_process(ServiceName::CLIENT_REGISTRY, keys.routes()),
        pepper: pepper(),
        page_token_key: HmacKey::new(&[2; 32]),
        clock: clock.clock(),
        randomness: Randomness::system(),
    };
    build(settings, doors).await.expect("the registry starts")
}

/// One follower of the change feed.
pub(crate) struct Watcher {
    requests: mpsc::Sender<WatchRequest>,
    events: Streaming<WatchResponse>,
}

impl Watcher {
    pub(crate) async fn of(service: &Service, from: u64) -> Result<Self, Status> {
        let transport = Transport::in_process(ServiceName::TOKEN, service.routes.clone());
        let (requests, stream) = mpsc::channel(64);
        requests.send(WatchRequest { revision: from }).await.expect("the channel is open");
        let events = ChangeFeedServiceClient::new(transport).watch(ReceiverStream::new(stream)).await?.into_inner();
        Ok(Self { requests, events })
    }

    pub(crate) async fn acknowledge(&self, revision: u64) {
        self.requests.send(WatchRequest { revision }).await.expect("the feed listens");
    }

    /// The next event, whatever it is.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>, Status> {
        let next = tokio::time::timeout(Duration::from_secs(20), self.events.message());
        let message = next.await.expect("the feed says something within twenty seconds")?;
        Ok(message.map(|message| message.event.expect("an event")))
    }

    /// Reads on until it is told of that client.
    pub(crate) async fn until_client(&mut self, id: &str) {
        loop {
            if let Event::Change(Change { subject: Some(Subject::Client(client)), .. }) = self.next_news().await
                && client.client_id == id
            {
                return;
            }
        }
    }

    /// The next event that is no heartbeat.
    pub(crate) async fn next_news(&mut self) -> Event {
        loop {
            match self.next().await.expect("the stream lives").expect("the stream lives") {
                Event::Heartbeat(_) => {}
                news => return news,
            }
        }
    }
}

pub(crate) fn pepper() -> Pepper {
    Pepper::from_bytes(&[1; 32])
}

pub(crate) fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

pub(crate) fn mask(paths: &[&str]) -> Option<FieldMask> {
    Some(FieldMask { paths: texts(paths) })
}

pub(crate) fn definitions(scopes: &[&str]) -> Vec<ScopeDefinition> {
    let definition = |scope: &&str| ScopeDefinition { value: scope.to_string(), ..Default::default() };
    scopes.iter().map(definition).collect()
}

/// The reason of a refusal.
pub(crate) fn refused<T: Debug>(outcome: Result<T, Status>, expected: ErrorReason) -> Reason {
    let status = outcome.expect_err("the call is refused");
    let reason = reason_of(&status).expect("a refusal has a reason");
    assert_eq!(reason.reason, expected, "{status:?}");
    reason
}

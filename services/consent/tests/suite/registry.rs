//! A client-registry of maps.

#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use mintage_api::registry::change_feed_service_server::ChangeFeedServiceServer;
use mintage_api::registry::resolver_service_server::{ResolverService, ResolverServiceServer};
use mintage_api::registry::{
    Client, ClientType, ConsentPolicy, Party, ReportClientUseRequest, ReportClientUseResponse, ReportSecretUseRequest,
    ReportSecretUseResponse, ResolveApplicationRequest, ResolveApplicationResponse, ResolveClientGrantRequest,
    ResolveClientGrantResponse, ResolveClientRequest, ResolveClientResponse, ResolveLongestTokenRequest,
    ResolveLongestTokenResponse, ResolveOperatorRequest, ResolveOperatorResponse, ResolveResourceServerRequest,
    ResolveResourceServerResponse, ResolveTenantRequest, ResolveTenantResponse, ResourceServer, ScopeDefinition,
    Tenant, ThirdParties, UserAccess, resolve_tenant_request::By,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::Routes;
use tokio::sync::watch;
use tonic::{Request, Response, Status, async_trait};

use crate::feed::Feed;

pub(crate) const ISSUER: &str = "https://id.example/";
pub(crate) const API: &str = "https://notes.example/";
pub(crate) const CALLBACK: &str = "https://app.example/cb";

/// What is registered.
#[derive(Clone, Default)]
pub(crate) struct Registry(Arc<Mutex<Records>>);

#[derive(Default)]
pub(crate) struct Records {
    pub(crate) tenants: HashMap<String, Tenant>,
    /// Of tenants that came back; the others are the first.
    pub(crate) incarnations: HashMap<String, String>,
    pub(crate) clients: HashMap<String, Client>,
    pub(crate) apis: HashMap<String, ResourceServer>,
    /// Whether nobody is answered.
    pub(crate) away: bool,
    feed: Feed,
    questions: Arc<watch::Sender<usize>>,
    /// Clients that registered themselves and that no user let act.
    pub(crate) unused: Vec<String>,
    /// Clients that it was told of that they are used.
    pub(crate) used: Vec<String>,
}

impl Registry {
    /// With tenant `default` and the API [`API`], which is open to third parties.
    pub(crate) fn new() -> Self {
        let registry = Self::default();
        registry.change(|records| {
            let tenant = |id: &str, origin: &str| Tenant {
                id: id.to_owned(),
                origins: vec![origin.to_owned()],
                ..Tenant::default()
            };
            records.tenants.insert("default".to_owned(), tenant("default", "https://id.example"));
            records.tenants.insert("other".to_owned(), tenant("other", "https://other.example"));
            records.apis.insert(API.to_owned(), notes());
        });
        registry
    }

    pub(crate) fn routes(&self) -> Routes {
        let feed = self.feed();
        Routes::new(ResolverServiceServer::new(self.clone())).add_service(ChangeFeedServiceServer::new(feed))
    }

    pub(crate) fn change<T>(&self, work: impl FnOnce(&mut Records) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }

    pub(crate) fn feed(&self) -> Feed {
        self.change(|records| records.feed.clone())
    }

    /// Has another tenant under the same id.
    pub(crate) fn replace_tenant(&self, id: &str, incarnation: &str) {
        self.change(|records| records.incarnations.insert(id.to_owned(), incarnation.to_owned()));
    }

    /// Has another API under the same identifier.
    pub(crate) fn replace_api(&self, identifier: &str, id: &str) {
        self.change(|records| records.apis.get_mut(identifier).unwrap().id = id.to_owned());
    }

    /// Returns once it was asked so many times more.
    pub(crate) async fn until_asked(&self, times: usize) {
        let mut questions = self.change(|records| records.questions.subscribe());
        let wanted = *questions.borrow() + times;
        questions.wait_for(|asked| *asked >= wanted).await.unwrap();
    }

    fn answer<T>(&self, work: impl FnOnce(&mut Records) -> T) -> Result<T, Status> {
        self.change(|records| {
            records.questions.send_modify(|asked| *asked += 1);
            if records.away { Err(Status::unavailable("away")) } else { Ok(work(records)) }
        })
    }

    /// Registers a client and returns its id.
    pub(crate) fn add(&self, client: Client) -> String {
        let id = client.client_id.clone();
        self.change(|records| records.clients.insert(id.clone(), client));
        id
    }
}

fn notes() -> ResourceServer {
    let scope = |value: &str, optional| ScopeDefinition {
        value: value.to_owned(),
        description: format!("May {value}"),
        optional,
    };
    ResourceServer {
        id: "api_aaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
        identifier: API.to_owned(),
        name: "Notes".to_owned(),
        scopes: vec![scope("read:notes", false), scope("write:notes", true), scope("delete:notes", true)],
        signing_algorithm: SigningAlgorithm::Es256.into(),
        consent: Some(ConsentPolicy {
            third_parties: ThirdParties::Allowed.into(),
            skip_for_verifiable_first_parties: false,
            allow_offline_access: true,
        }),
        ..ResourceServer::default()
    }
}

/// A third party that keeps a secret.
pub(crate) fn third_party() -> Client {
    client("tpc_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Party::Third)
}

/// A first party that keeps a secret.
pub(crate) fn first_party() -> Client {
    client("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", Party::First)
}

fn client(id: &str, party: Party) -> Client {
    let days = |count: i64| Some(prost_types::Duration { seconds: count * 86_400, nanos: 0 });
    Client {
        tenant_id: "default".to_owned(),
        client_id: id.to_owned(),
        name: "App".to_owned(),
        party: party.into(),
        enabled: true,
        grant_types: vec!["authorization_code".to_owned(), "refresh_token".to_owned()],
        client_type: ClientType::Confidential.into(),
        user_access: Some(UserAccess {
            redirect_uris: vec![CALLBACK.to_owned()],
            refresh_token_idle_lifetime: days(15),
            refresh_token_lifetime: days(30),
            ..UserAccess::default()
        }),
        ..Client::default()
    }
}

#[async_trait]
impl ResolverService for Registry {
    async fn resolve_tenant(
        &self,
        request: Request<ResolveTenantRequest>,
    ) -> Result<Response<ResolveTenantResponse>, Status> {
        let Some(By::Id(id)) = request.into_inner().by else { return Err(not_asked()) };
        let (tenant, incarnation) = self.answer(|records| {
            let found = records.tenants.get(&id).cloned();
            let incarnation =
                found.as_ref().map(|_| records.incarnations.get(&id).cloned().unwrap_or_else(|| "first".to_owned()));
            (found, incarnation.unwrap_or_default())
        })?;
        Ok(Response::new(ResolveTenantResponse { tenant, revision: 1, incarnation }))
    }

    async fn resolve_application(
        &self,
        request: Request<ResolveApplicationRequest>,
    ) -> Result<Response<ResolveApplicationResponse>, Status> {
        let ResolveApplicationRequest { tenant_id, client_id } = request.into_inner();
        let client = self.answer(|records| records.clients.get(&client_id).cloned())?;
        let client = client.filter(|client| client.tenant_id == tenant_id);
        let unused = self.change(|records| records.unused.contains(&client_id));
        Ok(Response::new(ResolveApplicationResponse { client, revision: 1, unused }))
    }

    async fn resolve_resource_server(
        &self,
        request: Request<ResolveResourceServerRequest>,
    ) -> Result<Response<ResolveResourceServerResponse>, Status> {
        let resource_server = self.answer(|records| records.apis.get(&request.get_ref().identifier).cloned())?;
        Ok(Response::new(ResolveResourceServerResponse { resource_server, revision: 1 }))
    }

    async fn resolve_client(
        &self,
        _: Request<ResolveClientRequest>,
    ) -> Result<Response<ResolveClientResponse>, Status> {
        Err(not_asked())
    }

    async fn resolve_client_grant(
        &self,
        _: Request<ResolveClientGrantRequest>,
    ) -> Result<Response<ResolveClientGrantResponse>, Status> {
        Err(not_asked())
    }

    async fn resolve_operator(
        &self,
        _: Request<ResolveOperatorRequest>,
    ) -> Result<Response<ResolveOperatorResponse>, Status> {
        Err(not_asked())
    }

    async fn resolve_longest_token(
        &self,
        _: Request<ResolveLongestTokenRequest>,
    ) -> Result<Response<ResolveLongestTokenResponse>, Status> {
        Err(not_asked())
    }

    async fn report_client_use(
        &self,
        request: Request<ReportClientUseRequest>,
    ) -> Result<Response<ReportClientUseResponse>, Status> {
        self.change(|records| records.used.push(request.into_inner().client_id));
        Ok(Response::new(ReportClientUseResponse {}))
    }

    async fn report_secret_use(
        &self,
        _: Request<ReportSecretUseRequest>,
    ) -> Result<Response<ReportSecretUseResponse>, Status> {
        Err(not_asked())
    }
}

fn not_asked() -> Status {
    Status::unimplemented("the consent service never asks for it")
}

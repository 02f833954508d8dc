//! Stand-ins for the sibling services: they answer what a test tells them to, and remember what they were asked.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mintage_api::keys::key_set_service_server::KeySetService;
use mintage_api::keys::{GetKeySetRequest, GetKeySetResponse};
use mintage_api::registry::change_feed_service_server::ChangeFeedService;
use mintage_api::registry::resolver_service_server::ResolverService;
use mintage_api::registry::{
    Change, Heartbeat, ReportSecretUseRequest, ReportSecretUseResponse, ResolveClientGrantRequest,
    ResolveClientGrantResponse, ResolveClientRequest, ResolveClientResponse, ResolveOperatorRequest,
    ResolveOperatorResponse, ResolveResourceServerRequest, ResolveResourceServerResponse, ResolveTenantRequest,
    ResolveTenantResponse, Tenant, TenantChange, WatchRequest, WatchResponse, change, resolve_tenant_request::By,
    watch_response::Event,
};
use mintage_api::token::token_service_server::TokenService;
use mintage_api::token::{IssueTokenRequest, IssueTokenResponse};
use mintage_chassis::source;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

type Answer = dyn Fn(&IssueTokenRequest) -> Result<IssueTokenResponse, Status> + Send + Sync;

/// The token service.
pub struct Tokens {
    pub answer: Mutex<Arc<Answer>>,
    pub asked: Mutex<Vec<(IssueTokenRequest, Option<IpAddr>)>>,
    pub started: AtomicUsize,
    pub finished: AtomicUsize,
    /// Calls pass one by one as permits are added; endless unless a test takes them away.
    pub gate: Semaphore,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            answer: Mutex::new(Arc::new(|request| Ok(token_for(request)))),
            asked: Mutex::default(),
            started: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            gate: Semaphore::new(1 << 20),
        }
    }
}

impl Tokens {
    pub fn answer_with(
        &self,
        answer: impl Fn(&IssueTokenRequest) -> Result<IssueTokenResponse, Status> + Send + Sync + 'static,
    ) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }

    pub fn last(&self) -> IssueTokenRequest {
        self.asked.lock().unwrap().last().expect("the token service was asked").0.clone()
    }

    pub fn last_source(&self) -> Option<IpAddr> {
        self.asked.lock().unwrap().last().expect("the token service was asked").1
    }

    pub fn calls(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }
}

pub fn token_for(request: &IssueTokenRequest) -> IssueTokenResponse {
    IssueTokenResponse {
        access_token: TOKEN.to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: 3600,
        scopes: request.scopes.clone(),
    }
}

pub const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.e30.canary-token";

#[tonic::async_trait]
impl TokenService for Tokens {
    async fn issue_token(&self, request: Request<IssueTokenRequest>) -> Result<Response<IssueTokenResponse>, Status> {
        let source = source::of(&request);
        let message = request.into_inner();
        self.asked.lock().unwrap().push((message.clone(), source));
        self.started.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.map_err(|_| Status::internal("the gate is gone"))?.forget();
        self.finished.fetch_add(1, Ordering::SeqCst);
        let answer = Arc::clone(&self.answer.lock().unwrap());
        answer(&message).map(Response::new)
    }
}

/// client-registry.
#[derive(Default)]
pub struct Registry {
    pub tenants: Mutex<HashMap<String, Tenant>>,
    pub resolved: AtomicUsize,
    /// Lookups under way, and the most there were.
    pub looking_up: AtomicUsize,
    pub most_looking_up: AtomicUsize,
    feed: Mutex<Feed>,
}

#[derive(Default)]
struct Feed {
    revision: u64,
    watchers: Vec<mpsc::UnboundedSender<Result<WatchResponse, Status>>>,
}

impl Registry {
    pub fn resolved(&self) -> usize {
        self.resolved.load(Ordering::SeqCst)
    }

    /// Stores a tenant and tells the feed.
    pub fn write(&self, tenant: &Tenant) {
        let (tenant_id, id) = (tenant.id.clone(), tenant.id.clone());
        let mut tenants = self.tenants.lock().unwrap();
        tenants.retain(|_, stored| stored.id != id);
        tenants.extend(tenant.origins.clone().into_iter().map(|origin| (origin, tenant.clone())));
        drop(tenants);
        let mut feed = self.feed.lock().unwrap();
        feed.revision += 1;
        let subject = Some(change::Subject::Tenant(TenantChange {}));
        let change = Change { revision: feed.revision, tenant_id, subject };
        for watcher in &feed.watchers {
            let _ = watcher.send(Ok(WatchResponse { event: Some(Event::Change(change.clone())) }));
        }
    }
}

#[tonic::async_trait]
impl ResolverService for Registry {
    async fn resolve_tenant(
        &self,
        request: Request<ResolveTenantRequest>,
    ) -> Result<Response<ResolveTenantResponse>, Status> {
        self.resolved.fetch_add(1, Ordering::SeqCst);
        self.most_looking_up.fetch_max(self.looking_up.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.looking_up.fetch_sub(1, Ordering::SeqCst);
        let revision = self.feed.lock().unwrap().revision;
        let Some(By::Origin(origin)) = request.into_inner().by else {
            return Err(Status::invalid_argument("the edge asks by origin"));
        };
        let tenant = self.tenants.lock().unwrap().get(&origin).cloned();
        Ok(Response::new(ResolveTenantResponse { tenant, revision }))
    }

    async fn resolve_client(
        &self,
        _: Request<ResolveClientRequest>,
    ) -> Result<Response<ResolveClientResponse>, Status> {
        Err(Status::permission_denied("not for the edge"))
    }

    async fn resolve_resource_server(
        &self,
        _: Request<ResolveResourceServerRequest>,
    ) -> Result<Response<ResolveResourceServerResponse>, Status> {
        Err(Status::permission_denied("not for the edge"))
    }

    async fn resolve_client_grant(
        &self,
        _: Request<ResolveClientGrantRequest>,
    ) -> Result<Response<ResolveClientGrantResponse>, Status> {
        Err(Status::permission_denied("not for the edge"))
    }

    async fn resolve_operator(
        &self,
        _: Request<ResolveOperatorRequest>,
    ) -> Result<Response<ResolveOperatorResponse>, Status> {
        Err(Status::permission_denied("not for the edge"))
    }

    async fn report_secret_use(
        &self,
        _: Request<ReportSecretUseRequest>,
    ) -> Result<Response<ReportSecretUseResponse>, Status> {
        Err(Status::permission_denied("not for the edge"))
    }
}

#[tonic::async_trait]
impl ChangeFeedService for Registry {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchResponse, Status>> + Send>>;

    async fn watch(&self, request: Request<Streaming<WatchRequest>>) -> Result<Response<Self::WatchStream>, Status> {
        let (sender, events) = mpsc::unbounded_channel();
        let mut feed = self.feed.lock().unwrap();
        let heartbeat = Event::Heartbeat(Heartbeat { revision: feed.revision });
        let _ = sender.send(Ok(WatchResponse { event: Some(heartbeat) }));
        feed.watchers.push(sender);
        // The watcher's acknowledgements keep its half of the stream open.
        let acknowledgements = request.into_inner().filter_map(|_| None);
        Ok(Response::new(Box::pin(UnboundedReceiverStream::new(events).merge(acknowledgements))))
    }
}

/// key-management.
pub struct Keys {
    pub answer: Mutex<Result<GetKeySetResponse, Status>>,
    pub asked: AtomicUsize,
}

impl Keys {
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[tonic::async_trait]
impl KeySetService for Keys {
    async fn get_key_set(&self, request: Request<GetKeySetRequest>) -> Result<Response<GetKeySetResponse>, Status> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if request.into_inner().tenant_id.is_empty() {
            return Err(Status::invalid_argument("the edge names the tenant"));
        }
        self.answer.lock().unwrap().clone().map(Response::new)
    }
}

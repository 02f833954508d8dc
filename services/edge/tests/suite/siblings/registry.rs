//! client-registry.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use mintage_api::registry::change_feed_service_server::ChangeFeedService;
use mintage_api::registry::resolver_service_server::ResolverService;
use mintage_api::registry::{
    Change, Heartbeat, ReportClientUseRequest, ReportClientUseResponse, ReportSecretUseRequest,
    ReportSecretUseResponse, ResolveApplicationRequest, ResolveApplicationResponse, ResolveClientGrantRequest,
    ResolveClientGrantResponse, ResolveClientRequest, ResolveClientResponse, ResolveLongestTokenRequest,
    ResolveLongestTokenResponse, ResolveOperatorRequest, ResolveOperatorResponse, ResolveResourceServerRequest,
    ResolveResourceServerResponse, ResolveTenantRequest, ResolveTenantResponse, Tenant, TenantChange, WatchRequest,
    WatchResponse, change, resolve_tenant_request::By, watch_response::Event,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

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
        Ok(Response::new(ResolveTenantResponse { tenant, revision, incarnation: String::new() }))
    }

    async fn resolve_client(
        &self,
        _: Request<ResolveClientRequest>,
    ) -> Result<Response<ResolveClientResponse>, Status> {
        Err(Status::permission_denied("not for the edge"))
    }

    async fn resolve_application(
        &self,
        _: Request<ResolveApplicationRequest>,
    ) -> Result<Response<ResolveApplicationResponse>, Status> {
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

    async fn resolve_longest_token(
        &self,
        _: Request<ResolveLongestTokenRequest>,
    ) -> Result<Response<ResolveLongestTokenResponse>, Status> {
        Err(Status::permission_denied("not for the edge"))
    }

    async fn report_client_use(
        &self,
        _: Request<ReportClientUseRequest>,
    ) -> Result<Response<ReportClientUseResponse>, Status> {
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

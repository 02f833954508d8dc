//! A client-registry of maps, with a change feed that tells when a change was applied.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mintage_api::registry::change::Subject;
use mintage_api::registry::change_feed_service_server::ChangeFeedService;
use mintage_api::registry::resolve_tenant_request::By;
use mintage_api::registry::resolver_service_server::ResolverService;
use mintage_api::registry::watch_response::Event;
use mintage_api::registry::{
    Change, ClientGrantRecord, ClientRecord, Heartbeat, ReportClientUseRequest, ReportClientUseResponse,
    ReportSecretUseRequest, ReportSecretUseResponse, Reset, ResolveApplicationRequest, ResolveApplicationResponse,
    ResolveClientGrantRequest, ResolveClientGrantResponse, ResolveClientRequest, ResolveClientResponse,
    ResolveLongestTokenRequest, ResolveLongestTokenResponse, ResolveOperatorRequest, ResolveOperatorResponse,
    ResolveResourceServerRequest, ResolveResourceServerResponse, ResolveTenantRequest, ResolveTenantResponse,
    ResourceServer, SecretUse, Tenant, WatchRequest, WatchResponse,
};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

#[derive(Default)]
pub(crate) struct Records {
    pub(crate) tenants: HashMap<String, Tenant>,
    pub(crate) clients: HashMap<String, ClientRecord>,
    pub(crate) resource_servers: HashMap<String, ResourceServer>,
    /// By client id and audience.
    pub(crate) client_grants: HashMap<(String, String), ClientGrantRecord>,
    revision: u64,
}

/// Shared by its gRPC services and the test.
#[derive(Clone)]
pub(crate) struct FakeRegistry(Arc<Inner>);

struct Inner {
    records: Mutex<Records>,
    watcher: Mutex<Option<mpsc::UnboundedSender<Result<WatchResponse, Status>>>>,
    connected: watch::Sender<bool>,
    applied: Arc<watch::Sender<u64>>,
    reads: AtomicUsize,
    broken: AtomicBool,
    uses: Mutex<Vec<SecretUse>>,
    reports: AtomicUsize,
}

impl FakeRegistry {
    pub(crate) fn new(records: Records) -> Self {
        Self(Arc::new(Inner {
            records: Mutex::new(Records { revision: 1, ..records }),
            watcher: Mutex::default(),
            connected: watch::Sender::new(false),
            applied: Arc::new(watch::Sender::new(0)),
            reads: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            uses: Mutex::default(),
            reports: AtomicUsize::new(0),
        }))
    }

    /// Writes, tells the feed, and returns when the watcher has applied the change, as a write of the registry does.
    pub(crate) async fn change(&self, subject: Subject, write: impl FnOnce(&mut Records)) {
        self.0.connected.subscribe().wait_for(|connected| *connected).await.unwrap();
        let revision = {
            let mut records = self.0.records.lock().unwrap();
            write(&mut records);
            records.revision += 1;
            records.revision
        };
        let change = Change { revision, tenant_id: "default".to_owned(), subject: Some(subject) };
        self.send(Event::Change(change));
        self.0.applied.subscribe().wait_for(|applied| *applied >= revision).await.unwrap();
    }

    /// Writes without a word to the feed.
    pub(crate) fn write_silently(&self, write: impl FnOnce(&mut Records)) {
        write(&mut self.0.records.lock().unwrap());
    }

    /// How often records were read.
    pub(crate) fn reads(&self) -> usize {
        self.0.reads.load(Ordering::SeqCst)
    }

    /// From now on nothing is answered, and the feed is gone.
    pub(crate) fn break_down(&self) {
        self.0.broken.store(true, Ordering::SeqCst);
        *self.0.watcher.lock().unwrap() = None;
    }

    /// How often uses were reported, taken or not.
    pub(crate) fn reports(&self) -> usize {
        self.0.reports.load(Ordering::SeqCst)
    }

    /// The uses reported so far.
    pub(crate) fn uses(&self) -> Vec<SecretUse> {
        self.0.uses.lock().unwrap().clone()
    }

    fn send(&self, event: Event) {
        let watcher = self.0.watcher.lock().unwrap();
        watcher.as_ref().unwrap().send(Ok(WatchResponse { event: Some(event) })).unwrap();
    }

    fn read<T>(&self, record: impl FnOnce(&Records) -> Option<T>) -> Result<(Option<T>, u64), Status> {
        if self.0.broken.load(Ordering::SeqCst) {
            return Err(Status::unavailable("the registry's own words"));
        }
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        let records = self.0.records.lock().unwrap();
        Ok((record(&records), records.revision))
    }
}

#[tonic::async_trait]
impl ResolverService for FakeRegistry {
    async fn resolve_tenant(
        &self,
        request: Request<ResolveTenantRequest>,
    ) -> Result<Response<ResolveTenantResponse>, Status> {
        let Some(By::Id(id)) = request.into_inner().by else { return Err(Status::unimplemented("by origin")) };
        let (tenant, revision) = self.read(|records| records.tenants.get(&id).cloned())?;
        Ok(Response::new(ResolveTenantResponse { tenant, revision, incarnation: String::new() }))
    }

    async fn resolve_client(
        &self,
        request: Request<ResolveClientRequest>,
    ) -> Result<Response<ResolveClientResponse>, Status> {
        let ResolveClientRequest { tenant_id, client_id } = request.into_inner();
        assert_eq!(tenant_id, "default");
        let (client, revision) = self.read(|records| records.clients.get(&client_id).cloned())?;
        Ok(Response::new(ResolveClientResponse { client, revision }))
    }

    async fn resolve_resource_server(
        &self,
        request: Request<ResolveResourceServerRequest>,
    ) -> Result<Response<ResolveResourceServerResponse>, Status> {
        let ResolveResourceServerRequest { tenant_id, identifier } = request.into_inner();
        assert_eq!(tenant_id, "default");
        let (resource_server, revision) = self.read(|records| records.resource_servers.get(&identifier).cloned())?;
        Ok(Response::new(ResolveResourceServerResponse { resource_server, revision }))
    }

    async fn resolve_client_grant(
        &self,
        request: Request<ResolveClientGrantRequest>,
    ) -> Result<Response<ResolveClientGrantResponse>, Status> {
        let ResolveClientGrantRequest { tenant_id, client_id, audience } = request.into_inner();
        assert_eq!(tenant_id, "default");
        let (client_grant, revision) =
            self.read(|records| records.client_grants.get(&(client_id, audience)).cloned())?;
        Ok(Response::new(ResolveClientGrantResponse { client_grant, revision }))
    }

    async fn resolve_application(
        &self,
        _: Request<ResolveApplicationRequest>,
    ) -> Result<Response<ResolveApplicationResponse>, Status> {
        Err(Status::permission_denied("not for the token service"))
    }

    async fn resolve_operator(
        &self,
        _: Request<ResolveOperatorRequest>,
    ) -> Result<Response<ResolveOperatorResponse>, Status> {
        Err(Status::unimplemented("no method of the token service is an operator's"))
    }

    async fn resolve_longest_token(
        &self,
        _: Request<ResolveLongestTokenRequest>,
    ) -> Result<Response<ResolveLongestTokenResponse>, Status> {
        Err(Status::permission_denied("not for the token service"))
    }

    async fn report_client_use(
        &self,
        _: Request<ReportClientUseRequest>,
    ) -> Result<Response<ReportClientUseResponse>, Status> {
        Err(Status::unimplemented("by origin"))
    }

    async fn report_secret_use(
        &self,
        request: Request<ReportSecretUseRequest>,
    ) -> Result<Response<ReportSecretUseResponse>, Status> {
        self.0.reports.fetch_add(1, Ordering::SeqCst);
        if self.0.broken.load(Ordering::SeqCst) {
            return Err(Status::unavailable("the registry's own words"));
        }
        self.0.uses.lock().unwrap().extend(request.into_inner().uses);
        Ok(Response::new(ReportSecretUseResponse {}))
    }
}

#[tonic::async_trait]
impl ChangeFeedService for FakeRegistry {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchResponse, Status>> + Send>>;

    async fn watch(&self, request: Request<Streaming<WatchRequest>>) -> Result<Response<Self::WatchStream>, Status> {
        if self.0.broken.load(Ordering::SeqCst) {
            return Err(Status::unavailable("the registry's own words"));
        }
        let (watcher, events) = mpsc::unbounded_channel();
        *self.0.watcher.lock().unwrap() = Some(watcher);
        let revision = self.0.records.lock().unwrap().revision;
        self.send(Event::Reset(Reset { revision }));
        self.send(Event::Heartbeat(Heartbeat { revision }));
        let (mut acknowledgements, applied) = (request.into_inner(), Arc::clone(&self.0.applied));
        tokio::spawn(async move {
            while let Some(Ok(WatchRequest { revision })) = acknowledgements.next().await {
                applied.send_replace(revision);
            }
        });
        self.0.connected.send_replace(true);
        Ok(Response::new(Box::pin(UnboundedReceiverStream::new(events))))
    }
}

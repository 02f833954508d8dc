//! A receiver of OTLP over gRPC, in this process.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use super::spans::{Seen, text_of};

/// Takes what processes send, on a port of its own.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    desk: Desk,
}

#[derive(Clone)]
struct Desk {
    received: Arc<Mutex<Received>>,
    news: Arc<watch::Sender<()>>,
}

/// What was received so far.
#[derive(Default)]
pub(super) struct Received {
    pub(super) spans: Vec<Seen>,
    /// Metrics by the process that sent them: `service name`.
    pub(super) metrics: BTreeSet<String>,
    /// The headers that came along.
    pub(super) headers: BTreeSet<String>,
    /// Everything, as it can be searched.
    pub(super) everything: String,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let desk = Desk { received: Arc::default(), news: Arc::new(watch::Sender::new(())) };
        let serving = Server::builder()
            .add_service(TraceServiceServer::new(desk.clone()))
            .add_service(MetricsServiceServer::new(desk.clone()))
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(serving);
        Self { address, desk }
    }

    /// Where processes send to.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until `look` finds something in what was received.
    pub(super) async fn until<T>(&self, what: &str, look: impl Fn(&Received) -> Option<T>) -> T {
        let mut news = self.desk.news.subscribe();
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(found) = look(&self.desk.received.lock().unwrap()) {
                    return found;
                }
                news.changed().await.expect("the receiver lives");
            }
        });
        match found.await {
            Ok(found) => found,
            Err(_) => panic!("{what} did not arrive: {:#?}", self.desk.received.lock().unwrap().spans),
        }
    }
}

impl Desk {
    fn receive<T: prost::Message + std::fmt::Debug>(&self, request: Request<T>, read: impl FnOnce(&mut Received, &T)) {
        let mut received = self.received.lock().unwrap();
        let headers = request.metadata().keys().map(|key| format!("{key:?}"));
        received.headers.extend(headers);
        let message = request.into_inner();
        received.everything += &format!("{message:?}\n");
        read(&mut received, &message);
        drop(received);
        self.news.send_replace(());
    }
}

#[tonic::async_trait]
impl TraceService for Desk {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.receive(request, |received, message| {
            for of_process in &message.resource_spans {
                let process =
                    of_process.resource.as_ref().map(|resource| text_of(&resource.attributes, "service.name"));
                let spans = of_process.scope_spans.iter().flat_map(|scope| &scope.spans);
                let seen = |span: &Span| Seen::of(process.clone().flatten().unwrap_or_default(), span);
                received.spans.extend(spans.map(seen));
            }
        });
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Desk {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.receive(request, |received, message| {
            for of_process in &message.resource_metrics {
                let process =
                    of_process.resource.as_ref().and_then(|resource| text_of(&resource.attributes, "service.name"));
                let metrics = of_process.scope_metrics.iter().flat_map(|scope| &scope.metrics);
                let named = metrics.map(|metric| format!("{} {}", process.clone().unwrap_or_default(), metric.name));
                received.metrics.extend(named);
            }
        });
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

/// Far longer than spans wait to be sent.
const PATIENCE: Duration = Duration::from_secs(60);

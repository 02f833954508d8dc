//! Whether a process is well: `grpc.health.v1` beside its services, and a door of its own for probes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, health_reporter};
use tower::ServiceExt;

use super::grpc::{LARGEST_QUESTION, mount, unimplemented, until_idle};
use crate::Routes;

/// What `grpc.health.v1` says of the services of a process. Clones say the same.
#[derive(Clone, Debug)]
pub struct Health {
    reporter: HealthReporter,
    names: Arc<[&'static str]>,
    routes: Routes,
    serving: Arc<AtomicBool>,
}

impl Health {
    /// Says of the gRPC services `names`, and of the process as a whole, that they serve.
    pub async fn of(names: impl IntoIterator<Item = &'static str>) -> Self {
        let (reporter, service) = health_reporter();
        let health = Self {
            reporter,
            names: [""].into_iter().chain(names).collect(),
            // Memory is set aside for what a message announces, so what strangers may announce is small.
            routes: Routes::new(service.max_decoding_message_size(LARGEST_QUESTION)),
            serving: Arc::new(AtomicBool::new(true)),
        };
        health.set(ServingStatus::Serving).await;
        health
    }

    /// Says NOT_SERVING from now on, so that callers go elsewhere: before the doors drain.
    pub async fn not_serving(&self) {
        self.serving.store(false, Ordering::Relaxed);
        self.set(ServingStatus::NotServing).await;
    }

    /// For a door that only probes use: `grpc.health.v1`, `/healthz` while the process answers, `/readyz` while requests
    /// should come here. `deeper` is asked too, where a service answers `/readyz` itself.
    pub fn probes(&self, deeper: Option<Router>) -> Router {
        let serving = Arc::clone(&self.serving);
        let ready = move |request: Request| ready(serving.load(Ordering::Relaxed), deeper, request);
        let router = Router::new()
            .route("/healthz", get(async || plain(StatusCode::OK, "alive\n")))
            .route("/readyz", get(ready))
            .fallback(unimplemented);
        mount(router, NAME, self.routes(), until_idle)
    }

    /// `grpc.health.v1`.
    pub(super) const fn routes(&self) -> &Routes {
        &self.routes
    }

    async fn set(&self, status: ServingStatus) {
        for name in self.names.iter() {
            self.reporter.set_service_status(*name, status).await;
        }
    }
}

async fn ready(serving: bool, deeper: Option<Router>, request: Request) -> Response {
    match deeper {
        _ if !serving => plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
        None => plain(StatusCode::OK, "ready\n"),
        Some(deeper) => match deeper.oneshot(request.map(Body::new)).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        },
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], text).into_response()
}

/// The gRPC service.
pub(super) const NAME: &str = "grpc.health.v1.Health";

#[cfg(test)]
mod tests {
    use super::*;

    async fn status(router: &Router, path: &str) -> StatusCode {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_draining_process_is_alive_and_not_ready() {
        let health = Health::of([]).await;
        let probes = health.probes(None);
        assert_eq!(
            (status(&probes, "/healthz").await, status(&probes, "/readyz").await),
            (StatusCode::OK, StatusCode::OK)
        );
        health.not_serving().await;
        assert_eq!(status(&probes, "/healthz").await, StatusCode::OK);
        assert_eq!(status(&probes, "/readyz").await, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test]
    async fn a_service_that_knows_better_is_asked() {
        let unready = Router::new().route("/readyz", get(async || StatusCode::SERVICE_UNAVAILABLE));
        let probes = Health::of([]).await.probes(Some(unready));
        assert_eq!(status(&probes, "/readyz").await, StatusCode::SERVICE_UNAVAILABLE);
    }
}

//! Whether a process is well: `grpc.health.v1` beside its services, and a door of its own for probes.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use tokio::sync::Mutex;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, health_reporter};

use super::grpc::{LARGEST_QUESTION, mount, unimplemented, until_idle};
use super::needs::{self, Need};
use crate::{Routes, Tasks};

/// What `grpc.health.v1` says of the services of a process. Clones say the same.
#[derive(Clone, Debug)]
pub struct Health {
    reporter: HealthReporter,
    names: Arc<[&'static str]>,
    routes: Routes,
    state: Arc<Mutex<State>>,
}

/// Why requests should not come.
#[derive(Debug, Default)]
struct State {
    draining: bool,
    lacks: Option<&'static str>,
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
            state: Arc::default(),
        };
        health.set(ServingStatus::Serving).await;
        health
    }

    /// Says NOT_SERVING from now on, so that callers go elsewhere: before the doors drain.
    pub async fn not_serving(&self) {
        let mut state = self.state.lock().await;
        state.draining = true;
        self.set(ServingStatus::NotServing).await;
    }

    /// Says NOT_SERVING until [`Health::follow`] has looked: to be said before anybody can ask.
    pub async fn begin(&self) {
        let mut state = self.state.lock().await;
        state.lacks = Some("not looked yet whether all that is needed is there");
        self.set(ServingStatus::NotServing).await;
    }

    /// Says NOT_SERVING from now on whenever one of `needs` is not there, until `tasks` drain. Returns when all were there,
    /// or after a moment.
    pub async fn follow(&self, needs: Vec<Arc<dyn Need>>, tasks: &Tasks) {
        if !needs.is_empty() {
            let last_well = needs::begin(&needs, self).await;
            tasks.spawn("needs", needs::follow(needs, self.clone(), last_well));
        }
    }

    /// Says what is not there, if anything.
    pub(super) async fn lacks(&self, what: Option<&'static str>) {
        let mut state = self.state.lock().await;
        if state.lacks != what {
            state.lacks = what;
            match what {
                Some(missing) => tracing::warn!(missing, "requests should go elsewhere"),
                None => tracing::info!("requests may come"),
            }
        }
        // Held meanwhile: what drains is not to become ready again.
        if !state.draining {
            self.set(if what.is_none() { ServingStatus::Serving } else { ServingStatus::NotServing }).await;
        }
    }

    /// Why requests should not come now.
    pub(super) async fn unready(&self) -> Option<&'static str> {
        let state = self.state.lock().await;
        if state.draining { Some("draining") } else { state.lacks }
    }

    /// For a door that only probes use: `grpc.health.v1`, `/healthz` while the process answers, `/readyz` while requests
    /// should come here.
    pub fn probes(&self) -> Router {
        let health = self.clone();
        let ready = async move || ready(health.unready().await);
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

fn ready(unready: Option<&'static str>) -> Response {
    match unready {
        Some(why) => plain(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        None => plain(StatusCode::OK, "ready\n"),
    }
}

fn plain(status: StatusCode, text: impl IntoResponse) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], text).into_response()
}

/// The gRPC service.
pub(super) const NAME: &str = "grpc.health.v1.Health";

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use tower::ServiceExt;

    use super::*;

    async fn status(router: &Router, path: &str) -> StatusCode {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_draining_process_is_alive_and_not_ready() {
        let health = Health::of([]).await;
        let probes = health.probes();
        assert_eq!(
            (status(&probes, "/healthz").await, status(&probes, "/readyz").await),
            (StatusCode::OK, StatusCode::OK)
        );
        health.not_serving().await;
        assert_eq!(status(&probes, "/healthz").await, StatusCode::OK);
        assert_eq!(status(&probes, "/readyz").await, StatusCode::SERVICE_UNAVAILABLE);
    }
}

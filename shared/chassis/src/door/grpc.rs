//! Puts the gRPC services of a process behind one door.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use http::Request;
use mintage_api::FILE_DESCRIPTOR_SET;
use tonic::Status;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, health_reporter};
use tower::ServiceExt;

use super::idle::UntilIdle;
use crate::{Routes, Service};

/// Every gRPC service of `services`, each behind its own guard, with `grpc.health.v1` and reflection beside them.
///
/// # Errors
/// When the contract's descriptors cannot be read.
pub async fn grpc_router<'a>(
    services: impl IntoIterator<Item = &'a Service>,
) -> Result<(Router, Health), tonic_reflection::server::Error> {
    let (reporter, health) = health_reporter();
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // Memory is set aside for what a message announces, so what strangers may announce is small.
    let open = Routes::new(health.max_decoding_message_size(LARGEST_QUESTION))
        .add_service(reflection().build_v1()?.max_decoding_message_size(LARGEST_QUESTION))
        .add_service(reflection().build_v1alpha()?.max_decoding_message_size(LARGEST_QUESTION));
    let mut router = Router::new().fallback(unimplemented);
    let mut health = Health { reporter, names: vec![""] };
    for name in OPEN {
        router = mount(router, name, &open, |body| Body::new(UntilIdle::new(body, PATIENCE)));
    }
    for service in services {
        for name in service.grpc_services() {
            router = mount(router, name, &service.routes, |body| body);
            health.names.push(name);
        }
    }
    health.set(ServingStatus::Serving).await;
    Ok((router, health))
}

/// What `grpc.health.v1` says of the services behind a door.
#[derive(Debug)]
pub struct Health {
    reporter: HealthReporter,
    names: Vec<&'static str>,
}

impl Health {
    /// Says NOT_SERVING from now on, so that callers go elsewhere: before the door drains.
    pub async fn not_serving(&self) {
        self.set(ServingStatus::NotServing).await;
    }

    async fn set(&self, status: ServingStatus) {
        for name in &self.names {
            self.reporter.set_service_status(*name, status).await;
        }
    }
}

fn mount(router: Router, name: &str, routes: &Routes, bounded: fn(Body) -> Body) -> Router {
    let routes = routes.clone().map_request(move |request: Request<Body>| request.map(bounded));
    router.route_service(&format!("/{name}/{{*method}}"), routes)
}

async fn unimplemented() -> impl IntoResponse {
    Status::unimplemented("no such service here").into_http::<Body>()
}

const LARGEST_QUESTION: usize = 4 * 1024;
/// How long whoever has opened a stream of questions may ask nothing.
const PATIENCE: Duration = Duration::from_mins(1);
const OPEN: [&str; 3] =
    ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use http::StatusCode;
    use http_body_util::BodyExt;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn b8_reflection_that_is_asked_nothing_ends() {
        let (router, _health) = grpc_router([]).await.unwrap();
        let silence = Body::from_stream(futures::stream::pending::<Result<Bytes, Infallible>>());
        let request = Request::post("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
            .header("content-type", "application/grpc")
            .body(silence)
            .unwrap();
        let answer = router.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let began = Instant::now();
        let _ended = answer.into_body().collect().await;
        assert_eq!(began.elapsed(), PATIENCE);
    }
}

//! Puts the gRPC services of a process behind one door.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use http::Request;
use mintage_api::FILE_DESCRIPTOR_SET;
use tonic::Status;
use tower::ServiceExt;

use super::health::{self, Health};
use super::idle::UntilIdle;
use crate::{Routes, Service};

/// Every gRPC service of `services`, each behind its own guard, with `grpc.health.v1` and reflection beside them.
///
/// # Errors
/// When the contract's descriptors cannot be read.
pub async fn grpc_router<'a>(
    services: impl IntoIterator<Item = &'a Service>,
) -> Result<(Router, Health), tonic_reflection::server::Error> {
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // Memory is set aside for what a message announces, so what strangers may announce is small.
    let reflection = Routes::new(reflection().build_v1()?.max_decoding_message_size(LARGEST_QUESTION))
        .add_service(reflection().build_v1alpha()?.max_decoding_message_size(LARGEST_QUESTION));
    let mut router = Router::new().fallback(unimplemented);
    let mut names = Vec::new();
    for service in services {
        for name in service.grpc_services() {
            router = mount(router, name, &service.routes, |body| body);
            names.push(name);
        }
    }
    let health = Health::of(names).await;
    router = mount(router, health::NAME, health.routes(), until_idle);
    for name in REFLECTION {
        router = mount(router, name, &reflection, until_idle);
    }
    Ok((router, health))
}

/// Mounts the gRPC service `name` of `routes`, with `bounded` around the bodies of its requests.
pub(super) fn mount(router: Router, name: &str, routes: &Routes, bounded: fn(Body) -> Body) -> Router {
    let routes = routes.clone().map_request(move |request: Request<Body>| request.map(bounded));
    router.route_service(&format!("/{name}/{{*method}}"), routes)
}

/// A stream of questions that ends when nothing is asked.
pub(super) fn until_idle(body: Body) -> Body {
    Body::new(UntilIdle::new(body, PATIENCE))
}

pub(super) async fn unimplemented() -> impl IntoResponse {
    Status::unimplemented("no such service here").into_http::<Body>()
}

/// Bytes of a question of health or reflection.
pub(super) const LARGEST_QUESTION: usize = 4 * 1024;
/// How long whoever has opened a stream of questions may ask nothing.
const PATIENCE: Duration = Duration::from_mins(1);
const REFLECTION: [&str; 2] = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

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

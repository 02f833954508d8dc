//! The way to a service that is built later.

use axum::Router;
use axum::routing::post;
use http::Request;
use mintage_chassis::{Entrance, Peer, ServiceName, Transport};
use tonic::body::Body;
use tonic::service::Routes;
use tower::ServiceExt;

async fn call(transport: &Transport) -> Result<http::StatusCode, String> {
    let request = Request::post("/test.Echo/Who").body(Body::empty()).unwrap();
    let answer = transport.clone().oneshot(request).await;
    answer.map(|answer| answer.status()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn services_that_need_each_other_meet_once_both_are_built_and_keep_neither_alive() {
    let entrance = Entrance::default();
    let transport = Transport::through(ServiceName::KEY_MANAGEMENT, &entrance);
    call(&transport).await.unwrap_err();
    let who = |request: Request<axum::body::Body>| async move {
        let known = request.extensions().get() == Some(&Peer::Service(ServiceName::KEY_MANAGEMENT));
        if known { http::StatusCode::OK } else { http::StatusCode::FORBIDDEN }
    };
    entrance.open(Routes::from(Router::new().route("/test.Echo/Who", post(who))));
    assert_eq!(call(&transport).await, Ok(http::StatusCode::OK));
    drop(entrance);
    call(&transport).await.unwrap_err();
}

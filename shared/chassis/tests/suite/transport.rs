//! The way to a service that is built later.

use http::Request;
use mintage_chassis::{Entrance, Peer, Routes, ServiceName, Transport};
use tonic::Code;
use tonic::body::Body;
use tower::ServiceExt;

use super::answering::{Answering, code_of};

async fn call(transport: &Transport) -> Code {
    let request = Request::post("/test.Keys/Who").body(Body::empty()).unwrap();
    code_of(&transport.clone().oneshot(request).await.unwrap())
}

#[tokio::test]
async fn services_that_need_each_other_meet_once_both_are_built_and_keep_neither_alive() {
    let entrance = Entrance::default();
    let transport = Transport::through(ServiceName::KEY_MANAGEMENT, &entrance);
    assert_eq!(call(&transport).await, Code::Unavailable);
    entrance.open(Routes::new(Answering(|request| {
        let known = request.extensions().get() == Some(&Peer::Service(ServiceName::KEY_MANAGEMENT));
        if known { Code::Ok } else { Code::PermissionDenied }
    })));
    assert_eq!(call(&transport).await, Code::Ok);
    drop(entrance);
    assert_eq!(call(&transport).await, Code::Unavailable);
}

//! What a caller can make a service read: every method of every service, by the tables that say who may call it.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::Request;
use http_body_util::BodyExt;
use mintage_chassis::access::{Caller, Row};
use mintage_chassis::{Peer, Service, ServiceName};
use tokio::time::timeout;
use tonic::{Code, Status};
use tower::ServiceExt;

use super::rig::Rig;

/// Somebody who may call the method.
fn caller(row: &Row) -> Peer {
    match row.caller {
        Caller::Public | Caller::AnyoneOrOperator { .. } => Peer::Anonymous,
        Caller::AnyService => Peer::Service(ServiceName::EDGE),
        Caller::Services(names) => Peer::Service(names[0]),
        Caller::Operator { .. } | Caller::OperatorAll { .. } => Peer::Service(ServiceName::MINTAGE),
    }
}

/// What a method answers to the beginning of a body of which the rest never comes.
async fn answer_to(service: &Service, row: &Row, beginning: Vec<u8>) -> Code {
    let beginning = stream::iter([Ok::<_, Infallible>(Bytes::from(beginning))]);
    let request = Request::post(row.method)
        .header("content-type", "application/grpc")
        .extension(caller(row))
        .body(Body::from_stream(beginning.chain(stream::pending())))
        .expect("a request");
    let answered = async {
        let answer = service.routes.clone().oneshot(request).await.expect("an answer");
        if let Some(status) = Status::from_header_map(answer.headers()) {
            return status.code();
        }
        // A stream that had begun to answer says it at its end.
        let trailers = answer.into_body().collect().await.expect("an end").trailers().cloned().unwrap_or_default();
        Status::from_header_map(&trailers).map_or(Code::Ok, |status| status.code())
    };
    timeout(Duration::from_secs(20), answered).await.unwrap_or_else(|_| panic!("{} waits for the rest", row.method))
}

#[tokio::test]
async fn j11_no_method_waits_for_a_message_that_announces_more_than_it_reads() {
    let rig = Rig::new().await;
    for service in rig.suite.grpc_services() {
        for row in service.access {
            let announced = u32::try_from(LARGEST + 1).expect("a length").to_be_bytes();
            let code = answer_to(service, row, [&[0][..], &announced].concat()).await;
            assert_eq!(code, Code::OutOfRange, "{}", row.method);
        }
    }
}

/// Groups within groups are read by everyone, whatever the message: as fields that nobody knows.
#[tokio::test]
async fn j11_no_method_reads_a_message_that_is_nested_deeper_than_any_of_ours() {
    let rig = Rig::new().await;
    for service in rig.suite.grpc_services() {
        for row in service.access {
            let nested = [START_OF_GROUP; 1000];
            let length = u32::try_from(nested.len()).expect("a length").to_be_bytes();
            let code = answer_to(service, row, [&[0][..], &length, &nested].concat()).await;
            assert_eq!(code, Code::Internal, "{}", row.method);
        }
    }
}

/// Bytes of the longest message that any method reads.
const LARGEST: usize = 4 << 20;
/// Of the field 15 (protobuf wire type 3).
const START_OF_GROUP: u8 = 15 << 3 | 3;

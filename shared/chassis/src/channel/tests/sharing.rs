//! Calls that share a stream, over real connections.

use axum::Router;
use futures::future::join_all;
use http::{Request, StatusCode};
use tonic::Code;
use tonic::body::Body;
use tower::ServiceExt;

use super::rig::{Mood, Rig, SHARING, Service, call_to, soon};
use crate::channel::ChannelSettings;
use crate::door::{Door, DoorLimits, Security};
use crate::{Tasks, stream};

#[tokio::test]
async fn more_calls_than_the_other_end_takes_streams_share_one() {
    let rig = Rig::new();
    let limits = DoorLimits { max_streams: 2, ..DoorLimits::default() };
    rig.know(&[rig.serve_within(limits, &rig.tasks, &Service::default()).await]);
    let channel = rig.channel_with(ChannelSettings { max_waiting: 1, ..ChannelSettings::default() });
    call_to(&channel, SHARING, None).await.unwrap();
    let answers = soon(join_all((0..50).map(|_| call_to(&channel, SHARING, None)))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[tokio::test]
async fn each_call_of_a_stream_is_refused_by_itself() {
    let rig = Rig::new();
    let service = Service::default();
    rig.know(&[rig.serve_within(DoorLimits::default(), &rig.tasks, &service).await]);
    let channel = rig.channel();
    call_to(&channel, SHARING, None).await.unwrap();
    service.turn(Mood::Busy);
    let refused = soon(call_to(&channel, SHARING, None)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    service.turn(Mood::Well);
    soon(call_to(&channel, SHARING, None)).await.unwrap();
    assert_eq!(service.calls(), 3, "a call that counts is not repeated");
}

#[tokio::test]
async fn a_stranger_is_given_no_stream_to_share() {
    let tasks = Tasks::new();
    let door = Door::open(([127, 0, 0, 1], 0).into(), Security::Plain, DoorLimits::default()).await.unwrap();
    let address = door.address().unwrap();
    door.serve(Router::new().fallback(|| async { StatusCode::IM_A_TEAPOT }), &tasks);
    let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap();
    let request = Request::post(stream::PATH).body(Body::empty()).unwrap();
    let answer = soon(endpoint.connect().await.unwrap().oneshot(request)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::IM_A_TEAPOT, "it is as any path that nobody serves");
}

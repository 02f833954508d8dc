//! Answers, each to its own caller.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::join_all;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
use mintage_api::types::ErrorReason;
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::{Code, Status};

use super::*;

#[tokio::test]
async fn calls_that_are_ready_together_go_together_and_each_gets_its_own_answer() {
    let rig = Rig::new(echo);
    let stream = rig.open();
    let answers = join_all((0..64).map(|number| say(&stream, format!("{number}")))).await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(heard(answer).await, format!("{number}"));
    }
    let [there, back] = rig.messages();
    assert!(there == 1 && back <= 2, "{there} messages there, {back} back");
}

#[tokio::test]
async fn a_call_with_no_other_beside_it_waits_for_none() {
    let rig = Rig::new(echo);
    let stream = rig.open();
    for word in ["one", "two"] {
        assert_eq!(heard(say(&stream, word).await).await, word);
    }
    assert_eq!(rig.messages(), [2, 2]);
}

#[tokio::test]
async fn what_is_no_answer_of_grpc_is_not_taken_for_one_and_harms_no_other() {
    let rig = Rig::new(async |request: Request<Body>| {
        let said = request.into_body().collect().await.unwrap().to_bytes();
        match said.as_ref() {
            b"teapot" => Response::builder().status(418).body(Body::empty()).unwrap(),
            b"no status" => Response::new(Body::new(http_body_util::Full::new(said))),
            b"too long" => said_back(vec![0; 5 << 20].into()),
            _ => said_back(said),
        }
    });
    let stream = rig.open();
    let asked = ["teapot", "no status", "too long", "well"];
    let answers = join_all(asked.map(|word| say(&stream, word))).await;
    let codes: Vec<_> = answers.iter().map(code).collect();
    assert_eq!(codes, [Some(Code::Unknown), Some(Code::Unknown), Some(Code::OutOfRange), None]);
    assert_eq!(heard(answers.into_iter().next_back().unwrap()).await, "well");
}

#[tokio::test]
async fn an_answer_overtakes_those_that_take_longer() {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let rig = Rig::new(move |request| {
        let held = Arc::clone(&held);
        async move {
            let said = request.into_body().collect().await.unwrap().to_bytes();
            if said == "slow" {
                held.acquire().await.unwrap().forget();
            }
            said_back(said)
        }
    });
    let stream = Arc::new(rig.open());
    let slow = tokio::spawn({
        let stream = Arc::clone(&stream);
        async move { heard(say(&stream, "slow").await).await }
    });
    for _ in 0..3 {
        assert_eq!(heard(say(&stream, "quick").await).await, "quick");
    }
    assert!(!slow.is_finished());
    gate.add_permits(1);
    assert_eq!(soon(slow).await.unwrap(), "slow");
}

#[tokio::test]
async fn what_a_call_carries_arrives_with_it_and_a_refusal_comes_back_whole() {
    let rig = Rig::new(|request: Request<Body>| async move {
        let said = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!((said("content-type"), said("te")), ("application/grpc", "trailers"));
        let words = format!("{} {}", said("grpc-timeout"), said("x-mintage-source"));
        crate::status::refusal(Code::PermissionDenied, ErrorReason::ScopeNotGranted, words, &[("scopes", "write:it")])
            .into_http()
    });
    let headers = [("grpc-timeout", "7m"), ("x-mintage-source", "192.0.2.1"), ("content-type", "application/grpc")];
    let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let stream = rig.open();
    let carried = soon(stream.call(METHOD, &HeaderMap::from_iter(headers), Bytes::new())).await;
    let Carried::Answered(answer) = carried else { panic!("it is answered") };
    let status = Status::from_header_map(answer.headers()).unwrap();
    assert_eq!((status.code(), status.message()), (Code::PermissionDenied, "7m 192.0.2.1"));
    assert_eq!(crate::status::reason_of(&status).unwrap().get("scopes"), "write:it");
}

#[tokio::test]
async fn one_call_that_fails_takes_no_other_with_it() {
    let rig = Rig::new(|request: Request<Body>| async move {
        let said = request.into_body().collect().await.unwrap().to_bytes();
        match &*said {
            b"panic" => panic!("as the test wants"),
            b"stream" => Response::new(Body::new(Never)),
            _ => said_back(said),
        }
    });
    let stream = rig.open();
    let [fine, panicked, streams, too] = ["fine", "panic", "stream", "fine too"].map(|words| say(&stream, words));
    let (fine, panicked, streams, too) = tokio::join!(fine, panicked, streams, too);
    assert_eq!((code(&panicked), code(&streams)), (Some(Code::Internal), Some(Code::Unimplemented)));
    assert_eq!((heard(fine).await, heard(too).await), ("fine".into(), "fine too".into()));
}

/// A body that is never whole.
struct Never;

impl http_body::Body for Never {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Poll::Pending
    }
}

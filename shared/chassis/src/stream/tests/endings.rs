//! Callers that go, callees that drain, streams that break.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderMap, Response};
use tokio::sync::Semaphore;
use tonic::Status;
use tonic::body::Body;

use super::*;

#[tokio::test]
async fn a_call_whose_caller_went_away_before_it_was_sent_is_not_sent() {
    let rig = Rig::new(echo);
    let stream = rig.open();
    let none = HeaderMap::new();
    let mut gone = Box::pin(stream.call(METHOD, &none, "gone".into()));
    assert!(futures::poll!(&mut gone).is_pending());
    drop(gone);
    assert_eq!(heard(say(&stream, "there").await).await, "there");
    assert_eq!(format!("{stream:?}"), "SharedStream(Open, 0 calls under way)");
    assert_eq!(rig.messages(), [1, 1]);
}

#[tokio::test]
async fn b18_a_call_that_was_sent_is_carried_out_though_its_caller_hangs_up_or_the_stream_breaks() {
    let (gate, done) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (held, counted) = (Arc::clone(&gate), Arc::clone(&done));
    let rig = Rig::new(move |request| {
        let (held, counted) = (Arc::clone(&held), Arc::clone(&counted));
        async move {
            held.acquire().await.unwrap().forget();
            counted.fetch_add(1, Ordering::SeqCst);
            echo(request).await
        }
    });
    let stream = rig.open();
    let none = HeaderMap::new();
    let call = || stream.call(METHOD, &none, "guess".into());
    let mut hung_up = Box::pin(async { call().await });
    let mut broken = Box::pin(async { call().await });
    assert!(futures::poll!(&mut hung_up).is_pending() && futures::poll!(&mut broken).is_pending());
    until(|| rig.messages()[0] > 0).await;
    drop(hung_up);
    rig.cut.cancel();
    assert!(matches!(soon(broken).await, Carried::Broken));
    gate.add_permits(2);
    until(|| done.load(Ordering::SeqCst) == 2).await;
}

#[tokio::test]
async fn when_a_stream_breaks_what_was_not_sent_may_go_another_way() {
    let rig = Rig::new(echo);
    let stream = rig.open();
    assert_eq!(heard(say(&stream, "fine").await).await, "fine");
    rig.cut.cancel();
    assert!(matches!(say(&stream, "late").await, Carried::Back));
    assert_eq!(stream.standing(), Standing::Ended);
}

#[tokio::test]
async fn a_callee_that_drains_answers_what_it_was_sent_and_the_stream_ends() {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let rig = Rig::new(move |request| {
        let held = Arc::clone(&held);
        async move {
            held.acquire().await.unwrap().forget();
            echo(request).await
        }
    });
    let stream = Arc::new(rig.open());
    let under_way: Vec<_> = (0..8)
        .map(|number| {
            let stream = Arc::clone(&stream);
            tokio::spawn(async move { heard(say(&stream, format!("{number}")).await).await })
        })
        .collect();
    until(|| rig.messages()[0] > 0).await;
    rig.draining.cancel();
    until(|| stream.standing() != Standing::Open).await;
    assert_eq!(stream.standing(), Standing::Draining);
    assert!(matches!(say(&stream, "new").await, Carried::Back));
    gate.add_permits(8);
    for (number, answer) in under_way.into_iter().enumerate() {
        assert_eq!(soon(answer).await.unwrap(), format!("{number}"));
    }
    until(|| stream.standing() == Standing::Ended).await;
}

#[tokio::test]
async fn who_does_not_know_shared_streams_is_called_otherwise() {
    for answer in [
        Status::unimplemented("no such service here").into_http(),
        Response::builder().status(503).body(Body::empty()).unwrap(),
    ] {
        let stream = SharedStream::open("https://test/".parse().unwrap(), |_| std::future::ready(Ok(answer)));
        assert!(matches!(say(&stream, "words").await, Carried::Back));
        assert_eq!(stream.standing(), Standing::Unknown);
    }
    let stream = SharedStream::open("https://test/".parse().unwrap(), |_| std::future::ready(Err(NotBegun::Untaken)));
    assert!(matches!(say(&stream, "words").await, Carried::Back));
    assert_eq!(stream.standing(), Standing::Ended);
}

#[tokio::test]
async fn a_stream_ends_when_nobody_calls_any_more() {
    let rig = Rig::new(echo);
    let stream = rig.open();
    assert_eq!(heard(say(&stream, "last").await).await, "last");
    let answer = Arc::downgrade(&rig.answer);
    drop((stream, rig));
    until(|| answer.upgrade().is_none()).await;
}

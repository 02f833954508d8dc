//! How much one stream takes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use super::*;

#[tokio::test]
async fn b8_a_stream_has_only_so_many_calls_under_way_and_the_others_wait_unread() {
    let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (held, counted) = (Arc::clone(&gate), Arc::clone(&begun));
    let rig = Rig::new(move |request| {
        let (held, counted) = (Arc::clone(&held), Arc::clone(&counted));
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            held.acquire().await.unwrap().forget();
            echo(request).await
        }
    });
    let stream = rig.open();
    let first = (0..MOST_UNDER_WAY).map(|_| say(&stream, "first"));
    let mut first = Box::pin(join_all(first));
    assert!(futures::poll!(&mut first).is_pending());
    until(|| begun.load(Ordering::SeqCst) == MOST_UNDER_WAY).await;
    let mut more = Box::pin(say(&stream, "one more"));
    assert!(futures::poll!(&mut more).is_pending());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(begun.load(Ordering::SeqCst), MOST_UNDER_WAY);
    gate.add_permits(MOST_UNDER_WAY + 1);
    assert!(soon(first).await.iter().all(|carried| matches!(carried, Carried::Answered(_))));
    assert_eq!(heard(soon(more).await).await, "one more");
}

#[tokio::test]
async fn b8_answers_that_nobody_takes_hold_up_their_own_stream_alone() {
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let answer = move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        echo(request)
    };
    let (kept, unread) = oneshot::channel();
    let stream = SharedStream::open("https://test/".parse().unwrap(), move |request| async move {
        let _ = kept.send(answer_shared(request, CancellationToken::new(), answer));
        std::future::pending().await
    });
    let mut calls = Box::pin(join_all((0..3 * MOST_UNDER_WAY).map(|_| say(&stream, [0; 1000].as_slice()))));
    assert!(futures::poll!(&mut calls).is_pending());
    let unread = soon(unread).await.unwrap();
    until(|| begun.load(Ordering::SeqCst) >= MOST_UNDER_WAY / 2).await;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert!(begun.load(Ordering::SeqCst) <= MOST_UNDER_WAY, "{begun:?}");
    let beside = Rig::new(echo).open();
    assert_eq!(heard(say(&beside, "another stream").await).await, "another stream");
    drop(unread);
}

//! Finds answers that are left lying: over HTTP/2 a reader may keep its connection alive and still take nothing of one.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

/// Since when an answer waits for its reader; `None` while the reader waits for it.
type Waiting = Mutex<Option<Instant>>;

/// The answers under way on one connection.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<Vec<Weak<Waiting>>>);

impl Answers {
    /// Watches an answer until its body is dropped.
    pub(super) fn watch(&self, body: Body) -> Body {
        let waiting = Arc::new(Waiting::new(Some(Instant::now())));
        let mut answers = locked(&self.0);
        if answers.len() == answers.capacity() {
            answers.retain(|answer| answer.strong_count() > 0);
        }
        answers.push(Arc::downgrade(&waiting));
        drop(answers);
        Body::new(Watched { body, waiting })
    }

    /// Ends once an answer has been left lying for `patience`, or up to half as long again.
    pub(super) async fn left_lying(&self, patience: Duration) {
        loop {
            tokio::time::sleep(patience / 2).await;
            let too_long = |answer: Arc<Waiting>| locked(&answer).is_some_and(|since| since.elapsed() >= patience);
            if locked(&self.0).iter().filter_map(Weak::upgrade).any(too_long) {
                return;
            }
        }
    }
}

/// Whoever polls a body has handed on what it gave before.
struct Watched {
    body: Body,
    waiting: Arc<Waiting>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        *locked(&this.waiting) = frame.is_ready().then(Instant::now);
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::FutureExt;
    use http_body_util::BodyExt;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn b8_an_answer_that_nobody_takes_is_found() {
        let (answers, began) = (Answers::default(), Instant::now());
        let _held = answers.watch(Body::from("unread"));
        answers.left_lying(PATIENCE).await;
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_has_nothing_to_say_yet_or_was_taken_is_not_left_lying() {
        let answers = Answers::default();
        let mut quiet = answers.watch(Body::from_stream(futures::stream::pending::<Result<Bytes, Infallible>>()));
        assert!(quiet.frame().now_or_never().is_none());
        let taken = answers.watch(Body::from("read"));
        taken.collect().await.unwrap();
        let watching = tokio::time::timeout(Duration::from_hours(1), answers.left_lying(PATIENCE));
        assert!(watching.await.is_err());
    }

    #[tokio::test]
    async fn answers_that_ended_are_forgotten() {
        let answers = Answers::default();
        for _ in 0..10_000 {
            drop(answers.watch(Body::empty()));
        }
        assert!(locked(&answers.0).len() < 10);
    }
}

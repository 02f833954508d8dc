//! Ends a stream of questions that asks nothing more.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// A request's body that breaks off after a silence. The silence counts while somebody waits for the body.
pub(super) struct UntilIdle {
    body: Body,
    patience: Duration,
    silence: Pin<Box<Sleep>>,
}

impl UntilIdle {
    pub(super) fn new(body: Body, patience: Duration) -> Self {
        Self { body, patience, silence: Box::pin(tokio::time::sleep(patience)) }
    }
}

impl HttpBody for UntilIdle {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.silence.as_mut().reset(Instant::now() + this.patience);
            return Poll::Ready(frame);
        }
        let broken_off = || axum::Error::new(io::Error::new(io::ErrorKind::TimedOut, "nothing more was asked"));
        this.silence.as_mut().poll(cx).map(|()| Some(Err(broken_off())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use http_body_util::BodyExt;
    use tokio_stream::StreamExt;

    use super::*;

    const PATIENCE: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn b8_a_stream_breaks_off_when_nothing_more_is_asked_and_not_before() {
        let words = stream::iter(["one", "two"]).then(async |word| {
            tokio::time::sleep(PATIENCE / 2).await;
            Ok::<_, io::Error>(word)
        });
        let talk = Body::from_stream(futures::StreamExt::chain(words, stream::pending()));
        let mut body = UntilIdle::new(talk, PATIENCE);
        let began = Instant::now();
        for word in ["one", "two"] {
            let frame = body.frame().await.expect("a frame").expect("it is not silent yet");
            assert_eq!(frame.into_data().expect("data"), word);
        }
        body.frame().await.expect("an end").expect_err("it breaks off");
        assert_eq!(began.elapsed(), PATIENCE * 2);
    }
}

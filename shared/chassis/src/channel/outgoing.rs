//! Requests that can be sent again when a connection ended before it took them.

use std::collections::VecDeque;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderMap, Method, Request, Uri};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tonic::Status;
use tonic::body::Body;

use crate::deadline;
use crate::methods::traits_of;
use crate::stream::LONGEST_CALL;

/// A request on its way out.
pub(super) enum Outgoing {
    /// All of it is here: one message, as every unary call has it.
    Whole {
        /// The method of HTTP.
        method: Method,
        /// Where to.
        uri: Uri,
        /// Its header.
        headers: HeaderMap,
        /// Its message.
        message: Bytes,
    },
    /// It is still being said; `None` once it left.
    Once(Option<Request<Body>>),
}

impl Outgoing {
    /// Looks whether all of the body is here already.
    pub(super) fn new(request: Request<Body>) -> Self {
        let (head, mut body) = request.into_parts();
        let mut begun = VecDeque::new();
        while begun.len() < FRAMES {
            match body.frame().now_or_never() {
                Some(Some(frame)) => begun.push_back(frame),
                Some(None) => match only_data(&mut begun) {
                    Some(message) => {
                        return Self::Whole { method: head.method, uri: head.uri, headers: head.headers, message };
                    }
                    None => break,
                },
                None => break,
            }
        }
        Self::Once(Some(Request::from_parts(head, Body::new(Begun { begun, rest: body }))))
    }

    /// The request, if it can still be sent.
    pub(super) fn take(&mut self) -> Option<Request<Body>> {
        match self {
            Self::Whole { method, uri, headers, message } => {
                let mut request = Request::new(Body::new(Full::new(message.clone())));
                *request.method_mut() = method.clone();
                *request.uri_mut() = uri.clone();
                *request.headers_mut() = headers.clone();
                Some(request)
            }
            Self::Once(request) => request.take(),
        }
    }

    /// Tells the callee that only `left` is left to answer it.
    pub(super) fn hurry(&mut self, left: Duration) {
        match self {
            Self::Whole { headers, .. } => deadline::tell(headers, left),
            Self::Once(Some(request)) => deadline::tell(request.headers_mut(), left),
            Self::Once(None) => {}
        }
    }

    /// Takes it back as it was.
    pub(super) fn put_back(&mut self, unsent: Request<Body>) {
        if let Self::Once(request) = self {
            *request = Some(unsent);
        }
    }

    /// Whether it may share a stream with others: a short call of the contract, asked and answered in one message.
    pub(super) fn may_share(&self) -> bool {
        let Self::Whole { uri, message, .. } = self else { return false };
        (1..=LONGEST_CALL).contains(&message.len()) && traits_of(uri.path()).unary
    }

    /// Whether it may be made twice, by what the contract says of its method.
    pub(super) fn may_be_repeated(&self) -> bool {
        matches!(self, Self::Whole { uri, .. } if traits_of(uri.path()).idempotent)
    }

    /// Whether to send it again after `error`: the other end ends and says that it did not look at it (RFC 9113 sections
    /// 6.8 and 8.7), or it ended before the message was sent.
    pub(super) fn may_go_again(&self, error: &hyper::Error) -> bool {
        matches!(self, Self::Whole { message, .. } if !message.is_empty()) && was_not_taken(error)
    }
}

pub(super) fn was_not_taken(error: &hyper::Error) -> bool {
    let Some(error) = error.source().and_then(|source| source.downcast_ref::<h2::Error>()) else { return false };
    let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
    let ended = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (refused || ended)
}

/// The frames as one message, where that is what they are.
fn only_data(begun: &mut VecDeque<Result<Frame<Bytes>, Status>>) -> Option<Bytes> {
    match begun.pop_front() {
        None => Some(Bytes::new()),
        Some(Ok(frame)) if begun.is_empty() => frame.into_data().map_err(|frame| begun.push_front(Ok(frame))).ok(),
        Some(other) => {
            begun.push_front(other);
            None
        }
    }
}

/// A body of which some was looked at.
struct Begun {
    begun: VecDeque<Result<Frame<Bytes>, Status>>,
    rest: Body,
}

impl http_body::Body for Begun {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match self.begun.pop_front() {
            Some(frame) => Poll::Ready(Some(frame)),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.begun.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// One message and the end, and one more to see that it is not one message.
const FRAMES: usize = 2;

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use http_body::Body as _;

    use super::*;

    fn streamed(frames: Vec<&'static str>, ends: bool) -> Request<Body> {
        let said = frames.into_iter().map(|text| Ok::<_, Status>(Frame::data(Bytes::from_static(text.as_bytes()))));
        let said = futures::stream::iter(said.collect::<Vec<_>>());
        let after = futures::stream::pending();
        let frames = if ends { said.boxed() } else { said.chain(after).boxed() };
        Request::post("/test/Call").header("x", "y").body(Body::new(http_body_util::StreamBody::new(frames))).unwrap()
    }

    async fn said(request: Option<Request<Body>>) -> String {
        let body = request.unwrap().into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn one_message_can_be_sent_as_often_as_need_be() {
        let mut outgoing = Outgoing::new(streamed(vec!["one"], true));
        for _ in 0..3 {
            let request = outgoing.take().unwrap();
            assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/test/Call"));
            assert_eq!(request.headers()["x"], "y");
            assert_eq!(said(Some(request)).await, "one");
        }
    }

    #[tokio::test]
    async fn a_stream_is_sent_once_and_whole() {
        for frames in [vec!["one", "two"], vec!["one", "two", "three"], vec!["one", "two", "three", "four"]] {
            let mut outgoing = Outgoing::new(streamed(frames.clone(), true));
            assert_eq!(said(outgoing.take()).await, frames.concat());
            assert!(outgoing.take().is_none());
        }
    }

    #[tokio::test]
    async fn a_stream_that_is_still_being_said_is_passed_on_as_it_comes() {
        for frames in [vec![], vec!["one"], vec!["one", "two"]] {
            let mut outgoing = Outgoing::new(streamed(frames.clone(), false));
            let mut body = outgoing.take().unwrap().into_body();
            for expected in frames {
                assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), expected);
            }
            assert!(body.frame().now_or_never().is_none() && !body.is_end_stream());
        }
    }

    #[tokio::test]
    async fn what_came_back_can_be_sent() {
        let mut outgoing = Outgoing::new(streamed(vec!["one", "two"], true));
        let unsent = outgoing.take().unwrap();
        outgoing.put_back(unsent);
        assert_eq!(said(outgoing.take()).await, "onetwo");
    }
}

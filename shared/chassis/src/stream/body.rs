//! The sending half of a shared stream: what is ready leaves in one message.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::Frame;

/// Where messages of a body come from.
pub(super) trait Source: Send + 'static {
    /// What is ready now.
    fn ready(&mut self) -> Ready;

    /// The next message, of what is ready.
    fn message(&mut self) -> Bytes;

    /// Keeps who is to be woken when the answer to [`Source::ready`] may be another.
    fn waker(&mut self) -> &mut Option<Waker>;

    /// Hears that nothing more is sent.
    fn gone(&mut self);
}

/// What a source has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// Nothing yet.
    Nothing,
    /// A message.
    Something,
    /// Nothing ever again.
    TheEnd,
}

/// Sends what a source has, when it has it. Where more is about to be ready it comes along; nobody waits for company.
pub(super) struct Sending<S: Source> {
    source: Arc<Mutex<S>>,
    /// Whether those who are ready to run had their turn.
    gathered: bool,
}

impl<S: Source> Sending<S> {
    pub(super) fn new(source: &Arc<Mutex<S>>) -> Self {
        Self { source: Arc::clone(source), gathered: false }
    }
}

impl<S: Source> http_body::Body for Sending<S> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let source = Arc::clone(&self.source);
        let mut source = locked(&source);
        match source.ready() {
            Ready::TheEnd => Poll::Ready(None),
            Ready::Nothing => {
                *source.waker() = Some(cx.waker().clone());
                Poll::Pending
            }
            Ready::Something if self.gathered => {
                self.gathered = false;
                Poll::Ready(Some(Ok(Frame::data(source.message()))))
            }
            Ready::Something => {
                // Who is ready to run runs first, so that what it has comes along. Where nobody is, this costs nothing.
                self.gathered = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

impl<S: Source> Drop for Sending<S> {
    fn drop(&mut self) {
        locked(&self.source).gone();
    }
}

/// Takes of `waiting` what fits into one message: the one that passes its length is the last.
pub(super) fn fitting<T>(waiting: &mut VecDeque<T>, mut size: impl FnMut(&mut T) -> usize) -> Vec<T> {
    let (mut fitting, mut bytes) = (Vec::with_capacity(waiting.len()), 0);
    while bytes < MESSAGE
        && let Some(mut next) = waiting.pop_front()
    {
        bytes += size(&mut next);
        fitting.push(next);
    }
    fitting
}

/// What is behind it holds together whatever panicked.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes of one message, unless it holds one thing alone.
const MESSAGE: usize = 64 * 1024;

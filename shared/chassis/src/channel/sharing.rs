//! The stream that the calls of a connection share, opened when the first of them wants it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Uri;
use http_body_util::BodyExt;
use tonic::body::Body;

use super::open::{Line, broken};
use super::outgoing::was_not_taken;
use crate::status::Chain;
use crate::stream::{MOST_UNDER_WAY, NotBegun, PATH, SharedStream, Standing};

/// The shared stream of one connection.
#[derive(Default)]
pub(super) struct Sharing {
    stream: Mutex<Option<Arc<SharedStream>>>,
    under_way: AtomicUsize,
    unknown: AtomicBool,
}

/// What a connection is to do once its stream did not take a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The other end drains: it takes no more calls at all.
    End,
    /// The call may be made again here.
    GoOn,
}

impl Sharing {
    /// Whether calls may share a stream, as far as is known.
    pub(super) fn is_possible(&self) -> bool {
        !self.unknown.load(Ordering::Relaxed)
    }

    /// How many do, to be counted by whoever makes them.
    pub(super) const fn under_way(&self) -> &AtomicUsize {
        &self.under_way
    }

    /// How many may.
    pub(super) const fn most() -> usize {
        MOST_UNDER_WAY
    }

    /// The stream to call over, on `line` to wherever `uri` leads.
    pub(super) fn stream(&self, line: &Line, uri: &Uri) -> Arc<SharedStream> {
        Arc::clone(self.locked().get_or_insert_with(|| Arc::new(open(line, uri))))
    }

    /// `stream` took no call.
    pub(super) fn refused(&self, stream: &Arc<SharedStream>) -> Next {
        match stream.standing() {
            Standing::Draining => return Next::End,
            Standing::Unknown => self.unknown.store(true, Ordering::Relaxed),
            Standing::Open | Standing::Ended => {
                let _ended = self.locked().take_if(|known| Arc::ptr_eq(known, stream));
            }
        }
        Next::GoOn
    }

    fn locked(&self) -> MutexGuard<'_, Option<Arc<SharedStream>>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(line: &Line, uri: &Uri) -> SharedStream {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(http::uri::PathAndQuery::from_static(PATH));
    let uri = Uri::from_parts(parts).unwrap_or_else(|_| Uri::from_static(PATH));
    let mut sender = line.sender.clone();
    SharedStream::open(uri, move |request| async move {
        let mut refused = match sender.try_send_request(request).await {
            Ok(answer) => return Ok(answer.map(|body| Body::new(body.map_err(|error| broken(&error))))),
            Err(refused) => refused,
        };
        let unsent = refused.take_message().is_some();
        let error = refused.into_error();
        tracing::debug!(error = %Chain(&error), "a shared stream did not begin");
        Err(if unsent || was_not_taken(&error) { NotBegun::Untaken } else { NotBegun::Broken })
    })
}

impl fmt::Debug for Sharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sharing({:?})", *self.locked())
    }
}

//! What requests hear of the end of their door.

use std::future::Future;

use axum::response::Response;
use http::HeaderValue;
use http::header::CONNECTION;
use tokio_util::sync::CancellationToken;

/// Whether a door drains; an extension of every request that comes in by it. Clones say the same.
#[derive(Clone, Debug, Default)]
pub struct Draining {
    leaving: CancellationToken,
    ending: CancellationToken,
}

impl Draining {
    /// Ends when connections are to end. An answer that goes on for ever ends then too, and its caller goes elsewhere: or
    /// else the door waits for it as long as it waits for anything.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.ending.clone().cancelled_owned()
    }

    /// Connections had better be elsewhere from now on.
    pub(super) fn leave(&self) {
        self.leaving.cancel();
    }

    /// Connections are to end from now on.
    pub(super) fn end(&self) {
        self.ending.cancel();
    }

    /// Cancelled when connections are to end.
    pub(super) const fn ending(&self) -> &CancellationToken {
        &self.ending
    }

    /// Lets the client of an HTTP/1 connection know with this answer that it is the last one. A connection that is closed
    /// between two requests instead may take one with it that is just on its way, and no client may send that again
    /// (RFC 9112 section 9.6).
    pub(super) fn hang_up(&self, mut answer: Response) -> Response {
        if self.leaving.is_cancelled() {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

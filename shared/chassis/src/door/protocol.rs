//! HTTP/1.1 and HTTP/2 as a door speaks them, within its limits.

use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

use super::DoorLimits;
use super::security::Connection;

/// How a connection is served.
pub(super) struct Protocols {
    either: Builder<TokioExecutor>,
    http2: Builder<TokioExecutor>,
}

impl Protocols {
    pub(super) fn within(limits: &DoorLimits) -> Self {
        Self { either: http(limits), http2: http(limits).http2_only() }
    }

    /// As what was agreed on, where something was; else as whichever the client begins with. As long as that is not known
    /// a door that drains can only hang up, and whoever is at the other end has sent requests already.
    pub(super) fn of(&self, connection: &Connection) -> &Builder<TokioExecutor> {
        if connection.agreed_on_http2() { &self.http2 } else { &self.either }
    }
}

fn http(limits: &DoorLimits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let header_bytes = usize::try_from(limits.max_header_bytes).unwrap_or(usize::MAX).max(SMALLEST_BUFFER);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(header_bytes)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.max_streams)
        .initial_stream_window_size(limits.stream_window_bytes)
        .initial_connection_window_size(limits.connection_window_bytes)
        .max_header_list_size(limits.max_header_bytes)
        .max_pending_accept_reset_streams(limits.max_pending_resets)
        .keep_alive_interval(limits.keep_alive)
        .keep_alive_timeout(limits.keep_alive);
    builder
}

/// What hyper asks for at least.
const SMALLEST_BUFFER: usize = 8192;

//! The bounds of a door.

use std::time::Duration;

/// How much one door takes on; every bound is on what a stranger can make it hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoorLimits {
    /// Open connections; one more waits in the listener's backlog.
    pub max_connections: usize,
    /// From accept to the end of the TLS handshake.
    pub handshake_timeout: Duration,
    /// From accept to the end of the first request's header; a connection that asks for nothing is closed then.
    pub first_request_timeout: Duration,
    /// From the first byte of a request to the end of its header; also how long an idle HTTP/1 connection is kept.
    pub header_timeout: Duration,
    /// Bytes of a request's header.
    pub max_header_bytes: u32,
    /// Concurrent requests on one HTTP/2 connection.
    pub max_streams: u32,
    /// Streams that a client may open and reset before they are accepted, on one connection.
    pub max_pending_resets: usize,
    /// Silence on an HTTP/2 connection after which it is pinged, and closed when the answer takes as long again.
    pub keep_alive: Duration,
    /// How long new connections are still served once the process drains: those that were on their way, and those of
    /// callers that have not heard yet.
    pub lame_duck: Duration,
    /// How long requests under way may take to end once the process drains.
    pub drain_timeout: Duration,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            max_connections: 4096,
            handshake_timeout: Duration::from_secs(10),
            first_request_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(60),
            max_header_bytes: 32 * 1024,
            max_streams: 128,
            max_pending_resets: 1024,
            keep_alive: Duration::from_secs(30),
            lame_duck: Duration::from_millis(500),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

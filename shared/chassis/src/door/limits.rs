//! The bounds of a door.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much one door takes on; every bound is on what a stranger can make it hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorLimits {
    /// Open connections, fewer where the system does not let the process open as many files; one more waits in the
    /// listener's backlog. 1 to 1048576.
    pub max_connections: usize,
    /// Open connections from one IPv4 address or one /64 of IPv6; one more is closed at once. Those of the edge's
    /// `trusted_proxies` are many people's and not held to it. 1 to 1048576.
    pub max_connections_per_address: usize,
    /// From accept to the end of the TLS handshake; up to 10 minutes.
    pub handshake_timeout: Duration,
    /// From accept to the end of the first request's header; a connection that asks for nothing is closed then. Up to 10
    /// minutes.
    pub first_request_timeout: Duration,
    /// From the first byte of a request to the end of its header; also how long an idle HTTP/1 connection is kept. Up to
    /// 10 minutes.
    pub header_timeout: Duration,
    /// From the end of a request's header to the header of its answer, the request's body and all work included; a
    /// caller's `grpc-timeout` counts where it is shorter. An answer that streams may take longer to end. Up to 10
    /// minutes.
    pub request_timeout: Duration,
    /// How long the other end may take in nothing while there is something to write to it, or leave one of its answers
    /// lying; then the connection is closed. Up to 10 minutes.
    pub write_timeout: Duration,
    /// Bytes of a request's header. 4 KiB to 1 MiB.
    pub max_header_bytes: u32,
    /// Requests of all connections that are not yet answered; one more is refused. 1 to 1048576.
    pub max_requests: usize,
    /// The same for one IPv4 address or one /64 of IPv6. Services that call one another are not held to it. A request that
    /// one of the edge's `trusted_proxies` passes on is its client's, by `X-Forwarded-For`. 1 to 1048576.
    pub max_requests_per_address: usize,
    /// How long whatever is ready may wait for a core. While it is longer, and more than a few requests are under way, some
    /// are refused, first those of the addresses that ask for the most; probes and the streams of services are not. 1
    /// millisecond to 10 seconds.
    pub target_wait: Duration,
    /// Concurrent requests on one HTTP/2 connection. 1 to 65536.
    pub max_streams: u32,
    /// Bytes of one request's body that may arrive before they are read, by HTTP/2. 16 KiB to 16 MiB.
    pub stream_window_bytes: u32,
    /// The same for all requests of one HTTP/2 connection. 64 KiB to 64 MiB.
    pub connection_window_bytes: u32,
    /// Streams that a client may open and reset before they are accepted, on one connection. 1 to 65536.
    pub max_pending_resets: usize,
    /// Silence on an HTTP/2 connection after which it is pinged, and closed when the answer takes as long again. Up to 10
    /// minutes.
    pub keep_alive: Duration,
    /// How long new connections are still served once the process drains: those that were on their way, and those of
    /// callers that have not heard yet. Up to a minute.
    pub lame_duck: Duration,
    /// How long requests under way may take to end once the process drains. Up to 10 minutes.
    pub drain_timeout: Duration,
}

impl Default for DoorLimits {
    fn default() -> Self {
        Self {
            max_connections: 4096,
            max_connections_per_address: 1024,
            handshake_timeout: Duration::from_secs(10),
            first_request_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(60),
            request_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            max_header_bytes: 32 * 1024,
            max_requests: 8192,
            max_requests_per_address: 1024,
            target_wait: Duration::from_millis(100),
            max_streams: 128,
            stream_window_bytes: 64 * 1024,
            connection_window_bytes: 256 * 1024,
            max_pending_resets: 1024,
            keep_alive: Duration::from_secs(30),
            lame_duck: Duration::from_millis(500),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

impl DoorLimits {
    /// Checks every bound.
    ///
    /// # Errors
    /// When a limit is outside of its own; the first is named.
    pub fn check(&self) -> Result<(), LimitError> {
        let Self {
            max_connections,
            max_connections_per_address,
            handshake_timeout,
            first_request_timeout,
            header_timeout,
            request_timeout,
            write_timeout,
            max_header_bytes,
            max_requests,
            max_requests_per_address,
            target_wait,
            max_streams,
            stream_window_bytes,
            connection_window_bytes,
            max_pending_resets,
            keep_alive,
            lame_duck,
            drain_timeout,
        } = self;
        within("max_connections", max_connections, &(1..=MANY))?;
        within("max_connections_per_address", max_connections_per_address, &(1..=MANY))?;
        within("handshake_timeout", handshake_timeout, &SOME_TIME)?;
        within("first_request_timeout", first_request_timeout, &SOME_TIME)?;
        within("header_timeout", header_timeout, &SOME_TIME)?;
        within("request_timeout", request_timeout, &SOME_TIME)?;
        within("write_timeout", write_timeout, &SOME_TIME)?;
        within("max_header_bytes", max_header_bytes, &((4 << 10)..=(1 << 20)))?;
        within("max_requests", max_requests, &(1..=MANY))?;
        within("max_requests_per_address", max_requests_per_address, &(1..=MANY))?;
        within("target_wait", target_wait, &(Duration::from_millis(1)..=Duration::from_secs(10)))?;
        within("max_streams", max_streams, &(1..=(1 << 16)))?;
        within("stream_window_bytes", stream_window_bytes, &((16 << 10)..=(16 << 20)))?;
        within("connection_window_bytes", connection_window_bytes, &((64 << 10)..=(64 << 20)))?;
        within("max_pending_resets", max_pending_resets, &(1..=(1 << 16)))?;
        within("keep_alive", keep_alive, &SOME_TIME)?;
        within("lame_duck", lame_duck, &(Duration::ZERO..=Duration::from_mins(1)))?;
        within("drain_timeout", drain_timeout, &(Duration::ZERO..=*SOME_TIME.end()))
    }
}

/// A limit of a door or a channel is outside of its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be within {bounds}")]
pub struct LimitError {
    /// The limit.
    pub name: &'static str,
    /// Its bounds, as they are read.
    pub bounds: String,
}

/// Whether `value` is within `bounds`.
pub(crate) fn within<T: PartialOrd + fmt::Debug>(
    name: &'static str,
    value: &T,
    bounds: &RangeInclusive<T>,
) -> Result<(), LimitError> {
    if bounds.contains(value) { Ok(()) } else { Err(LimitError { name, bounds: format!("{bounds:?}") }) }
}

const MANY: usize = 1 << 20;
const SOME_TIME: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_bounds() {
        assert_eq!(DoorLimits::default().check(), Ok(()));
    }

    #[test]
    fn a_door_without_connections_or_with_endless_patience_is_refused() {
        let fine = DoorLimits::default();
        for (limits, name) in [
            (DoorLimits { max_connections: 0, ..fine }, "max_connections"),
            (DoorLimits { max_connections_per_address: 0, ..fine }, "max_connections_per_address"),
            (DoorLimits { request_timeout: Duration::ZERO, ..fine }, "request_timeout"),
            (DoorLimits { write_timeout: Duration::from_hours(1), ..fine }, "write_timeout"),
            (DoorLimits { max_header_bytes: 1 << 30, ..fine }, "max_header_bytes"),
            (DoorLimits { max_requests: usize::MAX, ..fine }, "max_requests"),
            (DoorLimits { max_requests_per_address: 0, ..fine }, "max_requests_per_address"),
            (DoorLimits { target_wait: Duration::ZERO, ..fine }, "target_wait"),
            (DoorLimits { stream_window_bytes: 0, ..fine }, "stream_window_bytes"),
        ] {
            assert_eq!(limits.check().unwrap_err().name, name);
        }
    }
}

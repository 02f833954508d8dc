//! How calls to a sibling are carried.

use std::time::Duration;

/// How calls to a sibling are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelSettings {
    /// How long a connection may take to be made, TLS included; also how long a call waits for one.
    pub connect_timeout: Duration,
    /// Silence on a connection after which it is pinged, whether or not calls are under way.
    pub keep_alive: Duration,
    /// How long the answer to a ping may take before the connection is given up.
    pub keep_alive_timeout: Duration,
    /// How often the sibling's name is looked up.
    pub resolve_interval: Duration,
    /// Bytes of one answer that may arrive before they are read.
    pub stream_window_bytes: u32,
    /// The same for all answers of one connection.
    pub connection_window_bytes: u32,
    /// Bytes of an answer's header.
    pub max_header_bytes: u32,
}

impl Default for ChannelSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            keep_alive: Duration::from_secs(10),
            keep_alive_timeout: Duration::from_secs(5),
            resolve_interval: Duration::from_secs(5),
            stream_window_bytes: 1 << 20,
            connection_window_bytes: 4 << 20,
            max_header_bytes: 32 * 1024,
        }
    }
}

//! How calls to a sibling are carried.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::door::{LimitError, within};

/// How calls to a sibling are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSettings {
    /// How long a connection may take to be made, TLS included; also how long a call waits for one, or for a place on
    /// one that has as many calls under way as the other end takes (its `door.max_streams`). 10 milliseconds to a minute.
    pub connect_timeout: Duration,
    /// Calls that may wait so at the same time; one more is refused. 1 to 65536.
    pub max_waiting: usize,
    /// How often a call that may be repeated is made again, elsewhere if there is another address, when the connection
    /// broke or the answer was UNAVAILABLE. None to 2.
    pub max_retries: u32,
    /// So many of a hundred calls may be made again, and ten at once, so that repeats do not multiply an outage. None to
    /// 20.
    pub retry_percent: u32,
    /// Failures in a row after which an address is left out for a while: connections that broke, answers that are none of
    /// the suite's, silence for a second or more. 1 to 1000.
    pub max_failures: u32,
    /// Silence on a connection after which it is pinged, whether or not calls are under way. 1
    /// second to 10 minutes.
    pub keep_alive: Duration,
    /// How long the answer to a ping may take before the connection is given up. 10 milliseconds to a minute.
    pub keep_alive_timeout: Duration,
    /// How often the sibling's name is looked up. 100 milliseconds to 10 minutes.
    pub resolve_interval: Duration,
    /// Bytes of one answer that may arrive before they are read. 64 KiB to 16 MiB.
    pub stream_window_bytes: u32,
    /// The same for all answers of one connection. 64 KiB to 64 MiB.
    pub connection_window_bytes: u32,
    /// Bytes of an answer's header. 4 KiB to 1 MiB.
    pub max_header_bytes: u32,
}

impl ChannelSettings {
    /// Checks every bound.
    ///
    /// # Errors
    /// When a setting is outside of its own; the first is named.
    pub fn check(&self) -> Result<(), LimitError> {
        let Self {
            connect_timeout,
            max_waiting,
            max_retries,
            retry_percent,
            max_failures,
            keep_alive,
            keep_alive_timeout,
            resolve_interval,
            stream_window_bytes,
            connection_window_bytes,
            max_header_bytes,
        } = self;
        within("connect_timeout", connect_timeout, &PATIENCE)?;
        within("max_waiting", max_waiting, &(1..=(1 << 16)))?;
        within("max_retries", max_retries, &(0..=2))?;
        within("retry_percent", retry_percent, &(0..=20))?;
        within("max_failures", max_failures, &(1..=1000))?;
        within("keep_alive", keep_alive, &(Duration::from_secs(1)..=LONGEST))?;
        within("keep_alive_timeout", keep_alive_timeout, &PATIENCE)?;
        within("resolve_interval", resolve_interval, &(Duration::from_millis(100)..=LONGEST))?;
        within("stream_window_bytes", stream_window_bytes, &((64 << 10)..=(16 << 20)))?;
        within("connection_window_bytes", connection_window_bytes, &((64 << 10)..=(64 << 20)))?;
        within("max_header_bytes", max_header_bytes, &((4 << 10)..=(1 << 20)))
    }
}

impl Default for ChannelSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            max_waiting: 1024,
            max_retries: 1,
            retry_percent: 10,
            max_failures: 5,
            keep_alive: Duration::from_secs(10),
            keep_alive_timeout: Duration::from_secs(5),
            resolve_interval: Duration::from_secs(5),
            stream_window_bytes: 1 << 20,
            connection_window_bytes: 4 << 20,
            max_header_bytes: 32 * 1024,
        }
    }
}

const PATIENCE: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_mins(1);
const LONGEST: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_that_could_never_connect_or_never_notice_or_repeats_without_end_is_refused() {
        let fine = ChannelSettings::default();
        assert_eq!(fine.check(), Ok(()));
        for (settings, name) in [
            (ChannelSettings { connect_timeout: Duration::ZERO, ..fine }, "connect_timeout"),
            (ChannelSettings { max_waiting: 0, ..fine }, "max_waiting"),
            (ChannelSettings { max_retries: 3, ..fine }, "max_retries"),
            (ChannelSettings { retry_percent: 100, ..fine }, "retry_percent"),
            (ChannelSettings { max_failures: 0, ..fine }, "max_failures"),
            (ChannelSettings { keep_alive: Duration::from_hours(1), ..fine }, "keep_alive"),
            (ChannelSettings { stream_window_bytes: 0, ..fine }, "stream_window_bytes"),
            (ChannelSettings { max_header_bytes: u32::MAX, ..fine }, "max_header_bytes"),
        ] {
            assert_eq!(settings.check().unwrap_err().name, name);
        }
    }
}

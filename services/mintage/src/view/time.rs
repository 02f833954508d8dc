//! Instants and lengths of time as text.

use std::fmt::Write;
use std::time::Duration;

use prost_types::Timestamp;
use serde::{Serialize, Serializer};

/// An instant; RFC 3339 in JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time(Timestamp);

impl Time {
    /// From seconds since the epoch.
    pub(crate) const fn from_unix_seconds(seconds: i64) -> Self {
        Self(Timestamp { seconds, nanos: 0 })
    }

    /// RFC 3339 to the second, for people.
    pub(crate) fn short(self) -> String {
        Timestamp { nanos: 0, ..self.0 }.to_string()
    }
}

impl From<Timestamp> for Time {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A length of time: seconds with an `s` behind, as protobuf has them in JSON and options take them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Length(prost_types::Duration);

impl Length {
    /// In its two largest units, for people.
    pub(crate) fn in_words(self) -> String {
        length(Duration::try_from(self.0).unwrap_or_default())
    }
}

impl From<prost_types::Duration> for Length {
    fn from(length: prost_types::Duration) -> Self {
        Self(length)
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// An instant for people; nothing where there is none.
pub(crate) fn short(time: Option<Time>) -> String {
    time.map(Time::short).unwrap_or_default()
}

/// The day of an instant, in universal time; nothing where there is none.
pub(crate) fn day(time: Option<Time>) -> String {
    short(time).split('T').next().unwrap_or_default().to_owned()
}

/// Reads a length of time: a whole number and its unit, `s`, `m`, `h` or `d`.
pub(crate) fn parse_length(text: &str) -> Result<Duration, String> {
    let wrong = || "must be a whole number with s, m, h or d behind, as 12h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    let digits = text.trim_end_matches(unit);
    if digits.len() + 1 != text.len() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(wrong());
    }
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    let length = count.checked_mul(*seconds).filter(|length| *length <= LONGEST);
    length.map(Duration::from_secs).ok_or_else(|| "is longer than a century".to_owned())
}

/// A length of time as the contract has it.
pub(crate) fn duration(length: Duration) -> prost_types::Duration {
    prost_types::Duration { seconds: i64::try_from(length.as_secs()).unwrap_or(i64::MAX), nanos: 0 }
}

/// A length of time in its two largest units, as `1d 2h`.
pub(crate) fn length(length: Duration) -> String {
    let mut rest = length.as_secs();
    let mut text = String::new();
    for (unit, seconds) in UNITS {
        let count = rest / seconds;
        rest %= seconds;
        match (count, text.is_empty()) {
            (0, true) => {}
            (0, false) => break,
            (_, true) => text = format!("{count}{unit}"),
            (_, false) => {
                let _ = write!(text, " {count}{unit}");
                break;
            }
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];
const LONGEST: u64 = 36_525 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_a_number_and_a_unit() {
        for (text, seconds) in [("45s", 45), ("30m", 1800), ("12h", 43_200), ("90d", 7_776_000), ("0s", 0)] {
            assert_eq!(parse_length(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "5", "1.5h", "-1s", "+1s", " 1s", "1 s", "1hh", "1ß", "99999999999999999999s", "40000d"]
        {
            assert!(parse_length(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_are_shown_in_their_largest_units() {
        assert_eq!(length(Duration::from_secs(93_600)), "1d 2h");
        assert_eq!(length(Duration::from_secs(86_400)), "1d");
        assert_eq!(length(Duration::from_secs(3661)), "1h 1m");
        assert_eq!(length(Duration::from_secs(86_399)), "23h 59m");
        assert_eq!(length(Duration::from_secs(3601)), "1h");
        assert_eq!(length(Duration::ZERO), "0s");
    }

    #[test]
    fn instants_are_rfc_3339() {
        let time = Time::from(Timestamp { seconds: 1_763_000_000, nanos: 120_000_000 });
        assert_eq!(time.short(), "2025-11-13T02:13:20Z");
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"2025-11-13T02:13:20.120Z\"");
    }
}

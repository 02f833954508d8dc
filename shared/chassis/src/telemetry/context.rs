//! Which trace a request belongs to: W3C Trace Context, <https://www.w3.org/TR/trace-context/>.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderValue};

/// A span of a trace, as it is named to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TraceContext {
    /// The trace; never 0.
    pub(super) trace_id: u128,
    /// The span; never 0.
    pub(super) span_id: u64,
    /// Whether spans of the trace are exported.
    pub(super) sampled: bool,
}

impl TraceContext {
    /// A new trace, of which one in `one_in` is sampled. Zero: none is.
    pub(super) fn root(one_in: u32) -> Self {
        let trace_id = u128::from(draw()) << 64 | u128::from(draw());
        // The lower 56 bits are the random ones (Trace Context level 2), so every process decides alike.
        let share = (trace_id & RANDOM_BITS) as u64;
        let sampled = one_in > 0 && share < (RANDOM_BITS as u64 + 1) / u64::from(one_in);
        Self { trace_id, span_id: draw(), sampled }
    }

    /// A new span of the same trace.
    pub(super) fn child(self) -> Self {
        Self { span_id: draw(), ..self }
    }

    /// What `traceparent` says; `None` when it is absent, stands twice or cannot be read.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        let (only, None) = (values.next()?, values.next()) else { return None };
        Self::parse(only.as_bytes())
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let (head, rest) = text.split_at_checked(LENGTH)?;
        let [version, trace_id, span_id, flags] = parts(head)?;
        let version = hex(version).filter(|version| *version != 0xff)?;
        // A later version may say more behind a hyphen; this one may not.
        let ends = rest.is_empty() || (version > 0 && rest.first() == Some(&b'-'));
        let (trace_id, span_id) = (hex(trace_id)?, u64::try_from(hex(span_id)?).ok()?);
        let known = ends && trace_id != 0 && span_id != 0;
        known.then_some(Self { trace_id, span_id, sampled: hex(flags)? & SAMPLED != 0 })
    }

    /// As it stands in `traceparent`.
    pub(super) fn header(self) -> Option<HeaderValue> {
        let Self { trace_id, span_id, sampled } = self;
        HeaderValue::try_from(format!("00-{trace_id:032x}-{span_id:016x}-{:02x}", u8::from(sampled))).ok()
    }

    /// As it stands beside an item of a batch: trace and span, 24 bytes; nothing of a trace that is not sampled.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        if self.sampled { [&self.trace_id.to_be_bytes()[..], &self.span_id.to_be_bytes()].concat() } else { Vec::new() }
    }

    /// Reads [`TraceContext::to_bytes`].
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (trace_id, span_id) = bytes.split_at_checked(size_of::<u128>())?;
        let trace_id = u128::from_be_bytes(trace_id.try_into().ok()?);
        let span_id = u64::from_be_bytes(span_id.try_into().ok()?);
        (trace_id != 0 && span_id != 0).then_some(Self { trace_id, span_id, sampled: true })
    }
}

/// The name of a trace.
pub(super) struct TraceId(pub(super) u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The name of a span.
pub(super) struct SpanId(pub(super) u64);

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The four parts between hyphens.
fn parts(head: &[u8]) -> Option<[&[u8]; 4]> {
    let mut parts = head.split(|byte| *byte == b'-');
    let four = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let lengths = four.map(<[u8]>::len);
    (lengths == [2, 32, 16, 2] && parts.next().is_none()).then_some(four)
}

/// Lower case only, as the recommendation has it.
fn hex(digits: &[u8]) -> Option<u128> {
    let fits = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    u128::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| fits)?, 16).ok()
}

/// Another number each time, which nobody outside can tell beforehand: a keyed hash of a count. Names of traces protect
/// nothing, and drawing them from the system would cost a token more than its line in the log.
fn draw() -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed)).max(1)
}

/// The header.
pub(super) const TRACEPARENT: &str = "traceparent";
/// `00-` 32 digits `-` 16 digits `-` 2 digits.
const LENGTH: usize = 55;
const SAMPLED: u128 = 1;
const RANDOM_BITS: u128 = (1 << 56) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_was_written_is_read_again() {
        let read = TraceContext::parse(EXAMPLE.as_bytes()).unwrap();
        assert_eq!(read.header().unwrap(), EXAMPLE);
        assert_eq!(TraceContext::from_bytes(&read.to_bytes()), Some(read));
        let quiet = TraceContext { sampled: false, ..read };
        assert!(quiet.to_bytes().is_empty() && quiet.header().unwrap().to_str().unwrap().ends_with("-00"));
    }

    #[test]
    fn what_is_no_traceparent_is_none() {
        for text in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceContext::parse(text.as_bytes()), None, "{text}");
        }
        let later = format!("01{}-more", &EXAMPLE[2..]);
        assert!(TraceContext::parse(later.as_bytes()).is_some());
        let mut twice = HeaderMap::new();
        twice.append(TRACEPARENT, HeaderValue::from_static(EXAMPLE));
        assert!(TraceContext::of(&twice).is_some());
        twice.append(TRACEPARENT, HeaderValue::from_static(EXAMPLE));
        assert_eq!(TraceContext::of(&twice), None);
    }

    #[test]
    fn as_many_traces_are_sampled_as_asked_for() {
        let sampled = |one_in| (0..10_000).filter(|_| TraceContext::root(one_in).sampled).count();
        assert_eq!((sampled(0), sampled(1)), (0, 10_000));
        let tenth = sampled(10);
        assert!((700..1300).contains(&tenth), "{tenth} of 10000");
    }

    #[test]
    fn no_two_traces_have_the_same_name() {
        let names: std::collections::HashSet<_> = (0..10_000).map(|_| TraceContext::root(1).trace_id).collect();
        assert_eq!(names.len(), 10_000);
    }
}

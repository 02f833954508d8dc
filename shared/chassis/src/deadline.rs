//! When the work that is done for a request must be over: it is carried along with the work, so that nothing is done for
//! a caller who no longer waits.
//!
//! A [`crate::door`] sets it, each [`within`] may bring it nearer and nothing puts it off. It stands while a future of the
//! same task is polled: a call within the process ends with its caller, a call over the network takes what is left along
//! (`grpc-timeout`). A task that is spawned begins without one, with its own bound.

use std::future::Future;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

/// An instant by which work must be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The one that the running work has.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|current| *current).unwrap_or_default()
    }

    /// `patience` from now, or from some years on never.
    #[must_use]
    pub fn after(patience: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(patience).unwrap_or_else(|| now + NEVER))
    }

    /// How long that is from now; nothing once it is over.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// Does `work` within `patience` from now, and within what is left to the work that it is part of.
///
/// # Errors
/// When it took longer; then it is dropped.
pub fn within<T>(patience: Duration, work: impl Future<Output = T>) -> impl Future<Output = Result<T, Elapsed>> {
    // No `async` here and in `apart`: what it makes holds its argument twice, and requests are wrapped often.
    let own = Deadline::after(patience);
    let deadline = Deadline::current().map_or(own, |current| current.min(own));
    CURRENT.scope(Some(deadline), timeout_at(deadline.0, work))
}

/// Does `work` apart from the one who asked for it first: others may wait for it too, and they may have more time. It needs
/// a bound of its own.
pub fn apart<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    CURRENT.scope(None, work)
}

/// How long a caller waits, as gRPC writes it: one to eight digits and a unit. What cannot be read says nothing, as the
/// absence of it would; of several the shortest counts.
pub(crate) fn asked(headers: &HeaderMap) -> Option<Duration> {
    headers.get_all(TIMEOUT).iter().filter_map(read).min()
}

fn read(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// Tells the callee of a request how long it has: the nearest of what the request says itself, `own`, and what is left to
/// the running work, a little less so that its answer is back in time. Returns how long to wait for it; `None` for ever.
pub(crate) fn pass_on(headers: &mut HeaderMap, own: Option<Duration>) -> Option<Duration> {
    let bounds = [asked(headers), own, Deadline::current().map(Deadline::left)];
    let patience = bounds.into_iter().flatten().min()?;
    tell(headers, patience);
    Some(patience)
}

/// Tells the callee of a request to answer in time for a caller that waits for `patience`.
pub(crate) fn tell(headers: &mut HeaderMap, patience: Duration) {
    let margin = (patience / 16).min(LARGEST_MARGIN);
    headers.insert(TIMEOUT, written(patience - margin));
}

fn written(timeout: Duration) -> HeaderValue {
    let (number, unit) = match timeout.as_micros() {
        micros @ 0..=MOST => (micros, 'u'),
        _ => (timeout.as_millis().min(MOST), 'm'),
    };
    HeaderValue::try_from(format!("{number}{unit}")).unwrap_or(HeaderValue::from_static("0u"))
}

tokio::task_local! {
    static CURRENT: Option<Deadline>;
}

const TIMEOUT: &str = "grpc-timeout";
/// Eight digits.
const MOST: u128 = 99_999_999;
/// More than a message takes from one service to another.
const LARGEST_MARGIN: Duration = Duration::from_millis(25);
/// A century: every clock can be read so far ahead.
const NEVER: Duration = Duration::from_hours(24 * 365 * 100);

#[cfg(test)]
mod tests {
    use super::*;

    fn saying(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (TIMEOUT.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        for (text, expected) in [
            ("2H", Some(Duration::from_hours(2))),
            ("3M", Some(Duration::from_mins(3))),
            ("4S", Some(Duration::from_secs(4))),
            ("5m", Some(Duration::from_millis(5))),
            ("6u", Some(Duration::from_micros(6))),
            ("7n", Some(Duration::from_nanos(7))),
            ("0n", Some(Duration::ZERO)),
            ("99999999H", Some(Duration::from_secs(99_999_999 * 3600))),
            ("123456789S", None),
            ("S", None),
            ("", None),
            ("1", None),
            ("+1S", None),
            ("-1S", None),
            (" 1S", None),
            ("1s", None),
            ("1e3S", None),
        ] {
            assert_eq!(asked(&saying(&[text])), expected, "{text}");
        }
    }

    #[test]
    fn b8_of_several_timeouts_the_shortest_counts_whatever_stands_beside_it() {
        assert_eq!(asked(&saying(&["99999999H", "2S", "soon", "3S"])), Some(Duration::from_secs(2)));
        let many: Vec<_> = (1..=1000).map(|seconds| format!("{seconds}S")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(asked(&saying(&many)), Some(Duration::from_secs(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn b8_no_one_puts_off_the_end_of_what_they_are_part_of() {
        let began = Instant::now();
        let endless = within(Duration::from_secs(99_999_999 * 3600), std::future::pending::<()>());
        let outcome = within(Duration::from_secs(2), async {
            assert_eq!(Deadline::current().map(Deadline::left), Some(Duration::from_secs(2)));
            endless.await
        });
        assert!(matches!(outcome.await, Ok(Err(_)) | Err(_)));
        assert_eq!(began.elapsed(), Duration::from_secs(2));
        assert_eq!(Deadline::current(), None, "and it is over with the work");
    }

    #[tokio::test(start_paused = true)]
    async fn each_part_may_have_less_and_a_shared_part_has_its_own() {
        let left = || Deadline::current().map(Deadline::left);
        let whole = within(Duration::from_secs(5), async {
            let part = within(Duration::from_secs(1), async { left() }).await;
            assert_eq!(part, Ok(Some(Duration::from_secs(1))));
            assert_eq!(left(), Some(Duration::from_secs(5)));
            apart(async { assert_eq!(left(), None) }).await;
        });
        assert!(whole.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_is_passed_on_less_a_margin_and_never_more_than_was_said() {
        let mut headers = HeaderMap::new();
        assert_eq!(pass_on(&mut headers, None), None);
        assert!(headers.is_empty());
        assert_eq!(pass_on(&mut headers, Some(Duration::from_secs(10))), Some(Duration::from_secs(10)));
        assert_eq!(headers[TIMEOUT], "9975000u");
        within(Duration::from_millis(160), async {
            let mut headers = saying(&["1S", "99999999H"]);
            assert_eq!(pass_on(&mut headers, Some(Duration::MAX)), Some(Duration::from_millis(160)));
            assert_eq!(headers.get_all(TIMEOUT).iter().collect::<Vec<_>>(), ["150000u"]);
        })
        .await
        .unwrap();
        let mut hour = HeaderMap::new();
        pass_on(&mut hour, Some(Duration::from_hours(1)));
        assert_eq!(hour[TIMEOUT], "3599975m");
        let mut ages = HeaderMap::new();
        pass_on(&mut ages, Some(Duration::MAX));
        assert_eq!(ages[TIMEOUT], "99999999m");
    }

    #[tokio::test]
    async fn work_that_has_no_time_ends_unless_it_is_done_already() {
        assert!(within(Duration::ZERO, std::future::pending::<()>()).await.is_err());
        assert_eq!(within(Duration::ZERO, async { 7 }).await, Ok(7));
    }
}

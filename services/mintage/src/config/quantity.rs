//! Lengths of time and sizes as people write them: `500 ms`, `15s`, `30 d 1 min`, `64 KiB`.

use std::time::Duration;

/// The length of time that `text` says: whole numbers, each with its unit, the longest first.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let (mut sum, mut last) = (Duration::ZERO, None);
    while !rest.is_empty() || last.is_none() {
        let (number, unit, behind) = numbered(rest)?;
        let (place, length) = UNITS.iter().enumerate().find(|(_, (name, _))| *name == unit)?;
        if last.is_some_and(|last| place <= last) {
            return None;
        }
        sum = sum.checked_add(length.1.checked_mul(u32::try_from(number).ok()?)?)?;
        (last, rest) = (Some(place), behind);
    }
    Some(sum)
}

/// The number that `text` says, of bytes where a unit is given.
pub(super) fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Ok(plain) = text.parse() {
        return Some(plain).filter(|_| text.starts_with(|first: char| first.is_ascii_digit()));
    }
    let (number, unit, rest) = numbered(text)?;
    let (_, size) = SIZES.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*size).filter(|_| rest.is_empty())
}

/// As [`duration`] reads it.
pub(super) fn shown(length: Duration) -> String {
    let mut rest = length;
    let mut parts = Vec::new();
    for (name, unit) in UNITS {
        let count = rest.as_nanos() / unit.as_nanos();
        if count > 0 {
            parts.push(format!("{count} {name}"));
            rest = Duration::from_nanos((rest.as_nanos() % unit.as_nanos()).try_into().unwrap_or(u64::MAX));
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

/// A number, the word behind it, and what follows.
fn numbered(text: &str) -> Option<(u64, &str, &str)> {
    let after = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (digits, rest) = text.split_at_checked(after)?;
    let rest = rest.trim_start();
    let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, behind) = rest.split_at_checked(end)?;
    Some((digits.parse().ok()?, unit, behind.trim_start()))
}

const UNITS: [(&str, Duration); 6] = [
    ("d", Duration::from_hours(24)),
    ("h", Duration::from_hours(1)),
    ("min", Duration::from_mins(1)),
    ("s", Duration::from_secs(1)),
    ("ms", Duration::from_millis(1)),
    ("us", Duration::from_micros(1)),
];
const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_and_shown_the_same() {
        for (text, millis) in [
            ("0 s", 0),
            ("500 ms", 500),
            ("15 s", 15_000),
            ("1 min", 60_000),
            ("1 min 500 ms", 60_500),
            ("30 d 1 min", (30 * 24 * 60 + 1) * 60_000),
        ] {
            let length = Duration::from_millis(millis);
            assert_eq!(duration(text), Some(length), "{text}");
            assert_eq!(shown(length), text);
        }
        assert_eq!(duration("15s"), Some(Duration::from_secs(15)));
        assert_eq!(duration("1min 30s"), Some(Duration::from_secs(90)));
    }

    #[test]
    fn what_could_be_misread_is_no_length_of_time() {
        for text in
            ["", "15", "s", "15 seconds", "1.5 s", "-1 s", "5 m", "5 s 1 min", "5 s 5 s", "1 s,", "99999999999 d"]
        {
            assert_eq!(duration(text), None, "{text:?}");
        }
    }

    #[test]
    fn numbers_may_have_a_unit_of_bytes() {
        for (text, expected) in
            [("4096", 4096), ("64 KiB", 65_536), ("4MiB", 4 << 20), ("1 GiB", 1 << 30), ("12 B", 12)]
        {
            assert_eq!(number(text), Some(expected), "{text}");
        }
        for text in ["", "KiB", "+5", "-5", "64 kb", "64 KB", "1 KiB 1 B", "5 s", "0x10", "99999999999 GiB"] {
            assert_eq!(number(text), None, "{text:?}");
        }
    }
}

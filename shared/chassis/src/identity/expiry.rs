//! When a certificate ends.

use std::time::Duration;

use mintage_clock::Timestamp;

/// `notAfter` of a certificate in DER (RFC 5280 section 4.1.2.5); `None` when it cannot be read.
pub(super) fn not_after(certificate: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (mut rest, _) = element(certificate, SEQUENCE)?;
    if let Some((_, behind)) = element(rest, VERSION) {
        rest = behind;
    }
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        // Serial number, signature algorithm, issuer.
        (_, rest) = element(rest, tag)?;
    }
    let (validity, _) = element(rest, SEQUENCE)?;
    let (_, _, end) = any(validity)?;
    let (tag, text, _) = any(end)?;
    let text = std::str::from_utf8(text).ok()?;
    match tag {
        // Two digits of the year, of 1950 to 2049.
        UTC_TIME => {
            let year: i64 = text.get(..2)?.parse().ok()?;
            time(if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        GENERALIZED_TIME => time(text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => None,
    }
}

/// The content of the element with `tag` that `der` begins with, and what follows.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    any(der).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// Tag, content, and what follows.
fn any(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(short) {
        short @ 0..0x80 => (short, rest),
        long => {
            let (bytes, rest) =
                rest.split_at_checked(long - 0x80).filter(|(bytes, _)| (1..=4).contains(&bytes.len()))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `MMDDHHMMSSZ` of `year`.
fn time(year: i64, text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.len() == 10)?;
    let two = |at: usize| digits.get(at..at + 2)?.parse::<u32>().ok();
    let (month, day) = (two(0)?, two(2)?);
    let seconds = two(4)? * 3600 + two(6)? * 60 + two(8)?;
    let midnight = Timestamp::from_unix_seconds(days_before(year, month, day)? * DAY);
    Some(midnight + Duration::from_secs(seconds.into()))
}

/// Days from 1970 to a date of the Gregorian calendar. Years are counted from March, so that the day that some of them
/// have more is their last.
fn days_before(year: i64, month: u32, day: u32) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (month, day) = (i64::from(month), i64::from(day));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - MARCH_OF_YEAR_0)
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const DAY: i64 = 86_400;
/// Days from the first of March of the year 0 to 1970.
const MARCH_OF_YEAR_0: i64 = 719_468;

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn ends(year: i32, month: u8, day: u8) -> Option<i64> {
        let mut params = CertificateParams::new(["mint.test".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, month, day);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        not_after(certificate.der()).map(Timestamp::unix_seconds)
    }

    #[test]
    fn the_end_of_a_certificate_is_read() {
        for (date, seconds) in [
            ((2026, 11, 22), 1_795_305_600),
            ((2028, 2, 29), 1_835_395_200),
            ((2028, 3, 1), 1_835_481_600),
            ((2049, 12, 31), 2_524_521_600),
            ((2050, 1, 1), 2_524_608_000),
            ((2100, 3, 1), 4_107_542_400),
        ] {
            assert_eq!(ends(date.0, date.1, date.2), Some(seconds), "{date:?}");
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        let certificate = CertificateParams::new(["mint.test".to_owned()]).unwrap();
        let certificate = certificate.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let der: &[u8] = certificate.der();
        for length in 0..der.len() {
            let cut = der.get(..length).unwrap();
            assert_eq!(not_after(cut), None, "{length} of {} bytes", der.len());
        }
        assert_eq!(not_after(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(not_after(&[0x30, 0x80]), None);
    }
}

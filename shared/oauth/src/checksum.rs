//! Six characters that tell a mistyped secret, or a secret from any other text.

/// The CRC-32 of the text in base 62, most significant first.
///
/// It is no proof of anything: it spares a look-up, and lets secret scanners find leaked secrets without false alarms.
pub(crate) fn checksum(text: &[u8]) -> [u8; LENGTH] {
    let mut rest = crc32(text);
    let mut characters = [b'0'; LENGTH];
    for character in characters.iter_mut().rev() {
        *character = digit(rest % 62);
        rest /= 62;
    }
    characters
}

/// How long a checksum is: 62⁶ > 2³².
pub(crate) const LENGTH: usize = 6;

/// CRC-32 as in ISO 3309, bit by bit: 47 bytes do not deserve a table.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn digit(value: u32) -> u8 {
    let value = value as u8;
    match value {
        0..=9 => b'0' + value,
        10..=35 => b'A' + value - 10,
        _ => b'a' + value - 36,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_has_the_check_value_of_its_catalogue() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn every_crc_fits_in_six_characters() {
        let largest = u64::from(u32::MAX);
        assert!(62_u64.pow(LENGTH as u32) > largest);
        let digits: Vec<u8> = (0..62).map(digit).collect();
        assert!(digits.iter().all(u8::is_ascii_alphanumeric) && digits.is_sorted_by(|a, b| a < b));
    }
}

//! Keyed hashes against the vectors of RFC 4231.

use mintage_jose::mac::{HmacKey, constant_time_eq, hmac_sha256};

#[test]
fn the_vectors_of_rfc_4231_hold() {
    let hex = |tag: [u8; 32]| tag.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(
        hex(hmac_sha256(&HmacKey::new(&[0x0b; 20]), b"Hi There")),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    );
    assert_eq!(
        hex(hmac_sha256(&HmacKey::new(b"Jefe"), b"what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
}

#[test]
fn equality_means_every_byte_and_the_length() {
    assert!(constant_time_eq(b"", b""));
    assert!(constant_time_eq(b"abc", b"abc"));
    for other in [b"abd".as_slice(), b"bbc", b"ab", b"abcd", b""] {
        assert!(!constant_time_eq(b"abc", other));
    }
}

#[test]
fn a_key_shows_nothing_of_its_secret() {
    assert_eq!(format!("{:?}", HmacKey::new(b"canary")), "HmacKey(redacted)");
}

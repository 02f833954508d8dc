//! What is sealed opens with the same key, in the same place, unchanged; and not otherwise.

use mintage_clock::Randomness;
use mintage_jose::mac::hmac_sha256;
use mintage_jose::seal::{MasterKey, MasterKeys, SealError};

#[test]
fn what_was_sealed_opens_with_its_key_and_context() {
    let (master, randomness) = (MasterKey::from_bytes(&[7; 32]), Randomness::seeded(1));
    for secret in [b"".as_slice(), b"secret", &[0xa5; 4096]] {
        let sealed = master.seal(secret, b"tenant/kid", &randomness).unwrap();
        assert_eq!(master.open(&sealed, b"tenant/kid").unwrap().as_slice(), secret);
        assert_eq!(master.open(&sealed, b"tenant/other"), Err(SealError));
        assert_eq!(MasterKey::from_bytes(&[8; 32]).open(&sealed, b"tenant/kid"), Err(SealError));
    }
}

#[test]
fn any_change_refuses_to_open() {
    let master = MasterKey::from_bytes(&[7; 32]);
    let sealed = master.seal(b"secret", b"", &Randomness::seeded(1)).unwrap();
    for position in 0..sealed.ciphertext.len() {
        let mut changed = sealed.clone();
        changed.ciphertext[position] ^= 1;
        assert_eq!(master.open(&changed, b""), Err(SealError));
        changed.ciphertext.truncate(position);
        assert_eq!(master.open(&changed, b""), Err(SealError));
    }
    for position in 0..sealed.nonce.len() {
        let mut changed = sealed.clone();
        changed.nonce[position] ^= 1;
        assert_eq!(master.open(&changed, b""), Err(SealError));
    }
}

#[test]
fn another_keys_id_refuses_before_any_work() {
    let (master, other) = (MasterKey::from_bytes(&[7; 32]), MasterKey::from_bytes(&[8; 32]));
    let mut sealed = master.seal(b"secret", b"", &Randomness::seeded(1)).unwrap();
    assert_eq!(sealed.key_id, master.id());
    sealed.key_id = other.id().to_owned();
    assert_eq!(master.open(&sealed, b""), Err(SealError));
}

#[test]
fn sealing_twice_shares_neither_nonce_nor_ciphertext() {
    let (master, randomness) = (MasterKey::from_bytes(&[7; 32]), Randomness::seeded(1));
    let (first, second) =
        (master.seal(b"same", b"", &randomness).unwrap(), master.seal(b"same", b"", &randomness).unwrap());
    assert_ne!(first.nonce, second.nonce);
    assert_ne!(first.ciphertext, second.ciphertext);
}

#[test]
fn the_id_is_stable_short_and_all_that_is_shown() {
    let master = MasterKey::from_bytes(&[7; 32]);
    assert_eq!(master.id(), MasterKey::from_bytes(&[7; 32]).id());
    assert_ne!(master.id(), MasterKey::from_bytes(&[8; 32]).id());
    assert_eq!(master.id().len(), 16);
    assert_eq!(format!("{master:?}"), format!("MasterKey({})", master.id()));
}

#[test]
fn a_derived_key_is_of_one_master_key_and_one_purpose() {
    let tag = |master: u8, purpose| hmac_sha256(&MasterKey::from_bytes(&[master; 32]).derive(purpose), b"text");
    assert_eq!(tag(1, "page token"), tag(1, "page token"));
    assert_ne!(tag(1, "page token"), tag(2, "page token"));
    assert_ne!(tag(1, "page token"), tag(1, "another"));
}

#[test]
fn of_many_master_keys_one_seals_and_each_opens_what_it_sealed() {
    let key = |seed: u8| MasterKey::from_bytes(&[seed; 32]);
    let randomness = Randomness::seeded(1);
    let keys = MasterKeys::new(key(1), [key(2), key(3)]);
    assert_eq!(keys.sealing().id(), key(1).id());
    for seed in 1..=3 {
        let sealed = key(seed).seal(b"secret", b"place", &randomness).unwrap();
        assert_eq!(keys.open(&sealed, b"place").unwrap().as_slice(), b"secret");
        assert_eq!(keys.open(&sealed, b"elsewhere"), Err(SealError));
    }
    let foreign = key(4).seal(b"secret", b"place", &randomness).unwrap();
    assert_eq!(keys.open(&foreign, b"place"), Err(SealError));
    let mut disguised = foreign;
    disguised.key_id = key(2).id().to_owned();
    assert_eq!(keys.open(&disguised, b"place"), Err(SealError));
}

#[test]
fn a_master_key_given_twice_counts_once() {
    let key = |seed: u8| MasterKey::from_bytes(&[seed; 32]);
    let keys = MasterKeys::new(key(1), [key(2), key(1), key(2)]);
    assert_eq!(keys.all().map(MasterKey::id).collect::<Vec<_>>(), [key(1).id(), key(2).id()]);
    assert_eq!(MasterKeys::from(key(1)).all().count(), 1);
}

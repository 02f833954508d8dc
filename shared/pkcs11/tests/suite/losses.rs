//! A token that goes away comes back by itself; until then nothing is signed.

use std::fs;

use cryptoki::object::Attribute;
use mintage_jose::Algorithm;
use mintage_pkcs11::TokenError;

use crate::house::{House, assert_signs, make, signer};

#[test]
fn lost_sessions_are_opened_again_and_nobody_notices() {
    let Some(house) = House::of(concat!(module_path!(), "::lost_sessions_are_opened_again_and_nobody_notices")) else {
        return;
    };
    let token = house.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    for _ in 0..3 {
        house.wait();
        house.forget_sessions();
        assert_signs(&signer, &jwk);
        assert!(token.check().is_ok());
    }
}

#[test]
fn a_token_that_is_away_signs_nothing_and_does_again_when_it_is_back() {
    let name = concat!(module_path!(), "::a_token_that_is_away_signs_nothing_and_does_again_when_it_is_back");
    let Some(house) = House::of(name) else { return };
    let token = house.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    house.wait();
    house.hsm.away(true);
    house.forget_sessions();
    let refused = signer.sign_compact("JWT", b"{}").unwrap_err();
    assert!(matches!(refused, TokenError::Absent { .. }), "{refused}");
    assert!(refused.to_string().contains("\"mintage test\""), "{refused}");
    assert!(matches!(token.check(), Err(TokenError::Away { .. })), "whoever waits does not keep it busy");
    fs::remove_dir(house.hsm.conf().with_file_name("tokens")).unwrap();
    house.hsm.away(false);
    assert!(signer.sign_compact("JWT", b"{}").is_err(), "it was tried a moment ago");
    house.wait();
    assert_signs(&signer, &jwk);
    assert!(token.check().is_ok());
}

#[test]
fn a_token_whose_keys_vanish_for_a_moment_is_seen_to_be_away_and_signs_again_without_a_restart() {
    let name = concat!(
        module_path!(),
        "::a_token_whose_keys_vanish_for_a_moment_is_seen_to_be_away_and_signs_again_without_a_restart"
    );
    let Some(house) = House::of(name) else { return };
    let token = house.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    assert_signs(&signer, &jwk);
    house.wait();
    house.hsm.away(true);
    // SoftHSM sees that they are gone, and goes on answering that nothing is there, whatever comes back.
    assert!(signer.sign_compact("JWT", b"{}").is_err());
    assert!(token.check().is_err());
    fs::remove_dir(house.hsm.conf().with_file_name("tokens")).unwrap();
    house.hsm.away(false);
    house.wait_for_a_new_beginning();
    assert_signs(&signer, &jwk);
    assert!(token.check().is_ok());
}

#[test]
fn a_token_that_answers_and_holds_no_key_is_away_until_one_signs() {
    let name = concat!(module_path!(), "::a_token_that_answers_and_holds_no_key_is_away_until_one_signs");
    let Some(house) = House::of(name) else { return };
    let token = house.token();
    let (lost, kept) = (make(&token, 1, Algorithm::Es256).unwrap(), make(&token, 2, Algorithm::Es256).unwrap());
    let (bad, good) = (signer(&token, 1, &lost), signer(&token, 2, &kept));
    destroy(&house, 1);
    assert!(matches!(bad.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. })));
    assert_signs(&good, &kept);
    assert!(token.check().is_ok(), "it does what it is asked");
    house.wait_for_a_new_beginning();
    assert!(matches!(bad.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. })));
    assert!(matches!(token.check(), Err(TokenError::NotHeld { .. })), "nothing that was asked of it was done");
    assert_signs(&good, &kept);
    assert!(token.check().is_ok());
}

#[test]
fn one_key_that_is_lost_interrupts_nobody_while_another_signs() {
    let Some(house) =
        House::of(concat!(module_path!(), "::one_key_that_is_lost_interrupts_nobody_while_another_signs"))
    else {
        return;
    };
    let token = house.token();
    let (lost, kept) = (make(&token, 1, Algorithm::Es256).unwrap(), make(&token, 2, Algorithm::Es256).unwrap());
    let (bad, good) = (signer(&token, 1, &lost), signer(&token, 2, &kept));
    destroy(&house, 1);
    // It is over as soon as the module begins anew.
    let witness = house.session();
    for _ in 0..60 {
        house.wait();
        assert_signs(&good, &kept);
        assert!(matches!(bad.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. })));
        assert!(token.check().is_ok());
    }
    assert!(witness.get_session_info().is_ok());
    house.wait_for_a_new_beginning();
    assert!(matches!(bad.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. })));
    assert!(witness.get_session_info().is_err(), "nobody says that the module does anything");
    let witness = house.session();
    assert_signs(&good, &kept);
    for _ in 0..10 {
        house.wait_for_a_new_beginning();
        assert!(matches!(bad.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. })));
    }
    assert!(witness.get_session_info().is_ok(), "it helped the other, and not this one");
}

#[test]
fn what_shares_a_module_that_begins_anew_signs_on_with_its_own_key() {
    let name = concat!(module_path!(), "::what_shares_a_module_that_begins_anew_signs_on_with_its_own_key");
    let Some(house) = House::of(name) else { return };
    let (one, other) = (house.token(), house.token());
    let (lost, kept) = (make(&one, 1, Algorithm::Es256).unwrap(), make(&other, 2, Algorithm::Es256).unwrap());
    let (bad, good) = (signer(&one, 1, &lost), signer(&other, 2, &kept));
    assert_signs(&good, &kept);
    destroy(&house, 1);
    house.wait_for_a_new_beginning();
    let witness = house.session();
    assert!(matches!(bad.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. })));
    assert!(witness.get_session_info().is_err(), "its module began anew");
    // Handles of sessions and keys begin anew as well: those of before would be somebody else's.
    let third = make(&one, 3, Algorithm::Es256).unwrap();
    assert_signs(&signer(&one, 3, &third), &third);
    assert_signs(&good, &kept);
    assert!(one.check().is_ok() && other.check().is_ok());
}

/// Destroys a key pair behind the back of whoever uses it.
pub(crate) fn destroy(house: &House, number: u8) {
    let session = house.session();
    for object in session.find_objects(&[Attribute::Id(vec![number; 20])]).expect("what it holds") {
        session.destroy_object(object).expect("destroyed");
    }
}

#[test]
fn a_token_that_is_entered_and_lost_again_and_again_is_left_alone_for_a_moment() {
    let name = concat!(module_path!(), "::a_token_that_is_entered_and_lost_again_and_again_is_left_alone_for_a_moment");
    let Some(house) = House::of(name) else { return };
    let token = house.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    for _ in 0..2 {
        house.forget_sessions();
        assert_signs(&signer, &jwk);
    }
    house.forget_sessions();
    assert!(signer.sign_compact("JWT", b"{}").is_err(), "it was entered three times within a second");
    house.wait();
    assert_signs(&signer, &jwk);
}

#[test]
fn one_key_that_the_token_fails_with_takes_no_other_away() {
    let Some(house) = House::of(concat!(module_path!(), "::one_key_that_the_token_fails_with_takes_no_other_away"))
    else {
        return;
    };
    let token = house.token();
    let damaged = make(&token, 1, Algorithm::Es256).unwrap();
    damage_private_halves(&house);
    let sound = make(&token, 2, Algorithm::Es256).unwrap();
    let (bad, good) = (signer(&token, 1, &damaged), signer(&token, 2, &sound));
    house.wait();
    house.forget_sessions();
    for _ in 0..10 {
        let refused = bad.sign_compact("JWT", b"{}").unwrap_err();
        assert!(matches!(refused, TokenError::Failed(_)) && refused.may_pass(), "{refused}");
        assert_signs(&good, &sound);
    }
    assert!(token.check().is_ok());
}

/// What the token holds until now cannot be decrypted once it is read again.
fn damage_private_halves(house: &House) {
    let tokens = fs::read_dir(house.hsm.conf().with_file_name("tokens")).expect("the tokens");
    let files = tokens.flatten().flat_map(|token| fs::read_dir(token.path()).expect("a token").flatten());
    let mut damaged = 0;
    for file in files.filter(|file| file.file_name().to_string_lossy().ends_with(".object")) {
        let mut bytes = fs::read(file.path()).expect("an object");
        // The private number, CKA_VALUE, as a text of bytes: by AES in CBC mode, whose last block tells of its padding.
        let value = [0x11_u64, 3].map(u64::to_be_bytes).concat();
        let Some(at) = bytes.windows(value.len()).position(|window| window == value) else { continue };
        let start = at + value.len() + 8;
        let length = u64::from_be_bytes(bytes[start - 8..start].try_into().expect("8 bytes"));
        bytes[start + usize::try_from(length).expect("a length") - 17] ^= 0x80;
        fs::write(file.path(), bytes).expect("it is written");
        damaged += 1;
    }
    assert_eq!(damaged, 1);
}

//! PINs are tried once, and never shown.

use cryptoki::types::AuthPin;
use mintage_jose::Algorithm;
use mintage_pkcs11::{Pin, Token, TokenError};
use mintage_testkit::SoftHsm;

use crate::house::{House, assert_signs, make, signer};

#[test]
fn a_wrong_pin_is_tried_once_and_never_again() {
    let Some(house) = House::of(concat!(module_path!(), "::a_wrong_pin_is_tried_once_and_never_again")) else {
        return;
    };
    let refused = house.open(SoftHsm::LABEL, "wrong-pin").unwrap_err();
    assert!(matches!(refused, TokenError::Pin { .. }), "{refused}");
    assert!(refused.to_string().contains("\"mintage test\" refuses the PIN"), "{refused}");
    assert!(!format!("{refused} {refused:?}").contains("wrong-pin"));

    // One that was right once, and is not any more when the sessions are lost: it would be right again in the end.
    let token = house.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    let set_pin = |from: &str, to: &str| {
        let session = house.session();
        session.set_pin(&AuthPin::new(from.into()), &AuthPin::new(to.into())).unwrap();
    };
    set_pin(SoftHsm::PIN, "another-pin");
    assert_signs(&signer, &jwk);
    house.forget_sessions();
    house.wait();
    assert!(matches!(signer.sign_compact("JWT", b"{}"), Err(TokenError::Pin { .. })));
    let other = house.open(SoftHsm::LABEL, "another-pin").unwrap();
    set_pin("another-pin", SoftHsm::PIN);
    drop(other);
    for _ in 0..3 {
        house.wait();
        assert!(matches!(signer.sign_compact("JWT", b"{}"), Err(TokenError::Away { .. })), "it is not even tried");
    }
    assert!(house.open(SoftHsm::LABEL, SoftHsm::PIN).is_ok());
}

#[test]
fn a_token_or_module_that_is_not_there_is_named() {
    let Some(house) = House::of(concat!(module_path!(), "::a_token_or_module_that_is_not_there_is_named")) else {
        return;
    };
    let absent = house.open("elsewhere", SoftHsm::PIN).unwrap_err().to_string();
    assert_eq!(absent, "the PKCS#11 module shows no token \"elsewhere\"; it shows \"mintage test\"");
    let mut access = house.access(SoftHsm::LABEL, SoftHsm::PIN);
    access.module = "/nowhere/libpkcs11.so".into();
    let refused = Token::open(access, house.clock.clock()).unwrap_err().to_string();
    assert!(refused.starts_with("the PKCS#11 module /nowhere/libpkcs11.so cannot be used: "), "{refused}");
    let mut access = house.access(SoftHsm::LABEL, SoftHsm::PIN);
    access.module = "/proc/self/exe".into();
    assert!(matches!(Token::open(access, house.clock.clock()), Err(TokenError::Module { .. })));
}

#[test]
fn debug_shows_no_pin() {
    let Some(house) = House::of(concat!(module_path!(), "::debug_shows_no_pin")) else { return };
    let token = house.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    let access = house.access(SoftHsm::LABEL, SoftHsm::PIN);
    let shown = format!("{:?} {access:?} {token:?} {signer:?}", Pin::new(SoftHsm::PIN));
    assert!(!shown.contains(SoftHsm::PIN) && shown.contains(SoftHsm::LABEL), "{shown}");
}

//! Keys are made inside and stay there.

use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use mintage_jose::Algorithm;
use mintage_pkcs11::{TokenError, TokenSigner};

use crate::house::{ASYMMETRIC, House, assert_signs, id, make, signer};

#[test]
fn every_algorithm_signs_what_its_public_half_verifies() {
    let Some(house) = House::of(concat!(module_path!(), "::every_algorithm_signs_what_its_public_half_verifies"))
    else {
        return;
    };
    let token = house.token();
    for (number, algorithm) in (0..).zip(ASYMMETRIC) {
        let jwk = make(&token, number, algorithm).unwrap_or_else(|error| panic!("{algorithm}: {error}"));
        assert_eq!((jwk.algorithm(), jwk.kid()), (algorithm, &jwk.thumbprint()));
        assert_signs(&signer(&token, number, &jwk), &jwk);
    }
    assert!(matches!(make(&token, 99, Algorithm::Hs256), Err(TokenError::Unsupported { .. })), "secrets are shared");
}

#[test]
fn a_private_half_can_be_neither_read_nor_used_for_anything_but_signing() {
    let name = concat!(module_path!(), "::a_private_half_can_be_neither_read_nor_used_for_anything_but_signing");
    let Some(house) = House::of(name) else { return };
    let token = house.token();
    let session = house.session();
    for (number, algorithm) in (0..).zip([Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa]) {
        make(&token, number, algorithm).unwrap();
        let private = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(vec![number; 20])];
        let [private] = session.find_objects(&private).unwrap()[..] else { panic!("one private half") };
        let told = session.get_attributes(private, &KEPT).unwrap();
        for kept in [
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::AlwaysSensitive(true),
            Attribute::NeverExtractable(true),
            Attribute::Local(true),
            Attribute::Private(true),
            Attribute::Sign(true),
            Attribute::Decrypt(false),
            Attribute::Unwrap(false),
            Attribute::Derive(false),
            Attribute::Label(format!("mintage default/{algorithm}").into_bytes()),
        ] {
            assert!(told.contains(&kept), "{algorithm}: {kept:?} is not among {told:?}");
        }
        let secret = [AttributeType::Value, AttributeType::PrivateExponent, AttributeType::Prime1];
        assert_eq!(session.get_attributes(private, &secret).unwrap(), []);
    }
}

#[test]
fn a_new_login_finds_what_an_earlier_one_made_and_nothing_by_another_name() {
    let name = concat!(module_path!(), "::a_new_login_finds_what_an_earlier_one_made_and_nothing_by_another_name");
    let Some(house) = House::of(name) else { return };
    let (first, second) = (house.token(), house.token());
    let (jwk, other) = (make(&first, 1, Algorithm::Es256).unwrap(), make(&first, 2, Algorithm::Es256).unwrap());
    drop(first);
    assert_signs(&signer(&second, 1, &jwk), &jwk);
    let not_held = |number, kid| {
        let opened = TokenSigner::open(&second, id(number), Algorithm::Es256, kid);
        assert!(matches!(opened, Err(TokenError::NotHeld { .. })), "{opened:?}");
    };
    not_held(3, jwk.kid());
    not_held(2, jwk.kid());
    not_held(1, other.kid());
}

#[test]
fn what_is_destroyed_is_gone_and_signs_no_more() {
    let Some(house) = House::of(concat!(module_path!(), "::what_is_destroyed_is_gone_and_signs_no_more")) else {
        return;
    };
    let token = house.token();
    let jwks = [1, 2].map(|number| make(&token, number, Algorithm::EdDsa).unwrap());
    let gone = signer(&token, 1, &jwks[0]);
    assert_signs(&gone, &jwks[0]);
    assert_eq!(house.hsm.objects(), 4);
    assert_eq!(token.destroy(&id(1)).unwrap(), 2);
    assert!(matches!(gone.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. })));
    assert_eq!((token.destroy(&id(1)).unwrap(), house.hsm.objects()), (0, 2), "to destroy it again is nothing");
    assert_signs(&signer(&token, 2, &jwks[1]), &jwks[1]);
}

#[test]
fn many_threads_sign_at_once_each_in_a_session_of_its_own() {
    let Some(house) = House::of(concat!(module_path!(), "::many_threads_sign_at_once_each_in_a_session_of_its_own"))
    else {
        return;
    };
    let token = house.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| (0..20).for_each(|_| assert_signs(&signer, &jwk)));
        }
    });
}

const KEPT: [AttributeType; 11] = [
    AttributeType::Sensitive,
    AttributeType::Extractable,
    AttributeType::AlwaysSensitive,
    AttributeType::NeverExtractable,
    AttributeType::Local,
    AttributeType::Private,
    AttributeType::Sign,
    AttributeType::Decrypt,
    AttributeType::Unwrap,
    AttributeType::Derive,
    AttributeType::Label,
];

#[test]
fn what_lacks_the_mechanism_of_its_certificate_is_not_even_made() {
    let Some(house) =
        House::of(concat!(module_path!(), "::what_lacks_the_mechanism_of_its_certificate_is_not_even_made"))
    else {
        return;
    };
    let conf = house.hsm.conf();
    let told = std::fs::read_to_string(&conf).unwrap();
    std::fs::write(&conf, format!("{told}slots.mechanisms = {DOES}\n")).unwrap();
    let token = house.token();
    let refused = make(&token, 1, Algorithm::Ps256).unwrap_err();
    assert!(matches!(refused, TokenError::Unsupported { algorithm: Algorithm::Ps256, .. }), "{refused}");
    assert_eq!(house.hsm.objects(), 0);
    make(&token, 2, Algorithm::Ps384).expect("its certificate is signed otherwise");
}

/// Everything for PS256 but what its certificate is signed with.
const DOES: &str = "CKM_RSA_PKCS_KEY_PAIR_GEN,CKM_SHA256_RSA_PKCS_PSS,CKM_SHA384_RSA_PKCS_PSS,CKM_SHA384_RSA_PKCS";

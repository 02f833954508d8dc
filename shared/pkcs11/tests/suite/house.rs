//! What the tests live in: a token, entered by whoever asks.

use std::sync::Arc;
use std::time::Duration;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use mintage_clock::ManualClock;
use mintage_jose::{Algorithm, Jwk, RsaSize, VerifyingKey};
use mintage_pkcs11::{ObjectId, Pin, Token, TokenAccess, TokenError, TokenSigner, Wanted};
use mintage_testkit::{SoftHsm, manual_clock};

pub(crate) const ASYMMETRIC: [Algorithm; 9] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
];

pub(crate) struct House {
    pub(crate) hsm: SoftHsm,
    pub(crate) clock: ManualClock,
}

impl House {
    pub(crate) fn of(test: &str) -> Option<Self> {
        SoftHsm::of(test).map(|hsm| Self { hsm, clock: manual_clock() })
    }

    pub(crate) fn access(&self, label: &str, pin: &str) -> TokenAccess {
        TokenAccess { module: self.hsm.module(), label: label.to_owned(), pin: Pin::new(pin) }
    }

    pub(crate) fn open(&self, label: &str, pin: &str) -> Result<Arc<Token>, TokenError> {
        Token::open(self.access(label, pin), self.clock.clock()).map(Arc::new)
    }

    /// A login of its own; within one process tokens share what the library knows.
    pub(crate) fn token(&self) -> Arc<Token> {
        self.open(SoftHsm::LABEL, SoftHsm::PIN).expect("the token")
    }

    /// Lets the library forget every session and login of this process, as a device does that was taken out.
    pub(crate) fn forget_sessions(&self) {
        Pkcs11::new(self.hsm.module()).expect("the module").finalize().expect("it ends");
    }

    pub(crate) fn session(&self) -> Session {
        let library = Pkcs11::new(self.hsm.module()).expect("the module");
        let _ = library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
        let slot = library.get_slots_with_initialized_token().expect("slots")[0];
        let session = library.open_rw_session(slot).expect("a session");
        let _ = session.login(UserType::User, Some(&AuthPin::new(SoftHsm::PIN.into())));
        session
    }

    /// Long enough for a module to begin anew, however often it did, and for nothing to have been done lately.
    pub(crate) fn wait_for_a_new_beginning(&self) {
        self.clock.advance(Duration::from_secs(10));
    }

    /// Long enough for a token to be tried again.
    pub(crate) fn wait(&self) {
        self.clock.advance(Duration::from_secs(1));
    }
}

pub(crate) fn id(number: u8) -> ObjectId {
    ObjectId::new([number; 20])
}

pub(crate) fn make(token: &Token, number: u8, algorithm: Algorithm) -> Result<Jwk, TokenError> {
    let id = id(number);
    let label = format!("mintage default/{algorithm}");
    token.make(&Wanted {
        id: &id,
        label: &label,
        algorithm,
        certificate: algorithm.in_certificates(),
        rsa: RsaSize::Bits2048,
    })
}

/// What signs with a key that was made.
pub(crate) fn signer(token: &Arc<Token>, number: u8, jwk: &Jwk) -> TokenSigner {
    TokenSigner::open(token, id(number), jwk.algorithm(), jwk.kid()).expect("the key is there")
}

pub(crate) fn assert_signs(signer: &TokenSigner, jwk: &Jwk) {
    let jws = signer.sign_compact("at+jwt", br#"{"sub":"x"}"#).expect("a token");
    let (input, signature) = jws.rsplit_once('.').expect("a JWS");
    let signature = mintage_jose_signature(signature);
    VerifyingKey::new(jwk).expect("a key").verify(input.as_bytes(), &signature).expect("the signature is good");
}

fn mintage_jose_signature(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

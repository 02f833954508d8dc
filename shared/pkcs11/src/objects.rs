//! Key pairs in a token: made there, found again, destroyed.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use mintage_jose::{Algorithm, Jwk, RsaSize};

use super::connection::Connection;
use super::mechanisms::{self, Making};
use super::public_half::public_half;
use super::renewals::Cause;
use super::{ObjectId, Token, TokenError};

/// A key pair to be made.
#[derive(Debug)]
pub struct Wanted<'w> {
    /// What finds it again.
    pub id: &'w ObjectId,
    /// What an operator reads who looks into the token.
    pub label: &'w str,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// What it signs its certificate with.
    pub certificate: Algorithm,
    /// How large it is, if it is an RSA key.
    pub rsa: RsaSize,
}

impl Token {
    /// Makes a key pair, whose private half can only sign and never leaves; returns the public half. It is proven before it
    /// is used: the token must say that the private half is kept so, and make a signature that the public half verifies.
    ///
    /// # Errors
    /// When the token is away, makes no such keys, or does something else than it was told.
    pub fn make(&self, wanted: &Wanted<'_>) -> Result<Jwk, TokenError> {
        let _turn = self.turn();
        self.once(&Cause::Other, |connection, session| {
            let private = generate(connection, session, wanted)?;
            assert_kept(session, private)?;
            let (jwk, _) = public_half(session, wanted.id, wanted.algorithm, || connection.label())?;
            let signature = mechanisms::sign(session, private, wanted.algorithm, PROBE)?;
            let verifier = mintage_jose::VerifyingKey::new(&jwk);
            let proven = verifier.is_ok_and(|verifier| verifier.verify(PROBE, &signature).is_ok());
            if proven { Ok(jwk) } else { Err(TokenError::Untrue("its signature does not verify")) }
        })
    }

    /// Destroys whatever the token holds by this id.
    ///
    /// # Errors
    /// When the token is away or refuses.
    pub fn destroy(&self, id: &ObjectId) -> Result<usize, TokenError> {
        self.forget(id);
        self.with(&Cause::Other, |_, session| {
            let objects = session.find_objects(&[Attribute::Id(id.bytes().to_vec())])?;
            // The private half first: a public half alone is no harm.
            let (private, others): (Vec<_>, Vec<_>) =
                objects.into_iter().partition(|object| is_private(session, *object));
            let objects: Vec<_> = private.into_iter().chain(others).collect();
            objects.iter().try_for_each(|object| session.destroy_object(*object))?;
            Ok(objects.len())
        })
    }
}

/// The private half of a key.
pub(super) fn find(connection: &Connection, session: &Session, id: &ObjectId) -> Result<ObjectHandle, TokenError> {
    let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(id.bytes().to_vec())];
    match *session.find_objects(&wanted)? {
        [private] => Ok(private),
        _ => Err(TokenError::NotHeld { label: connection.label() }),
    }
}

fn generate(connection: &Connection, session: &Session, wanted: &Wanted<'_>) -> Result<ObjectHandle, TokenError> {
    let unsupported = || TokenError::Unsupported { label: connection.label(), algorithm: wanted.algorithm };
    let Making { mechanism, key_type, parameters } =
        mechanisms::making(wanted.algorithm, wanted.rsa).ok_or_else(unsupported)?;
    let signing = [wanted.algorithm, wanted.certificate].map(mechanisms::signing);
    let [Some(tokens), Some(certificate)] = signing else { return Err(unsupported()) };
    // Before anything is made: what cannot be used must not be left in the token.
    if !connection.does(&[&mechanism, &tokens, &certificate].map(Mechanism::mechanism_type)) {
        return Err(unsupported());
    }
    let common = |class| {
        let (id, label) = (wanted.id.bytes().to_vec(), wanted.label.as_bytes().to_vec());
        let token = Attribute::Token(true);
        vec![Attribute::Class(class), token, Attribute::KeyType(key_type), Attribute::Id(id), Attribute::Label(label)]
    };
    let private: Vec<_> = common(ObjectClass::PRIVATE_KEY).into_iter().chain(only_signs()).collect();
    let mut refused = unsupported();
    for parameters in parameters {
        let verifies = [Attribute::Verify(true), Attribute::Private(false)];
        let public: Vec<_> = common(ObjectClass::PUBLIC_KEY).into_iter().chain(verifies).chain(parameters).collect();
        match session.generate_key_pair(&mechanism, &public, &private) {
            Ok((_, private)) => return Ok(private),
            Err(error) => refused = error.into(),
        }
    }
    Err(refused)
}

/// A private half that nobody can read, and that does nothing else.
fn only_signs() -> [Attribute; 7] {
    [
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Decrypt(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
    ]
}

/// A module that ignores what it was told must not keep a key.
fn assert_kept(session: &Session, private: ObjectHandle) -> Result<(), TokenError> {
    let told = session.get_attributes(private, &[AttributeType::Sensitive, AttributeType::Extractable])?;
    if told.contains(&Attribute::Sensitive(true)) && told.contains(&Attribute::Extractable(false)) {
        Ok(())
    } else {
        Err(TokenError::Untrue("a private half that was to stay inside can be taken out"))
    }
}

fn is_private(session: &Session, object: ObjectHandle) -> bool {
    let class = session.get_attributes(object, &[AttributeType::Class]);
    class.is_ok_and(|class| class.contains(&Attribute::Class(ObjectClass::PRIVATE_KEY)))
}

/// No token can be made of it: a JWS signs base64url with a dot.
pub(super) const PROBE: &[u8] = b"\0a key of Mintage proves itself";

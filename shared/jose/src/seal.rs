//! Encryption of what rests on disk: AES-256-GCM under a master key that comes from outside.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use mintage_clock::Randomness;
use zeroize::Zeroizing;

use crate::mac::{HmacKey, hmac_sha256};

/// The key that seals other keys. What it is used for is derived from it, so its id tells nothing of it.
pub struct MasterKey {
    id: String,
    master: HmacKey,
    sealing: Zeroizing<[u8; 32]>,
}

impl MasterKey {
    /// From 32 bytes of entropy.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let master = HmacKey::new(bytes);
        let name = hmac_sha256(&master, b"mintage.seal.v1 id");
        Self {
            id: name.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
            sealing: Zeroizing::new(hmac_sha256(&master, b"mintage.seal.v1 AES-256-GCM")),
            master,
        }
    }

    /// Names the key beside what it sealed: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A key for something else than sealing, the same wherever the master key is the same. It tells nothing of it.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> HmacKey {
        let derived = hmac_sha256(&self.master, format!("mintage.derive.v1 {purpose}").as_bytes());
        HmacKey::new(Zeroizing::new(derived).as_slice())
    }

    /// Encrypts `plaintext` and binds it to `aad`: it opens only with the same `aad`, which says what it is and whose.
    ///
    /// Nonces are random, so one master key must not seal more than 2³² times (NIST SP 800-38D section 8.3).
    ///
    /// # Errors
    /// [`SealError`] when `plaintext` is longer than AES-GCM can take (64 GiB).
    pub fn seal(&self, plaintext: &[u8], aad: &[u8], randomness: &Randomness) -> Result<Sealed, SealError> {
        let nonce = randomness.bytes();
        let mut ciphertext = Vec::with_capacity(plaintext.len() + AES_256_GCM.tag_len());
        ciphertext.extend_from_slice(plaintext);
        self.cipher()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut ciphertext)
            .map_err(|_| SealError)?;
        Ok(Sealed { key_id: self.id.clone(), nonce, ciphertext })
    }

    /// Decrypts what [`MasterKey::seal`] made with the same key and `aad`.
    ///
    /// # Errors
    /// [`SealError`] when it was sealed under another key or `aad`, or was changed since.
    pub fn open(&self, sealed: &Sealed, aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if sealed.key_id != self.id {
            return Err(SealError);
        }
        let mut opened = Zeroizing::new(sealed.ciphertext.clone());
        let nonce = Nonce::assume_unique_for_key(sealed.nonce);
        let length = self.cipher()?.open_in_place(nonce, Aad::from(aad), &mut opened).map_err(|_| SealError)?.len();
        opened.truncate(length);
        Ok(opened)
    }

    fn cipher(&self) -> Result<LessSafeKey, SealError> {
        UnboundKey::new(&AES_256_GCM, self.sealing.as_slice()).map(LessSafeKey::new).map_err(|_| SealError)
    }
}

/// The master keys that a process knows: one seals, and each opens what it sealed. While an installation goes from one
/// master key to another, both are known everywhere.
#[derive(Debug)]
pub struct MasterKeys {
    sealing: MasterKey,
    others: Vec<MasterKey>,
}

impl MasterKeys {
    /// `sealing` seals; `others` only open. A key that stands there twice counts once.
    #[must_use]
    pub fn new(sealing: MasterKey, others: impl IntoIterator<Item = MasterKey>) -> Self {
        let mut keys = Self { sealing, others: Vec::new() };
        for other in others {
            if keys.of_id(other.id()).is_none() {
                keys.others.push(other);
            }
        }
        keys
    }

    /// The one that seals.
    #[must_use]
    pub const fn sealing(&self) -> &MasterKey {
        &self.sealing
    }

    /// Every one, the one that seals first.
    pub fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.sealing).chain(&self.others)
    }

    /// The one that has this [`MasterKey::id`].
    #[must_use]
    pub fn of_id(&self, id: &str) -> Option<&MasterKey> {
        self.all().find(|key| key.id() == id)
    }

    /// Decrypts what any of them sealed; see [`MasterKey::open`].
    ///
    /// # Errors
    /// [`SealError`] when none of them sealed it, or not with this `aad`, or it was changed since.
    pub fn open(&self, sealed: &Sealed, aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.of_id(&sealed.key_id).ok_or(SealError)?.open(sealed, aad)
    }
}

impl From<MasterKey> for MasterKeys {
    fn from(only: MasterKey) -> Self {
        Self::new(only, [])
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// An encrypted secret and what it takes to open it, but for the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The [`MasterKey::id`] of the key that sealed it.
    pub key_id: String,
    /// The nonce, never used twice with one key.
    pub nonce: [u8; 12],
    /// The ciphertext with its 16-byte tag at the end.
    pub ciphertext: Vec<u8>,
}

/// What was sealed does not open, or will not seal; which check failed is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes do not fit the key and their context")]
pub struct SealError;

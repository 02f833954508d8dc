//! Which passwords users may choose, and how a stored one answers to what somebody types.

use std::fmt;

use zeroize::Zeroizing;

use super::common_passwords;
use super::user::Email;

/// A password that a user may have: 12 to 256 characters, at most 1024 bytes, and none that is guessed first. Wiped when
/// dropped, never shown by `Debug`. It is taken byte for byte.
pub(crate) struct NewPassword(Zeroizing<String>);

impl NewPassword {
    /// For the user with that address.
    pub(crate) fn read(text: Zeroizing<String>, email: &Email) -> Result<Self, PasswordError> {
        let length = text.chars().count();
        if length < SHORTEST {
            return Err(PasswordError::TooShort);
        }
        if length > LONGEST || text.len() > MOST_BYTES {
            return Err(PasswordError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(PasswordError::ControlCharacter);
        }
        if holds_address(&text, email) {
            return Err(PasswordError::HoldsAddress);
        }
        if common_passwords::is_common(&text) { Err(PasswordError::Common) } else { Ok(Self(text)) }
    }

    /// The password in clear, for hashing.
    pub(crate) fn into_clear(self) -> Zeroizing<String> {
        self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword([redacted])")
    }
}

/// Why a password may not be chosen. It never repeats the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PasswordError {
    #[error("it has fewer than {SHORTEST} characters")]
    TooShort,
    #[error("it has more than {LONGEST} characters, or {MOST_BYTES} bytes")]
    TooLong,
    #[error("it has a control character")]
    ControlCharacter,
    #[error("it holds the e-mail address, or what stands before its @")]
    HoldsAddress,
    #[error("it is among those that are guessed first")]
    Common,
}

/// What somebody types. `None` where it is too long to be anybody's: nothing of it is looked at.
pub(crate) fn presented(text: Zeroizing<String>) -> Option<Zeroizing<String>> {
    (text.len() <= MOST_BYTES).then_some(text)
}

/// A password as it is stored: an argon2id hash in the PHC string format. It is no secret that opens anything, but not for
/// every eye either.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash(String);

impl PasswordHash {
    pub(crate) const fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What a stored password answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is another one, or there is none.
    Wrong,
    /// It is the one; where it was hashed for less than hashes cost by now, with a new hash of it.
    Right { anew: Option<PasswordHash> },
}

/// A local part of one or two letters stands in many a good password by chance.
fn holds_address(text: &str, email: &Email) -> bool {
    let text = Zeroizing::new(text.to_lowercase());
    let local = email.local_part().to_lowercase();
    (local.chars().count() >= 3 && text.contains(&local)) || text.contains(&email.key())
}

const SHORTEST: usize = 12;
const LONGEST: usize = 256;
/// 256 characters of four bytes each.
const MOST_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(text: &str) -> Result<(), PasswordError> {
        let email = "Ada@example.org".parse().expect("an address");
        NewPassword::read(Zeroizing::new(text.to_owned()), &email).map(drop)
    }

    #[test]
    fn lengths_are_counted_in_characters_and_bounded_in_bytes() {
        assert_eq!(chosen("kq8-Vn2.xT7"), Err(PasswordError::TooShort));
        assert_eq!(chosen("kq8-Vn2.xT7!"), Ok(()));
        assert_eq!(chosen("schön wär’s"), Err(PasswordError::TooShort), "bytes are no characters");
        let long = |pattern: &str| pattern.chars().cycle().take(256).collect::<String>();
        assert_eq!(chosen(&long("kq8-Vn2.xT7!mZ4")), Ok(()));
        assert_eq!(chosen(&format!("{}x", long("kq8-Vn2.xT7!mZ4"))), Err(PasswordError::TooLong));
        assert_eq!(chosen("correct\0horse battery"), Err(PasswordError::ControlCharacter));
    }

    #[test]
    fn no_password_holds_its_users_address() {
        for text in ["xkcd-ada-kq8-Vn2", "xADAkq8-Vn2.xT7", "kq8 ada@example.org"] {
            assert_eq!(chosen(text), Err(PasswordError::HoldsAddress), "{text}");
        }
        let short = "a@example.org".parse().expect("an address");
        assert!(NewPassword::read(Zeroizing::new("kq8-Vn2.xaT7!".to_owned()), &short).is_ok());
    }

    #[test]
    fn b34_debug_shows_nothing_of_a_password() {
        let email = "ada@example.org".parse().expect("an address");
        let chosen = NewPassword::read(Zeroizing::new("kq8-Vn2.xT7!".to_owned()), &email);
        assert_eq!(format!("{chosen:?}"), "Ok(NewPassword([redacted]))");
    }

    #[test]
    fn what_is_longer_than_any_password_is_not_looked_at() {
        let typed = |length| presented(Zeroizing::new("x".repeat(length)));
        assert!(typed(1024).is_some() && typed(1025).is_none());
    }
}

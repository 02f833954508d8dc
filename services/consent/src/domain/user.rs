//! Users: the people who consent.

use std::fmt;
use std::str::FromStr;

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::TenantId;

use super::id::UserId;
use super::incarnation::Incarnation;

/// A user, as everybody may know it who may know users. How it proves to be itself is kept apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) tenant: TenantId,
    /// Which tenant of that id. `None`: a release wrote it that did not know.
    pub(crate) incarnation: Option<Incarnation>,
    pub(crate) email: Email,
    /// Whether somebody saw to it that the address is the user's.
    pub(crate) email_verified: bool,
    pub(crate) name: PersonName,
    /// A blocked user signs in nowhere, and what it was given is worth nothing.
    pub(crate) blocked: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// `None`: never.
    pub(crate) last_sign_in_at: Option<Timestamp>,
}

/// What is said of a user that is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    pub(crate) tenant: TenantId,
    pub(crate) incarnation: Incarnation,
    pub(crate) email: Email,
    pub(crate) email_verified: bool,
    pub(crate) name: PersonName,
}

/// What to change; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserChanges {
    pub(crate) email: Option<Email>,
    pub(crate) email_verified: Option<bool>,
    pub(crate) name: Option<PersonName>,
    pub(crate) blocked: Option<bool>,
}

impl User {
    /// A user as it is to be stored.
    pub(crate) fn new(new: NewUser, now: Timestamp, randomness: &Randomness) -> Self {
        let NewUser { tenant, incarnation, email, email_verified, name } = new;
        Self {
            id: UserId::generate(randomness),
            tenant,
            incarnation: Some(incarnation),
            email,
            email_verified,
            name,
            blocked: false,
            created_at: now,
            updated_at: now,
            last_sign_in_at: None,
        }
    }

    /// Changes it. Another address is not verified unless that is said along with it.
    pub(crate) fn apply(&mut self, changes: UserChanges, now: Timestamp) {
        let UserChanges { email, email_verified, name, blocked } = changes;
        if let Some(email) = email {
            self.email_verified &= email.key() == self.email.key();
            self.email = email;
        }
        self.email_verified = email_verified.unwrap_or(self.email_verified);
        self.name = name.unwrap_or_else(|| self.name.clone());
        self.blocked = blocked.unwrap_or(self.blocked);
        self.updated_at = now;
    }
}

/// An e-mail address as it was written: at most 254 bytes, one `@` with something on either side, and nothing that cannot be
/// seen. Whether mail arrives there is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email(String);

impl Email {
    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same for every way to write one address, as far as upper and lower case go: there is one user for each.
    pub(crate) fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// What stands before the `@`.
    pub(crate) fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl FromStr for Email {
    type Err = EmailError;

    /// Spaces around it do not count.
    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.len() > LONGEST_EMAIL {
            return Err(EmailError::TooLong);
        }
        if text.chars().any(|letter| letter.is_whitespace() || is_invisible(letter)) {
            return Err(EmailError::Invisible);
        }
        match text.split_once('@') {
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !domain.contains('@') => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(EmailError::At),
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EmailError {
    #[error("it is longer than {LONGEST_EMAIL} bytes")]
    TooLong,
    #[error("it has a space or a character that cannot be seen")]
    Invisible,
    #[error("it has not one @ with something on either side")]
    At,
}

/// What a user is called: up to 128 characters on one line; empty where that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PersonName(String);

impl PersonName {
    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PersonName {
    type Err = NameError;

    /// Spaces around it do not count.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.chars().count() > LONGEST_NAME {
            return Err(NameError::TooLong);
        }
        if text.chars().any(is_invisible) { Err(NameError::Invisible) } else { Ok(Self(text.to_owned())) }
    }
}

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    #[error("it is longer than {LONGEST_NAME} characters")]
    TooLong,
    #[error("it has a character that cannot be seen")]
    Invisible,
}

/// Controls, and what turns the direction of writing or takes no room: with them one text looks like another.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// RFC 5321 section 4.5.3.1.3, less the brackets around it.
const LONGEST_EMAIL: usize = 254;
const LONGEST_NAME: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Email {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_is_kept_as_written_and_found_however_it_is_written() {
        let written = email("  Ada.Lovelace@Example.COM ");
        assert_eq!((written.as_str(), written.local_part()), ("Ada.Lovelace@Example.COM", "Ada.Lovelace"));
        assert_eq!(written.key(), email("ada.lovelace@example.com").key());
        assert_eq!(email("ÄNNE@EXAMPLE.ORG").key(), email("änne@example.org").key());
        assert_ne!(email("a.b@example.org").key(), email("ab@example.org").key(), "nothing else is passed over");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "@", "a@", "@b", "ab", "a@b@c", "a@@b"] {
            assert_eq!(text.parse::<Email>(), Err(EmailError::At), "{text:?}");
        }
        for text in ["a b@c", "a\0@b", "a@b\nc", "a\u{200b}@b", "\u{202e}a@b", "a@\u{feff}b"] {
            assert_eq!(text.parse::<Email>(), Err(EmailError::Invisible), "{text:?}");
        }
        let longest = format!("{}@b", "a".repeat(252));
        assert!(longest.parse::<Email>().is_ok());
        assert_eq!(format!("a{longest}").parse::<Email>(), Err(EmailError::TooLong));
    }

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(" Ada Lovelace ".parse::<PersonName>().expect("a name").as_str(), "Ada Lovelace");
        assert_eq!("".parse(), Ok(PersonName::default()));
        assert_eq!("é".repeat(129).parse::<PersonName>(), Err(NameError::TooLong));
        for text in ["a\nb", "a\u{202e}b", "\0a"] {
            assert_eq!(text.parse::<PersonName>(), Err(NameError::Invisible), "{text:?}");
        }
    }

    #[test]
    fn another_address_is_not_verified_unless_that_is_said() {
        let start = Timestamp::from_unix_millis(1_000);
        let (tenant, name) = (TenantId::default_tenant(), PersonName::default());
        let incarnation = "api_a".parse().expect("an incarnation");
        let new = NewUser { tenant, incarnation, email: email("a@example.org"), email_verified: true, name };
        let user = User::new(new, start, &Randomness::seeded(1));
        let changed = |to: &str, email_verified| {
            let mut user = user.clone();
            let changes = UserChanges { email: Some(email(to)), email_verified, ..UserChanges::default() };
            user.apply(changes, start);
            user.email_verified
        };
        assert!(changed("A@example.org", None), "it is the same one");
        assert!(!changed("b@example.org", None));
        assert!(changed("b@example.org", Some(true)));
    }
}

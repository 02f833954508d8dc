//! What a user granted, as the consent service tells it when something is redeemed.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use mintage_clock::Timestamp;
use mintage_oauth::{Audience, ClientId, ScopeSet};
use zeroize::Zeroizing;

/// What tokens may say. It was read the moment before and is used once.
#[derive(Clone)]
pub struct Authorization {
    /// Who granted it.
    pub user_id: UserId,
    /// The API; `None`: none, and an access token is for the userinfo endpoint alone.
    pub audience: Option<Audience>,
    /// Which API of that name, by its id; `None`: no API.
    pub resource_server: Option<Arc<str>>,
    /// What was granted, OpenID scopes among them.
    pub scopes: ScopeSet,
    /// Echoed in an ID token (OpenID Connect Core 1.0 section 3.1.2.1).
    pub nonce: Option<String>,
    /// When the user signed in, where an ID token is to tell it.
    pub auth_time: Option<Timestamp>,
    /// The session, as ID tokens name it.
    pub session_id: Option<String>,
    /// What the next access token may be asked for by.
    pub refresh_token: Option<Zeroizing<String>>,
    /// What is known of the user.
    pub claims: UserClaims,
}

impl Authorization {
    /// Whether tokens of both say the same.
    pub(crate) fn says_the_same_as(&self, other: &Self) -> bool {
        let Self { user_id, audience, resource_server, scopes, nonce, auth_time, session_id, refresh_token: _, claims } =
            self;
        (user_id, scopes) == (&other.user_id, &other.scopes)
            && (audience, resource_server) == (&other.audience, &other.resource_server)
            && (nonce, auth_time, session_id) == (&other.nonce, &other.auth_time, &other.session_id)
            && *claims == other.claims
    }
}

/// Claims of a user (OpenID Connect Core 1.0 section 5.1).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UserClaims {
    /// The name in full.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the address was found to be the user's.
    pub email_verified: Option<bool>,
    /// When any of this changed last.
    pub updated_at: Option<Timestamp>,
}

/// What a ticket of the front channel gives.
#[derive(Clone)]
pub struct FrontChannel {
    /// What the tokens may say.
    pub authorization: Authorization,
    /// Whose they are.
    pub client_id: ClientId,
    /// Whether an access token is asked for.
    pub token: bool,
    /// Whether an ID token is asked for.
    pub id_token: bool,
    /// The code that goes beside them.
    pub code: Option<Zeroizing<String>>,
}

/// A user by the id that is the `sub` of its tokens: `usr_` and letters, digits, `-` or `_`. Never a machine's, which
/// ends in `@clients`.
#[derive(Clone, PartialEq, Eq)]
pub struct UserId(String);

impl UserId {
    /// As it stands in tokens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is no user id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the user id is malformed")]
pub struct UserIdError;

impl FromStr for UserId {
    type Err = UserIdError;

    fn from_str(text: &str) -> Result<Self, UserIdError> {
        let own = text.strip_prefix("usr_").ok_or(UserIdError)?;
        let is_plain = own.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let fits = (1..=MAX_OWN_PART).contains(&own.len());
        if is_plain && fits { Ok(Self(text.to_owned())) } else { Err(UserIdError) }
    }
}

const MAX_OWN_PART: usize = 64;

/// Nothing of a user, and nothing that opens anything.
impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { audience, scopes, .. } = self;
        f.debug_struct("Authorization").field("audience", audience).field("scopes", scopes).finish_non_exhaustive()
    }
}

impl fmt::Debug for FrontChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { authorization, client_id, token, id_token, code: _ } = self;
        f.debug_struct("FrontChannel")
            .field("authorization", authorization)
            .field("client_id", client_id)
            .field("token", token)
            .field("id_token", id_token)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UserClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserClaims(…)")
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserId(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b10_no_user_id_reads_as_a_machine_or_as_more_than_one_word() {
        assert!("usr_01jd-X_y".parse::<UserId>().is_ok());
        let long = format!("usr_{}", "x".repeat(MAX_OWN_PART + 1));
        for text in ["", "usr_", "client-1@clients", "usr_1@clients", "usr_1 2", "USR_1", "usr_\"", "usr_é", &long] {
            assert!(text.parse::<UserId>().is_err(), "{text}");
        }
    }
}

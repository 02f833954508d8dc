//! Which of two customs is followed, in tokens and in errors.

use crate::named::named;

named! {
    /// Which claims and which `typ` an API's tokens have.
    #[derive(Default)]
    pub enum TokenProfile as "token profile" {
        /// Auth0's: `azp` and `gty`.
        #[default]
        AccessToken = "access_token",
        /// RFC 9068: `client_id` and `jti`.
        Rfc9068 = "rfc9068",
    }
}

impl TokenProfile {
    /// The `typ` of the JOSE header (RFC 9068 section 2.1).
    #[must_use]
    pub const fn typ(self) -> &'static str {
        match self {
            Self::AccessToken => "JWT",
            Self::Rfc9068 => "at+jwt",
        }
    }
}

named! {
    /// How OAuth errors look over HTTP.
    #[derive(Default)]
    pub enum ErrorProfile as "error profile" {
        /// Codes and statuses of RFC 6749 and RFC 8707.
        #[default]
        Rfc = "rfc",
        /// Codes, statuses and texts as Auth0 answers.
        Auth0 = "auth0",
    }
}

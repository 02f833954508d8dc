//! How a client comes to a token.

use crate::named::named;

named! {
    /// A grant type by its RFC 7591 name.
    pub enum GrantType as "grant type" {
        /// The client asks for itself (RFC 6749 section 4.4).
        ClientCredentials = "client_credentials",
        /// A user's browser brings a code (RFC 6749 section 4.1).
        AuthorizationCode = "authorization_code",
        /// What a user allowed is taken up again (RFC 6749 section 6).
        RefreshToken = "refresh_token",
        /// The client sees the user's password (RFC 6749 section 4.3; RFC 9700 section 2.4 forbids it).
        Password = "password",
        /// Tokens in the address of the browser (RFC 6749 section 4.2; RFC 9700 section 2.1.2 forbids it).
        Implicit = "implicit",
    }
}

impl GrantType {
    /// Those that stand in a client's `grant_types`.
    ///
    /// The others are no choice beside these: a client has them by its `dangerously_allow_` flags alone.
    pub const REGISTRABLE: &'static [Self] = &[Self::ClientCredentials, Self::AuthorizationCode, Self::RefreshToken];

    /// Its name in the `gty` claim of Auth0's tokens, where that of `client_credentials` has a hyphen.
    #[must_use]
    pub const fn gty(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client-credentials",
            other => other.as_str(),
        }
    }
}

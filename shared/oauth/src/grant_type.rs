//! How a client comes to a token.

use crate::named::named;

named! {
    /// A grant type by its RFC 7591 name.
    pub enum GrantType as "grant type" {
        /// The client asks for itself (RFC 6749 section 4.4).
        ClientCredentials = "client_credentials",
    }
}

impl GrantType {
    /// Its name in the `gty` claim of Auth0's tokens, where hyphens stand.
    #[must_use]
    pub const fn gty(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client-credentials",
        }
    }
}

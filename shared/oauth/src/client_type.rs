//! Whether a client can keep a secret.

use crate::named::named;

named! {
    /// A client type (RFC 6749 section 2.1). Fixed for life.
    #[derive(Default)]
    pub enum ClientType as "client type" {
        /// It proves who it is by a secret.
        #[default]
        Confidential = "confidential",
        /// It has no secret, as it runs where its users could read one; PKCE (RFC 7636) stands in, always.
        Public = "public",
    }
}

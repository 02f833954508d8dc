//! Whose a client is.

use crate::named::named;

named! {
    /// Whether a client belongs to the tenant or to somebody else. Fixed for life.
    pub enum Party as "party" {
        /// The tenant's own.
        First = "first",
        /// Somebody else's, not trusted: never gets a token for an HS256 API or the Management API.
        Third = "third",
    }
}

//! Who a process is to its siblings: a certificate whose URI names the service, reloaded when its files change.
//!
//! - [`SpiffeId`] is the name in the certificate, [`TrustDomain`] the part that all services of an installation share.
//! - [`Identity`] holds a process's own certificate and the authorities it trusts, for doors and for calls to siblings.
//! - [`ServerCertificate`] is the certificate of a public door, which asks nobody for theirs.
//! - `expiry` tells when a certificate ends. `watched` looks at the files, `pem` reads them, `verify` decides whom to believe.
//! - [`Authority`] issues certificates to the services of an installation that has no better authority.

mod authority;
mod expiry;
mod own;
mod pem;
mod server_certificate;
mod spiffe;
mod verify;
mod watched;

pub(crate) use authority::authority_params;
pub use authority::{Authority, AuthorityError, Issued, Validity};
pub(crate) use own::peer_of;
pub use own::{Identity, IdentityFiles};
pub use pem::{Content, IdentityError};
pub use server_certificate::ServerCertificate;
pub use spiffe::{SpiffeId, SpiffeIdError, TrustDomain, TrustDomainError};
pub use verify::NotOfSuite;

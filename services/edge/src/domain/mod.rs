//! The rules of the edge: what a token request is, and why one is refused.
//!
//! - [`TokenRequest`] is made from [`Parameters`] and the [`Authorization`] header, whatever encoding they came in.
//! - [`Refusal`] is every reason for which the edge does not answer as asked.
//! - [`Tenant`] is who answers: an issuer. [`KeySet`] is what the tenant's tokens verify with.
//! - [`TenantDirectory`], [`TokenIssuer`] and [`KeySets`] are kept by the sibling services.

mod key_set;
mod parameters;
mod ports;
mod refusal;
mod tenant;
mod token_request;

pub use key_set::KeySet;
pub use parameters::{Parameters, Value};
pub use ports::{KeySets, TenantDirectory, TokenIssuer};
pub use refusal::Refusal;
pub use tenant::Tenant;
pub use token_request::{Authorization, IssuedToken, TokenRequest};

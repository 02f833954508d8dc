//! The rules of issuing tokens, without a wire, a database or a clock of their own.
//!
//! - [`Mint`] takes a [`TokenRequest`] and strikes an [`IssuedToken`]; each grant is one file of `grants`.
//! - [`ClientGate`] lets clients in that prove who they are, behind a [`FailureLimiter`].
//! - [`Entitlement`] is what a client may have at an API, with all of its tokens that no request changes.
//! - [`Shortcuts`] remember where requests led, for as long as nothing changed.
//! - [`records`] are the facts this rests on; [`ports`] is what must be provided from outside.

mod claims;
mod entitlement;
mod error;
mod gate;
mod grants;
mod limiter;
mod mint;
pub mod ports;
pub mod records;
mod request;
mod shortcuts;

pub use entitlement::{Entitlement, MAX_PAYLOAD_BYTES};
pub use error::IssueError;
pub use gate::{Arrival, ClientGate, GateParts};
pub use limiter::{FailureLimiter, LimiterSettings, Quota};
pub use mint::{Mint, MintParts};
pub use request::{IssuedToken, PresentedSecret, TokenRequest};
pub use shortcuts::Shortcuts;

//! The rules of issuing tokens, without a wire, a database or a clock of their own.
//!
//! - [`Mint`] takes a [`TokenRequest`] and strikes an [`IssuedToken`]; each grant is one file of `grants`.
//! - [`ClientGate`] lets clients in that prove who they are, behind a [`FailureLimiter`].
//! - [`Authorization`] is what a user granted; `user_tokens` strikes what tells of it.
//! - [`Entitlement`] is what a client may have at an API, with all of its tokens that no request changes.
//! - [`Shortcuts`] remember where requests led, for as long as nothing changed.
//! - [`records`] are the facts this rests on; [`ports`] is what must be provided from outside.

mod authorization;
mod claims;
mod entitlement;
mod error;
mod gate;
mod grants;
mod id_token;
mod mint;
pub mod ports;
pub mod records;
mod request;
mod revocation;
mod shortcuts;
mod user_tokens;

pub use authorization::{Authorization, FrontChannel, UserClaims, UserId, UserIdError};
pub use entitlement::{Entitlement, MAX_PAYLOAD_BYTES};
pub use error::IssueError;
pub use gate::{Arrival, ClientGate, GateParts};
pub use mint::{Mint, MintParts};
pub use mintage_oauth::{FailureLimiter, LimiterSettings, Quota};
pub use request::{
    Credential, FrontChannelRequest, FrontChannelTokens, Grant, IssuedToken, PresentedCode, PresentedPassword,
    RevocationRequest, Ticket, TokenRequest,
};
pub use shortcuts::Shortcuts;

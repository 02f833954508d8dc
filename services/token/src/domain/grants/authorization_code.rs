//! The authorization code grant (RFC 6749 section 4.1): a user's browser brought a code.

use super::redeemed::redeemed;
use crate::domain::ports::Redeemable;
use crate::domain::{Arrival, IssueError, IssuedToken, MintParts, PresentedCode, TokenRequest};

/// The code → signed tokens, and a refresh token where one was granted.
pub(in crate::domain) async fn authorization_code(
    mint: &MintParts,
    request: &TokenRequest,
    code: &PresentedCode,
    arrival: Arrival,
) -> Result<IssuedToken, IssueError> {
    redeemed(mint, request, Redeemable::Code(code), None, arrival).await
}

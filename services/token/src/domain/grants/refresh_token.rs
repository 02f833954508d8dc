//! The refresh token grant (RFC 6749 section 6): what a user allowed is taken up again.

use mintage_oauth::GrantType;

use super::redeemed::redeemed;
use crate::domain::ports::Redeemable;
use crate::domain::{Arrival, IssueError, IssuedToken, MintParts, TokenRequest};

/// The refresh token → signed tokens and the next refresh token.
pub(in crate::domain) async fn refresh_token(
    mint: &MintParts,
    request: &TokenRequest,
    token: &str,
    arrival: Arrival,
) -> Result<IssuedToken, IssueError> {
    let presented = Redeemable::RefreshToken { token, scopes: request.scopes.as_ref() };
    redeemed(mint, request, presented, Some(GrantType::RefreshToken.gty()), arrival).await
}

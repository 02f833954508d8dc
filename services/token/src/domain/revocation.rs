//! The end of a refresh token (RFC 7009).

use super::grants::authenticated;
use super::ports::Presenter;
use super::{Arrival, IssueError, MintParts, RevocationRequest};

/// Who → the token, if it is one of the client's. Whatever became of it, the answer is the same.
pub(super) async fn revoke(mint: &MintParts, request: &RevocationRequest, arrival: Arrival) -> Result<(), IssueError> {
    let (tenant, client) = authenticated(mint, &request.tenant, &request.credential, arrival).await?;
    let by = Presenter { tenant: &tenant.id, client_id: &client.id };
    mint.consent.end(by, &request.token).await
}

//! The mint: one request in, one struck token out.

use std::sync::Arc;

use mintage_clock::{Clock, Randomness};

use super::ports::{Directory, Redemption, TokenSigner};
use super::request::{FrontChannelRequest, FrontChannelTokens, Grant, RevocationRequest};
use super::{ClientGate, IssueError, IssuedToken, Shortcuts, TokenRequest, grants, revocation};

/// What a [`Mint`] is built of.
pub struct MintParts {
    /// Lets clients in.
    pub gate: ClientGate,
    /// Knows tenants, APIs and grants.
    pub directory: Arc<dyn Directory>,
    /// Remembers the way.
    pub shortcuts: Shortcuts,
    /// Redeems what users granted.
    pub consent: Arc<dyn Redemption>,
    /// Signs.
    pub signer: Arc<dyn TokenSigner>,
    /// Dates tokens.
    pub clock: Clock,
    /// Names tokens.
    pub randomness: Randomness,
}

/// Issues tokens.
pub struct Mint {
    pub(super) parts: MintParts,
}

impl Mint {
    /// A mint of these parts.
    #[must_use]
    pub const fn new(parts: MintParts) -> Self {
        Self { parts }
    }

    /// Issues the token asked for, or says why not.
    pub async fn issue(&self, request: &TokenRequest) -> Result<IssuedToken, IssueError> {
        let arrival = self.parts.gate.arrive(&request.tenant, &request.credential.client_id, request.source)?;
        // Boxed, the others do not weigh on the one that is asked for most.
        match &request.grant {
            Grant::ClientCredentials => grants::client_credentials(&self.parts, request, arrival).await,
            Grant::AuthorizationCode(code) => {
                Box::pin(grants::authorization_code(&self.parts, request, code, arrival)).await
            }
            Grant::RefreshToken(token) => Box::pin(grants::refresh_token(&self.parts, request, token, arrival)).await,
            Grant::Password(password) => Box::pin(grants::password(&self.parts, request, password, arrival)).await,
        }
    }

    /// Issues what goes through the browser beside a code, or says why not.
    pub async fn issue_front_channel(&self, request: &FrontChannelRequest) -> Result<FrontChannelTokens, IssueError> {
        grants::front_channel(&self.parts, request).await
    }

    /// Ends a refresh token, if it is one of the client's.
    pub async fn revoke(&self, request: &RevocationRequest) -> Result<(), IssueError> {
        let arrival = self.parts.gate.arrive(&request.tenant, &request.credential.client_id, request.source)?;
        revocation::revoke(&self.parts, request, arrival).await
    }
}

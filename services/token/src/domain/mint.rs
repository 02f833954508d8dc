//! The mint: one request in, one struck token out.

use std::sync::Arc;

use mintage_clock::{Clock, Randomness};
use mintage_oauth::GrantType;

use super::ports::{Directory, TokenSigner};
use super::{ClientGate, IssueError, IssuedToken, Shortcuts, TokenRequest, grants};

/// What a [`Mint`] is built of.
pub struct MintParts {
    /// Lets clients in.
    pub gate: ClientGate,
    /// Knows tenants, APIs and grants.
    pub directory: Arc<dyn Directory>,
    /// Remembers the way.
    pub shortcuts: Shortcuts,
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
        match request.grant_type {
            GrantType::ClientCredentials => grants::client_credentials(&self.parts, request, arrival).await,
        }
    }
}

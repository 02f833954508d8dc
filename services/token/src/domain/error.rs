//! Why a token is not issued.

use std::time::Duration;

use mintage_oauth::{Audience, ClientId, GrantType, Scope};

use super::ports::PortError;

/// A refusal, in the order in which the rules are asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The client or its source failed too often lately.
    #[error("too many failed attempts lately")]
    TooManyAttempts {
        /// When one more attempt is heard.
        retry_after: Duration,
        /// How many failures at once are forgiven.
        limit: u32,
    },
    /// Unknown tenant, unknown client, disabled client, wrong or dead secret: nothing more is said.
    #[error("the client is unknown or did not prove who it is")]
    ClientAuthenticationFailed,
    /// A user's password was tried too often lately.
    #[error("too many failed sign-ins lately")]
    TooManySignIns {
        /// When one more attempt is heard.
        retry_after: Duration,
        /// How many failures at once are forgiven.
        limit: u32,
    },
    /// What was presented is unknown, ended, used, another client's, or gives nothing any more: nothing more is said.
    #[error("the grant is invalid, expired, revoked or another client's")]
    GrantInvalid,
    /// The client may not use the grant.
    #[error("the client may not use the grant type")]
    GrantTypeNotAllowed {
        /// The grant asked for.
        grant_type: GrantType,
    },
    /// No audience in the request, and none for the tenant.
    #[error("the request names no audience and the tenant has no default")]
    AudienceMissing,
    /// No such API.
    #[error("no such API")]
    AudienceUnknown {
        /// The audience asked for.
        audience: Audience,
    },
    /// A third party asked for what third parties never get.
    #[error("third parties get no tokens for this API")]
    ThirdPartyRefused {
        /// Who asked.
        client_id: ClientId,
        /// The audience asked for.
        audience: Audience,
    },
    /// The client has no grant for the API.
    #[error("the client has no grant for the API")]
    ClientGrantMissing {
        /// Who asked.
        client_id: ClientId,
        /// The audience asked for.
        audience: Audience,
    },
    /// The user granted another API, or none (RFC 8707 section 2.2).
    #[error("the user granted another API")]
    AudienceNotGranted {
        /// The audience asked for.
        audience: Audience,
    },
    /// The issuer asked for is none of the tenant's origins.
    #[error("the issuer is none of the tenant's")]
    IssuerUnknown,
    /// Scopes outside the grant.
    #[error("the client has not been granted every scope it asked for")]
    ScopeNotGranted {
        /// Only those that are missing, in the order asked.
        missing: Vec<Scope>,
    },
    /// The claims do not fit.
    #[error("the token's claims are longer than {limit} bytes")]
    TokenTooLarge {
        /// The most bytes of JSON a token may carry.
        limit: usize,
    },
    /// A sibling service failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl IssueError {
    /// Whether the client had proven who it is before it was refused.
    #[must_use]
    pub const fn is_of_known_client(&self) -> bool {
        match self {
            Self::GrantTypeNotAllowed { .. }
            | Self::TooManySignIns { .. }
            | Self::GrantInvalid
            | Self::AudienceMissing
            | Self::AudienceUnknown { .. }
            | Self::ThirdPartyRefused { .. }
            | Self::ClientGrantMissing { .. }
            | Self::AudienceNotGranted { .. }
            | Self::IssuerUnknown
            | Self::ScopeNotGranted { .. }
            | Self::TokenTooLarge { .. } => true,
            Self::TooManyAttempts { .. } | Self::ClientAuthenticationFailed | Self::Port(_) => false,
        }
    }
}

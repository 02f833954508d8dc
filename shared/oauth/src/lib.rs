//! The vocabulary of OAuth as this suite speaks it: no I/O, no clock.
//!
//! Text from outside becomes one of these types by `parse()` and stays valid from then on.
//!
//! - Names: [`TenantId`], [`ClientId`], [`Audience`], [`Scope`], [`ClaimName`], [`MetadataKey`].
//! - Places: [`Origin`] and the [`Issuer`] that stands on it, [`RedirectUri`], [`HttpsUri`].
//! - Collections: [`ScopeSet`], [`Metadata`].
//! - Choices: [`GrantType`], [`Party`], [`ClientType`], [`TokenProfile`], [`ErrorProfile`], [`ErrorCode`], [`Algorithm`].
//! - Rules: [`ClaimMapping`], [`TokenLifetime`], and the scopes of [`openid`].
//! - Proof: [`ClientSecret`], and the [`Pepper`] that turns it into a [`SecretHash`] for storage; a
//!   [`FailureLimiter`] makes guessing slow, and a [`Beat`] makes it blind.

mod audience;
mod beat;
mod checksum;
mod claim_mapping;
mod claim_name;
mod client_id;
mod client_secret;
mod client_type;
mod error_code;
mod failure_limiter;
mod generated_id;
mod grant_type;
mod hidden;
mod issuer;
mod metadata;
mod metadata_key;
mod named;
pub mod openid;
mod origin;
mod party;
mod pepper;
mod profile;
mod redirect_uri;
mod reserved_claims;
mod scope;
mod scope_set;
mod secret_hash;
mod tenant_id;
mod text;
mod token_lifetime;
mod uri;

pub use audience::{Audience, AudienceError};
pub use beat::Beat;
pub use claim_mapping::{ClaimMapping, ClaimSource};
pub use claim_name::{ClaimName, ClaimNameError};
pub use client_id::{ClientId, ClientIdError};
pub use client_secret::{ClientSecret, ClientSecretError};
pub use client_type::ClientType;
pub use error_code::ErrorCode;
pub use failure_limiter::{Attempt, FailureLimiter, LimiterSettings, Quota, TooMany, network_of};
pub use generated_id::{GeneratedId, GeneratedIdError};
pub use grant_type::GrantType;
pub use hidden::is_hidden;
pub use issuer::{Issuer, IssuerError};
pub use metadata::{Metadata, MetadataError};
pub use metadata_key::{MetadataKey, MetadataKeyError};
pub use mintage_jose::Algorithm;
pub use named::UnknownName;
pub use origin::{Origin, OriginError};
pub use party::Party;
pub use pepper::Pepper;
pub use profile::{ErrorProfile, TokenProfile};
pub use redirect_uri::RedirectUri;
pub use reserved_claims::is_reserved_claim;
pub use scope::{Scope, ScopeError};
pub use scope_set::ScopeSet;
pub use secret_hash::{SecretHash, SecretHashError};
pub use tenant_id::{TenantId, TenantIdError};
pub use token_lifetime::{ID_TOKEN_LIFETIME, TokenLifetime, TokenLifetimeError};
pub use uri::{HttpsUri, UriError};

//! Clients that register themselves (RFC 7591, RFC 7592).

use std::net::IpAddr;

use mintage_clock::Timestamp;
use mintage_oauth::ClientType;

/// What a client says of itself (RFC 7591 section 2); absent is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientMetadata {
    /// `client_name`.
    pub client_name: String,
    /// By `token_endpoint_auth_method`: `none` is public. `None`: not said, and a client that there is stays what it is.
    pub client_type: Option<ClientType>,
    /// `redirect_uris`.
    pub redirect_uris: Vec<String>,
    /// `grant_types`.
    pub grant_types: Vec<String>,
    /// `response_types`.
    pub response_types: Vec<String>,
    /// `client_uri`.
    pub client_uri: String,
    /// `logo_uri`.
    pub logo_uri: String,
    /// `policy_uri`.
    pub policy_uri: String,
    /// `tos_uri`.
    pub tos_uri: String,
}

/// A wish to become a client.
#[derive(Clone)]
pub struct RegistrationRequest {
    /// What it says of itself.
    pub metadata: ClientMetadata,
    /// What the tenant may ask for.
    pub initial_access_token: Option<String>,
    /// Where it came from.
    pub source: Option<IpAddr>,
}

/// A registration with the token that manages it.
#[derive(Clone)]
pub struct RegistrationKey {
    /// Which client.
    pub client_id: String,
    /// The registration access token.
    pub token: String,
    /// Where it came from.
    pub source: Option<IpAddr>,
}

/// A client that registered itself.
#[derive(Clone)]
pub struct Registered {
    /// What it is called from now on.
    pub client_id: String,
    /// What is registered, defaults included.
    pub metadata: ClientMetadata,
    /// When it came to be.
    pub created_at: Option<Timestamp>,
}

/// A client that has just registered itself, with what is said this once.
#[derive(Clone)]
pub struct NewlyRegistered {
    /// The client.
    pub client: Registered,
    /// Absent for a public client.
    pub client_secret: Option<String>,
    /// Manages the registration.
    pub registration_access_token: String,
}

//! Who answers a request.

use mintage_oauth::{ErrorProfile, HttpsUri, Issuer, TenantId};

use super::Colour;

/// A tenant on the origin that a request came in on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Which one.
    pub id: TenantId,
    /// The origin with a slash behind, as registered; the request's own words are never repeated.
    pub issuer: Issuer,
    /// How its errors look.
    pub error_profile: ErrorProfile,
    /// What people know it by; the id where it has no other name.
    pub display_name: String,
    /// How its pages look.
    pub brand: Brand,
    /// Whether clients may register themselves, by a token or without one (RFC 7591 section 3).
    pub registers_clients: bool,
}

/// What makes a tenant's pages its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// Of what is pressed and followed.
    pub colour: Option<Colour>,
    /// Stands above every page.
    pub logo: Option<HttpsUri>,
}

//! Who answers a request.

use mintage_oauth::{ErrorProfile, Issuer, TenantId};

/// A tenant on the origin that a request came in on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Which one.
    pub id: TenantId,
    /// The origin with a slash behind, as registered; the request's own words are never repeated.
    pub issuer: Issuer,
    /// How its errors look.
    pub error_profile: ErrorProfile,
}

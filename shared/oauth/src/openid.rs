//! The scopes that OpenID Connect gives a meaning, whatever API a token is for.

/// Asks for an ID token (OpenID Connect Core 1.0 section 3.1.2.1).
pub const OPENID: &str = "openid";
/// Asks for the user's name (section 5.4).
pub const PROFILE: &str = "profile";
/// Asks for the user's e-mail address (section 5.4).
pub const EMAIL: &str = "email";
/// Asks for a refresh token (section 11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// Whether a scope tells who the user is: `openid`, `profile` or `email`. Third parties never get one.
#[must_use]
pub fn is_openid_scope(scope: &str) -> bool {
    matches!(scope, OPENID | PROFILE | EMAIL)
}

//! What is answered when no token is.

use crate::named::named;

named! {
    /// The `error` of an OAuth error response.
    pub enum ErrorCode as "error code" {
        /// A parameter is missing, malformed or repeated (RFC 6749 section 5.2).
        InvalidRequest = "invalid_request",
        /// The client did not prove who it is (RFC 6749 section 5.2).
        InvalidClient = "invalid_client",
        /// The grant is no good, or no longer (RFC 6749 section 5.2).
        InvalidGrant = "invalid_grant",
        /// The client may not use this grant type (RFC 6749 section 5.2).
        UnauthorizedClient = "unauthorized_client",
        /// The grant type is not served (RFC 6749 section 5.2).
        UnsupportedGrantType = "unsupported_grant_type",
        /// A scope is malformed, unknown or not granted (RFC 6749 section 5.2).
        InvalidScope = "invalid_scope",
        /// The API is missing, unknown or not open to the client (RFC 8707 section 2).
        InvalidTarget = "invalid_target",
        /// The request was refused (RFC 6749 section 4.1.2.1); Auth0's answer to most refusals.
        AccessDenied = "access_denied",
        /// The client asks too often (Auth0).
        TooManyRequests = "too_many_requests",
        /// The bearer token is none, or no longer (RFC 6750 section 3.1).
        InvalidToken = "invalid_token",
        /// The bearer token does not carry a scope (RFC 6750 section 3.1).
        InsufficientScope = "insufficient_scope",
        /// A redirect URI of a registration is not accepted (RFC 7591 section 3.2.2).
        InvalidRedirectUri = "invalid_redirect_uri",
        /// Something else of a registration is not accepted (RFC 7591 section 3.2.2).
        InvalidClientMetadata = "invalid_client_metadata",
        /// Try again later (RFC 6749 section 4.1.2.1).
        TemporarilyUnavailable = "temporarily_unavailable",
        /// A fault of the server (RFC 6749 section 4.1.2.1).
        ServerError = "server_error",
        /// The endpoint is not asked this way (Auth0).
        MethodNotAllowed = "method_not_allowed",
    }
}

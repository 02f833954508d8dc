//! Why a token is not believed.

/// Why a token is not believed. The texts tell nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// It is longer than [`MAX_TOKEN_BYTES`](crate::jwt::MAX_TOKEN_BYTES).
    #[error("the token is too long")]
    TooLong,
    /// It is not three parts of canonical base64url, or a part is no JSON object of distinct members, at most 16 deep.
    #[error("the token is malformed")]
    Malformed,
    /// A header member is of the wrong kind, or asks for what is never done: an extension, compression, encryption,
    /// a key out of the token itself.
    #[error("the token's header carries an unacceptable `{0}`")]
    Header(&'static str),
    /// Its `alg` is not supported; `none` is not.
    #[error("the token's algorithm is not supported")]
    Algorithm,
    /// Its `typ` is missing or not one of those expected.
    #[error("the token is of another type")]
    Type,
    /// Its `alg` or `kid` is not the key's.
    #[error("the token names another key or algorithm")]
    Key,
    /// The key did not make its signature.
    #[error("the token's signature is invalid")]
    Signature,
    /// A claim is missing, of the wrong kind or out of range.
    #[error("the token's `{0}` is missing or malformed")]
    Claim(&'static str),
    /// Its `iss` is not the one expected.
    #[error("the token is from another issuer")]
    Issuer,
    /// Its `aud` is for someone else.
    #[error("the token is for another audience")]
    Audience,
    /// Its `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// Its `nbf` or `iat` is in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
}

//! An ID token that a client shows again, to say whom or whose session it means (OpenID Connect Core 1.0 section 3.1.2.1,
//! RP-Initiated Logout 1.0 section 2).

use mintage_chassis::access::KeyResolver;
use mintage_jose::jwt::{self, Claims};
use mintage_oauth::{ClientId, Issuer, TenantId};

use super::Desk;
use crate::domain::ConsentError;
use crate::domain::id::{SessionId, UserId};

/// What the token says, which may have ended long ago.
#[derive(Debug)]
pub(super) struct IdTokenHint {
    /// Whom it was for.
    pub(super) client: ClientId,
    pub(super) user: UserId,
    /// `None`: it came of no session.
    pub(super) session: Option<SessionId>,
    /// Where the client was told it; whoever shows the token knows it.
    pub(super) email: Option<String>,
}

impl IdTokenHint {
    /// Reads one of that tenant and issuer. `None` where it is none: then it says nothing.
    ///
    /// # Errors
    /// When its key cannot be looked up now.
    pub(super) async fn read(
        desk: &Desk,
        tenant: &TenantId,
        issuer: &Issuer,
        token: &str,
    ) -> Result<Option<Self>, ConsentError> {
        let Some(kid) = jwt::decode_header(token).ok().and_then(|header| header.kid) else { return Ok(None) };
        let resolved = desk.keys.resolve(&kid).await.map_err(|status| ConsentError::Unavailable(Box::new(status)))?;
        let Some(resolved) = resolved.filter(|key| key.tenant == *tenant) else { return Ok(None) };
        let claims = jwt::verify_hint(token, &resolved.key, issuer.as_str(), &["JWT"]);
        Ok(claims.ok().as_ref().and_then(of_claims))
    }
}

/// An access token names the client that it was issued to beside the APIs that it is for; an ID token is for the client.
fn of_claims(claims: &Claims) -> Option<IdTokenHint> {
    let [client] = claims.audiences() else { return None };
    if claims.client_id().is_some() {
        return None;
    }
    let session = match claims.get("sid") {
        Some(session) => Some(session.as_str()?.parse().ok()?),
        None => None,
    };
    Some(IdTokenHint {
        client: client.parse().ok()?,
        user: claims.subject().parse().ok()?,
        session,
        email: claims.get("email").and_then(|email| email.as_str()).map(str::to_owned),
    })
}

//! An access token that is shown at the userinfo endpoint (OpenID Connect Core 1.0 section 5.3.1).

use std::time::Duration;

use mintage_chassis::access::KeyResolver;
use mintage_jose::jwt::{self, Claims, Expectations};
use mintage_oauth::{Audience, ClientId, Issuer, ScopeSet, TenantId};
use tonic::Status;

use crate::domain::ConsentError;
use crate::domain::grant::Between;
use crate::domain::id::UserId;
use crate::grpc::Desk;

/// What a token says that verifies.
#[derive(Debug)]
pub(super) struct AccessToken {
    /// Whose grant it came of. Which API it was for no token says.
    pub(super) between: Between,
    pub(super) scopes: ScopeSet,
}

impl AccessToken {
    /// Reads one of that tenant and issuer which is for the userinfo endpoint.
    ///
    /// # Errors
    /// UNAUTHENTICATED where it is none; nothing is said of why.
    pub(super) async fn read(desk: &Desk, tenant: &TenantId, issuer: &Issuer, token: &str) -> Result<Self, Status> {
        let none = || Status::from(ConsentError::Unauthenticated);
        let kid = jwt::decode_header(token).ok().and_then(|header| header.kid).ok_or_else(none)?;
        let resolved = desk.keys.resolve(&kid).await?.filter(|key| key.tenant == *tenant).ok_or_else(none)?;
        let user_info = format!("{issuer}{USER_INFO}");
        let expected = Expectations {
            issuer: Some(issuer.as_str()),
            audience: &user_info,
            typ: &["JWT", "at+jwt"],
            now: desk.now(),
            leeway: LEEWAY,
        };
        let claims = jwt::verify(token, &resolved.key, &expected).map_err(|_| none())?;
        of_claims(&claims, tenant, &user_info).ok_or_else(none)
    }
}

fn of_claims(claims: &Claims, tenant: &TenantId, user_info: &str) -> Option<AccessToken> {
    let user: UserId = claims.subject().parse().ok()?;
    let client: ClientId = claims.client_id()?.parse().ok()?;
    let apis: Vec<&String> = claims.audiences().iter().filter(|audience| *audience != user_info).collect();
    let audience: Option<Audience> = match apis.as_slice() {
        [] => None,
        [api] => Some(api.parse().ok()?),
        _ => return None,
    };
    let scopes = match claims.scope() {
        Some("") | None => ScopeSet::default(),
        Some(text) => ScopeSet::parse_delimited(text).ok()?,
    };
    Some(AccessToken { between: Between { tenant: tenant.clone(), user, client, audience, api: None }, scopes })
}

/// Behind the issuer.
const USER_INFO: &str = "userinfo";
/// Between the clocks of two machines of one cluster.
const LEEWAY: Duration = Duration::from_secs(30);

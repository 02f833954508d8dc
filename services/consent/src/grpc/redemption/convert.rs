//! What was redeemed, as a message.

use mintage_api::consent::{Authorization, UserClaims};
use mintage_chassis::telemetry::names::USED_TWICE;
use mintage_chassis::wire::wire_time;
use mintage_oauth::{ClientId, ScopeSet, openid};

use crate::domain::ConsentError;
use crate::store::{Outcome, Person, Redeemed};

/// What came of presenting `what`. Whoever presents it is told that it is worth nothing, and no more; a copy in somebody else's
/// hands is a matter for operators.
pub(super) fn outcome(outcome: Outcome, what: &'static str, by: &ClientId) -> Result<Authorization, ConsentError> {
    match outcome {
        Outcome::Given { redeemed, again } => {
            if again {
                let user_grant_id = &redeemed.grant.id;
                tracing::info!(client_id = %by, %user_grant_id, "a {what} was presented again a moment after its use");
            }
            Ok(authorization(*redeemed))
        }
        Outcome::Nothing => Err(ConsentError::GrantInvalid),
        Outcome::Twice(user_grant_id) => {
            USED_TWICE.add(1, [what]);
            tracing::warn!(client_id = %by, %user_grant_id, "a {what} was used twice, and what it gave has ended");
            Err(ConsentError::GrantInvalid)
        }
    }
}

/// What a token may say.
pub(super) fn authorization(redeemed: Redeemed) -> Authorization {
    let Redeemed { grant, scopes, nonce, signed_in, refresh_token, user } = redeemed;
    Authorization {
        user_id: grant.between.user.to_string(),
        audience: grant.between.audience.map(|audience| audience.to_string()).unwrap_or_default(),
        resource_server_id: grant.between.api.map(|api| api.to_string()).unwrap_or_default(),
        claims: claims(&scopes, &user),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        nonce: nonce.unwrap_or_default(),
        auth_time: Some(wire_time(signed_in.at)),
        session_id: signed_in.session.map(|session| session.to_string()).unwrap_or_default(),
        refresh_token: refresh_token.map(|token| token.to_string()).unwrap_or_default(),
        tell_auth_time: signed_in.tell_when,
    }
}

/// What the scopes tell of a user (OpenID Connect Core 1.0 section 5.4); nothing without `openid`.
pub(crate) fn claims(scopes: &ScopeSet, user: &Person) -> Option<UserClaims> {
    if !scopes.contains(openid::OPENID) {
        return None;
    }
    let (profile, email) = (scopes.contains(openid::PROFILE), scopes.contains(openid::EMAIL));
    Some(UserClaims {
        name: (profile && !user.name.is_empty()).then(|| user.name.clone()),
        email: email.then(|| user.email.clone()),
        email_verified: email.then_some(user.email_verified),
        updated_at: profile.then(|| wire_time(user.updated_at)),
    })
}

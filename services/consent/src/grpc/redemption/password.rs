//! A user's password is redeemed (RFC 6749 section 4.3): it is full access, and nobody is asked.

use std::net::IpAddr;

use mintage_api::consent::{Authorization, RedeemPasswordRequest};
use mintage_oauth::{Audience, GrantType, ScopeSet, openid};
use zeroize::Zeroizing;

use super::convert;
use super::parties::Presenter;
use crate::domain::ConsentError;
use crate::domain::application::{Api, Application};
use crate::domain::grant::{Agreement, Basis, Between};
use crate::domain::password_directory::Shown;
use crate::domain::signing_in::Entry;
use crate::grpc::Desk;
use crate::store::TakingPassword;

pub(super) async fn run(
    desk: &Desk,
    request: RedeemPasswordRequest,
    source: Option<IpAddr>,
) -> Result<Authorization, ConsentError> {
    let password = Zeroizing::new(request.password);
    let Presenter { tenant, client: id } = Presenter::read(&request.tenant_id, &request.client_id)?;
    let client = desk.registry.application(&tenant, &id).await?.ok_or(ConsentError::GrantInvalid)?;
    // The token service asked the same, of what it remembers.
    if client.is_third_party() || !client.may_use(GrantType::Password) {
        return Err(ConsentError::GrantInvalid);
    }
    let api = match request.audience.parse::<Audience>() {
        Ok(audience) => Some(desk.registry.api(&tenant, &audience).await?.ok_or(ConsentError::GrantInvalid)?),
        Err(_) if request.audience.is_empty() => None,
        Err(error) => return Err(ConsentError::invalid("audience", error)),
    };
    let scopes = scopes_of(&request.scopes, &client, api.as_ref())?;
    let life = desk.tenant(tenant.as_str()).await?.life;
    let shown = Shown { tenant: &tenant, life: &life, email: &request.username, password, browser: None, source };
    let authenticated = desk.authenticate(shown).await.map_err(refused)?;
    let between = Between {
        tenant,
        user: authenticated.user.id.clone(),
        client: id,
        audience: api.as_ref().map(|api| api.audience.clone()),
        api: api.as_ref().map(|api| api.life.incarnation.clone()),
    };
    // What is there is widened; what is not known to be for this API would be replaced, and its refresh tokens with it.
    desk.grant_between(&between, api.as_ref()).await?;
    let agreed = Agreement { scopes, declined: ScopeSet::default(), basis: Basis::Unasked };
    let now = desk.now();
    let taking = TakingPassword {
        entry: &Entry { authenticated: &authenticated, begins: None },
        between: &between,
        agreed: &agreed,
        lifetimes: client.refresh_tokens,
        digester: &desk.digester,
        now,
        randomness: &desk.randomness,
    };
    let redeemed = desk.store.take_password(&taking).await?.ok_or(ConsentError::GrantInvalid)?;
    Ok(convert::authorization(redeemed))
}

/// Those asked for, if there are such; all of the API's where none is named, as Auth0 has it.
fn scopes_of(asked: &[String], client: &Application, api: Option<&Api>) -> Result<ScopeSet, ConsentError> {
    let malformed = |error| ConsentError::invalid("scopes", error);
    let asked = match api {
        Some(api) if asked.is_empty() => ScopeSet::parse_each(api.scopes.iter().map(|scope| &scope.value)),
        _ => ScopeSet::parse_each(asked),
    };
    let asked = asked.map_err(malformed)?;
    let offline = client.may_use(GrantType::RefreshToken) && api.is_some_and(|api| api.allows_offline_access);
    let is_known = |scope: &str| {
        openid::is_openid_scope(scope) || scope == openid::OFFLINE_ACCESS || api.is_some_and(|api| api.defines(scope))
    };
    let unknown: ScopeSet = asked.iter().filter(|scope| !is_known(scope.as_str())).cloned().collect();
    if !unknown.is_empty() {
        return Err(ConsentError::ScopeNotGranted { scopes: unknown.to_delimited() });
    }
    if api.is_none() && !asked.contains(openid::OPENID) {
        return Err(ConsentError::Missing { parameter: "audience" });
    }
    Ok(asked.iter().filter(|scope| offline || scope.as_str() != openid::OFFLINE_ACCESS).cloned().collect())
}

/// RFC 6749 section 5.2 has one word for it.
fn refused(error: ConsentError) -> ConsentError {
    match error {
        ConsentError::SignInRefused => ConsentError::GrantInvalid,
        other => other,
    }
}

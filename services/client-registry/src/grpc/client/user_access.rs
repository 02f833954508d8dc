//! How a client acts for users, between the wire and the domain.

use std::time::Duration;

use mintage_api::registry;
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::wire::{read_algorithm, wire_algorithm};
use mintage_oauth::{Algorithm, HttpsUri};

use crate::domain::RegistryError;
use crate::domain::client::{RefreshLifetime, UserAccess, UserAccessChange};
use crate::grpc::convert::{each, not_changeable, optional};

/// Everything that a request says of it.
pub(super) fn read_user_access(wire: Option<&registry::UserAccess>) -> Result<UserAccess, RegistryError> {
    Ok(UserAccess::default().with(every_field(wire)?))
}

/// Every field, as it is to be.
pub(super) fn every_field(wire: Option<&registry::UserAccess>) -> Result<Vec<UserAccessChange>, RegistryError> {
    FIELDS.iter().map(|field| one_field(field, wire)).collect()
}

/// The field of that name, as it is to be.
pub(super) fn one_field(field: &str, wire: Option<&registry::UserAccess>) -> Result<UserAccessChange, RegistryError> {
    let absent = registry::UserAccess::default();
    let wire = wire.unwrap_or(&absent);
    Ok(match field {
        "redirect_uris" => UserAccessChange::RedirectUris(each("user_access.redirect_uris", &wire.redirect_uris)?),
        "post_logout_redirect_uris" => UserAccessChange::PostLogoutRedirectUris(each(
            "user_access.post_logout_redirect_uris",
            &wire.post_logout_redirect_uris,
        )?),
        "id_token_algorithm" => UserAccessChange::IdTokenAlgorithm(algorithm(wire.id_token_algorithm)?),
        "owner" => UserAccessChange::Owner(optional("user_access.owner", &wire.owner)?.unwrap_or_default()),
        "client_uri" => UserAccessChange::ClientUri(uri("user_access.client_uri", &wire.client_uri)?),
        "logo_uri" => UserAccessChange::LogoUri(uri("user_access.logo_uri", &wire.logo_uri)?),
        "policy_uri" => UserAccessChange::PolicyUri(uri("user_access.policy_uri", &wire.policy_uri)?),
        "tos_uri" => UserAccessChange::TosUri(uri("user_access.tos_uri", &wire.tos_uri)?),
        IDLE => {
            let told = lifetime("user_access.refresh_token_idle_lifetime", wire.refresh_token_idle_lifetime)?;
            UserAccessChange::RefreshTokenIdleLifetime(told.unwrap_or(RefreshLifetime::IDLE))
        }
        WHOLE => {
            let told = lifetime("user_access.refresh_token_lifetime", wire.refresh_token_lifetime)?;
            UserAccessChange::RefreshTokenLifetime(told.unwrap_or(RefreshLifetime::WHOLE))
        }
        "require_pkce" => UserAccessChange::RequirePkce(wire.require_pkce),
        IMPLICIT => UserAccessChange::DangerouslyAllowImplicit(wire.dangerously_allow_implicit),
        PASSWORD => UserAccessChange::DangerouslyAllowPassword(wire.dangerously_allow_password),
        _ => return Err(not_changeable()),
    })
}

pub(in crate::grpc) fn wire_user_access(access: &UserAccess) -> registry::UserAccess {
    let text = |uri: &Option<HttpsUri>| uri.as_ref().map(ToString::to_string).unwrap_or_default();
    let length = |lifetime: RefreshLifetime| prost_types::Duration { seconds: lifetime.as_seconds().into(), nanos: 0 };
    registry::UserAccess {
        redirect_uris: access.redirect_uris.iter().map(ToString::to_string).collect(),
        post_logout_redirect_uris: access.post_logout_redirect_uris.iter().map(ToString::to_string).collect(),
        id_token_algorithm: wire_algorithm(access.id_token_algorithm).into(),
        owner: access.owner.to_string(),
        client_uri: text(&access.client_uri),
        logo_uri: text(&access.logo_uri),
        policy_uri: text(&access.policy_uri),
        tos_uri: text(&access.tos_uri),
        refresh_token_idle_lifetime: Some(length(access.refresh_token_idle_lifetime)),
        refresh_token_lifetime: Some(length(access.refresh_token_lifetime)),
        require_pkce: access.require_pkce,
        dangerously_allow_implicit: access.dangerously_allow_implicit,
        dangerously_allow_password: access.dangerously_allow_password,
    }
}

fn algorithm(wire: i32) -> Result<Algorithm, RegistryError> {
    let unknown = |_| RegistryError::invalid("user_access.id_token_algorithm", "it is unknown");
    Ok(read_algorithm(SigningAlgorithm::try_from(wire).map_err(unknown)?).unwrap_or(Algorithm::Rs256))
}

fn uri(parameter: &'static str, text: &str) -> Result<Option<HttpsUri>, RegistryError> {
    optional(parameter, text)
}

fn lifetime(
    parameter: &'static str,
    wire: Option<prost_types::Duration>,
) -> Result<Option<RefreshLifetime>, RegistryError> {
    // The library's conversion cannot take every negative length.
    let Some(wire) = wire else { return Ok(None) };
    let wire = if wire.seconds < 0 || wire.nanos < 0 { prost_types::Duration::default() } else { wire };
    let length = Duration::try_from(wire).map_err(|rule| RegistryError::invalid(parameter, rule))?;
    RefreshLifetime::try_from(length).map(Some).map_err(|rule| RegistryError::invalid(parameter, rule))
}

/// By their names in an update mask.
const FIELDS: [&str; 13] = [
    "redirect_uris",
    "post_logout_redirect_uris",
    "id_token_algorithm",
    "owner",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    IDLE,
    WHOLE,
    "require_pkce",
    IMPLICIT,
    PASSWORD,
];
const IDLE: &str = "refresh_token_idle_lifetime";
const WHOLE: &str = "refresh_token_lifetime";
const IMPLICIT: &str = "dangerously_allow_implicit";
const PASSWORD: &str = "dangerously_allow_password";

//! Registrations between the wire and the domain.

use std::net::IpAddr;

use mintage_api::registry;
use mintage_oauth::{ClientId, GrantType, HttpsUri, RedirectUri, SecretHash, TenantId};

use crate::domain::registration::{ClientMetadata, Holder, Purpose};
use crate::domain::{RegistryError, check_shown};
use crate::grpc::Desk;
use crate::grpc::client::read_client_type;
use crate::grpc::convert::{each, optional, required};

/// A registration, as whoever manages it names it.
pub(super) struct Named {
    pub(super) tenant: TenantId,
    pub(super) client: ClientId,
    pub(super) presented: SecretHash,
}

impl Named {
    /// Counts the request, and reads whom it names: `(tenant, client, token)`. What cannot be a name is as unknown as any other.
    pub(super) fn read(
        desk: &Desk,
        source: Option<IpAddr>,
        (tenant, client, token): (&str, &str, &str),
    ) -> Result<Self, RegistryError> {
        let tenant = tenant.parse().map_err(|_| RegistryError::RegistrationRefused)?;
        desk.registrations.count(&tenant, source)?;
        let presented = Purpose::Registration.hash_presented(token, &desk.pepper);
        let client = client.parse().map_err(|_| RegistryError::RegistrationRefused)?;
        Ok(Self { tenant, client, presented })
    }
}

impl Named {
    /// Refuses whoever does not hold it, before a write waits for others.
    pub(super) async fn check(&self, desk: &Desk) -> Result<(), RegistryError> {
        self.holder().check(desk.store.registration(&self.tenant, &self.client).await?.as_ref())
    }

    /// For the domain.
    pub(super) const fn holder(&self) -> Holder<'_> {
        Holder { tenant: &self.tenant, client: &self.client, presented: &self.presented }
    }
}

/// What a client says of itself. Without a name it is shown as where it leads.
pub(super) fn read_metadata(said: Option<registry::ClientMetadata>) -> Result<ClientMetadata, RegistryError> {
    let said = said.unwrap_or_default();
    let redirect_uris = read_redirect_uris(&said.redirect_uris)?;
    let first = redirect_uris.first().ok_or(RegistryError::Missing { parameter: "redirect_uris" })?;
    let named = optional("client_name", &said.client_name)?;
    let name = named.map_or_else(|| required("client_name", shortened(&first.destination())), Ok)?;
    check_shown("client_name", &said.client_name)?;
    check_response_types(&said.response_types)?;
    let told = said.client_type != i32::from(registry::ClientType::Unspecified);
    Ok(ClientMetadata {
        name,
        client_type: told.then(|| read_client_type(said.client_type)).transpose()?,
        redirect_uris,
        grant_types: read_grant_types(&said.grant_types)?,
        client_uri: uri("client_uri", &said.client_uri)?,
        logo_uri: uri("logo_uri", &said.logo_uri)?,
        policy_uri: uri("policy_uri", &said.policy_uri)?,
        tos_uri: uri("tos_uri", &said.tos_uri)?,
    })
}

fn read_redirect_uris(texts: &[String]) -> Result<Vec<RedirectUri>, RegistryError> {
    if texts.len() > MOST_URIS {
        return Err(RegistryError::invalid("redirect_uris", "there are more than 20"));
    }
    if texts.iter().enumerate().any(|(place, text)| texts.iter().skip(place + 1).any(|other| other == text)) {
        return Err(RegistryError::invalid("redirect_uris", "one stands twice"));
    }
    each("redirect_uris", texts)
}

/// As many characters as a name may have; an origin is ASCII.
fn shortened(destination: &str) -> &str {
    destination.get(..128).unwrap_or(destination)
}

/// What RFC 7591 section 2 has as the default, where nothing is said.
fn read_grant_types(names: &[String]) -> Result<Vec<GrantType>, RegistryError> {
    if names.is_empty() {
        return Ok(vec![GrantType::AuthorizationCode]);
    }
    let mut grant_types = Vec::new();
    for name in names {
        let grant_type = match name.parse() {
            Ok(asked @ (GrantType::AuthorizationCode | GrantType::RefreshToken)) => asked,
            _ => {
                return Err(RegistryError::invalid(
                    "grant_types",
                    "there are authorization_code and refresh_token only",
                ));
            }
        };
        if grant_types.contains(&grant_type) {
            return Err(RegistryError::invalid("grant_types", "one stands twice"));
        }
        grant_types.push(grant_type);
    }
    Ok(grant_types)
}

fn check_response_types(names: &[String]) -> Result<(), RegistryError> {
    match names {
        [] => Ok(()),
        [code] if code == "code" => Ok(()),
        _ => Err(RegistryError::invalid("response_types", "there is code only")),
    }
}

fn uri(parameter: &'static str, text: &str) -> Result<Option<HttpsUri>, RegistryError> {
    optional(parameter, text)
}

const MOST_URIS: usize = 20;

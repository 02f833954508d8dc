//! Clients that register themselves, at client-registry.

use std::time::Duration;

use async_trait::async_trait;
use mintage_api::registry::registration_service_client::RegistrationServiceClient;
use mintage_api::registry::{
    self, Client, DeleteRegistrationRequest, GetRegistrationRequest, RegisterClientRequest, UpdateRegistrationRequest,
    UserAccess,
};
use mintage_chassis::Transport;
use mintage_oauth::{ClientType, GrantType};

use super::calls::Calls;
use super::moment;
use crate::domain::{
    ClientMetadata, NewlyRegistered, Refusal, Registered, RegistrationKey, RegistrationRequest, Registrations, Tenant,
};

type Door = RegistrationServiceClient<Transport>;

/// Asks client-registry.
pub(crate) struct RemoteRegistrations {
    client: Door,
    calls: Calls,
}

impl RemoteRegistrations {
    /// Asks behind `transport`; a call takes at most `patience`.
    pub(crate) fn new(transport: Transport, calls: Calls, patience: Duration) -> Self {
        Self { client: Door::new(transport.with_deadline(patience)), calls }
    }
}

#[async_trait]
impl Registrations for RemoteRegistrations {
    async fn register(&self, tenant: &Tenant, request: RegistrationRequest) -> Result<NewlyRegistered, Refusal> {
        let RegistrationRequest { metadata, initial_access_token, source } = request;
        let message = RegisterClientRequest {
            tenant_id: tenant.id.to_string(),
            metadata: Some(metadata_told(metadata)),
            initial_access_token: initial_access_token.unwrap_or_default(),
        };
        let call = async |mut client: Door, request| client.register_client(request).await;
        let made = self
            .calls
            .make(&self.client, message, source, call)
            .await
            .map_err(|refusal| of_metadata(of_room(of_rate(refusal))))?;
        Ok(NewlyRegistered {
            client: registered(made.client)?,
            client_secret: Some(made.client_secret).filter(|secret| !secret.is_empty()),
            registration_access_token: made.registration_access_token,
        })
    }

    async fn registration(&self, tenant: &Tenant, key: RegistrationKey) -> Result<Registered, Refusal> {
        let RegistrationKey { client_id, token: registration_access_token, source } = key;
        let tenant_id = tenant.id.to_string();
        let message = GetRegistrationRequest { tenant_id, client_id, registration_access_token };
        let call = async |mut client: Door, request| client.get_registration(request).await;
        registered(self.calls.make(&self.client, message, source, call).await.map_err(of_key)?.client)
    }

    async fn replace(
        &self,
        tenant: &Tenant,
        key: RegistrationKey,
        metadata: ClientMetadata,
    ) -> Result<Registered, Refusal> {
        let RegistrationKey { client_id, token: registration_access_token, source } = key;
        let (tenant_id, metadata) = (tenant.id.to_string(), Some(metadata_told(metadata)));
        let message = UpdateRegistrationRequest { tenant_id, client_id, registration_access_token, metadata };
        let call = async |mut client: Door, request| client.update_registration(request).await;
        let answer = self.calls.make(&self.client, message, source, call).await;
        registered(answer.map_err(|refusal| of_metadata(of_key(refusal)))?.client)
    }

    async fn delete(&self, tenant: &Tenant, key: RegistrationKey) -> Result<(), Refusal> {
        let RegistrationKey { client_id, token: registration_access_token, source } = key;
        let tenant_id = tenant.id.to_string();
        let message = DeleteRegistrationRequest { tenant_id, client_id, registration_access_token };
        let call = async |mut client: Door, request| client.delete_registration(request).await;
        self.calls.make(&self.client, message, source, call).await.map_err(of_key).map(|_| ())
    }
}

/// What breaks a rule here breaks one of the metadata's.
fn of_metadata(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::ParameterInvalid { parameter: field, rule } => Refusal::MetadataRefused { field, rule },
        Refusal::ParameterMissing { parameter: field } => {
            Refusal::MetadataRefused { field, rule: "it is missing".into() }
        }
        Refusal::ParameterRepeated { parameter: field } => {
            Refusal::MetadataRefused { field, rule: "it stands twice".into() }
        }
        other => other,
    }
}

/// What is counted here is every request, whatever comes of it.
fn of_rate(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::TooManyAttempts { retry_after, limit } => Refusal::TooManyRequests { retry_after, limit },
        other => other,
    }
}

/// A tenant holds so many, and the limit that requests meet otherwise is a token's length.
fn of_room(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::TokenTooLong => Refusal::TooManyRequests { retry_after: ROOM_LATER, limit: ROOM },
        other => other,
    }
}

/// Whether there is no such client or the token does not fit is not told (RFC 7592 section 2.1).
fn of_key(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::ObjectUnknown | Refusal::RegistrationRefused | Refusal::ClientAuthenticationFailed => {
            Refusal::Unauthenticated
        }
        other => of_rate(other),
    }
}

fn metadata_told(metadata: ClientMetadata) -> registry::ClientMetadata {
    let ClientMetadata {
        client_name,
        client_type,
        redirect_uris,
        grant_types,
        response_types,
        client_uri,
        logo_uri,
        policy_uri,
        tos_uri,
    } = metadata;
    let client_type = match client_type {
        None => registry::ClientType::Unspecified,
        Some(ClientType::Confidential) => registry::ClientType::Confidential,
        Some(ClientType::Public) => registry::ClientType::Public,
    };
    registry::ClientMetadata {
        client_name,
        client_type: client_type.into(),
        redirect_uris,
        grant_types,
        response_types,
        client_uri,
        logo_uri,
        policy_uri,
        tos_uri,
    }
}

fn registered(client: Option<Client>) -> Result<Registered, Refusal> {
    let Some(client) = client else {
        tracing::error!("the registry did not say which client it registered");
        return Err(Refusal::Internal);
    };
    let client_type = match client.client_type() {
        registry::ClientType::Public => ClientType::Public,
        registry::ClientType::Confidential | registry::ClientType::Unspecified => ClientType::Confidential,
    };
    let Client { client_id, name: client_name, grant_types, created_at, user_access, .. } = client;
    let UserAccess { redirect_uris, client_uri, logo_uri, policy_uri, tos_uri, .. } = user_access.unwrap_or_default();
    let has_codes = grant_types.iter().any(|grant| grant == GrantType::AuthorizationCode.as_str());
    let response_types = if has_codes { vec!["code".to_owned()] } else { Vec::new() };
    let metadata = ClientMetadata {
        client_name,
        client_type: Some(client_type),
        redirect_uris,
        grant_types,
        response_types,
        client_uri,
        logo_uri,
        policy_uri,
        tos_uri,
    };
    Ok(Registered { client_id, metadata, created_at: moment(created_at) })
}

/// How many clients that registered themselves a tenant holds.
const ROOM: u32 = 1000;
/// What nobody uses is forgotten, but no sooner than in days.
const ROOM_LATER: Duration = Duration::from_hours(1);

//! A client registers itself (RFC 7591 section 3).

use mintage_api::registry::{RegisterClientRequest, RegisterClientResponse};
use mintage_chassis::source;
use mintage_clock::Timestamp;
use mintage_oauth::{ClientType, SecretHash, TenantId};
use tonic::{Request, Status};

use super::convert::read_metadata;
use crate::domain::client::{NewSecret, Secret};
use crate::domain::registration::{HandedOut, Purpose, RegisterClient, check_may_register, hash_source};
use crate::domain::tenant::DynamicRegistration;
use crate::domain::{Kind, RegistryError};
use crate::grpc::Desk;
use crate::grpc::client::wire_client;
use crate::grpc::convert::{named, required};

pub(super) async fn register_client(
    desk: &Desk,
    request: Request<RegisterClientRequest>,
) -> Result<RegisterClientResponse, Status> {
    let source = source::of(&request);
    let RegisterClientRequest { tenant_id, metadata, initial_access_token } = request.into_inner();
    let tenant = named("tenant_id", &tenant_id, Kind::Tenant)?;
    desk.registrations.count(&tenant, source)?;
    let presented = !initial_access_token.is_empty();
    let initial = presented.then(|| Purpose::InitialAccess.hash_presented(&initial_access_token, &desk.pepper));
    let now = desk.clock.now();
    look_ahead(desk, &tenant, initial.as_ref(), now).await?;
    let said = read_metadata(metadata)?;
    let (secret, clear) = match said.client_type.unwrap_or_default() {
        ClientType::Public => (None, None),
        ClientType::Confidential => {
            let new = NewSecret { label: required("label", LABEL)?, not_after: None };
            let (secret, clear) = Secret::generate(new, &desk.pepper, now, &desk.randomness)?;
            (Some(secret), Some(clear))
        }
    };
    let client = said.clone().client(tenant, secret, now, &desk.randomness)?;
    let token = HandedOut::generate(Purpose::Registration, &desk.randomness);
    let (hash, source) = (token.hash(&desk.pepper), hash_source(source, &desk.pepper));
    let initial_access = initial.as_ref();
    let write = RegisterClient { client: &client, said: &said, hash: &hash, source: &source, initial_access, now };
    desk.write(now, &write).await?;
    Ok(RegisterClientResponse {
        client: Some(wire_client(client)),
        client_secret: clear.map(|clear| clear.expose().to_owned()).unwrap_or_default(),
        registration_access_token: token.into_clear(),
    })
}

/// Writes wait for each other, and whoever may not register shall hold up none.
async fn look_ahead(
    desk: &Desk,
    tenant: &TenantId,
    initial: Option<&SecretHash>,
    now: Timestamp,
) -> Result<(), RegistryError> {
    let tenant = check_may_register(desk.store.tenant(tenant).await?, initial)?;
    match (tenant.dynamic_registration, initial) {
        (DynamicRegistration::WithToken, Some(presented)) => {
            let usable = desk.store.is_initial_access(&tenant.id, presented, now).await?;
            if usable { Ok(()) } else { Err(RegistryError::RegistrationRefused) }
        }
        _ => Ok(()),
    }
}

const LABEL: &str = "registered";

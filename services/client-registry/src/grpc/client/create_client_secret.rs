//! Adds a secret to a client.

use mintage_api::registry::{CreateClientSecretRequest, CreateClientSecretResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::wire_secret;
use crate::domain::client::{CreateSecret, NewSecret, Secret};
use crate::domain::{Kind, RegistryError};
use crate::grpc::Desk;
use crate::grpc::convert::{named, reach, time};

pub(super) async fn create_client_secret(
    desk: &Desk,
    request: Request<CreateClientSecretRequest>,
) -> Result<CreateClientSecretResponse, Status> {
    let caller = operator(&request)?;
    let (tenant, reach) = (caller.tenant_for(&request.get_ref().tenant_id)?, reach(caller));
    let CreateClientSecretRequest { tenant_id: _, client_id, label, not_after, revoke_others } = request.into_inner();
    let id = named("client_id", &client_id, Kind::Client)?;
    let new = NewSecret {
        label: label.parse().map_err(|rule| RegistryError::invalid("label", rule))?,
        not_after: not_after.map(|end| time("not_after", end)).transpose()?,
    };
    let now = desk.clock.now();
    let (secret, clear) = Secret::generate(new, &desk.pepper, now, &desk.randomness)?;
    let write =
        CreateSecret { tenant: &tenant, client: &id, secret: &secret, alone: revoke_others, reach: &reach, now };
    desk.write(now, &write).await?;
    Ok(CreateClientSecretResponse { secret: Some(wire_secret(secret)), client_secret: clear.expose().to_owned() })
}

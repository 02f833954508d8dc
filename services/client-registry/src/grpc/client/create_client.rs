//! Creates a client with its first secret.

use mintage_api::registry::{CreateClientRequest, CreateClientResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::{new_client, wire_client};
use crate::domain::RegistryError;
use crate::domain::client::{Client, CreateClient, NewSecret, Secret};
use crate::grpc::Desk;

pub(super) async fn create_client(
    desk: &Desk,
    request: Request<CreateClientRequest>,
) -> Result<CreateClientResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let request = request.into_inner();
    let new = new_client(tenant, &request)?;
    // Unlike a name, a label may be empty, so absence and emptiness are one.
    let label = request.secret_label.parse().map_err(|rule| RegistryError::invalid("secret_label", rule))?;
    let now = desk.clock.now();
    let (secret, clear) = Secret::generate(NewSecret { label, not_after: None }, &desk.pepper, now, &desk.randomness)?;
    let client = Client::new(new, secret, now, &desk.randomness)?;
    desk.write(now, &CreateClient(&client)).await?;
    Ok(CreateClientResponse { client: Some(wire_client(client)), client_secret: clear.expose().to_owned() })
}

//! Creates a client with its first secret.

use mintage_api::registry::{CreateClientRequest, CreateClientResponse};
use mintage_chassis::access::operator;
use mintage_oauth::ClientType;
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
    let (secret, clear) = match new.client_type {
        ClientType::Public => (None, None),
        ClientType::Confidential => {
            let new = NewSecret { label, not_after: None };
            let (secret, clear) = Secret::generate(new, &desk.pepper, now, &desk.randomness)?;
            (Some(secret), Some(clear))
        }
    };
    let client = Client::new(new, secret, now, &desk.randomness)?;
    desk.write_client(now, &CreateClient(&client), &client.tenant, client.own_ring().as_ref()).await?;
    let client_secret = clear.map(|clear| clear.expose().to_owned()).unwrap_or_default();
    Ok(CreateClientResponse { client: Some(wire_client(client)), client_secret })
}

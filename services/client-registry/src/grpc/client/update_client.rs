//! Changes the fields of a client that the mask names.

use mintage_api::registry::{Client, UpdateClientRequest, UpdateClientResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use super::convert::{changes, wire_client};
use crate::domain::client::UpdateClient;
use crate::domain::{Kind, RegistryError};
use crate::grpc::Desk;
use crate::grpc::convert::{named, reach};

pub(super) async fn update_client(
    desk: &Desk,
    request: Request<UpdateClientRequest>,
) -> Result<UpdateClientResponse, Status> {
    let none = Client::default();
    let asked = request.get_ref().client.as_ref().unwrap_or(&none);
    let caller = operator(&request)?;
    let (tenant, reach) = (caller.tenant_for(&asked.tenant_id)?, reach(caller));
    let changes = changes(request.get_ref())?;
    let id = named("client.client_id", &asked.client_id, Kind::Client)?;
    let now = desk.clock.now();
    let ring = if changes.touch_users() {
        let client = desk.store.client(&tenant, &id).await?.ok_or(RegistryError::NotFound(Kind::Client))?;
        client.own_ring_after(changes.clone())
    } else {
        None
    };
    let ring = ring.as_ref();
    let write = UpdateClient { tenant: &tenant, id: &id, changes: &changes, ring, reach: &reach, now };
    let client = desk.write_client(now, &write, &tenant, ring).await?;
    Ok(UpdateClientResponse { client: Some(wire_client(client)) })
}

//! What is registered is replaced (RFC 7592 section 2.2).

use mintage_api::registry::{UpdateRegistrationRequest, UpdateRegistrationResponse};
use mintage_chassis::source;
use tonic::{Request, Status};

use super::convert::{Named, read_metadata};
use crate::domain::registration::UpdateRegistration;
use crate::grpc::Desk;
use crate::grpc::client::wire_client;

pub(super) async fn update_registration(
    desk: &Desk,
    request: Request<UpdateRegistrationRequest>,
) -> Result<UpdateRegistrationResponse, Status> {
    let source = source::of(&request);
    let UpdateRegistrationRequest { tenant_id, client_id, registration_access_token, metadata } = request.into_inner();
    let named = Named::read(desk, source, (&tenant_id, &client_id, &registration_access_token))?;
    named.check(desk).await?;
    let said = read_metadata(metadata)?;
    let now = desk.clock.now();
    let client = desk.write(now, &UpdateRegistration { holder: named.holder(), said: &said, now }).await?;
    Ok(UpdateRegistrationResponse { client: Some(wire_client(client)) })
}

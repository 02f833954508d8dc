//! What is registered (RFC 7592 section 2.1).

use mintage_api::registry::{GetRegistrationRequest, GetRegistrationResponse};
use mintage_chassis::source;
use tonic::{Request, Status};

use super::convert::Named;
use crate::domain::RegistryError;
use crate::grpc::Desk;
use crate::grpc::client::wire_client;

pub(super) async fn get_registration(
    desk: &Desk,
    request: Request<GetRegistrationRequest>,
) -> Result<GetRegistrationResponse, Status> {
    let source = source::of(&request);
    let GetRegistrationRequest { tenant_id, client_id, registration_access_token } = request.into_inner();
    let named = Named::read(desk, source, (&tenant_id, &client_id, &registration_access_token))?;
    named.check(desk).await?;
    let client = desk.store.client(&named.tenant, &named.client).await?.ok_or(RegistryError::RegistrationRefused)?;
    Ok(GetRegistrationResponse { client: Some(wire_client(client)) })
}

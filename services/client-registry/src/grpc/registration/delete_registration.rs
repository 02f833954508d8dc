//! A client that registered itself goes (RFC 7592 section 2.3).

use mintage_api::registry::{DeleteRegistrationRequest, DeleteRegistrationResponse};
use mintage_chassis::source;
use tonic::{Request, Status};

use super::convert::Named;
use crate::domain::registration::DeleteRegistration;
use crate::grpc::Desk;

pub(super) async fn delete_registration(
    desk: &Desk,
    request: Request<DeleteRegistrationRequest>,
) -> Result<DeleteRegistrationResponse, Status> {
    let source = source::of(&request);
    let DeleteRegistrationRequest { tenant_id, client_id, registration_access_token } = request.into_inner();
    let named = Named::read(desk, source, (&tenant_id, &client_id, &registration_access_token))?;
    named.check(desk).await?;
    desk.write(desk.clock.now(), &DeleteRegistration(named.holder())).await?;
    Ok(DeleteRegistrationResponse {})
}

//! Notes that a user let a client act that registered itself.

use mintage_api::registry::{ReportClientUseRequest, ReportClientUseResponse};
use tonic::{Request, Status};

use crate::grpc::Desk;
use crate::grpc::convert::required;

pub(super) async fn report_client_use(
    desk: &Desk,
    request: Request<ReportClientUseRequest>,
) -> Result<ReportClientUseResponse, Status> {
    let ReportClientUseRequest { tenant_id, client_id } = request.into_inner();
    let (tenant, client) = (required("tenant_id", &tenant_id)?, required("client_id", &client_id)?);
    desk.store.note_registration_use(&tenant, &client, desk.clock.now()).await?;
    Ok(ReportClientUseResponse {})
}

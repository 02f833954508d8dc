//! Ends a secret at once.

use mintage_api::registry::{RevokeClientSecretRequest, RevokeClientSecretResponse};
use mintage_chassis::access::operator;
use tonic::{Request, Status};

use crate::domain::Kind;
use crate::domain::client::RevokeSecret;
use crate::grpc::Desk;
use crate::grpc::convert::{named, reach};

pub(super) async fn revoke_client_secret(
    desk: &Desk,
    request: Request<RevokeClientSecretRequest>,
) -> Result<RevokeClientSecretResponse, Status> {
    let caller = operator(&request)?;
    let (tenant, reach) = (caller.tenant_for(&request.get_ref().tenant_id)?, reach(caller));
    let RevokeClientSecretRequest { tenant_id: _, client_id, secret_id } = request.into_inner();
    let id = named("client_id", &client_id, Kind::Client)?;
    let secret = named("secret_id", &secret_id, Kind::ClientSecret)?;
    let now = desk.clock.now();
    desk.write(now, &RevokeSecret { tenant: &tenant, client: &id, secret: &secret, reach: &reach, now }).await?;
    Ok(RevokeClientSecretResponse {})
}

//! Makes a token that lets its holder register clients.

use mintage_api::registry::{CreateInitialAccessTokenRequest, CreateInitialAccessTokenResponse};
use mintage_chassis::access::operator;
use mintage_chassis::wire::wire_time;
use tonic::{Request, Status};

use crate::domain::registration::{CreateInitialAccess, HandedOut, InitialAccess, Purpose};
use crate::grpc::Desk;
use crate::grpc::convert::time;

pub(super) async fn create_initial_access_token(
    desk: &Desk,
    request: Request<CreateInitialAccessTokenRequest>,
) -> Result<CreateInitialAccessTokenResponse, Status> {
    let tenant = operator(&request)?.tenant_for(&request.get_ref().tenant_id)?;
    let CreateInitialAccessTokenRequest { tenant_id: _, not_after, uses } = request.into_inner();
    let not_after = not_after.map(|end| time("not_after", end)).transpose()?;
    let now = desk.clock.now();
    let token = HandedOut::generate(Purpose::InitialAccess, &desk.randomness);
    let access = InitialAccess::new(tenant, token.hash(&desk.pepper), uses, not_after, now)?;
    desk.write(now, &CreateInitialAccess(&access)).await?;
    Ok(CreateInitialAccessTokenResponse {
        initial_access_token: token.into_clear(),
        not_after: Some(wire_time(access.not_after)),
    })
}

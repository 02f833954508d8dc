//! Tells who is signed in.

use mintage_api::consent::{GetSessionRequest, GetSessionResponse, Person};
use tonic::{Request, Status};

use crate::grpc::Desk;
use crate::grpc::desk::tenant_id;

pub(super) async fn get_session(
    desk: &Desk,
    request: Request<GetSessionRequest>,
) -> Result<GetSessionResponse, Status> {
    let GetSessionRequest { tenant_id: tenant, browser } = request.into_inner();
    let found = desk.present(&tenant_id(&tenant)?, &browser.unwrap_or_default()).await?;
    Ok(found.map_or_else(GetSessionResponse::default, |present| {
        let csrf_token = present.csrf_token(desk);
        let (name, email) = (present.user.name.as_str().to_owned(), present.user.email.to_string());
        GetSessionResponse { person: Some(Person { name, email }), csrf_token }
    }))
}

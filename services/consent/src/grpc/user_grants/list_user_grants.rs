//! Lists user grants by id.

use std::collections::HashMap;

use mintage_api::consent::{ListUserGrantsRequest, ListUserGrantsResponse, UserGrant};
use mintage_chassis::access::{Authority, Operator, operator};
use mintage_chassis::paging::PageSize;
use tonic::{Request, Status};

use super::convert::{filter, wire_grant};
use crate::domain::ConsentError;
use crate::domain::user::User;
use crate::grpc::Desk;
use crate::grpc::joined::Joined;

pub(super) async fn list_user_grants(
    desk: &Desk,
    request: Request<ListUserGrantsRequest>,
) -> Result<ListUserGrantsResponse, Status> {
    let caller = operator(&request)?;
    let (tenant, reads_users) = (caller.tenant_for(&request.get_ref().tenant_id)?, may_read_users(caller));
    let ListUserGrantsRequest { tenant_id: _, user_id, client_id, audience, page_size, page_token } =
        request.into_inner();
    let size = PageSize::try_from(page_size).map_err(ConsentError::from)?;
    let list = ["user_grants", tenant.as_str(), &user_id, &client_id, &audience];
    let after = desk.pages.open(&list, &page_token).map_err(ConsentError::from)?;
    let filter = filter(&user_id, &client_id, &audience)?;
    let tenant = desk.tenant(tenant.as_str()).await?;
    let page = desk.store.grants(&tenant.id, &tenant.life, &filter, after.as_deref(), size).await?;
    let users = if reads_users {
        let ids = page.entries.iter().map(|grant| &grant.between.user);
        desk.store.users_of_ids(&tenant.id, ids).await?
    } else {
        HashMap::new()
    };
    let mut joined = Joined::default();
    let mut user_grants = Vec::new();
    for grant in page.entries {
        if let Some((client, api)) = joined.by(&grant.between, desk).await? {
            let (client_name, api_name) = (client.name.clone(), api.map(|api| api.name.clone()).unwrap_or_default());
            let (user_email, user_name) = named(users.get(&grant.between.user));
            user_grants.push(UserGrant { user_email, user_name, client_name, api_name, ..wire_grant(grant) });
        }
    }
    let next_page_token = desk.pages.seal(&list, page.next_after.as_deref());
    Ok(ListUserGrantsResponse { user_grants, next_page_token })
}

/// Who reads grants learns ids; who users are is another's to read.
fn may_read_users(caller: &Operator) -> bool {
    match &caller.authority {
        Authority::Token { client_id: _, scopes } => scopes.contains(READ_USERS),
        Authority::Installation => true,
    }
}

fn named(user: Option<&User>) -> (String, String) {
    user.map(|user| (user.email.as_str().to_owned(), user.name.as_str().to_owned())).unwrap_or_default()
}

const READ_USERS: &str = "read:users";

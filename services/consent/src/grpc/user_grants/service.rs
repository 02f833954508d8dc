//! UserGrantService, RPC by RPC.

use std::sync::Arc;

use mintage_api::consent::user_grant_service_server::UserGrantService;
use mintage_api::consent::{
    DeleteUserGrantRequest, DeleteUserGrantResponse, DeleteUserGrantsRequest, DeleteUserGrantsResponse,
    ListUserGrantsRequest, ListUserGrantsResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::delete_user_grant::delete_user_grant;
use super::delete_user_grants::delete_user_grants;
use super::list_user_grants::list_user_grants;
use crate::grpc::Desk;

/// Serves UserGrantService.
#[derive(Debug)]
pub(crate) struct UserGrants(Arc<Desk>);

impl UserGrants {
    pub(crate) const fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl UserGrantService for UserGrants {
    async fn list_user_grants(
        &self,
        request: Request<ListUserGrantsRequest>,
    ) -> Result<Response<ListUserGrantsResponse>, Status> {
        list_user_grants(&self.0, request).await.map(Response::new)
    }

    async fn delete_user_grant(
        &self,
        request: Request<DeleteUserGrantRequest>,
    ) -> Result<Response<DeleteUserGrantResponse>, Status> {
        delete_user_grant(&self.0, request).await.map(Response::new)
    }

    async fn delete_user_grants(
        &self,
        request: Request<DeleteUserGrantsRequest>,
    ) -> Result<Response<DeleteUserGrantsResponse>, Status> {
        delete_user_grants(&self.0, request).await.map(Response::new)
    }
}

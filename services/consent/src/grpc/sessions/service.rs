//! SessionService, RPC by RPC.

use std::sync::Arc;

use mintage_api::consent::session_service_server::SessionService;
use mintage_api::consent::{
    EndSessionRequest, EndSessionResponse, GetSessionRequest, GetSessionResponse, GetUserInfoRequest,
    GetUserInfoResponse, ListOwnGrantsRequest, ListOwnGrantsResponse, RevokeOwnGrantRequest, RevokeOwnGrantResponse,
};
use tonic::{Request, Response, Status, async_trait};

use super::end_session::end_session;
use super::get_session::get_session;
use super::get_user_info::get_user_info;
use super::list_own_grants::list_own_grants;
use super::revoke_own_grant::revoke_own_grant;
use crate::grpc::Desk;

/// Serves SessionService.
#[derive(Debug)]
pub(crate) struct Sessions(Arc<Desk>);

impl Sessions {
    pub(crate) const fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl SessionService for Sessions {
    async fn get_session(&self, request: Request<GetSessionRequest>) -> Result<Response<GetSessionResponse>, Status> {
        get_session(&self.0, request).await.map(Response::new)
    }

    async fn list_own_grants(
        &self,
        request: Request<ListOwnGrantsRequest>,
    ) -> Result<Response<ListOwnGrantsResponse>, Status> {
        list_own_grants(&self.0, request).await.map(Response::new)
    }

    async fn revoke_own_grant(
        &self,
        request: Request<RevokeOwnGrantRequest>,
    ) -> Result<Response<RevokeOwnGrantResponse>, Status> {
        revoke_own_grant(&self.0, request).await.map(Response::new)
    }

    async fn end_session(&self, request: Request<EndSessionRequest>) -> Result<Response<EndSessionResponse>, Status> {
        end_session(&self.0, request).await.map(Response::new)
    }

    async fn get_user_info(
        &self,
        request: Request<GetUserInfoRequest>,
    ) -> Result<Response<GetUserInfoResponse>, Status> {
        get_user_info(&self.0, request).await.map(Response::new)
    }
}
